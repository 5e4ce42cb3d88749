//! What stands in the way of saving and restoring machines on the qemu backend, with a real QEMU.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod common;

use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt};

use camino::{Utf8Path, Utf8PathBuf};
use common::counting::{self, Checkpoint, counts, files, prepare, save, tell, wait_for_counts};
use common::{Lab, eventually, may_mount, mount, pid};
use kiln_images::digest::Digest;
use kiln_images::header;
use kiln_machines::{CheckpointProblem, Error, Hypervisor, Machine, Memory, Saved, SavedMemory, State};
use rustix::process::{Signal, kill_process};

/// A machine that has counted a little.
async fn counting_machine(lab: &mut Lab) -> Machine {
    let machine = counting::machine(lab, "node1");
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(lab, &machine, 2).await;
    machine
}

/// What stood in the way, after the whole error was looked at.
fn problem<T: std::fmt::Debug>(result: Result<T, Error>, doing: &str) -> CheckpointProblem {
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), format!("{doing} of node1 of lab test failed"));
    let Error::Checkpoint { source, .. } = error else { panic!("{error:?}") };
    *source
}

async fn problem_of_restore(lab: &Lab, machine: &Machine, from: &Saved) -> CheckpointProblem {
    let problem = problem(lab.qemu.restore(machine, from).await, "restoring");
    assert_eq!(lab.state(machine).await, State::Stopped);
    problem
}

async fn stopped_machine(lab: &mut Lab) -> (Machine, Checkpoint) {
    let machine = counting_machine(lab).await;
    let checkpoint = save(lab, &machine, "one").await;
    prepare(lab, &machine, &checkpoint).await;
    (machine, checkpoint)
}

/// A copy of the file, changed by `change`.
fn copy_of(path: &Utf8Path, change: impl FnOnce(&fs::File)) -> Utf8PathBuf {
    let copy = path.with_extension(uuid::Uuid::new_v4().to_string());
    fs::copy(path, &copy).unwrap();
    change(&fs::OpenOptions::new().write(true).open(&copy).unwrap());
    copy
}

#[tokio::test]
async fn a_full_disk_is_named_and_the_machine_goes_on() {
    if !may_mount("a_full_disk_is_named_and_the_machine_goes_on") {
        return;
    }
    let mut lab = Lab::new().await;
    let machine = counting_machine(&mut lab).await;
    let full = lab.folder().join("full");
    mount(&full, "64k");
    lab.qemu.pause(&machine).await.unwrap();

    let to = Saved { state: full.join("state"), ..files(&lab, "one") };
    let of_state = problem(lab.qemu.save(&machine, &to).await, "saving");
    let CheckpointProblem::Refused { state, said, .. } = &of_state else { panic!("{of_state}") };
    assert_eq!(*state, to.state);
    assert!(said.contains("No space left on device"), "{said}");
    assert!(of_state.to_string().contains("is the disk full?"), "{of_state}");
    fs::remove_file(&to.state).unwrap();
    fs::remove_file(to.memory.unwrap()).unwrap();

    let to = Saved { memory: Some(full.join("ram")), ..files(&lab, "one") };
    let CheckpointProblem::File(error) = problem(lab.qemu.save(&machine, &to).await, "saving") else { panic!() };
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    assert!(error.to_string().contains("full/ram"), "{error}");
    fs::remove_file(&to.state).unwrap();

    lab.qemu.resume(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 2).await;
    save(&lab, &machine, "one").await;
    lab.end().await;
}

#[tokio::test]
async fn what_cannot_be_written_is_named() {
    let mut lab = Lab::new().await;
    let machine = counting_machine(&mut lab).await;
    let to = files(&lab, "one");
    let running = problem(lab.qemu.save(&machine, &to).await, "saving");
    assert!(running.to_string().contains("calls it \"running\"\n  pause it first"), "{running}");
    lab.qemu.pause(&machine).await.unwrap();

    let nowhere = Saved { state: lab.folder().join("no/state"), ..files(&lab, "two") };
    let problem_of_state = problem(lab.qemu.save(&machine, &nowhere).await, "saving").to_string();
    assert!(problem_of_state.contains("no/state"), "{problem_of_state}");

    let there = to.memory.clone().unwrap();
    fs::write(&there, "of somebody else").unwrap();
    let CheckpointProblem::File(error) = problem(lab.qemu.save(&machine, &to).await, "saving") else { panic!() };
    assert!(error.to_string().contains(there.as_str()), "{error}");
    assert_eq!(fs::read(&there).unwrap(), b"of somebody else");
    lab.qemu.resume(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 2).await;
    lab.end().await;
}

#[tokio::test]
async fn a_qemu_that_dies_in_a_save_is_an_error_that_says_so() {
    let mut lab = Lab::new().await;
    let machine = counting_machine(&mut lab).await;
    lab.qemu.pause(&machine).await.unwrap();
    kill_process(pid(&machine), Signal::STOP).unwrap();
    let to = files(&lab, "one");
    let kill = async {
        tokio::task::yield_now().await;
        kill_process(pid(&machine), Signal::KILL).unwrap();
    };
    let (saved, ()) = tokio::join!(lab.qemu.save(&machine, &to), kill);
    let problem = problem(saved, "saving");
    assert!(matches!(problem, CheckpointProblem::Died { .. }), "{problem:?}");
    assert!(problem.to_string().contains("qemu.log"), "{problem}");
    assert_eq!(lab.state(&machine).await, State::Stopped);
    lab.end().await;
}

#[tokio::test]
async fn a_qemu_that_dies_in_a_restore_leaves_nothing() {
    let mut lab = Lab::new().await;
    let (machine, checkpoint) = stopped_machine(&mut lab).await;
    fs::remove_file(machine.folder.join("pid")).unwrap();
    let kill = async {
        let there = || fs::read_to_string(machine.folder.join("pid")).is_ok_and(|text| text.ends_with('\n'));
        eventually("a QEMU", there).await;
        kill_process(pid(&machine), Signal::KILL).unwrap();
    };
    let (restored, ()) = tokio::join!(lab.qemu.restore(&machine, &checkpoint.files), kill);
    // Where it was caught is a matter of chance: at its start or while it loaded.
    let error = restored.unwrap_err();
    assert!(matches!(error, Error::Start { .. } | Error::Checkpoint { .. }), "{error:?}");
    assert_eq!(lab.state(&machine).await, State::Stopped);
    let before = counts(&lab, &machine).len();
    lab.qemu.restore(&machine, &checkpoint.files).await.unwrap();
    lab.qemu.resume(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 1).await;
    assert_eq!(counts(&lab, &machine)[before], checkpoint.count.wrapping_add(1));
    lab.end().await;
}

#[tokio::test]
async fn files_that_do_not_fit_are_refused_before_anything_is_started() {
    let mut lab = Lab::new().await;
    let (machine, checkpoint) = stopped_machine(&mut lab).await;
    let good = &checkpoint.files;
    let memory = good.memory.clone().unwrap();
    let with_state = |state| Saved { state, ..good.clone() };
    for (from, expected) in [
        (Saved { memory: None, ..good.clone() }, "no memory file is named"),
        (Saved { memory: Some(copy_of(&memory, |file| file.set_len(1 << 20).unwrap())), ..good.clone() }, "1048576"),
        (with_state(copy_of(&good.state, |file| file.set_len(2).unwrap())), "is not the state of a machine"),
        (with_state(copy_of(&good.state, |file| file.write_all_at(b"QEMU", 0).unwrap())), "is not the state"),
    ] {
        let problem = problem_of_restore(&lab, &machine, &from).await.to_string();
        assert!(problem.contains(expected), "{problem}");
    }
    for from in [with_state("/nowhere/state".into()), Saved { memory: Some("/nowhere/ram".into()), ..good.clone() }] {
        let CheckpointProblem::File(error) = problem_of_restore(&lab, &machine, &from).await else { panic!() };
        assert!(error.to_string().contains("/nowhere/"), "{error}");
    }
    lab.end().await;
}

#[tokio::test]
async fn a_state_that_is_cut_off_is_an_error_in_qemus_words() {
    let mut lab = Lab::new().await;
    let (machine, checkpoint) = stopped_machine(&mut lab).await;
    let length = fs::metadata(&checkpoint.files.state).unwrap().len();
    let state = copy_of(&checkpoint.files.state, |file| file.set_len(length / 2).unwrap());
    let problem = problem_of_restore(&lab, &machine, &Saved { state: state.clone(), ..checkpoint.files.clone() }).await;
    let text = problem.to_string();
    assert!(text.contains(state.as_str()) && text.contains("verify the checkpoint"), "{text}");
    println!("{text}");
    // The good one still can be had.
    lab.qemu.restore(&machine, &checkpoint.files).await.unwrap();
    let runs = problem_of_running(&lab, &machine, &checkpoint.files).await;
    assert!(matches!(runs, CheckpointProblem::Runs), "{runs}");
    lab.end().await;
}

async fn problem_of_running(lab: &Lab, machine: &Machine, from: &Saved) -> CheckpointProblem {
    let problem = problem(lab.qemu.restore(machine, from).await, "restoring");
    assert_eq!(lab.state(machine).await, State::Paused);
    problem
}

/// Who saved it was killed over it. A machine that simply went on would be held again when QEMU has written all.
#[tokio::test]
async fn a_save_that_nobody_waits_for_any_more_is_given_up() {
    const ASK: &str = r#"{"execute": "query-migrate"}"#;
    let mut lab = Lab::new().await;
    let machine = counting_machine(&mut lab).await;
    lab.qemu.pause(&machine).await.unwrap();
    // One that takes hours, because nothing else is sure to take long enough. QEMU counts in tenths of a second, and what is
    // less than one byte in one of those is no limit to it (migration_rate_set in its migration/migration-stats.c).
    let slow = r#"{"execute": "migrate-set-parameters", "arguments": {"max-bandwidth": 10000}}"#;
    let state = lab.folder().join("state");
    let begin = format!(r#"{{"execute": "migrate", "arguments": {{"uri": "file:{state}"}}}}"#);
    tell(&machine, &[slow, &begin]);
    eventually("QEMU is in the midst of it", || tell(&machine, &[ASK]).contains("\"active\"")).await;

    lab.qemu.resume(&machine).await.unwrap();
    let status = tell(&machine, &[ASK]);
    assert!(status.contains("\"cancelled\""), "{status}");
    wait_for_counts(&lab, &machine, 3).await;
    assert_eq!(lab.state(&machine).await, State::Running);
    let checkpoint = save(&lab, &machine, "again").await;
    counting::restore(&lab, &machine, &checkpoint).await;
    wait_for_counts(&lab, &machine, 2).await;
    lab.end().await;
}

/// As a QEMU before 9.0 writes it: a stream, in which no page has a place of its own.
#[tokio::test]
async fn a_state_without_places_for_the_pages_is_loaded_as_a_whole() {
    let mut lab = Lab::new().await;
    let machine = Machine { memory: Memory::Private, ..counting::machine(&mut lab, "node1") };
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 2).await;
    lab.qemu.pause(&machine).await.unwrap();
    let count = *counts(&lab, &machine).last().unwrap();
    let disk = counting::switch_disk(&lab, &machine, "one").await;
    let files = Saved { state: lab.folder().join("one.state"), memory: None };
    tell(&machine, &[&format!(r#"{{"execute": "migrate", "arguments": {{"uri": "file:{}"}}}}"#, files.state)]);
    let is_written = || tell(&machine, &[r#"{"execute": "query-migrate"}"#]).contains("\"completed\"");
    eventually("QEMU has written it", is_written).await;
    let before = counts(&lab, &machine).len();
    let (disk_digest, memory) = (Digest::of_file(&disk).unwrap(), SavedMemory::Streamed);
    counting::restore(&lab, &machine, &Checkpoint { disk, disk_digest, files, memory, count }).await;
    wait_for_counts(&lab, &machine, 2).await;
    assert_eq!(counts(&lab, &machine)[before], count.wrapping_add(1));
    lab.end().await;
}

#[tokio::test]
async fn a_pull_that_nobody_waited_for_is_waited_for_by_the_next() {
    let mut lab = Lab::new().await;
    let machine = counting_machine(&mut lab).await;
    let mut disks = Vec::new();
    for name in ["one", "two", "three"] {
        disks.push(save(&lab, &machine, name).await.disk);
        wait_for_counts(&lab, &machine, 2).await;
    }
    // As one who was killed had it begin.
    let node = |disk: &Utf8Path| format!("disk-{:x}", fs::metadata(disk).unwrap().ino());
    let (disk, base) = (node(&machine.disk), node(&disks[1]));
    let begin = format!(
        r#"{{"execute": "block-stream", "arguments": {{"job-id": "pull-disk", "device": "{disk}", "base-node": "{base}",
           "backing-file": "{}", "auto-finalize": false, "auto-dismiss": false}}}}"#,
        disks[1]
    );
    tell(&machine, &[&begin.replace('\n', "")]);
    lab.qemu.settle_disk(&machine).await.unwrap();
    assert_eq!(header::backing_file(&machine.disk).unwrap().as_ref(), Some(&disks[1]), "it came to its end");
    lab.qemu.settle_disk(&machine).await.unwrap();
    lab.qemu.pull_disk(&machine, &disks[0]).await.unwrap();
    assert_eq!(header::backing_file(&machine.disk).unwrap().as_ref(), Some(&disks[0]));
    wait_for_counts(&lab, &machine, 2).await;
    let checkpoint = save(&lab, &machine, "after").await;
    counting::restore(&lab, &machine, &checkpoint).await;
    wait_for_counts(&lab, &machine, 2).await;
    lab.end().await;
}
