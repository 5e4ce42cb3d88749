//! `clone` killed in the middle of `up`, `reset` and `destroy`: the next run makes good what is half-made, and nothing
//! is there twice. The points at which it dies are those of `clone/src/crash.rs`.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use kiln_tests::{Guest, TestHome, clone, processes};

/// The exit code of a command that finds another at work.
const BUSY: i32 = 9;

/// Runs a command that dies at a point.
#[track_caller]
fn dies_at(point: &str, home: &TestHome, command: &[&str]) {
    let died = clone(home, command).env("KILN_TEST_CRASH_AT", point).finish();
    assert_eq!(died.code(), None, "it did not come to {point}: {}{}", died.stdout(), died.stderr());
}

/// Asserts that the lab has these two nodes, each with one machine.
#[track_caller]
fn runs_once(home: &TestHome, after: &str) {
    assert_eq!(home.states("lab"), ["starting", "starting"], "after {after}: {}", words_of_qemu(home));
    let machines: Vec<_> = processes(home).into_iter().filter(|process| process.is_machine()).collect();
    assert_eq!(machines.len(), 2, "after {after}: {machines:?}");
}

/// What the QEMUs of the two nodes have said.
fn words_of_qemu(home: &TestHome) -> String {
    let log = |node| fs::read_to_string(home.root().join("labs/lab/nodes").join(node).join("qemu.log"));
    ["node1", "node2"].map(|node| format!("{node}: {:?}", log(node))).join("; ")
}

/// What must be the same after everything: the host keys of the nodes.
fn known_hosts(home: &TestHome) -> String {
    fs::read_to_string(home.root().join("labs/lab/ssh/known_hosts")).unwrap()
}

#[test]
fn up_goes_on_wherever_it_was_killed() {
    for (point, how) in [
        ("registered", "--no-start"),
        ("disks-made", "--no-start"),
        ("starting", "--no-wait"),
        ("started", "--no-wait"),
    ] {
        let home = TestHome::empty();
        let golden = home.publish("silent", Guest::Silent);
        let lab = home.lab("lab", "silent", 2);
        dies_at(point, &home, &["up", &lab, how]);
        assert_eq!(home.states("lab").len(), 2, "{point}");
        // Killed once more at the same place, where it comes there.
        let again = clone(&home, ["up", &lab, how]).env("KILN_TEST_CRASH_AT", point).finish();
        assert!([None, Some(0)].contains(&again.code()), "{point}: {}", again.stderr());
        clone(&home, ["plan", &lab]).ok();
        clone(&home, ["up", &lab, "--no-wait"]).ok();
        runs_once(&home, point);
        assert_eq!(known_hosts(&home).lines().count(), 2, "{point}");
        clone(&home, ["destroy", "lab", "--yes"]).ok();
        home.assert_no_labs();
        golden.assert_untouched();
    }
}

#[test]
fn up_goes_on_after_a_kill_at_any_moment() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    let lab = home.lab("lab", "silent", 2);
    // Each of these is the moment of a kill, not a wait for something.
    for milliseconds in [1, 3, 10, 20, 40, 80, 120, 160, 240, 320] {
        let up = clone(&home, ["up", &lab, "--no-wait"]).start();
        sleep(Duration::from_millis(milliseconds));
        up.kill();
        clone(&home, ["up", &lab, "--no-wait"]).ok();
        runs_once(&home, &format!("{milliseconds} ms"));
        let destroy = clone(&home, ["destroy", "lab", "--yes"]).start();
        sleep(Duration::from_millis(milliseconds));
        destroy.kill();
        let rest = clone(&home, ["destroy", "lab", "--yes"]).finish();
        // The first one may have come to its end.
        assert!([Some(0), Some(10)].contains(&rest.code()), "{milliseconds} ms: {}", rest.stderr());
        home.assert_no_labs();
    }
    golden.assert_untouched();
}

#[test]
fn reset_goes_on_wherever_it_was_killed() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    let lab = home.lab("lab", "silent", 2);
    clone(&home, ["up", &lab, "--no-wait"]).ok();
    let before = known_hosts(&home);
    let reset = ["reset", "node2", "--to", "golden", "--no-wait"];
    for point in ["reset-begun", "reset-killed", "disks-made", "starting", "started"] {
        for next in [&reset[..], &["up", "lab", "--no-wait"]] {
            let status = home.status("lab");
            dies_at(point, &home, &reset);
            clone(&home, next).ok();
            runs_once(&home, point);
            let now = home.status("lab");
            assert_eq!(now[0]["pid"], status[0]["pid"], "{point}: node1 was not meant");
            assert_ne!(now[1]["pid"], status[1]["pid"], "{point}: node2 runs on its old disk");
            assert!(now[1]["generation"].as_u64() > status[1]["generation"].as_u64(), "{point}: it is the old one");
            assert_eq!(known_hosts(&home), before, "{point}");
        }
    }
    clone(&home, ["destroy", "lab", "--yes"]).ok();
    home.assert_no_labs();
    golden.assert_untouched();
}

#[test]
fn destroy_goes_on_wherever_it_was_killed() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    let lab = home.lab("lab", "silent", 2);
    for point in ["destroy-killed", "destroy-moved"] {
        clone(&home, ["up", &lab, "--no-wait"]).ok();
        dies_at(point, &home, &["destroy", "lab", "--yes"]);
        assert!(processes(&home).is_empty(), "{point}: {:?}", processes(&home));
        clone(&home, ["destroy", "lab", "--yes"]).ok();
        home.assert_no_labs();
        let said = clone(&home, ["destroy", "lab", "--yes"]).fails(10);
        assert!(said.contains("no lab `lab`"), "{said}");
    }
    // Brought up anew instead, it is a new lab, and what the other has left goes with it.
    clone(&home, ["up", &lab, "--no-start"]).ok();
    dies_at("destroy-moved", &home, &["destroy", "lab", "--yes"]);
    clone(&home, ["up", &lab, "--no-start"]).ok();
    clone(&home, ["destroy", "lab", "--yes"]).ok();
    home.assert_no_labs();
    golden.assert_untouched();
}

#[test]
fn of_two_at_once_one_works_and_the_other_says_so() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    let lab = home.lab("lab", "silent", 2);
    let two = [(); 2].map(|()| clone(&home, ["up", &lab, "--no-wait"]).start());
    let ended = two.map(|up| up.finish());
    assert!(ended.iter().any(|up| up.code() == Some(0)), "{ended:?}");
    for up in &ended {
        // One that was quick enough has found the other's work done.
        let busy = up.code() == Some(BUSY) && up.stderr().contains("lab lab is being changed by process");
        assert!(busy || up.code() == Some(0), "{ended:?}");
    }
    runs_once(&home, "two");
    clone(&home, ["destroy", "lab", "--yes"]).ok();
    home.assert_no_labs();
    golden.assert_untouched();
}
