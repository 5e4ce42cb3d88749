//! `clone node rebuild`.

use std::time::Duration;

use kiln_console::{Failure, human};

use super::super::{OfLab, seconds};
use crate::reset::{self, Options, Timed};
use crate::world::World;

/// Make a node anew from its golden image, and have it join its cluster again
///
/// For a node that is broken beyond repair: all that is on its disk is lost, the
/// cluster forgets what it knew of it, and the other nodes are not touched. Name,
/// addresses, keys and ports stay.
///
/// Example:
///   clone node rebuild node2
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The node
    node: String,
    #[command(flatten)]
    lab: OfLab,
    /// Start it although this host has not that much memory
    #[arg(long, env = "KILN_OVERCOMMIT")]
    overcommit: bool,
    /// How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "TIME", value_parser = seconds)]
    timeout: Option<Duration>,
}

/// Runs the command.
///
/// # Errors
/// The failure, as the user is told.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let options = Options { no_wait: false, overcommit: args.overcommit, limit: args.timeout };
    let (hypervisor, names) = (world.hypervisor().await?, std::slice::from_ref(&args.node));
    let Timed { times, .. } = reset::reset(world, &hypervisor, &folder, names, options).await?;
    world.console.reporter().finish();
    let took = times.up.map(|up| format!(" ({})", human::duration(up))).unwrap_or_default();
    world.console.say(&format!("{} is made anew{took}", args.node));
    Ok(())
}
