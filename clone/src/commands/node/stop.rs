//! `clone node stop`.

use std::time::Duration;

use kiln_console::Failure;

use super::super::down::note_ended;
use super::super::{OfLab, seconds};
use crate::down;
use crate::world::World;

/// Shut one node down; its disk and identity stay
///
/// The guest is asked to shut down, and ended when it does not in time. The other
/// nodes run on. `clone node start` boots it again, and `clone up`, too.
///
/// Examples:
///   clone node stop node2
///   clone node stop node2 --force     as when its power is cut
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The node
    node: String,
    #[command(flatten)]
    lab: OfLab,
    /// End it at once, without asking the guest: what it has not written to its disk is lost
    #[arg(long, short, env = "KILN_NODE_FORCE", conflicts_with = "timeout")]
    force: bool,
    /// How long the guest may take, such as 300 or 10m [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "TIME", value_parser = seconds)]
    timeout: Option<Duration>,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such node, or its machine could not be ended.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let limit = if args.force { Some(Duration::ZERO) } else { args.timeout };
    let endings = down::down(world, &folder, std::slice::from_ref(&args.node), limit).await?;
    world.console.reporter().finish();
    if !args.force {
        note_ended(world, &endings);
    }
    world.console.say(&format!("{} of lab {} is down", args.node, folder.lab()));
    Ok(())
}
