//! Suspending a lab for the evening: it is saved, and its machines end; resuming it is going back to that checkpoint,
//! which is used up by it.

use kiln_machines::Hypervisor;

use super::restore::{Options, Restore};
use super::save::{Scene, Then, save_and};
use super::{Catalogue, CheckpointError, Entry, SUSPENDED, fork, keep};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::machine::machine;
use crate::reset::Times;
use crate::state::State;
use crate::tasks::try_join_all;
use crate::world::{World, save_state};

/// Saves the lab, and ends its machines.
///
/// # Errors
/// As [`save`]; the lab runs on then.
pub async fn suspend(scene: Scene<'_>) -> Result<Entry, Error> {
    let Scene { world, folder, hypervisor, .. } = scene;
    let name = SUSPENDED.parse().map_err(|error| Error::Usage(format!("{error}")))?;
    let (entry, guard) = save_and(scene, &name, Then::StayHeld).await?;
    let mut state = State { pending: Some(entry.folder.id().clone()), ..scene.state.clone() };
    save_state(folder, &state)?;
    guard.disarm();
    crash::at(Point::Suspending);
    let machines: Vec<_> = state.nodes.iter().map(|(name, node)| machine(folder, state.uuid, name, node)).collect();
    let task = world.console.reporter().start(folder.lab().as_str(), "end");
    task.finish(try_join_all(machines.iter().map(|machine| hypervisor.kill(machine))).await)?;
    hypervisor.segment_down(&folder.segment()).await?;
    state.nodes.values_mut().for_each(|node| node.boot = None);
    save_state(folder, &state)?;
    keep::remove_file(&entry.folder.begun())?;
    Ok(entry)
}

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
    let not_suspended = || CheckpointError::NotSuspended { lab: folder.lab().clone() };
    let id = state.pending.clone().ok_or_else(not_suspended)?;
    let entry = match fork::unfinished(world, state)? {
        Some(entry) => entry,
        None => Catalogue::read(folder)?.find(id.as_str())?,
    };
    Restore { world, folder, hypervisor, entry: &entry, options }.run(state).await
}
