//! What is another on a terminal than elsewhere: `clone status --watch`, with one table in place of the other until Ctrl-C;
//! colours; what a guest has said; and its console, which one can sit at.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use kiln_tests::{Guest, TestHome, clone, program, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The exit codes that `clone --help` documents for Ctrl-C, and for what is not there.
const INTERRUPTED: i32 = 130;

const NOT_FOUND: i32 = 10;
/// Within this time a program has done what takes it a second on a host with nothing else to do.
const SOON: Duration = Duration::from_secs(60);

/// What begins a screen: the cursor to the first place, and everything after it erased.
const CLEAR: &str = "\x1b[H\x1b[J";

/// A home with a lab of two nodes, of which nothing was started.
fn home() -> TestHome {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("lab", "silent", 2), "--no-start"]).ok();
    home
}

/// A program that is ended with the test.
struct Watching(Child);

impl Drop for Watching {
    fn drop(&mut self) {
        if self.0.try_wait().unwrap().is_none() {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }
}

#[test]
fn for_programs_there_is_a_line_for_every_look() {
    let home = home();
    let mut command = clone(&home, ["status", "lab", "--watch", "-o", "json"]).into_command();
    let mut watching = Watching(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(watching.0.stdout.take().unwrap()).lines();
    for _ in 0..2 {
        let rows: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!((&rows[0]["state"], &rows[1]["state"]), (&"stopped".into(), &"stopped".into()));
    }
    kill_process(Pid::from_child(&watching.0), Signal::INT).unwrap();
    assert_eq!(watching.0.wait().unwrap().code(), Some(INTERRUPTED));
    assert!(lines.all(|line| line.unwrap().starts_with('[')));
}

/// A program that sees a terminal, which script(1) gives it.
struct OnTerminal {
    script: Watching,
    keyboard: ChildStdin,
    screen: ChildStdout,
    /// What it has shown so far.
    seen: String,
}

impl OnTerminal {
    /// Runs `clone` with these arguments, which are words without blanks.
    fn new(home: &TestHome, arguments: &str, variables: &[(&str, &str)]) -> Self {
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &format!("{} {arguments}", program("clone")), "/dev/null"]);
        script.env("KILN_HOME", home.root()).env("TERM", "xterm").env("SHELL", "/bin/sh").current_dir(home.work());
        script.env_remove("NO_COLOR").envs(variables.iter().copied());
        let mut script = Watching(script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
        let (keyboard, screen) = (script.0.stdin.take().unwrap(), script.0.stdout.take().unwrap());
        Self { script, keyboard, screen, seen: String::new() }
    }

    /// Sees one more piece of what is shown; whether there was any.
    fn look(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let length = self.screen.read(&mut buffer).unwrap();
        self.seen += &String::from_utf8_lossy(&buffer[..length]);
        length > 0
    }

    /// Looks until `enough` says so.
    fn until(&mut self, enough: impl Fn(&str) -> bool) {
        while !enough(&self.seen) {
            assert!(self.look(), "it ended by itself: {:?}", self.seen);
        }
    }

    fn types(&mut self, keys: &[u8]) {
        self.keyboard.write_all(keys).unwrap();
    }

    /// Waits for its end, and returns its exit code and all that it has shown.
    fn end(mut self) -> (Option<i32>, String) {
        while self.look() {}
        (self.script.0.wait().unwrap().code(), self.seen)
    }
}

#[test]
fn on_a_terminal_one_table_takes_the_place_of_the_other() {
    let home = home();
    let mut status = OnTerminal::new(&home, "status lab --watch", &[]);
    status.until(|seen| seen.matches(CLEAR).count() >= 2 && seen.ends_with("Ctrl-C ends this\r\n"));
    status.types(b"\x03");
    let (code, seen) = status.end();
    assert_eq!(code, Some(INTERRUPTED), "{seen:?}");
    for table in seen.split(CLEAR).skip(1) {
        assert!(table.contains("NODE") && table.contains("node1") && table.contains("stopped"), "{seen:?}");
    }
}

#[test]
fn a_failure_is_coloured_on_a_terminal_unless_that_is_not_wanted() {
    let home = home();
    for (variables, is_coloured) in [(&[] as &[_], true), (&[("NO_COLOR", "1")], false), (&[("NO_COLOR", "")], true)] {
        let (code, seen) = OnTerminal::new(&home, "status missing", variables).end();
        assert_eq!(code, Some(NOT_FOUND), "{seen:?}");
        assert!(seen.contains("there is no lab `missing`"), "{seen:?}");
        assert_eq!(seen.contains('\x1b'), is_coloured, "{variables:?}: {seen:?}");
    }
}

#[test]
fn what_a_guest_has_said_is_not_obeyed_by_the_terminal() {
    let home = TestHome::empty();
    home.publish("sly", Guest::Says("one\x1b]0;title\x07\x1b[2J\r\ntwo\r\n"));
    clone(&home, ["up", &home.lab("lab", "sly", 1), "--no-wait"]).ok();
    let dump = || clone(&home, ["console", "node1", "--dump"]).ok();
    until("it has said all of it", SOON, || dump().ends_with("two\r\n"));
    assert!(dump().contains("one\x1b]0;title\x07\x1b[2J\r\n"), "into a pipe it goes as it is");
    let (code, seen) = OnTerminal::new(&home, "console node1 --dump", &[]).end();
    assert_eq!(
        (code, seen.ends_with("one]0;title\r\ntwo\r\n"), seen.contains('\x1b')),
        (Some(0), true, false),
        "{seen:?}"
    );
}

#[test]
fn a_console_is_left_by_its_key() {
    let home = TestHome::empty();
    home.publish("answers", Guest::Answers);
    clone(&home, ["up", &home.lab("lab", "answers", 1), "--no-wait"]).ok();
    let mut console = OnTerminal::new(&home, "console node1", &[]);
    console.until(|seen| seen.contains("Ctrl-] leaves"));
    // What is typed before the terminal is the guest's does not reach it.
    while !console.seen.contains('Z') {
        console.types(b"Y");
        assert!(console.look(), "it ended by itself: {:?}", console.seen);
    }
    console.types(b"\x1d");
    let (code, seen) = console.end();
    assert_eq!(code, Some(0), "{seen:?}");
}
