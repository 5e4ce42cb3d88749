//! Resuming a lab that was suspended: going back to the checkpoint that was made then, which is used up by it. Where its
//! memory cannot be loaded any more, its disks are still what a power cut would have left, and the lab boots from them.

use std::time::Instant;

use kiln_images::header;
use kiln_machines::Hypervisor;

use super::restore::{Options, Restore};
use super::{Catalogue, CheckpointError, CheckpointId, Entry, SUSPENDED, fork, keep, operation};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::kill::kill;
use crate::lab::select::applied;
use crate::machine::machines;
use crate::reset::Times;
use crate::ssh::files;
use crate::start::{check_memory, start};
use crate::state::State;
use crate::wait::Waiting;
use crate::world::{World, save_state};

/// Goes on with a lab that was suspended, or that was on its way to a checkpoint when that was interrupted.
///
/// # Errors
/// [`CheckpointError::NotSuspended`] where it was neither; as [`Restore::run`].
pub async fn resume(
    world: &World,
    folder: &LabFolder,
    hypervisor: &dyn Hypervisor,
    state: &mut State,
    options: Options,
) -> Result<Times, Error> {
    let id = pending(folder, state)?.clone();
    let entry = match fork::unfinished(world, state)? {
        Some(entry) => entry,
        None => Catalogue::read(folder)?.find(id.as_str())?,
    };
    let resumed = Restore { world, folder, hypervisor, entry: &entry, options }.run(state).await;
    let is_refused = matches!(resumed, Err(Error::Checkpoint(_) | Error::Machines(_)));
    if is_refused && suspension(folder, state).is_ok() {
        let lab = folder.lab();
        tracing::warn!("its disks are good: to boot from them, without its memory: clone resume {lab} --boot");
    }
    resumed
}

/// Boots a lab that was suspended from its disks, and gives up what its nodes had in their memory.
///
/// # Errors
/// [`CheckpointError::NotBootable`] where its disks are not, or not all, those that it was suspended with; after any other
/// failure the same command, or `clone up`, goes on.
pub async fn boot(
    world: &World,
    folder: &LabFolder,
    hypervisor: &dyn Hypervisor,
    state: &mut State,
    options: Options,
) -> Result<Times, Error> {
    let begin = Instant::now();
    let entry = suspension(folder, state)?;
    if !options.overcommit {
        check_memory(state.nodes.values().map(|node| node.memory_mib).sum(), 0)?;
    }
    // Some can have been loaded before another could not.
    kill(world, hypervisor, machines(folder, state).map(|(_, machine)| machine), "kill").await?;
    keep::put_back(&entry.folder, state, folder)?;
    state.awaited = false;
    state.nodes.values_mut().for_each(|node| node.boot = None);
    save_state(folder, state)?;
    let (lab, keys) = (applied(folder, state)?, files::keys(folder, state)?);
    files::write(folder, state, &keys)?;
    let names: Vec<_> = state.nodes.keys().cloned().collect();
    start(world, hypervisor, folder, state, &names, &keys).await?;
    // Until here it can be tried again, either way.
    state.pending = None;
    save_state(folder, state)?;
    operation::retain(folder, SUSPENDED, 0)?;
    let running = begin.elapsed();
    if options.no_wait {
        return Ok(Times { running, up: None });
    }
    Waiting { world, lab: &lab, folder, names: &names, hypervisor, keys: &keys, limit: options.limit }
        .until_up(state)
        .await?;
    Ok(Times { running, up: Some(begin.elapsed()) })
}

/// What the lab is on its way to.
fn pending<'a>(folder: &LabFolder, state: &'a State) -> Result<&'a CheckpointId, CheckpointError> {
    state.pending.as_ref().ok_or_else(|| CheckpointError::NotSuspended { lab: folder.lab().clone() })
}

/// What the lab was suspended to, if every disk of it stands on what was frozen then. That also holds of one that was made
/// to load it.
fn suspension(folder: &LabFolder, state: &State) -> Result<Entry, Error> {
    let refuse = |why: String| CheckpointError::NotBootable { lab: folder.lab().clone(), why };
    let id = pending(folder, state)?;
    let entry = Catalogue::read(folder)?.entries.into_iter().find(|entry| entry.folder.id() == id);
    let entry = entry.filter(|entry| entry.manifest.name.as_str() == SUSPENDED);
    let entry = entry.ok_or_else(|| refuse("it is on its way to another checkpoint".to_owned()))?;
    for name in state.nodes.keys() {
        let frozen = entry.folder.disk(name);
        let stands = matches!(header::backing_file(&folder.disk(name)), Ok(Some(below)) if below == frozen);
        if !stands || !frozen.exists() {
            return Err(refuse(format!("the disk of {name} is not the one that it was suspended with")).into());
        }
    }
    Ok(entry)
}
