//! Resuming a lab that was suspended: going back to the checkpoint that was made then, which is used up by it.

use kiln_machines::Hypervisor;

use super::restore::{Options, Restore};
use super::{Catalogue, CheckpointError, fork};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::reset::Times;
use crate::state::State;
use crate::world::World;

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
