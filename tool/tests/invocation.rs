//! Runs of a real program (`sh`, which every system has) through [`kiln_tool`].

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::io::{self, Read, Seek, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kiln_tool::{Error, Failure, Invocation, Program};

fn sh(script: &str) -> Invocation {
    Program::new("sh", "dash").find().unwrap().invoke("trying something").args(["-c", script])
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Failed(failure) => *failure,
        other => panic!("expected a failed run, got: {other}"),
    }
}

#[tokio::test]
async fn arguments_reach_the_program_as_they_are() {
    let tool = Program::new("printf", "coreutils").find().unwrap();
    let nasty = ["$HOME", "a b", "'\"`", "--", "*", "ü\n"];
    let output = tool.invoke("printing").arg("%s|").args(nasty).output().await.unwrap();
    assert_eq!(String::from_utf8(output).unwrap(), nasty.map(|word| format!("{word}|")).concat());
}

#[tokio::test]
async fn a_failure_says_step_command_status_last_words_and_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("it.log");
    let error = sh("echo out; echo 'no such thing' >&2; exit 3").log(&log).run().await.unwrap_err();
    let text = error.to_string();
    for part in ["trying something", "sh ended with status 3", "exit 3", "no such thing", "it.log"] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
    assert_eq!(failure(error).code(), Some(3));
    let log = fs::read_to_string(log).unwrap();
    assert!(log.starts_with("$ ") && log.contains("out\n") && log.contains("no such thing\n"), "{log}");
}

/// What is logged, as the programs write it.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn every_command_line_is_logged_as_it_could_be_typed() {
    let (logged, output) = (Logged::default(), tempfile::tempfile().unwrap());
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_env_filter("kiln::command=debug");
    let _logs = tracing::subscriber::set_default(subscriber.with_writer(move || writer.clone()).finish());
    let echo = |word: &str| sh("echo \"$0\"").arg(format!("it's {word}"));
    echo("run").run().await.unwrap();
    echo("output").output().await.unwrap();
    echo("outcome").outcome().await.unwrap();
    echo("stream").stream(|_| ()).await.unwrap();
    echo("interactive").interactive().await.unwrap();
    echo("detach").detach(&output).unwrap().wait().await.unwrap();
    echo("attach").attach(&output).unwrap().wait().await.unwrap();
    let text = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    for word in ["run", "output", "outcome", "stream", "interactive", "detach", "attach"] {
        let command = echo(word).command_line();
        let lines: Vec<_> = text.lines().filter(|line| line.contains(&command)).collect();
        assert!(lines.len() == 1 && lines[0].contains("kiln::command"), "{command}: {text}");
        let retyped = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
        assert_eq!(String::from_utf8(retyped.stdout).unwrap(), format!("it's {word}\n"));
    }
}

#[tokio::test]
async fn standard_input_is_empty_or_what_was_given() {
    assert_eq!(sh("cat").output().await.unwrap(), b"");
    assert_eq!(sh("cat").stdin("some bytes").output().await.unwrap(), b"some bytes");
    // More than a pipe holds, to a program that does not read it.
    assert_eq!(sh("echo done").stdin(vec![b'x'; 1 << 20]).output().await.unwrap(), b"done\n");
}

#[tokio::test]
async fn who_writes_more_than_is_wanted_is_stopped() {
    assert_eq!(sh("echo done").output_limit(5).output().await.unwrap(), b"done\n");
    let text = sh("exec yes").output_limit(1 << 20).output().await.unwrap_err().to_string();
    assert!(text.contains("wrote more than 1048576 bytes and was stopped"), "{text}");
}

#[tokio::test]
async fn json_is_parsed_or_shown() {
    let value: Vec<u8> = sh("echo '[1, 2]'").json().await.unwrap();
    assert_eq!(value, [1, 2]);
    let text = sh("echo 'not json'").json::<Vec<u8>>().await.unwrap_err().to_string();
    assert!(text.contains("not json") && text.contains("line 1"), "{text}");
}

#[tokio::test]
async fn stream_hands_over_lines_of_both_streams() {
    let mut lines = Vec::new();
    sh("echo one; echo two >&2; printf three").stream(|line| lines.push(line.to_owned())).await.unwrap();
    assert_eq!(lines, ["one", "two", "three"]);
}

#[tokio::test]
async fn outcome_leaves_the_judgement_to_the_caller() {
    let outcome = sh("echo out; echo err >&2; exit 1").outcome().await.unwrap();
    assert_eq!((outcome.code, outcome.stdout.as_slice(), outcome.stderr.as_str()), (1, &b"out\n"[..], "err"));
    let text = sh("kill -9 $$").outcome().await.unwrap_err().to_string();
    assert!(text.contains("was killed, signal: 9 (SIGKILL)"), "{text}");
}

#[tokio::test]
async fn a_time_limit_ends_the_program_and_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let script = format!("sleep 600 & echo $! > {}; wait", pid_file.display());
    let started = Instant::now();
    let text = sh(&script).time_limit(Duration::from_millis(300)).run().await.unwrap_err().to_string();
    assert!(text.contains("did not end within"), "{text}");
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_gone(fs::read_to_string(pid_file).unwrap().trim());
}

#[tokio::test]
async fn a_dropped_run_ends_the_program_and_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let script = format!("sleep 600 & echo $! > {}.new; mv {0}.new {0}; wait", pid_file.display());
    let run = sh(&script).run();
    tokio::select! {
        _ = run => panic!("the script ended by itself"),
        () = appears(&pid_file) => (),
    }
    assert_gone(fs::read_to_string(pid_file).unwrap().trim());
}

async fn appears(path: &std::path::Path) {
    while !path.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits, no longer than ten seconds, until the process is no more or only a zombie that nobody has collected yet.
fn assert_gone(pid: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    let alive = || fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    while alive() {
        assert!(Instant::now() < deadline, "process {pid} is still there");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test]
async fn an_open_file_is_handed_down_as_standard_input() {
    let mut file = tempfile::tempfile().unwrap();
    let output = tempfile::tempfile().unwrap();
    let invocation = sh("echo words >&0").stdin_file(file.try_clone().unwrap(), "0<>file");
    assert!(invocation.command_line().ends_with("'echo words >&0' 0<>file"), "{}", invocation.command_line());
    assert!(invocation.detach(&output).unwrap().wait().await.unwrap().success());
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "words\n");
}

#[tokio::test]
async fn a_program_can_speak_and_listen_on_a_connection_that_is_there() {
    let (mut ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    ours.write_all(b"question\n").unwrap();
    let invocation = sh("read line; echo \"to $line\"; echo aside >&2").on_connection(theirs, "<>socket >&0");
    assert!(invocation.command_line().ends_with(" <>socket >&0"), "{}", invocation.command_line());
    let mut lines = Vec::new();
    invocation.stream(|line| lines.push(line.to_owned())).await.unwrap();
    assert_eq!(lines, ["aside"]);
    // The program has ended, and its connection with it.
    let mut answer = String::new();
    ours.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "to question\n");
}

#[tokio::test]
async fn a_detached_program_has_a_session_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let file = fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
    // The sixth field of /proc/<pid>/stat is the session (proc(5)).
    let mut child = sh("cut -d' ' -f1,6 /proc/$$/stat; echo words >&2").detach(&file).unwrap();
    assert!(child.wait().await.unwrap().success());
    let said = fs::read_to_string(log).unwrap();
    let (ids, rest) = said.split_once('\n').unwrap();
    let (pid, session) = ids.split_once(' ').unwrap();
    assert_eq!((pid, rest), (session, "words\n"));
}

#[tokio::test]
async fn descriptors_of_our_caller_are_not_handed_down() {
    let inherited = fs::File::open("/dev/null").unwrap();
    // As a shell does it: without close-on-exec.
    let copy = rustix::io::fcntl_dupfd_cloexec(&inherited, 20).unwrap();
    rustix::io::fcntl_setfd(&copy, rustix::io::FdFlags::empty()).unwrap();
    let number = std::os::fd::AsRawFd::as_raw_fd(&copy);
    let output = sh(&format!("[ -e /proc/self/fd/{number} ] && echo there || echo gone")).output().await.unwrap();
    assert_eq!(String::from_utf8(output).unwrap(), "gone\n");
}
