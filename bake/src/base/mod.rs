//! Bases: what an image is made from. A disk image of somebody else's is found and checked in
//! [`inputs`](crate::build::inputs); Debian is built here.

pub mod debootstrap;

use camino::Utf8Path;
use kiln_images::home::Home;
use kiln_images::scratch;

use crate::build::BuildError;
use crate::debian;

/// Removes what builds that were killed have left in the scratch folder. The tree of a base belongs to users of a user
/// namespace, which an ordinary `rm` cannot remove.
///
/// # Errors
/// When something stays.
pub async fn remove_leftovers(home: &Home, log: &Utf8Path) -> Result<(), BuildError> {
    for path in scratch::leftovers(home)? {
        tracing::info!("removing what an interrupted build left behind: {path}");
        debian::remove("removing a leftover", &path, log).await?;
    }
    Ok(())
}
