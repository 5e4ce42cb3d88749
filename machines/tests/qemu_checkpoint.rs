//! Saving and restoring machines on the qemu backend, with a real QEMU.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod common;

use std::error::Error;
use std::fs;
use std::os::unix::fs::MetadataExt;

use camino::Utf8Path;
use common::Lab;
use common::counting::{self, Checkpoint, count_on, counts, restore, save, tell, wait_for_counts};
use kiln_images::digest::Digest;
use kiln_images::header;
use kiln_machines::{Ahead, Hypervisor, Machine, Memory, SavedMemory, State};
use serde_json::json;

/// Asserts that the machine, restored to `from` when it had counted `before` times, goes on where it was.
async fn assert_goes_on(lab: &Lab, machine: &Machine, from: &Checkpoint, before: usize) {
    wait_for_counts(lab, machine, 2).await;
    let (first, second) = (from.count.wrapping_add(1), from.count.wrapping_add(2));
    assert_eq!(counts(lab, machine)[before..before + 2], [first, second]);
}

/// Restores the machine and asserts that it goes on where it was.
async fn assert_restores(lab: &Lab, machine: &Machine, from: &Checkpoint) {
    counting::prepare(lab, machine, from).await;
    let before = counts(lab, machine).len();
    lab.qemu.restore(machine, &from.files).await.unwrap();
    assert_eq!(lab.state(machine).await, State::Paused);
    assert_eq!(counts(lab, machine).len(), before, "it is held");
    lab.qemu.resume(machine).await.unwrap();
    assert_goes_on(lab, machine, from, before).await;
}

fn digests(checkpoint: &Checkpoint) -> Vec<Digest> {
    let files = [Some(&checkpoint.disk), Some(&checkpoint.files.state), checkpoint.files.memory.as_ref()];
    files.into_iter().flatten().map(|file| Digest::of_file(file).unwrap()).collect()
}

#[tokio::test]
async fn a_saved_machine_goes_on_and_can_be_had_back_again_and_again() {
    let mut lab = Lab::new().await;
    let machine = counting::machine(&mut lab, "node1");
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 3).await;
    let used = lab.qemu.memory_in_use(&machine).await.unwrap();
    assert!((1 << 16..machine.memory_mib << 20).contains(&used), "{used}");
    let checkpoint = save(&lab, &machine, "one").await;
    assert_eq!(checkpoint.memory, SavedMemory::Copied);
    let length = fs::metadata(checkpoint.files.memory.as_ref().unwrap()).unwrap().len();
    assert_eq!(length, machine.memory_mib << 20);
    let whole: Vec<u8> = counts(&lab, &machine);
    wait_for_counts(&lab, &machine, 2).await;
    let on = counts(&lab, &machine);
    assert!(on.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)), "no count is lost: {on:?}, {whole:?}");
    let before = digests(&checkpoint);
    for _ in 0..2 {
        assert_restores(&lab, &machine, &checkpoint).await;
    }
    assert_eq!(digests(&checkpoint), before, "nothing of it was changed");
    lab.end().await;
}

#[tokio::test]
async fn two_machines_run_from_one_checkpoint_side_by_side() {
    let mut lab = Lab::new().await;
    let machine = counting::machine(&mut lab, "node1");
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 3).await;
    let checkpoint = save(&lab, &machine, "one").await;
    let fork = counting::machine(&mut lab, "node2");
    // The console of the fork begins with what the log of the first began with.
    fs::copy(lab.qemu.console_log(&machine), lab.qemu.console_log(&fork)).unwrap();
    let before = counts(&lab, &fork).len();
    restore(&lab, &machine, &checkpoint).await;
    restore(&lab, &fork, &checkpoint).await;
    assert_goes_on(&lab, &fork, &checkpoint, before).await;
    assert_eq!(lab.state(&machine).await, State::Running);
    lab.end().await;
}

#[tokio::test]
async fn every_checkpoint_has_the_disk_of_its_moment() {
    let mut lab = Lab::new().await;
    let machine = counting::machine(&mut lab, "node1");
    assert_eq!(lab.qemu.disk_in_use(&machine).await.unwrap(), None);
    lab.qemu.start(&machine).await.unwrap();
    assert_eq!(lab.qemu.disk_in_use(&machine).await.unwrap(), Some(machine.disk.clone()));
    let mut checkpoints = Vec::new();
    for name in ["one", "two", "three"] {
        wait_for_counts(&lab, &machine, 4).await;
        checkpoints.push(save(&lab, &machine, name).await);
        assert_eq!(lab.qemu.disk_in_use(&machine).await.unwrap(), Some(machine.disk.clone()));
    }
    wait_for_counts(&lab, &machine, 4).await;
    for checkpoint in &checkpoints {
        assert_eq!(Digest::of_file(&checkpoint.disk).unwrap(), checkpoint.disk_digest, "{}", checkpoint.disk);
        // A count is written to the disk after it was said.
        let behind = checkpoint.count.wrapping_sub(count_on(&checkpoint.disk));
        assert!(behind <= 1, "{} is {behind} counts behind", checkpoint.disk);
    }
    // Held, so that it does not count on between the two readings, and has written what its cache of the disk holds.
    lab.qemu.pause(&machine).await.unwrap();
    let behind = counts(&lab, &machine).last().unwrap().wrapping_sub(count_on(&machine.disk));
    assert!(behind <= 1, "{} is {behind} counts behind", machine.disk);
    let links: Vec<_> = machine.folder.read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path()).collect();
    assert!(links.iter().all(|path| !path.file_name().unwrap().starts_with('.')), "{links:?}");
    for checkpoint in checkpoints.iter().rev() {
        assert_restores(&lab, &machine, checkpoint).await;
    }
    lab.end().await;
}

#[tokio::test]
async fn a_disk_is_pulled_together_while_the_machine_runs_on_it() {
    let mut lab = Lab::new().await;
    let machine = counting::machine(&mut lab, "node1");
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 2).await;
    let golden = save(&lab, &machine, "golden").await.disk;
    let mut checkpoints = Vec::new();
    for name in ["one", "two", "three"] {
        checkpoints.push(save(&lab, &machine, name).await);
        wait_for_counts(&lab, &machine, 2).await;
    }
    let backing = || header::backing_file(&machine.disk).unwrap().unwrap();
    // Down to one of those that it stands on, and twice; then, with the files opened anew, down to what it was made from.
    for base in [&checkpoints[0].disk, &checkpoints[0].disk, &golden] {
        if *base == golden {
            restore(&lab, &machine, &checkpoints[2]).await;
        }
        lab.qemu.pull_disk(&machine, base).await.unwrap();
        assert_eq!(backing(), *base);
        wait_for_counts(&lab, &machine, 2).await;
    }
    let error = lab.qemu.pull_disk(&machine, &checkpoints[1].disk).await.unwrap_err();
    let problem = error.source().unwrap().to_string();
    assert!(problem.contains("does not stand on"), "{problem}");
    for checkpoint in &checkpoints {
        assert_eq!(Digest::of_file(&checkpoint.disk).unwrap(), checkpoint.disk_digest, "{}", checkpoint.disk);
    }
    // What it was pulled from is needed no more: not by the machine that runs, and not by what is saved of it from now on.
    for checkpoint in &checkpoints {
        fs::remove_file(&checkpoint.disk).unwrap();
    }
    let after = save(&lab, &machine, "after").await;
    assert_eq!(header::backing_file(&after.disk).unwrap(), Some(golden));
    assert_restores(&lab, &machine, &after).await;
    lab.end().await;
}

/// Whether the machine's QEMU has the file open, by whatever name.
fn has_open(machine: &Machine, file: &Utf8Path) -> bool {
    let pid = fs::read_to_string(machine.folder.join("pid")).unwrap();
    let mut open = fs::read_dir(format!("/proc/{}/fd", pid.trim())).unwrap();
    let inode = fs::metadata(file).unwrap().ino();
    open.any(|entry| fs::metadata(entry.unwrap().path()).is_ok_and(|file| file.ino() == inode))
}

#[tokio::test]
async fn what_a_disk_was_pulled_from_is_closed_and_it_can_be_pulled_together_again() {
    let mut lab = Lab::new().await;
    let machine = counting::machine(&mut lab, "node1");
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 2).await;
    let golden = save(&lab, &machine, "golden").await.disk;
    let first = save(&lab, &machine, "first").await.disk;
    assert!(has_open(&machine, &first));
    lab.qemu.pull_disk(&machine, &golden).await.unwrap();
    assert!(has_open(&machine, &machine.disk) && !has_open(&machine, &first));
    let second = save(&lab, &machine, "second").await.disk;
    save(&lab, &machine, "third").await;
    lab.qemu.pull_disk(&machine, &second).await.unwrap();
    assert_eq!(header::backing_file(&machine.disk).unwrap(), Some(second));
    wait_for_counts(&lab, &machine, 2).await;
    lab.end().await;
}

#[tokio::test]
async fn the_disk_in_use_is_known_by_the_name_it_has_now() {
    let mut lab = Lab::new().await;
    let machine = counting::machine(&mut lab, "node1");
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 1).await;
    for name in ["one", "two"] {
        lab.qemu.pause(&machine).await.unwrap();
        let next = counting::next(&machine);
        counting::switch_disk(&lab, &machine, name).await;
        assert_eq!(lab.qemu.disk_in_use(&machine).await.unwrap(), Some(next.clone()));
        lab.qemu.switch_disk(&machine, &next).await.unwrap();
        assert_eq!(lab.qemu.disk_in_use(&machine).await.unwrap(), Some(next.clone()), "a second time is no error");
        fs::rename(next, &machine.disk).unwrap();
        assert_eq!(lab.qemu.disk_in_use(&machine).await.unwrap(), Some(machine.disk.clone()));
        lab.qemu.resume(&machine).await.unwrap();
        wait_for_counts(&lab, &machine, 2).await;
    }
    lab.end().await;
}

#[tokio::test]
async fn a_restored_machine_is_saved_and_restored_again() {
    let mut lab = Lab::new().await;
    let machine = counting::machine(&mut lab, "node1");
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 3).await;
    let mut checkpoints = vec![save(&lab, &machine, "one").await];
    for name in ["two", "three"] {
        restore(&lab, &machine, checkpoints.last().unwrap()).await;
        wait_for_counts(&lab, &machine, 3).await;
        let checkpoint = save(&lab, &machine, name).await;
        assert_eq!(checkpoint.memory, SavedMemory::Streamed);
        wait_for_counts(&lab, &machine, 3).await;
        checkpoints.push(checkpoint);
    }
    let before: Vec<_> = checkpoints.iter().map(digests).collect();
    for checkpoint in checkpoints.iter().rev() {
        assert_restores(&lab, &machine, checkpoint).await;
    }
    assert_eq!(checkpoints.iter().map(digests).collect::<Vec<_>>(), before, "nothing of them was changed");
    lab.end().await;
}

#[tokio::test]
async fn a_machine_with_private_memory_is_saved_too() {
    let mut lab = Lab::new().await;
    let machine = Machine { memory: Memory::Private, ..counting::machine(&mut lab, "node1") };
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 3).await;
    let checkpoint = save(&lab, &machine, "one").await;
    assert_eq!(checkpoint.memory, SavedMemory::Streamed);
    assert_restores(&lab, &machine, &checkpoint).await;
    lab.end().await;
}

/// What QEMU says is in the machine's memory, but for where a PC has its screen and its firmware.
fn memory(lab: &Lab, machine: &Machine) -> Vec<u8> {
    let (file, bytes) = (lab.folder().join("memory"), machine.memory_mib << 20);
    let arguments = json!({ "val": 0, "size": bytes, "filename": file });
    tell(machine, &[&json!({ "execute": "pmemsave", "arguments": arguments }).to_string()]);
    without_holes(fs::read(file).unwrap())
}

fn without_holes(mut memory: Vec<u8>) -> Vec<u8> {
    memory.drain(640 << 10..1 << 20);
    memory
}

/// The memory in a state that is there, or on its way: behind the header of the block that is called `ram`.
fn memory_in(state: &Utf8Path, machine: &Machine) -> Vec<u8> {
    let (mut state, bytes) = (fs::read(state).unwrap(), machine.memory_mib << 20);
    let header = [&b"\x03ram"[..], &bytes.to_be_bytes(), &1_u32.to_be_bytes()].concat();
    let begin = state.windows(header.len()).position(|window| window == header).unwrap() + header.len();
    // The size of a page, and where the bitmap is, stand before it.
    let offset = u64::from_be_bytes(state[begin + 16..begin + 24].try_into().unwrap()) as usize;
    state.resize(state.len().max(offset + bytes as usize), 0);
    without_holes(state[offset..offset + bytes as usize].to_vec())
}

#[tokio::test]
async fn memory_that_is_written_ahead_is_that_of_the_moment_when_the_machine_is_held() {
    let mut lab = Lab::new().await;
    let machine = Machine { memory_mib: 96, ..counting::machine(&mut lab, "node1") };
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 3).await;
    let first = save(&lab, &machine, "first").await;
    restore(&lab, &machine, &first).await;
    let mut name = 0..20;
    // Until the page at 0x8000 is among what was written, and is empty when the machine is held.
    loop {
        let name = name.next().expect("it becomes empty sooner or later").to_string();
        wait_for_counts(&lab, &machine, 1).await;
        let files = counting::files(&lab, &name);
        if lab.qemu.save_ahead(&machine, &files).await.unwrap() == Ahead::Runs {
            // Pages that were written change again.
            wait_for_counts(&lab, &machine, 2).await;
        }
        lab.qemu.pause(&machine).await.unwrap();
        let (held, written) = (memory(&lab, &machine), memory_in(&files.state, &machine));
        counting::switch_disk(&lab, &machine, &name).await;
        assert_eq!(lab.qemu.save(&machine, &files).await.unwrap(), SavedMemory::Streamed);
        let saved = memory_in(&files.state, &machine);
        let pages = held.chunks(4096).zip(saved.chunks(4096)).enumerate();
        let differs: Vec<_> = pages.filter(|(_, (held, saved))| held != saved).map(|(page, _)| page).collect();
        assert_eq!(differs, [0; 0]);
        fs::rename(counting::next(&machine), &machine.disk).unwrap();
        lab.qemu.resume(&machine).await.unwrap();
        if (written[0x8000], held[0x8000]) == (1, 0) {
            break;
        }
    }
    lab.end().await;
}

#[tokio::test]
async fn a_machine_that_was_being_saved_ahead_goes_on_when_nobody_saves_it() {
    let mut lab = Lab::new().await;
    let machine = Machine { memory: Memory::Private, ..counting::machine(&mut lab, "node1") };
    lab.qemu.start(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 1).await;
    lab.qemu.save_ahead(&machine, &counting::files(&lab, "given up")).await.unwrap();
    lab.qemu.resume(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 3).await;
    let checkpoint = save(&lab, &machine, "one").await;
    assert_restores(&lab, &machine, &checkpoint).await;
    lab.end().await;
}
