//! Guests that never come up: `clone up` says so long before its time is over, with all that helps to understand it.
//! Their golden images are boot sectors, so that no real guest has to be waited for.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::time::{Duration, Instant};

use kiln_tests::{Guest, Process, TestHome, clone, processes, until};
use serde_json::Value;

/// The exit code that `clone --help` documents for what fails inside of a node.
const GUEST: i32 = 8;
/// Within this time a program has done what takes it a second on a host with nothing else to do.
const SOON: Duration = Duration::from_secs(60);

const PANIC: &str = "\
Booting Linux\r\n\
VFS: Unable to mount root fs on unknown-block(0,0)\r\n\
Kernel panic - not syncing: VFS: Unable to mount root fs\r\n\
---[ end Kernel panic ]---\r\n";

#[test]
fn a_kernel_panic_is_told_at_once_with_the_last_lines_of_the_console() {
    let home = TestHome::empty();
    let golden = home.publish("panics", Guest::Says(PANIC));
    let lab = home.lab("doomed", "panics", 2);
    let started = Instant::now();
    let said = clone(&home, ["up", &lab]).fails(GUEST);
    // The phase `reachable` may take eight minutes on a slow host.
    assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
    for part in [
        "node",
        "phase `reachable` failed",
        "the guest cannot boot: Kernel panic - not syncing: VFS",
        "VFS: Unable to mount root fs on unknown-block(0,0)",
        "---[ end Kernel panic ]---",
        "console.log",
        "clone console node",
        "clone reset node",
    ] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }

    // It stays to be looked at, is not said to be up, and is made anew with the same result.
    assert_eq!(home.states("doomed"), ["starting", "starting"]);
    // `up` ended with the first of the two; the other may still be writing.
    until("node1 has said all of it", SOON, || {
        clone(&home, ["console", "node1", "--dump"]).ok().lines().count() == PANIC.lines().count()
    });
    let reset = clone(&home, ["reset", "--to", "golden", "-o", "json"]).finish();
    assert_eq!(reset.code(), Some(GUEST), "{}", reset.stderr());
    let failure: Value = serde_json::from_str(reset.stderr().lines().next_back().unwrap()).unwrap();
    assert!(failure["error"]["message"].as_str().unwrap().contains("Kernel panic"), "{failure:#}");
    clone(&home, ["destroy", "--yes"]).ok();
    home.assert_no_labs();
    golden.assert_untouched();
}

/// The process that runs a node of the only lab.
#[track_caller]
fn machine_of(home: &TestHome, node: &str) -> Process {
    let machines = processes(home).into_iter().filter(Process::is_machine);
    machines.into_iter().find(|machine| machine.line.contains(&format!("process=kiln-{node},"))).unwrap()
}

#[test]
fn a_machine_that_is_killed_while_it_is_waited_for_ends_the_waiting() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    let lab = home.lab("killed", "silent", 2);
    let mut up = clone(&home, ["up", &lab]).start();
    up.until_it_says("node1: reachable: started", SOON);
    up.until_it_says("node2: reachable: started", SOON);
    let started = Instant::now();
    machine_of(&home, "node1").kill();
    let said = up.finish().fails(GUEST);
    assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
    for part in ["node1: phase `reachable` failed", "its machine has ended", "clone up", "its console has said nothing"]
    {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    assert_eq!(home.states("killed"), ["crashed", "starting"]);
    let plan = clone(&home, ["plan", "killed", "-o", "json"]).json();
    assert_eq!([&plan[0]["action"], &plan[1]["action"]], ["start", "wait"], "{plan:#}");

    // One that was asked to end knows by whom, and its last words are not those of the run before.
    let mut up = clone(&home, ["up", "killed"]).start();
    up.until_it_says("node1: reachable: started", SOON);
    machine_of(&home, "node1").terminate();
    let said = up.finish().fails(GUEST);
    let words = said.split_once("the hypervisor said last:\n").map(|(_, words)| words.lines().next().unwrap());
    assert!(words.is_some_and(|words| words.contains("terminating on signal 15 from pid")), "{said}");
    clone(&home, ["destroy", "killed", "--yes"]).ok();
    home.assert_no_labs();
    golden.assert_untouched();
}

#[test]
fn a_guest_that_switches_itself_off_is_told_apart_from_one_that_is_killed() {
    let home = TestHome::empty();
    let golden = home.publish("off", Guest::SwitchesOff);
    let said = clone(&home, ["up", &home.lab("off", "off", 1)]).fails(GUEST);
    assert!(said.contains("its machine has ended") && said.contains("    the guest has switched it off\n"), "{said}");
    assert_eq!(home.states("off"), ["crashed"]);
    clone(&home, ["destroy", "off", "--yes"]).ok();
    golden.assert_untouched();
}

#[test]
fn the_time_limit_is_the_users() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    let said = clone(&home, ["up", &home.lab("slow", "silent", 1), "--timeout", "2"]).fails(GUEST);
    for part in ["node1: phase `reachable` failed", "longer than 2 s", "no SSH server answered on 127.0.0.1:"] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    clone(&home, ["destroy", "slow", "--yes"]).ok();
    home.assert_no_labs();
    golden.assert_untouched();
}

#[test]
fn a_lab_is_destroyed_while_somebody_waits_for_it() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    let mut up = clone(&home, ["up", &home.lab("busy", "silent", 1)]).start();
    up.until("the machine runs", SOON, || {
        home.root().join("labs/busy").exists() && home.states("busy") == ["starting"]
    });
    // Whoever waits has the lock: the lab cannot be pulled from under it, and the other is told by whom.
    let holder = format!("process {}", up.pid());
    for command in [&["destroy", "busy", "--yes"][..], &["down", "busy"], &["reset", "--to", "golden"], &["up", "busy"]]
    {
        let said = clone(&home, command).fails(9);
        assert!(said.contains("lab busy is being changed by") && said.contains(&holder), "{said}");
    }
    assert_eq!(home.states("busy"), ["starting"]);
    up.kill();
    clone(&home, ["destroy", "busy", "--yes"]).ok();
    home.assert_no_labs();
    golden.assert_untouched();
}
