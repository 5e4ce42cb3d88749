//! `clone node restart`.

use std::time::Duration;

use kiln_console::Failure;

use super::super::OfLab;
use super::super::down::note_ended;
use super::start::{Boot, boot};
use crate::down;
use crate::world::World;

/// Shut one node down, boot it again, and wait until it is up
///
/// Examples:
///   clone node restart node2
///   clone node restart node2 --force  for a guest that hangs
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The node
    node: String,
    #[command(flatten)]
    lab: OfLab,
    /// End it at once, without asking the guest: what it has not written to its disk is lost
    #[arg(long, short, env = "KILN_NODE_FORCE")]
    force: bool,
    #[command(flatten)]
    boot: Boot,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such node, its machine could not be ended, or it does not come up again.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let limit = args.force.then_some(Duration::ZERO);
    let endings = down::down(world, &folder, std::slice::from_ref(&args.node), limit).await?;
    if !args.force {
        note_ended(world, &endings);
    }
    boot(world, &folder, &args.node, args.boot).await
}
