//! The client against an agent that is played by a script.

use camino::Utf8Path;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::line::tests::far_side;
use super::*;

const LIMIT: Duration = Duration::from_secs(5);

/// An agent that first sends `rubbish`, then answers `guest-sync-delimited`, then each request with the next of
/// `replies`, or not at all where that is null, and hangs up. Returns the requests it got, after the synchronisation.
fn play(rubbish: &'static [u8], replies: Vec<Value>) -> (TempDir, Utf8PathBuf, tokio::task::JoinHandle<Vec<Value>>) {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap().join("agent");
    let (reader, mut writer) = far_side(&path);
    let agent = tokio::spawn(async move {
        let mut reader = BufReader::new(reader);
        let mut request = Vec::new();
        reader.read_until(b'\n', &mut request).await.unwrap();
        assert_eq!(request[0], SENTINEL);
        let sync: Value = serde_json::from_slice(&request[1..]).unwrap();
        writer.write_all(rubbish).await.unwrap();
        let answer = json!({ "return": sync["arguments"]["id"] });
        writer.write_all(&[&[SENTINEL], answer.to_string().as_bytes(), b"\n"].concat()).await.unwrap();
        let mut requests = Vec::new();
        for reply in replies {
            let mut line = String::new();
            reader.read_line(&mut line).await.unwrap();
            requests.push(serde_json::from_str(&line).unwrap());
            if !reply.is_null() {
                writer.write_all(format!("{reply}\n").as_bytes()).await.unwrap();
            }
        }
        requests
    });
    (folder, path, agent)
}

#[tokio::test]
async fn what_earlier_clients_left_is_thrown_away() {
    let rubbish = b"{\"return\": {\"pid\": 7}}\n{\"retu\n\xff{\"return\": 12345}\n{\"return\": {}}\n";
    let (_folder, path, _agent) = play(rubbish, vec![json!({ "return": {} })]);
    Agent::connect(&path, LIMIT).await.unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn a_command_runs_to_its_end() {
    let replies = vec![
        json!({ "return": { "pid": 815 } }),
        json!({ "return": { "exited": false } }),
        json!({ "return": { "exited": true, "exitcode": 3, "out-data": "aGk=", "err-data": "", "new": 1 } }),
    ];
    let (_folder, path, agent) = play(b"", replies);
    let command =
        GuestCommand { program: "/bin/cat".into(), arguments: vec!["-".into()], stdin: b"hi".to_vec(), limit: LIMIT };
    let output = Agent::connect(&path, LIMIT).await.unwrap().run(&command).await.unwrap();
    let expected = GuestOutput { code: Some(3), stdout: b"hi".to_vec(), stderr: Vec::new(), truncated: false };
    assert_eq!(output, expected);
    let requests = agent.await.unwrap();
    assert_eq!(requests[0]["arguments"]["input-data"], "aGk=");
    assert_eq!(requests[2]["arguments"], json!({ "pid": 815 }));
}

#[tokio::test]
async fn a_command_that_runs_too_long_is_named() {
    let replies = vec![json!({ "return": { "pid": 815 } }), json!({ "return": { "exited": false } })];
    let (_folder, path, _agent) = play(b"", replies);
    let command = GuestCommand { program: "sleep".into(), arguments: vec![], stdin: vec![], limit: Duration::ZERO };
    let error = Agent::connect(&path, LIMIT).await.unwrap().run(&command).await.unwrap_err();
    assert!(matches!(error, Error::StillRunning { pid: 815, .. }), "{error}");
}

#[tokio::test]
async fn the_clock_is_given_in_nanoseconds() {
    let (_folder, path, agent) = play(b"", vec![json!({ "return": {} })]);
    Agent::connect(&path, LIMIT).await.unwrap().set_clock().await.unwrap();
    let sent = agent.await.unwrap()[0]["arguments"]["time"].as_i64().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    assert!(now - u128::from(sent.unsigned_abs()) < 60_000_000_000, "{sent}");
}

#[tokio::test]
async fn a_refusal_is_quoted() {
    let refusal = json!({ "error": { "class": "CommandNotFound", "desc": "guest-set-time has been disabled" } });
    let (_folder, path, _agent) = play(b"", vec![refusal]);
    let error = Agent::connect(&path, LIMIT).await.unwrap().set_clock().await.unwrap_err();
    assert!(error.to_string().contains("guest-set-time has been disabled"), "{error}");
}

#[tokio::test]
async fn only_a_refusal_to_shut_down_is_answered() {
    let refusal = json!({ "error": { "class": "GenericError", "desc": "child process has failed to shutdown" } });
    for (reply, expected) in [(refusal, Some("child process has failed")), (Value::Null, None)] {
        let (_folder, path, _agent) = play(b"", vec![reply]);
        let done = Agent::connect(&path, LIMIT).await.unwrap().shutdown(Instant::now() + LIMIT).await;
        let said = done.err().map(|error| error.to_string());
        assert_eq!(said.is_some(), expected.is_some(), "{said:?}");
        assert!(said.unwrap_or_default().contains(expected.unwrap_or_default()));
    }
}

#[tokio::test]
async fn an_agent_that_is_not_there_is_absent() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap().join("agent");
    let _far_side = far_side(&path);
    let error = Agent::connect(&path, Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(error, Error::Absent { source: LineError::TimedOut, .. }), "{error}");
}
