//! `clone status --watch`: on a terminal one table in place of the other, elsewhere one after the other, until Ctrl-C.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use kiln_tests::{Guest, TestHome, clone, program};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The exit code that `clone --help` documents for Ctrl-C.
const INTERRUPTED: i32 = 130;

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

#[test]
fn on_a_terminal_one_table_takes_the_place_of_the_other() {
    let home = home();
    // script(1) gives the program a terminal, types what it reads and writes what it sees.
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &format!("{} status lab --watch", program("clone")), "/dev/null"]);
    script.env("KILN_HOME", home.root()).env("TERM", "xterm").env("SHELL", "/bin/sh").current_dir(home.work());
    let mut watching = Watching(script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
    let (mut keyboard, mut screen) = (watching.0.stdin.take().unwrap(), watching.0.stdout.take().unwrap());
    let (mut seen, mut buffer) = (String::new(), [0; 4096]);
    while seen.matches(CLEAR).count() < 2 || !seen.ends_with("Ctrl-C ends this\r\n") {
        let length = screen.read(&mut buffer).unwrap();
        assert!(length > 0, "it ended by itself: {seen:?}");
        seen += std::str::from_utf8(&buffer[..length]).unwrap();
    }
    keyboard.write_all(b"\x03").unwrap();
    assert_eq!(watching.0.wait().unwrap().code(), Some(INTERRUPTED), "{seen:?}");
    for table in seen.split(CLEAR).skip(1) {
        assert!(table.contains("NODE") && table.contains("node1") && table.contains("stopped"), "{seen:?}");
    }
}
