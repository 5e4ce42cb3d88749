use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;

use super::*;
use crate::qemu::complaint::tests::machine;
use crate::qemu::files::Files;

/// A machine whose monitor says one after the other of these, and the last for ever; and how many clients it had. As
/// QEMU's does, it serves the next one when the one before has hung up.
fn monitored(statuses: [&'static str; 3]) -> (tempfile::TempDir, Machine, Arc<AtomicUsize>) {
    let guard = tempfile::tempdir().unwrap();
    let machine = Machine { folder: Utf8Path::from_path(guard.path()).unwrap().to_owned(), ..machine() };
    let listener = UnixListener::bind(Files::of(&machine).monitor()).unwrap();
    let clients = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&clients);
    tokio::spawn(async move {
        let mut statuses = statuses.into_iter().chain(std::iter::repeat(statuses[2]));
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let (reader, mut writer) = stream.into_split();
            writer.write_all(b"{\"QMP\": {}}\n").await.unwrap();
            let mut requests = BufReader::new(reader).lines();
            while let Ok(Some(request)) = requests.next_line().await {
                let request: Value = serde_json::from_str(&request).unwrap();
                let status = if request["execute"] == "query-migrate" { statuses.next() } else { None };
                let answer = json!({ "return": { "status": status }, "id": request["id"] });
                writer.write_all(format!("{answer}\n").as_bytes()).await.unwrap();
            }
        }
    });
    (guard, machine, clients)
}

#[tokio::test]
async fn others_have_the_monitor_between_two_looks() {
    let (_guard, machine, clients) = monitored(["active", "active", "completed"]);
    let ended = wait(&machine, Duration::from_secs(60), ended).await.unwrap();
    assert!(matches!(ended, Ended::Completed), "{ended:?}");
    assert_eq!(clients.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn what_is_not_given_up_is_not_said_to_be() {
    let (_guard, machine, _) = monitored(["active", "cancelling", "cancelled"]);
    abandon(&machine, Duration::from_secs(60)).await.unwrap();
    let (_guard, machine, _) = monitored(["active", "cancelling", "cancelling"]);
    let error = abandon(&machine, Duration::from_millis(50)).await.unwrap_err().to_string();
    assert!(error.contains("migrate_cancel") && error.contains("goes on still"), "{error}");
}

#[test]
fn the_end_is_told_from_the_way_there() {
    let (done, failed) = ("Some(Completed)", |said: &str| format!("Some(Failed({said:?}))"));
    let nothing = failed("nothing");
    // As QEMU 10.0.2 says it: whether it is at the end, at the last of it, and near that.
    for (said, expected) in [
        (r#"{"status": "setup"}"#, ["None"; 3]),
        (r#"{"status": "active", "total-time": 3, "ram": {"remaining": 999999999}}"#, ["None"; 3]),
        (r#"{"status": "active", "ram": {"remaining": 4096}}"#, ["None", "None", done]),
        (r#"{"status": "pre-switchover", "ram": {"remaining": 0}}"#, ["None", done, done]),
        (r#"{"status": "device"}"#, ["None"; 3]),
        (r#"{"status": "completed", "downtime": 4}"#, [done; 3]),
        (r#"{"status": "completed", "error-desc": "no space"}"#, [failed("no space").as_str(); 3]),
        (r#"{"status": "failed", "error-desc": "no space"}"#, [failed("no space").as_str(); 3]),
        (r#"{"status": "failed"}"#, [nothing.as_str(); 3]),
        ("{}", [nothing.as_str(); 3]),
    ] {
        let said = || serde_json::from_str(said).unwrap();
        let found = [ended(said()), all_but_the_last(said()), little_is_left(said())];
        assert_eq!(found.map(|ended| format!("{ended:?}")), expected);
    }
}
