//! `clone checkpoint restore`.

use kiln_console::Failure;

use super::super::{OfLab, reset};
use crate::world::World;

/// Go back to a checkpoint: the same as clone reset --to NAME
///
/// `clone reset` takes more options.
///
/// Example:
///   clone checkpoint restore before-upgrade
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The checkpoint, by its name or id
    name: String,
    #[command(flatten)]
    lab: OfLab,
}

/// Runs the command.
///
/// # Errors
/// The failure, as the user is told.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    reset::run(reset::Args::to(args.name, args.lab), world).await
}
