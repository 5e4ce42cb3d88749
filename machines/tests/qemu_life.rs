//! The life of a machine on the qemu backend, with a real QEMU.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use common::counting::{self, wait_for_counts};
use common::{Guest, Lab, eventually, may_mount, mount, pid};
use kiln_machines::qemu::qmp::Qmp;
use kiln_machines::{DISK_FULL, Ending, Error, Hypervisor, Machine, Started, State};
use rustix::process::{Signal, kill_process};

#[tokio::test]
async fn a_machine_starts_once_and_is_seen() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    assert_eq!(lab.state(&machine).await, State::Stopped);
    let begin = Instant::now();
    assert_eq!(lab.qemu.start(&machine).await.unwrap(), Started::Now);
    println!("start() took {} ms", begin.elapsed().as_millis());
    assert_eq!(lab.state(&machine).await, State::Running);
    assert_eq!(std::fs::metadata(&machine.folder).unwrap().permissions().mode() & 0o777, 0o700);
    for file in machine.folder.read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path()) {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        // The disk, and the raw file it is made from, are this test's.
        let is_disk = file.file_stem() == machine.disk.file_stem();
        assert!(mode & 0o077 == 0 || is_disk, "{file} has the mode {mode:o}");
    }
    assert_eq!(lab.qemu.start(&machine).await.unwrap(), Started::Already);
    lab.wait_for_hello(&machine, 1).await;

    let picture = lab.folder().join("screen.png");
    lab.qemu.screenshot(&machine, &picture).await.unwrap();
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));

    lab.qemu.console(&machine).await.unwrap();
    lab.end().await;
}

#[tokio::test]
async fn a_machine_that_was_killed_is_stopped_and_starts_again() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    lab.qemu.start(&machine).await.unwrap();
    lab.wait_for_hello(&machine, 1).await;
    kill_process(pid(&machine), Signal::KILL).unwrap();
    let begin = Instant::now();
    while lab.state(&machine).await != State::Stopped {
        assert!(begin.elapsed() < Duration::from_secs(30), "it still runs");
    }
    assert!(machine.folder.join("pid").exists(), "what a killed QEMU leaves is no sign of life");
    assert_eq!(lab.qemu.start(&machine).await.unwrap(), Started::Now);
    lab.wait_for_hello(&machine, 2).await;
    lab.end().await;
}

#[tokio::test]
async fn two_who_start_the_same_machine_get_one() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    let (one, other) = tokio::join!(lab.qemu.start(&machine), lab.qemu.start(&machine));
    one.unwrap();
    other.unwrap();
    assert_eq!(lab.state(&machine).await, State::Running);
    lab.wait_for_hello(&machine, 1).await;
    lab.end().await;
}

#[tokio::test]
async fn a_guest_that_obeys_shuts_down() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Obedient);
    lab.qemu.start(&machine).await.unwrap();
    lab.wait_for_hello(&machine, 1).await;
    assert_eq!(lab.qemu.stop(&machine, Duration::from_secs(60)).await.unwrap(), Ending::ShutDown);
    assert_eq!(lab.state(&machine).await, State::Stopped);
    assert_eq!(lab.qemu.stop(&machine, Duration::from_secs(60)).await.unwrap(), Ending::NotRunning);
    lab.end().await;
}

#[tokio::test]
async fn a_guest_that_does_not_listen_is_ended_at_the_deadline() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    lab.qemu.start(&machine).await.unwrap();
    lab.wait_for_hello(&machine, 1).await;
    let (begin, deadline) = (Instant::now(), Duration::from_millis(600));
    assert_eq!(lab.qemu.stop(&machine, deadline).await.unwrap(), Ending::Ended);
    assert!(begin.elapsed() >= deadline, "{:?}", begin.elapsed());
    assert_eq!(lab.state(&machine).await, State::Stopped);
    lab.end().await;
}

#[tokio::test]
async fn a_qemu_that_hangs_is_killed() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    lab.qemu.start(&machine).await.unwrap();
    kill_process(pid(&machine), Signal::STOP).unwrap();
    assert_eq!(lab.qemu.stop(&machine, Duration::ZERO).await.unwrap(), Ending::Killed);
    assert_eq!(lab.qemu.kill(&machine).await.unwrap(), Ending::NotRunning);
    lab.end().await;
}

#[tokio::test]
async fn a_machine_that_is_held_is_paused_and_can_shut_down() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Obedient);
    lab.qemu.start(&machine).await.unwrap();
    lab.wait_for_hello(&machine, 1).await;
    Qmp::connect(&machine.folder.join("qmp.sock"), Duration::from_secs(30)).await.unwrap().stop().await.unwrap();
    assert_eq!(lab.state(&machine).await, State::Paused);
    assert_eq!(lab.qemu.stop(&machine, Duration::from_secs(60)).await.unwrap(), Ending::ShutDown);
    lab.end().await;
}

/// Waits until the machine is halted because the host's disk is full.
async fn wait_for_full_disk(lab: &Lab, machine: &Machine) {
    let begin = Instant::now();
    while lab.state(machine).await != State::Halted(DISK_FULL.to_owned()) {
        assert!(begin.elapsed() < Duration::from_secs(60), "it runs on");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_machine_for_which_the_disk_is_too_small_goes_on_where_it_was_when_there_is_space() {
    if !may_mount("a_machine_for_which_the_disk_is_too_small_goes_on_where_it_was_when_there_is_space") {
        return;
    }
    let mut lab = Lab::new().await;
    let (base, small) = (lab.machine("node1", Guest::Counting), lab.folder().join("small"));
    mount(&small, "1m");
    let machine = Machine { disk: small.join("disk.qcow2"), ..base.clone() };
    counting::overlay(&base.disk, &machine.disk);
    let ballast = small.join("ballast");
    let filled = std::io::copy(&mut std::io::repeat(0), &mut std::fs::File::create(&ballast).unwrap());
    assert_eq!(filled.unwrap_err().kind(), std::io::ErrorKind::StorageFull);

    lab.qemu.start(&machine).await.unwrap();
    wait_for_full_disk(&lab, &machine).await;
    let (qemu, counts) = (pid(&machine), counting::counts(&lab, &machine));
    lab.qemu.resume(&machine).await.unwrap();
    wait_for_full_disk(&lab, &machine).await;
    assert_eq!(counting::counts(&lab, &machine), counts, "what is not written is not gone past");
    std::fs::remove_file(&ballast).unwrap();
    lab.qemu.resume(&machine).await.unwrap();
    wait_for_counts(&lab, &machine, 2).await;
    assert_eq!((lab.state(&machine).await, pid(&machine)), (State::Running, qemu));
    lab.end().await;
}

#[tokio::test]
async fn a_machine_outlives_the_runtime_that_started_it() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    let (started, qemu) = (machine.clone(), lab.qemu);
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(qemu.start(&started)).unwrap()
    });
    assert_eq!(thread.join().unwrap(), Started::Now);
    lab.wait_for_hello(&machine, 1).await;
    assert_eq!(lab.state(&machine).await, State::Running);
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid(&machine))).unwrap();
    // After the name in brackets: state, parent, process group, session (proc(5)).
    let session = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(3).unwrap().to_owned();
    assert_eq!(session, pid(&machine).to_string(), "it leads a session of its own");
    lab.end().await;
}

#[tokio::test]
async fn a_guest_without_an_agent_is_an_error_that_says_so() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    let stopped = lab.qemu.guest_ping(&machine, Duration::from_millis(100)).await.unwrap_err();
    assert!(matches!(stopped, Error::NotRunning { .. }), "{stopped}");
    lab.qemu.start(&machine).await.unwrap();
    let error = lab.qemu.guest_ping(&machine, Duration::from_millis(100)).await.unwrap_err();
    let Error::Agent { source, .. } = &error else { panic!("{error}") };
    assert!(source.to_string().contains("qemu-guest-agent is not installed"), "{source}");
    lab.end().await;
}

#[tokio::test]
async fn everything_of_a_stopped_machine_is_given_back() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    for _ in 0..3 {
        lab.qemu.start(&machine).await.unwrap();
        assert_eq!(lab.qemu.kill(&machine).await.unwrap(), Ending::Killed);
    }
    eventually("no QEMU of this lab", || processes_naming(lab.folder().as_str()) == 0).await;
    lab.end().await;
}

#[test]
fn a_test_that_fails_leaves_no_process() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let test = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut lab = Lab::new().await;
            let machine = lab.machine("node1", Guest::Deaf);
            lab.qemu.segment_up(&lab.segment()).await.unwrap();
            lab.qemu.start(&machine).await.unwrap();
            sender.send((lab.folder().to_owned(), processes_naming(lab.folder().as_str()))).unwrap();
            panic!("as a test does that fails");
        })
    });
    let (folder, running) = receiver.recv().unwrap();
    assert!(test.join().is_err());
    assert_eq!((running, processes_naming(folder.as_str())), (2, 0), "QEMU and the switch");
    assert!(!folder.exists());
}

fn processes_naming(text: &str) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(text)).count()
}
