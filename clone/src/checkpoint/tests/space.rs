//! Whether there is room for what is exported, on a file system that is small.

use std::env;
use std::process::Command;

use super::*;
use crate::checkpoint::{CheckpointError, export};

/// Names the folder for temporary files to the test when it runs itself where it may mount something there.
const INSIDE: &str = "KILN_TEST_INSIDE";
const TEST: &str = "checkpoint::tests::space::without_room_for_whole_disks_nothing_is_exported";
/// What the file system has, in MiB: enough for a save, which wants 17 MiB for each of the two nodes.
const SIZE_MIB: u64 = 64;
/// What is left of that for the export, in MiB, which wants 16 for each of the two disks alone.
const LEFT_MIB: u64 = 24;

/// Runs this test once more, in a namespace of its own for mounts.
fn run_inside() {
    let folder = tempfile::tempdir().unwrap();
    let mut inside = Command::new("unshare");
    inside.args(["--user", "--map-root-user", "--mount"]).arg(env::current_exe().unwrap()).args(["--exact", TEST]);
    let output = inside.env(INSIDE, folder.path()).env("TMPDIR", folder.path()).output();
    let output = output.expect("unshare (package util-linux) runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn without_room_for_whole_disks_nothing_is_exported() {
    let Ok(small) = env::var(INSIDE) else { return run_inside() };
    let size = format!("size={SIZE_MIB}m");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs", &small]).status();
    assert!(mounted.expect("mount (package mount) runs").success());
    let stage = Stage::new().await;
    stage.save("base").await.unwrap();
    let (home, ballast) = (&stage.world.home, Utf8Path::new(&small).join("ballast"));
    let free = || super::super::space::Space::look(home.root(), &[]).unwrap().free_bytes;
    fs::write(&ballast, vec![1; usize::try_from(free() - (LEFT_MIB << 20)).unwrap()]).unwrap();

    let file = home.root().join("base.tar.zst");
    let scratch = || fs::read_dir(home.scratch()).unwrap().count();
    let error = export::export(&stage.world, &stage.folder, "base", &file).await.unwrap_err();
    let Error::Checkpoint(CheckpointError::NoSpace { folder, needed_bytes, free_bytes }) = &error else {
        panic!("{error}")
    };
    assert_eq!(folder.as_path(), home.root());
    // The files that the disks are made whole from count, beside what a node always needs.
    assert!(*needed_bytes > 32 << 20 && *free_bytes <= LEFT_MIB << 20, "{error}");
    assert!(!file.exists() && scratch() == 0, "something was begun");
    assert_eq!(stage.hypervisor.states(), RUNS);

    fs::remove_file(&ballast).unwrap();
    export::export(&stage.world, &stage.folder, "base", &file).await.unwrap();
    assert!(file.exists() && scratch() == 0);
}
