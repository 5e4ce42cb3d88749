//! A machine whose monitor does not answer while what a save has left is put right.

use super::*;
use crate::checkpoint::{CheckpointFolder, CheckpointId, repair};
use crate::start::{Beginning, bring};

/// Two nodes that were held when their save was killed, each with its next disk beside its own.
async fn begun(stage: &Stage) -> CheckpointFolder {
    let folder = CheckpointFolder::new(&stage.folder, CheckpointId::draw());
    fs::create_dir_all(folder.root()).unwrap();
    Then::GoOn.begin(&folder).unwrap();
    for name in stage.state.nodes.keys() {
        let (disk, next) = (stage.folder.disk(name), stage.folder.next_disk(name));
        QemuImg::find().unwrap().create_overlay_unseen(&next, &disk, 1 << 20).await.unwrap();
        stage.hypervisor.machines.borrow_mut().get_mut(&key(stage, name.as_str())).unwrap().state =
            MachineState::Paused;
    }
    folder
}

async fn put_right(stage: &Stage, begun: &CheckpointFolder) {
    let Stage { world, folder, hypervisor, state, .. } = stage;
    repair::put_right(world, hypervisor, folder, state, std::slice::from_ref(begun)).await.unwrap();
}

#[tokio::test]
async fn a_machine_that_hangs_does_not_stand_in_the_way_of_ending_it() {
    let stage = Stage::new().await;
    let begun = begun(&stage).await;
    stage.hypervisor.fails.set(Some(("state", "node1")));
    put_right(&stage, &begun).await;
    assert_eq!(stage.hypervisor.states(), [MachineState::Paused, MachineState::Running]);
    assert_eq!((stage.disks("node1").len(), stage.disks("node2").len()), (2, 1));
    assert!(begun.begun().exists(), "it is still to be put right");

    stage.hypervisor.fails.set(None);
    stage.hypervisor.machines.borrow_mut().get_mut(&key(&stage, "node1")).unwrap().state = MachineState::Stopped;
    put_right(&stage, &begun).await;
    assert!(stage.disks("node1").len() == 1 && !begun.begun().exists());
}

/// It was killed, and nobody has put it right since.
#[tokio::test]
async fn a_machine_is_not_started_with_two_disks() {
    let mut stage = Stage::new().await;
    begun(&stage).await;
    let Stage { world, folder, hypervisor, state, .. } = &mut stage;
    hypervisor.machines.borrow_mut().values_mut().for_each(|machine| machine.state = MachineState::Stopped);
    let (names, keys): (Vec<_>, _) = (state.nodes.keys().cloned().collect(), files::keys(folder, state).unwrap());
    bring(world, hypervisor, folder, state, &names, &keys, Beginning::Boot).await.unwrap();
    assert_eq!(stage.hypervisor.states(), RUNS);
    ["node1", "node2"].into_iter().for_each(|node| assert_eq!(stage.disks(node), ["disk.qcow2"]));
}
