//! Labs that end when they are saved.

use super::*;
use crate::checkpoint::ending::Then;
use crate::checkpoint::{CheckpointFolder, SUSPENDED, operation, restore, resume};
use crate::world::load_state;

const ENDED: [MachineState; 2] = [MachineState::Stopped, MachineState::Stopped];
const ENDINGS: [Then; 2] = [Then::Stop, Then::Suspend];

impl Stage {
    /// Has everything run that was ended.
    async fn go_on(&mut self, entry: &Entry, then: Then) {
        self.state = load_state(&self.folder).unwrap().unwrap();
        if then == Then::Stop {
            return self.restore(entry).await.unwrap();
        }
        let Self { world, folder, hypervisor, state, .. } = self;
        let options = Options { overcommit: true, ..Options::default() };
        resume::resume(world, folder, hypervisor, state, options).await.unwrap();
    }

    /// Asserts that the lab is down, and that what is on its disks is what the checkpoint has.
    fn assert_ended(&self, folder: &CheckpointFolder, then: Then) {
        assert_eq!(self.hypervisor.states(), ENDED, "{then:?}");
        let state = load_state(&self.folder).unwrap().unwrap();
        assert!(state.nodes.values().all(|node| node.boot.is_none()), "{then:?}: it would be said to have crashed");
        assert_eq!(state.pending.as_ref(), (then == Then::Suspend).then(|| folder.id()));
        assert!(!folder.begun().exists());
        for name in state.nodes.keys() {
            assert_eq!(self.disks(name.as_str()), ["disk.qcow2"]);
            assert_eq!(header::backing_file(&self.folder.disk(name)).unwrap(), Some(folder.disk(name)));
        }
    }
}

#[tokio::test]
async fn a_lab_that_is_to_end_is_saved_and_never_runs_on() {
    for then in ENDINGS {
        let mut stage = Stage::new().await;
        stage.hypervisor.fails.set(Some(("resume", "node1")));
        let name = if then == Then::Suspend { SUSPENDED } else { "friday" };
        let entry = stage.save_and(name, then).await.unwrap();
        stage.hypervisor.fails.set(None);
        stage.assert_ended(&entry.folder, then);
        assert_eq!(Catalogue::read(&stage.folder).unwrap().entries.len(), 1);
        stage.go_on(&entry, then).await;
        assert_eq!(stage.hypervisor.states(), RUNS);
        assert_eq!(entry.folder.manifest().exists(), then == Then::Stop, "only what was suspended is used up");
    }
}

/// What is held still, or whose end is not written down, is ended by the next command.
#[tokio::test]
async fn what_was_to_end_and_did_not_is_ended_by_the_next_command() {
    for then in ENDINGS {
        let stage = Stage::new().await;
        stage.hypervisor.fails.set(Some(("kill", "node2")));
        stage.save_and("friday", then).await.unwrap_err();
        stage.hypervisor.fails.set(None);
        assert_eq!(stage.hypervisor.states(), [MachineState::Stopped, MachineState::Paused]);
        let entry = Catalogue::read(&stage.folder).unwrap().find("friday").unwrap();
        assert!(entry.folder.begun().exists());
        for _ in 0..2 {
            let (begun, state) = ([entry.folder.clone()], load_state(&stage.folder).unwrap().unwrap());
            // As a program that was killed in the midst of this leaves it.
            then.begin(&entry.folder).unwrap();
            repair::settle_machines(&stage.world, &stage.hypervisor, &stage.folder, &state, &begun).await.unwrap();
            stage.assert_ended(&entry.folder, then);
        }
    }
}

#[tokio::test]
async fn without_a_manifest_nothing_ends() {
    let stage = Stage::new().await;
    let name = "node1".parse().unwrap();
    let folder = CheckpointFolder::new(&stage.folder, crate::checkpoint::CheckpointId::draw());
    fs::create_dir_all(folder.root()).unwrap();
    fs::rename(stage.folder.disk(&name), folder.disk(&name)).unwrap();
    QemuImg::find()
        .unwrap()
        .create_overlay_unseen(&stage.folder.disk(&name), &folder.disk(&name), 1 << 20)
        .await
        .unwrap();
    Then::Stop.begin(&folder).unwrap();
    stage.hypervisor.machines.borrow_mut().values_mut().for_each(|machine| machine.state = MachineState::Paused);
    let Stage { world, hypervisor, state, .. } = &stage;
    repair::settle_machines(world, hypervisor, &stage.folder, state, std::slice::from_ref(&folder)).await.unwrap();
    assert_eq!(stage.hypervisor.states(), RUNS);
}

#[test]
fn what_becomes_of_the_machines_is_read_back_and_without_a_word_they_go_on() {
    let guard = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(guard.path()).unwrap().to_owned();
    let folder = CheckpointFolder::apart(root, crate::checkpoint::CheckpointId::draw());
    assert_eq!(Then::of(&folder).unwrap(), None);
    for then in [Then::GoOn, Then::Stop, Then::Suspend] {
        then.begin(&folder).unwrap();
        assert_eq!(Then::of(&folder).unwrap(), Some(then));
    }
    fs::write(folder.begun(), "").unwrap();
    assert_eq!(Then::of(&folder).unwrap(), Some(Then::GoOn));
}

#[tokio::test]
async fn a_lab_whose_boot_fails_can_be_booted_again_and_needs_its_memory_no_more() {
    let mut stage = Stage::new().await;
    let entry = stage.save_and(SUSPENDED, Then::Suspend).await.unwrap();
    stage.state = load_state(&stage.folder).unwrap().unwrap();
    let options = Options { no_wait: true, overcommit: true, ..Options::default() };
    for fails in [Some(("start", "node2")), None] {
        stage.hypervisor.fails.set(fails);
        let Stage { world, folder, hypervisor, state, .. } = &mut stage;
        let booted = resume::boot(world, folder, hypervisor, state, options).await;
        assert_eq!((booted.is_ok(), entry.folder.manifest().exists()), (fails.is_none(), fails.is_some()));
        assert_eq!(&load_state(folder).unwrap().unwrap(), state);
    }
    assert_eq!((stage.hypervisor.states(), &stage.state.pending), (RUNS.to_vec(), &None));
}

/// As a reset leaves it that failed before it came to that.
#[tokio::test]
async fn what_a_lab_was_suspended_to_goes_where_it_has_gone_on_from_elsewhere() {
    let stage = Stage::new().await;
    let entry = stage.save_and(SUSPENDED, Then::Suspend).await.unwrap();
    let mut state = load_state(&stage.folder).unwrap().unwrap();
    for is_there in [true, false] {
        operation::finish_replacement(&stage.folder, &state).unwrap();
        assert_eq!(entry.folder.manifest().exists(), is_there);
        state.pending = None;
    }
}

/// What it stands on cannot be told, so nothing is removed that it may stand on.
#[tokio::test]
async fn a_disk_of_another_lab_that_contradicts_itself_keeps_nobody_from_coming_back() {
    let mut stage = Stage::new().await;
    let before = stage.save("before").await.unwrap();
    let entry = stage.save_and(SUSPENDED, Then::Suspend).await.unwrap();
    stage.state = load_state(&stage.folder).unwrap().unwrap();
    let given_up = |entry: &Entry| restore::given_up(&stage.folder, &stage.state, entry).unwrap();
    assert!(given_up(&before).unwrap().contains("lab lab is suspended") && given_up(&entry).is_none());
    let other = stage.folder.labs().join("other/nodes/node1/disk.qcow2");
    fs::create_dir_all(other.parent().unwrap()).unwrap();
    fs::write(&other, header::MAGIC).unwrap();
    stage.restore(&entry).await.unwrap();
    assert_eq!((stage.hypervisor.states(), &stage.state.pending), (RUNS.to_vec(), &None));
    fs::remove_file(&other).unwrap();
    operation::retain(&stage.folder, SUSPENDED, 0).unwrap();
    assert!(!entry.folder.manifest().exists());
}
