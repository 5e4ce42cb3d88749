//! `clone` that stands still in the midst of a save or a restore, while its user ends it or a machine dies. The points at
//! which it stops are those of `clone/src/crash.rs`.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::time::Duration;

use kiln_tests::{Golden, Guest, Started, TestHome, clone, processes};
use rustix::process::{Pid, Signal, kill_process};

/// The exit codes: what runs the machines has failed; ended by Ctrl-C.
const MACHINE: i32 = 7;
const INTERRUPTED: i32 = 130;
/// How long a program takes to come to its point.
const SOON: Duration = Duration::from_secs(60);
const SAVE: [&str; 3] = ["checkpoint", "save", "half"];

/// A lab of two machines that run.
struct Scene {
    home: TestHome,
    golden: Golden,
}

impl Scene {
    fn new() -> Self {
        let home = TestHome::empty();
        let golden = home.publish("silent", Guest::Silent);
        clone(&home, ["up", &home.lab("lab", "silent", 2), "--no-wait"]).ok();
        Self { home, golden }
    }

    /// Runs a command to where it stops itself.
    #[track_caller]
    fn stopped_at(&self, point: &str, command: &[&str]) -> Started {
        let mut run = clone(&self.home, command).env("KILN_TEST_STOP_AT", point).start();
        let stat = format!("/proc/{}/stat", run.pid());
        // The state comes after the name, which is in brackets (proc_pid_stat(5)).
        run.until(point, SOON, || fs::read_to_string(&stat).is_ok_and(|line| line.contains(") T ")));
        run
    }

    fn kill_machine(&self, node: &str) {
        let folder = format!("/nodes/{node}/");
        let is_it = |process: &kiln_tests::Process| process.is_machine() && process.line.contains(&folder);
        processes(&self.home).into_iter().find(is_it).unwrap().kill();
    }

    #[track_caller]
    fn run(&self, nodes: &[usize], when: &str) {
        let states = self.home.states("lab");
        let runs = |node: &usize| ["starting", "running"].contains(&states[*node].as_str());
        assert!(nodes.iter().all(runs), "{when}: {states:?}");
    }

    #[track_caller]
    fn assert_no_checkpoints(&self) {
        let list = clone(&self.home, ["checkpoint", "list", "-o", "json"]).json();
        assert_eq!(list.as_array().unwrap().len(), 0, "{list}");
    }

    fn end(self) {
        clone(&self.home, ["destroy", "lab", "--yes"]).ok();
        self.home.assert_no_labs();
        self.golden.assert_untouched();
    }
}

fn signal(run: &Started, signal: Signal) {
    kill_process(Pid::from_raw(run.pid().try_into().unwrap()).unwrap(), signal).unwrap();
}

#[test]
fn whoever_ends_a_save_while_the_nodes_are_held_has_a_lab_that_runs() {
    let scene = Scene::new();
    for point in ["save-held", "save-frozen", "save-switched"] {
        let save = scene.stopped_at(point, &SAVE);
        let states = scene.home.states("lab");
        assert!(states.iter().all(|state| state != "starting" && state != "running"), "{point}: {states:?}");
        signal(&save, Signal::INT);
        signal(&save, Signal::CONT);
        let ended = save.finish();
        assert_eq!(ended.code(), Some(INTERRUPTED), "{point}: {}", ended.stderr());
        // No other command has put anything right yet.
        scene.run(&[0, 1], point);
        scene.assert_no_checkpoints();
        clone(&scene.home, ["checkpoint", "save", "whole", "--replace"]).ok();
        clone(&scene.home, ["checkpoint", "rm", "whole", "--yes"]).ok();
    }
    scene.end();
}

#[test]
fn a_machine_that_dies_while_all_are_saved_is_named_and_the_other_runs_on() {
    let scene = Scene::new();
    for point in ["save-held", "save-frozen"] {
        let save = scene.stopped_at(point, &SAVE);
        scene.kill_machine("node1");
        signal(&save, Signal::CONT);
        let said = save.finish().fails(MACHINE);
        assert!(said.contains("node1"), "{point}: {said}");
        scene.run(&[1], point);
        scene.assert_no_checkpoints();
        clone(&scene.home, ["up", "lab", "--no-wait"]).ok();
        scene.run(&[0, 1], point);
    }
    scene.end();
}

#[test]
fn a_machine_that_dies_when_it_was_loaded_is_named_and_the_restore_is_gone_on_with() {
    let scene = Scene::new();
    clone(&scene.home, SAVE).ok();
    for point in ["restore-node", "restore-loaded"] {
        let reset = scene.stopped_at(point, &["reset", "--to", "half", "--no-wait"]);
        let loaded = processes(&scene.home).into_iter().filter(kiln_tests::Process::is_machine).count();
        assert!(loaded >= 1, "{point}");
        scene.kill_machine("node1");
        signal(&reset, Signal::CONT);
        let said = reset.finish().fails(MACHINE);
        assert!(said.contains("node1"), "{point}: {said}");
        clone(&scene.home, ["resume", "lab", "--no-wait"]).ok();
        scene.run(&[0, 1], point);
    }
    scene.end();
}
