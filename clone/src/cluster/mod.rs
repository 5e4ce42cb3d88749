//! The cluster of a lab while it is worked on, as this host sees it.
//!
//! [`crate::kubernetes`] decides what is to be; here is what is: [`snapshot`] is what the API says at one moment, [`view`]
//! asks it for all who wait for something, [`Assembly`] is what the phases that make a cluster share, and [`leave`] takes
//! a node out of it.

pub mod assembly;
pub mod leave;
pub mod snapshot;
pub mod view;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::kubernetes::pki;
use crate::lab::Role;
use crate::state::State;

pub use assembly::Assembly;
pub use snapshot::Snapshot;
pub use view::View;

/// Forgets a cluster of which no control plane keeps its disk: its keys are made anew with it, and nobody is a member of
/// it any more.
///
/// # Errors
/// [`Error::File`] where the keys cannot be removed.
pub fn discard_lost(folder: &LabFolder, state: &mut State) -> Result<(), Error> {
    let planes = || state.nodes.values().filter(|node| node.role == Some(Role::ControlPlane));
    if planes().count() == 0 || planes().any(|node| node.made) {
        return Ok(());
    }
    state.nodes.values_mut().for_each(|node| node.joined = None);
    Ok(pki::discard(folder)?)
}
