//! Disks that stand on more and more files, and on fewer again.

use camino::Utf8PathBuf;
use std::process::Command;

use super::*;
use crate::checkpoint::flatten::{self, Flattened};
use crate::checkpoint::operation;

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program} (package qemu-utils): {error}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What the hypervisor does with a disk.
pub(super) fn pull(disk: &Utf8Path, base: &Utf8Path) {
    run("qemu-img", &["rebase", "-f", "qcow2", "-F", "qcow2", "-b", base.as_str(), disk.as_str()]);
}

/// The guest writes something.
fn write(disk: &Utf8Path, pattern: usize) {
    run("qemu-io", &["-f", "qcow2", "-c", &format!("write -P {pattern} {pattern}k 1k"), disk.as_str()]);
}

impl Stage {
    async fn flatten(&self, most: usize) -> Result<Vec<Flattened>, Error> {
        let limit = (most, &BTreeSet::new());
        flatten::flatten(&self.world, &self.folder, (&self.state, &self.hypervisor), limit).await
    }

    fn remove(&self, entry: &Entry) {
        remove::remove(&self.folder, &entry.folder).unwrap();
    }

    /// What the disk of the first node stands on.
    fn below(&self) -> Utf8PathBuf {
        header::backing_file(&self.folder.disk(&"node1".parse().unwrap())).unwrap().unwrap()
    }

    /// How many files of checkpoints the disk of the first node stands on.
    fn chain(&self) -> usize {
        let below = |disk: &Utf8PathBuf| header::backing_file(disk).unwrap();
        std::iter::successors(Some(self.below()), below).count() - 1
    }

    fn checkpoints(&self) -> usize {
        fs::read_dir(self.folder.checkpoints()).unwrap().count()
    }
}

/// Whether the machines run or do not.
#[tokio::test]
async fn what_no_checkpoint_needs_is_pulled_into_the_disks() {
    for state in [MachineState::Running, MachineState::Stopped] {
        let stage = Stage::new().await;
        let node1 = "node1".parse().unwrap();
        let (disk, raw) = (stage.folder.disk(&node1), stage.folder.root().join("before.raw"));
        let mut saved = Vec::new();
        for (number, name) in ["one", "two", "three"].into_iter().enumerate() {
            write(&disk, number + 1);
            saved.push(stage.save(name).await.unwrap());
        }
        write(&disk, 4);
        stage.hypervisor.machines.borrow_mut().values_mut().for_each(|machine| machine.state = state.clone());
        assert_eq!(stage.flatten(0).await.unwrap(), [], "all of them are checkpoints");
        stage.remove(&saved[1]);
        assert_eq!(stage.flatten(0).await.unwrap(), [], "the third stands on it");
        stage.remove(&saved[2]);
        assert_eq!(stage.flatten(2).await.unwrap(), [], "so many are fine");

        run("qemu-img", &["convert", "-O", "raw", disk.as_str(), raw.as_str()]);
        let flattened = stage.flatten(0).await.unwrap();
        let expected = |node: &str| {
            let node = node.parse().unwrap();
            Flattened { files: 2, base: saved[0].folder.disk(&node), node }
        };
        assert_eq!(flattened, [expected("node1"), expected("node2")]);
        assert_eq!((stage.below(), stage.checkpoints()), (saved[0].folder.disk(&node1), 1), "the others are gone");
        run("qemu-img", &["compare", "-f", "qcow2", "-F", "raw", disk.as_str(), raw.as_str()]);
        assert_eq!(stage.disks("node1"), ["disk.qcow2"]);
        stage.remove(&saved[0]);
        stage.flatten(0).await.unwrap();
        assert_eq!((stage.below().file_name(), stage.checkpoints()), (Some("golden.qcow2"), 0));
        run("qemu-img", &["compare", "-f", "qcow2", "-F", "raw", disk.as_str(), raw.as_str()]);
    }
}

#[tokio::test]
async fn a_lab_that_is_suspended_every_evening_stands_on_no_more_files_for_it() {
    let mut stage = Stage::new().await;
    for evening in 0..2 * flatten::MOST {
        let entry = stage.save("evening").await.unwrap();
        stage.restore(&entry).await.unwrap();
        stage.remove(&entry);
        assert!(stage.checkpoints() <= flatten::MOST + 1, "{evening}");
    }
}

/// Its disks always stand on a checkpoint, and that on what was below the one before it.
#[tokio::test]
async fn a_lab_whose_checkpoint_is_replaced_every_day_stands_on_no_more_files_for_it() {
    let stage = Stage::new().await;
    let lab = check::parse("lab.yaml", LAB).unwrap();
    for count in [1, 2] {
        for day in 0..2 * flatten::MOST {
            let Stage { world, folder, hypervisor, state, .. } = &stage;
            let scene = Scene { world, folder, lab: &lab, state, hypervisor };
            operation::save_latest(scene, &"daily".parse().unwrap(), (count, Then::GoOn)).await.unwrap();
            assert!(Catalogue::read(folder).unwrap().entries.len() <= count);
            assert!(stage.checkpoints() <= flatten::MOST + count, "{day} of {count}");
            assert!(stage.chain() <= flatten::MOST + 1, "{day} of {count}: {}", stage.chain());
        }
        let entries = Catalogue::read(&stage.folder).unwrap().entries;
        assert_eq!(entries.len(), count);
        entries.iter().for_each(|entry| super::super::suitable::check_files(entry).unwrap());
    }
}

#[tokio::test]
async fn a_disk_that_cannot_be_pulled_together_stands_on_what_it_did_and_is_saved_all_the_same() {
    let stage = Stage::new().await;
    stage.hypervisor.fails.set(Some(("pull", "node1")));
    for _ in 0..flatten::MOST + 2 {
        stage.remove(&stage.save("one").await.unwrap());
    }
    let below = stage.below();
    stage.flatten(0).await.unwrap_err();
    assert_eq!((stage.below(), stage.checkpoints()), (below, flatten::MOST + 2));
    assert_eq!(stage.hypervisor.states(), RUNS, "one is left held");
    stage.hypervisor.fails.set(None);
    stage.flatten(0).await.unwrap();
    assert_eq!(stage.checkpoints(), 0);
}

/// A pull that was killed in the moment in which it holds the machine.
#[tokio::test]
async fn a_machine_that_an_earlier_pull_has_left_held_goes_on() {
    let stage = Stage::new().await;
    let node1 = key(&stage, "node1");
    stage.hypervisor.machines.borrow_mut().get_mut(&node1).unwrap().state = MachineState::Paused;
    assert_eq!(stage.flatten(0).await.unwrap(), []);
    assert_eq!(stage.hypervisor.states(), RUNS);
}
