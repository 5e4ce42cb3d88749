//! What the qemu backend says when something stands in its way, with a real QEMU.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod common;

use std::net::{Ipv4Addr, TcpListener};

use camino::Utf8Path;
use common::{Guest, Lab, nat, pid, service};
use kiln_machines::qemu::Qemu;
use kiln_machines::{Accelerator, Error, Hypervisor, Machine, StartProblem, Started, State};
use rustix::process::{Signal, kill_process};

/// The problem with which starting `machine` ends.
async fn problem(lab: &Lab, machine: &Machine) -> StartProblem {
    match lab.qemu.start(machine).await {
        Err(Error::Start { problem, .. }) => *problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_port_in_use_is_named_with_who_uses_it() {
    let mut lab = Lab::new().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let taken = listener.local_addr().unwrap().port();
    let machine = Machine { nat: nat(taken), ..lab.machine("node1", Guest::Deaf) };
    let StartProblem::PortTaken { port, holder } = problem(&lab, &machine).await else { panic!("another problem") };
    assert_eq!((port, holder.unwrap().pid.unsigned_abs()), (taken, std::process::id()));
    assert_eq!(lab.state(&machine).await, State::Stopped);
    drop(listener);
    lab.qemu.start(&machine).await.unwrap();
    lab.end().await;
}

#[tokio::test]
async fn a_disk_in_use_is_named() {
    let mut lab = Lab::new().await;
    let first = lab.machine("node1", Guest::Deaf);
    let second = Machine { disk: first.disk.clone(), ..lab.machine("node2", Guest::Deaf) };
    lab.qemu.start(&first).await.unwrap();
    let problem = problem(&lab, &second).await;
    assert!(matches!(&problem, StartProblem::DiskLocked { disk, .. } if *disk == first.disk), "{problem}");
    lab.end().await;
}

#[tokio::test]
async fn a_missing_disk_is_told_in_qemus_words() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    std::fs::remove_file(&machine.disk).unwrap();
    let StartProblem::Ended { said, command, log, .. } = problem(&lab, &machine).await else {
        panic!("another problem")
    };
    assert!(said.contains("No such file or directory"), "{said}");
    assert!(command.contains("-blockdev") && std::fs::read_to_string(log).unwrap().contains(&said), "{command}");
    lab.end().await;
}

#[tokio::test]
async fn more_memory_than_there_is_address_space_is_refused() {
    let mut lab = Lab::new().await;
    // QEMU reserves it all at once: more than 47 bits of address space hold.
    let machine = Machine { memory_mib: 200 << 20, ..lab.machine("node1", Guest::Deaf) };
    let problem = problem(&lab, &machine).await;
    assert!(matches!(problem, StartProblem::OutOfMemory { .. }), "{problem}");
    lab.end().await;
}

#[tokio::test]
async fn a_machine_of_a_segment_that_is_down_does_not_start() {
    let mut lab = Lab::new().await;
    let machine = Machine { service: service(&lab.segment(), 1), ..lab.machine("node1", Guest::Deaf) };
    let problem = problem(&lab, &machine).await;
    assert!(matches!(problem, StartProblem::SegmentDown { .. }), "{problem}");
    lab.end().await;
}

/// As it is where the program that started QEMU was killed before QEMU had made its sockets.
#[tokio::test]
async fn a_monitor_that_is_not_there_yet_is_waited_for() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    lab.qemu.start(&machine).await.unwrap();
    let (socket, away) = (machine.folder.join("qmp.sock"), machine.folder.join("away"));
    std::fs::rename(&socket, &away).unwrap();
    let back = async {
        // By now it was looked for at least once.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        std::fs::rename(&away, &socket).unwrap();
    };
    let (state, ()) = tokio::join!(lab.state(&machine), back);
    assert_eq!(state, State::Running);

    // One that ends meanwhile is not waited for any longer.
    std::fs::remove_file(&socket).unwrap();
    let asking = async { tokio::join!(lab.state(&machine), lab.qemu.disk_in_use(&machine)) };
    let ((state, disk), ending) = tokio::join!(asking, lab.qemu.kill(&machine));
    ending.unwrap();
    assert_eq!((state, disk.unwrap()), (State::Stopped, None));
    lab.end().await;
}

#[tokio::test]
async fn a_qemu_that_dies_over_a_question_does_not_run() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    for _ in 0..2 {
        lab.qemu.start(&machine).await.unwrap();
        let qemu = pid(&machine);
        // It takes the connection, which is the kernel's work, and never answers.
        kill_process(qemu, Signal::STOP).unwrap();
        let kill = async {
            tokio::task::yield_now().await;
            kill_process(qemu, Signal::KILL).unwrap();
        };
        let (state, disk, ()) = tokio::join!(lab.state(&machine), lab.qemu.disk_in_use(&machine), kill);
        assert_eq!((state, disk.unwrap()), (State::Stopped, None));
    }
    lab.end().await;
}

/// As it is where the program that started QEMU was killed right after the fork.
#[tokio::test]
async fn a_qemu_that_has_not_locked_its_pid_file_yet_is_waited_for() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    let log = machine.folder.join("qemu.log");
    let lock = || {
        let file = std::fs::File::create(&log).unwrap();
        file.try_lock().unwrap();
        file
    };
    // It comes to nothing: the machine is stopped, but not before that is sure.
    let held = lock();
    let mut state = Box::pin(lab.state(&machine));
    let early = tokio::time::timeout(std::time::Duration::from_millis(50), &mut state).await;
    assert!(early.is_err(), "{early:?}");
    drop(held);
    assert_eq!(state.await, State::Stopped);

    // Whoever starts the machine meanwhile does so when the other has ended, and does not claim that it runs.
    let held = lock();
    let mut start = lab.qemu.start(&machine);
    let early = tokio::time::timeout(std::time::Duration::from_millis(50), &mut start).await;
    assert!(early.is_err(), "{early:?}");
    drop(held);
    assert_eq!(start.await.unwrap(), Started::Now);

    // The QEMU that runs has the log, too.
    assert!(std::fs::File::open(&log).unwrap().try_lock_shared().is_err());
    lab.end().await;
}

/// As it is where the program that started QEMU was killed, and that QEMU finds its port taken.
#[tokio::test]
async fn one_that_ends_at_its_start_is_not_taken_for_a_running_one() {
    let mut lab = Lab::new().await;
    let machine = lab.machine("node1", Guest::Deaf);
    lab.qemu.start(&machine).await.unwrap();
    std::fs::remove_file(machine.folder.join("qmp.sock")).unwrap();
    let (started, ending) = tokio::join!(lab.qemu.start(&machine), lab.qemu.kill(&machine));
    ending.unwrap();
    assert_eq!(started.unwrap(), Started::Now);
    assert_eq!(lab.state(&machine).await, State::Running);
    lab.end().await;
}

#[tokio::test]
async fn a_folder_with_a_path_too_long_for_sockets_is_refused() {
    let mut lab = Lab::new().await;
    let folder = lab.folder().join("x".repeat(100));
    let machine = Machine { folder, ..lab.machine("node1", Guest::Deaf) };
    let error = lab.qemu.start(&machine).await.unwrap_err();
    assert!(matches!(error, Error::SocketPath { .. }), "{error}");
    lab.end().await;
}

#[tokio::test]
async fn a_lab_may_have_commas_and_spaces_in_its_path() {
    let mut lab = Lab::new().await;
    let node = lab.machine("node1", Guest::Deaf);
    let machine = lab.moved(node, "a,b c");
    lab.qemu.start(&machine).await.unwrap();
    lab.wait_for_hello(&machine, 1).await;
    lab.end().await;
}

#[tokio::test]
async fn what_was_found_out_about_the_host_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Utf8Path::from_path(folder.path()).unwrap().join("qemu.json");
    let first = Qemu::open(&cache).await.unwrap();
    let facts = first.facts().clone();
    assert!(facts.board.starts_with("pc-q35-") && !facts.reason.is_empty(), "{facts:?}");
    let text = std::fs::read_to_string(&cache).unwrap();
    // Only what is read from the file can have this version.
    std::fs::write(&cache, text.replace(&facts.hypervisor, "QEMU 99.0")).unwrap();
    assert_eq!(Qemu::open(&cache).await.unwrap().facts().hypervisor, "QEMU 99.0");
    let settings = facts.accelerator.libguestfs_settings();
    assert_eq!(settings.is_some(), facts.accelerator == Accelerator::Tcg, "{facts:?}");
}
