//! The segment of a lab on the qemu backend, with a real vde_switch.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod common;

use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;

use camino::Utf8Path;
use common::{Guest, Lab, eventually, service};
use kiln_machines::{Hypervisor, Machine, Segment, Started, State};
use rustix::net::sockopt::socket_peercred;
use rustix::process::{Pid, Signal, kill_process};

/// The process of the segment's switch.
fn switch(segment: &Segment) -> Pid {
    let stream = UnixStream::connect(segment.folder.join("mgmt")).unwrap();
    socket_peercred(&stream).unwrap().pid
}

/// False once the process has ended, with all its sockets, whether or not anybody has asked how (proc_pid_stat(5), field 3).
/// Its command line is gone before its sockets are.
fn runs(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, fields)| !fields.starts_with(['Z', 'X']))
}

#[tokio::test]
async fn a_segment_comes_up_once_and_goes_down() {
    let lab = Lab::new().await;
    let segment = lab.segment();
    assert_eq!(lab.qemu.segment_up(&segment).await.unwrap(), Started::Now);
    assert_eq!(lab.qemu.segment_up(&segment).await.unwrap(), Started::Already);
    let pid = switch(&segment);
    assert!(runs(pid));
    lab.qemu.segment_down(&segment).await.unwrap();
    assert!(!runs(pid));
    assert!(!segment.folder.join("ctl").exists() && !segment.folder.join("mgmt").exists());
    lab.qemu.segment_down(&segment).await.unwrap();
    lab.end().await;
}

#[tokio::test]
async fn two_who_bring_it_up_get_one() {
    let lab = Lab::new().await;
    let segment = lab.segment();
    let (one, other) = tokio::join!(lab.qemu.segment_up(&segment), lab.qemu.segment_up(&segment));
    let mut ways = [one.unwrap(), other.unwrap()];
    ways.sort_by_key(|way| *way == Started::Already);
    assert_eq!(ways, [Started::Now, Started::Already]);
    lab.end().await;
}

#[tokio::test]
async fn a_segment_that_was_killed_comes_up_again() {
    let lab = Lab::new().await;
    let segment = lab.segment();
    lab.qemu.segment_up(&segment).await.unwrap();
    let killed = switch(&segment);
    kill_process(killed, Signal::KILL).unwrap();
    eventually("the switch is gone", || !runs(killed)).await;
    assert!(segment.folder.join("ctl").exists() && segment.folder.join("mgmt").exists(), "its sockets are left");
    assert_eq!(lab.qemu.segment_up(&segment).await.unwrap(), Started::Now);
    lab.end().await;
}

#[tokio::test]
async fn a_segment_that_hangs_is_killed() {
    let lab = Lab::new().await;
    let segment = lab.segment();
    lab.qemu.segment_up(&segment).await.unwrap();
    let pid = switch(&segment);
    kill_process(pid, Signal::STOP).unwrap();
    lab.qemu.segment_down(&segment).await.unwrap();
    assert!(!runs(pid));
    lab.end().await;
}

#[tokio::test]
async fn machines_plug_in_and_nobody_else_can() {
    let mut lab = Lab::new().await;
    let segment = lab.segment();
    lab.qemu.segment_up(&segment).await.unwrap();
    let one = Machine { service: service(&segment, 1), ..lab.machine("node1", Guest::Deaf) };
    let other = Machine { service: service(&segment, 2), ..lab.machine("node2", Guest::Deaf) };
    lab.qemu.start(&one).await.unwrap();
    lab.qemu.start(&other).await.unwrap();
    assert_eq!((lab.state(&one).await, lab.state(&other).await), (State::Running, State::Running));

    // The switch makes a socket for each machine that is plugged in.
    let paths = walk(&segment.folder);
    let plugs = paths.iter().filter(|path| path.parent().is_some_and(|parent| parent.ends_with("ctl")));
    assert_eq!(plugs.filter(|path| path.file_name() != Some("ctl")).count(), 2, "{paths:?}");
    for path in paths.iter().chain([&segment.folder]) {
        let metadata = std::fs::symlink_metadata(path).unwrap();
        assert!(metadata.is_dir() || metadata.is_file() || metadata.file_type().is_socket(), "{path}");
        let mode = metadata.permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{path} has mode {mode:o}");
    }
    lab.end().await;
}

fn walk(folder: &Utf8Path) -> Vec<camino::Utf8PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8().unwrap() {
        let path = entry.unwrap().path().to_owned();
        if path.is_dir() {
            found.extend(walk(&path));
        }
        found.push(path);
    }
    found
}
