//! The client against a monitor that is played by a script.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;

use super::*;

/// As QEMU 10.0.2 says it.
const GREETING: &str = r#"{"QMP": {"version": {"qemu": {"micro": 2, "minor": 0, "major": 10}, "package": "Debian"}, "capabilities": ["oob"]}}"#;

/// Seen between a connection and the greeting, while the machine was being stopped.
const EVENT: &str = r#"{"event": "STOP", "timestamp": {"microseconds": 985416, "seconds": 1796098509}}"#;

/// What a test waits for at most. Long, so that a busy machine fails no test; only the silent server uses it up.
const LIMIT: Duration = Duration::from_secs(5);

/// A monitor that tells of an event before it has greeted, accepts `qmp_capabilities`, and to each request after that sends
/// the next of `replies`, in which `ID` is replaced by the request's number. Then it hangs up, unless it is to keep silent.
struct Script {
    replies: Vec<&'static str>,
    then_silent: bool,
}

impl Script {
    fn new(replies: &[&'static str]) -> Self {
        Self { replies: replies.to_vec(), then_silent: false }
    }

    fn play(self) -> (TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("qmp.sock");
        let listener = UnixListener::bind(&path).unwrap();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (reader, mut writer) = stream.into_split();
            let mut requests = BufReader::new(reader).lines();
            writer.write_all(format!("{EVENT}\r\n{GREETING}\r\n").as_bytes()).await.unwrap();
            for reply in std::iter::once("{\"return\": {}, \"id\": ID}\r\n").chain(self.replies) {
                let request: Value = serde_json::from_str(&requests.next_line().await.unwrap().unwrap()).unwrap();
                let reply = reply.replace("ID", &request["id"].to_string());
                writer.write_all(reply.as_bytes()).await.unwrap();
            }
            if self.then_silent {
                // Until the client is gone.
                while requests.next_line().await.is_ok_and(|line| line.is_some()) {}
            }
        });
        (folder, path)
    }
}

#[tokio::test]
async fn a_command_is_answered() {
    let (_folder, socket) =
        Script::new(&["{\"return\": {\"status\": \"running\", \"running\": true}, \"id\": ID}\n"]).play();
    let status = Qmp::connect(&socket, LIMIT).await.unwrap().query_status().await.unwrap();
    assert_eq!(status.status, "running");
}

#[tokio::test]
async fn what_is_not_known_is_passed_over() {
    let reply = concat!(
        "{\"event\": \"NEWER_THAN_US\", \"data\": {\"x\": 1}, \"timestamp\": {\"seconds\": 1}, \"extra\": []}\r\n",
        "{\"something\": \"else\"}\n[1, 2]\n",
        "{\"return\": {\"status\": \"of another command\"}, \"id\": 999}\n",
        "{\"return\": {\"status\": \"of nobody\"}, \"id\": \"a string\"}\n",
        "{\"error\": {\"class\": \"GenericError\", \"desc\": \"of another\"}, \"id\": 999}\n",
        "{\"return\": {\"status\": \"paused\", \"new-member\": null}, \"id\": ID, \"more\": 1}\n",
    );
    let (_folder, socket) = Script::new(&[reply]).play();
    let status = Qmp::connect(&socket, LIMIT).await.unwrap().query_status().await.unwrap();
    assert_eq!(status.status, "paused");
}

#[tokio::test]
async fn a_refusal_has_class_and_description() {
    for id in ["\"id\": ID, ", ""] {
        let reply = format!("{{{id}\"error\": {{\"class\": \"CommandNotFound\", \"desc\": \"what?\"}}}}\n");
        let (_folder, socket) = Script::new(&[reply.leak()]).play();
        let error = Qmp::connect(&socket, LIMIT).await.unwrap().system_powerdown().await.unwrap_err();
        let Error::Refused { command, refusal } = error else { panic!("{error}") };
        assert_eq!((command.as_str(), refusal.class.as_str()), ("system_powerdown", "CommandNotFound"));
        assert_eq!(refusal.to_string(), "what? (CommandNotFound)");
    }
}

#[tokio::test]
async fn a_machine_goes_on_from_whatever_keeps_it() {
    for (status, command) in [("running", None), ("suspended", Some("system_wakeup")), ("io-error", Some("cont"))] {
        let said = format!("{{\"return\": {{\"status\": \"{status}\"}}, \"id\": ID}}\n");
        let refusal = "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": ID}\n";
        let (_folder, socket) = Script::new(&[said.leak(), refusal]).play();
        let refused = Qmp::connect(&socket, LIMIT).await.unwrap().go_on().await.err();
        let refused = refused.map(|error| match error {
            Error::Refused { command, .. } => command,
            error => panic!("{error}"),
        });
        assert_eq!(refused.as_deref(), command, "{status}");
    }
}

#[tokio::test]
async fn a_broken_conversation_is_an_error_of_its_own() {
    for (reply, expected) in [
        ("{\"return\": {\"sta", "connection was closed"),
        ("", "connection was closed"),
        ("Segmentation fault\n", "not JSON: Segmentation fault"),
        ("\u{0}\u{1}\n", "not JSON"),
    ] {
        let (_folder, socket) = Script::new(&[reply]).play();
        let error = Qmp::connect(&socket, LIMIT).await.unwrap().query_status().await.unwrap_err();
        let Error::Line { source, .. } = &error else { panic!("{error}") };
        assert!(source.to_string().contains(expected), "{source}");
        assert!(error.to_string().contains("query-status on /"), "{error}");
    }
}

#[tokio::test]
async fn a_silent_monitor_is_not_waited_for_for_ever() {
    let script = Script { then_silent: true, ..Script::new(&[]) };
    let (_folder, socket) = script.play();
    let mut qmp = Qmp::connect(&socket, Duration::from_millis(200)).await.unwrap();
    let error = qmp.query_status().await.unwrap_err();
    assert!(matches!(error, Error::Line { source: LineError::TimedOut, .. }), "{error}");
}

#[tokio::test]
async fn a_command_that_was_given_up_leaves_no_half_line() {
    let halves = ["{\"event\": \"HA", "LF\"}\n{\"return\": {\"status\": \"running\"}, \"id\": ID}\n"];
    let (_folder, socket) = Script::new(&halves).play();
    let mut qmp = Qmp::connect(&socket, LIMIT).await.unwrap();
    qmp.limit = Duration::from_millis(50);
    let error = qmp.cont().await.unwrap_err();
    assert!(matches!(error, Error::Line { source: LineError::TimedOut, .. }), "{error}");
    qmp.limit = LIMIT;
    assert_eq!(qmp.query_status().await.unwrap().status, "running");
}

#[tokio::test]
async fn quitting_is_done_when_the_monitor_hangs_up() {
    for reply in ["", "{\"return\": {}, \"id\": ID}\n"] {
        let (_folder, socket) = Script::new(&[reply]).play();
        Qmp::connect(&socket, LIMIT).await.unwrap().quit().await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_of_another_type_is_an_error() {
    let (_folder, socket) = Script::new(&["{\"return\": [], \"id\": ID}\n"]).play();
    let error = Qmp::connect(&socket, LIMIT).await.unwrap().query_status().await.unwrap_err();
    assert!(matches!(error, Error::Answer { .. }), "{error}");
}

#[tokio::test]
async fn something_that_is_no_monitor_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap().join("sock");
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move { listener.accept().await.unwrap().0.write_all(b"{\"hello\": 1}\n").await.unwrap() });
    let error = Qmp::connect(&path, LIMIT).await.unwrap_err();
    assert!(error.to_string().contains("no greeting"), "{error}");
}

#[tokio::test]
async fn an_endless_line_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap().join("sock");
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        let mut stream = listener.accept().await.unwrap().0;
        while stream.write_all(&[b'x'; 1 << 16]).await.is_ok() {}
    });
    let error = Qmp::connect(&path, LIMIT).await.unwrap_err();
    assert!(matches!(error, Error::Line { source: LineError::TooLong { .. }, .. }), "{error:?}");
}
