//! Putting right what a save has left that was killed or has failed: the machines run on as if nobody had tried.
//!
//! No machine executes while there is a `disk.next.qcow2` beside its disk. So what to do can be told at any moment: a
//! machine that writes to it already, or that has ended, has it as its disk from then on; from one that is held and
//! writes to its old disk it is taken away. Only machines that were to end after the save, and whose checkpoint is complete,
//! do not run on: they are ended. A power cut can leave the name of a disk and nothing in it: then the one below it is good.

use std::fs;

use camino::Utf8Path;
use kiln_cloud_init::NodeName;
use kiln_images::durable::remove_file;
use kiln_images::{At, header};
use kiln_machines::{DISK_FULL, Error as MachineError, Hypervisor, Machine, State as MachineState};

use super::ending::{self, Then};
use super::keep::overlay;
use super::{CheckpointFolder, catalogue, remove};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::machine::machine;
use crate::state::State;
use crate::tasks::join_all;
use crate::world::{World, load_state};

/// Puts right what is left of a save, if anything is. Only who has the lab's lock may do so. A machine whose monitor does not
/// answer is left as it is, until it has been ended: that must not be what stands in the way of ending it.
///
/// # Errors
/// That of a machine that does not go on.
pub async fn settle(world: &World, lab: &LabFolder) -> Result<(), Error> {
    let begun: Vec<_> = catalogue::folders(lab)?.into_iter().filter(|folder| folder.begun().exists()).collect();
    if begun.is_empty() {
        return Ok(());
    }
    match load_state(lab)? {
        Some(state) => put_right(world, &world.hypervisor().await?, lab, &state, &begun).await,
        None => begun.iter().try_for_each(|folder| discard(lab, folder)),
    }
}

/// Does so with what these saves have left.
pub(super) async fn put_right(
    world: &World,
    hypervisor: &dyn Hypervisor,
    lab: &LabFolder,
    state: &State,
    begun: &[CheckpointFolder],
) -> Result<(), Error> {
    let task = world.console.reporter().start(lab.lab().as_str(), "repair");
    task.note("a save was interrupted");
    match task.finish(settle_machines(world, hypervisor, lab, state, begun).await) {
        Err(Error::Machine(error @ MachineError::Monitor { .. })) => {
            tracing::warn!("what an interrupted save has left is not put right yet: {error}");
            Ok(())
        }
        settled => settled.and_then(|()| begun.iter().try_for_each(|folder| discard(lab, folder))),
    }
}

/// Has the machines do what they were to do after the save.
///
/// # Errors
/// As [`go_on`].
pub(super) async fn settle_machines(
    world: &World,
    hypervisor: &dyn Hypervisor,
    lab: &LabFolder,
    state: &State,
    begun: &[CheckpointFolder],
) -> Result<(), Error> {
    for folder in begun {
        mend_disks(hypervisor, lab, state, folder).await?;
    }
    for folder in begun.iter().filter(|folder| folder.manifest().exists()) {
        if let Some(then @ (Then::Stop | Then::Suspend)) = Then::of(folder)? {
            return ending::end(world, hypervisor, lab, state, (folder, then)).await;
        }
    }
    go_on(hypervisor, lab, state).await
}

/// Has the lab run on as if nobody had tried to save it. What has become a checkpoint nevertheless is none any more before
/// that: who finds it might end the machines.
///
/// # Errors
/// As [`go_on`].
pub(super) async fn undo(
    hypervisor: &dyn Hypervisor,
    lab: &LabFolder,
    state: &State,
    folder: &CheckpointFolder,
) -> Result<(), Error> {
    remove_file(&folder.manifest())?;
    go_on(hypervisor, lab, state).await
}

/// Gives every machine of the lab one disk, and lets it go on.
///
/// # Errors
/// [`Error::Machines`] with every machine that could not.
pub(super) async fn go_on(hypervisor: &dyn Hypervisor, lab: &LabFolder, state: &State) -> Result<(), Error> {
    let settle = async |name: &NodeName| {
        let machine = machine(lab, state.uuid, name, &state.nodes[name]);
        // Whether it answers is known sooner than what it writes to.
        let seen = hypervisor.state(&machine).await?;
        settle_disk(hypervisor, lab, name, &machine).await?;
        let is_alive = |state: &MachineState| match state {
            MachineState::Running | MachineState::Paused => true,
            // Perhaps for what the checkpoint took: what is written of it is given up.
            MachineState::Halted(word) => word == DISK_FULL,
            _ => false,
        };
        // One that is on its way to a checkpoint is not to run on from where it was. One that runs may still be saved ahead.
        if state.pending.is_none() && is_alive(&seen) {
            hypervisor.resume(&machine).await?;
        }
        Ok::<_, Error>(())
    };
    let results = join_all(state.nodes.keys().map(settle)).await;
    results.into_iter().collect()
}

/// Has nodes whose disk is none stand on what it was made on, as far as nothing runs.
async fn mend_disks(
    hypervisor: &dyn Hypervisor,
    lab: &LabFolder,
    state: &State,
    folder: &CheckpointFolder,
) -> Result<(), Error> {
    let is_disk = |path: &Utf8Path| matches!(header::read(path), Ok(Some(_)));
    for (name, node) in &state.nodes {
        let (disk, frozen, prepared) = (lab.disk(name), folder.disk(name), lab.prepared_disk(name));
        if is_disk(&disk) || !is_disk(&frozen) {
            continue;
        }
        if hypervisor.state(&machine(lab, state.uuid, name, node)).await? == MachineState::Stopped {
            tracing::warn!("the disk of {name} was lost: it goes on from the moment at which it was saved");
            remove_file(&prepared)?;
            overlay(&prepared, &frozen).await?;
            fs::rename(&prepared, &disk).at("writing", &disk)?;
        }
    }
    Ok(())
}

/// Makes one disk of the two that the node may have.
///
/// # Errors
/// [`Error::Machine`] where the machine does not say which it writes to.
pub async fn settle_disk(
    hypervisor: &dyn Hypervisor,
    lab: &LabFolder,
    name: &NodeName,
    machine: &Machine,
) -> Result<(), Error> {
    let (disk, next) = (lab.disk(name), lab.next_disk(name));
    if !next.exists() {
        return Ok(());
    }
    match hypervisor.disk_in_use(machine).await? {
        Some(used) if used != next => Ok(remove_file(&next)?),
        _ => Ok(fs::rename(&next, &disk).at("writing", &disk)?),
    }
}

/// Removes what is left of a checkpoint that has not become one. What a disk stands on stays.
///
/// # Errors
/// [`Error::File`] where something cannot be removed.
pub(super) fn discard(lab: &LabFolder, folder: &CheckpointFolder) -> Result<(), Error> {
    if !folder.manifest().exists() {
        remove::strip(folder)?;
    }
    remove_file(&folder.begun())?;
    Ok(remove::sweep(lab)?)
}
