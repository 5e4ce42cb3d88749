//! `clone resume`.

use std::time::Duration;

use kiln_console::Failure;

use super::WhichLab;
use crate::checkpoint::{operation, restore};
use crate::world::World;

/// Go on with a lab that was suspended
///
/// Also with one that was on its way to a checkpoint when that was interrupted.
/// `clone up` does the same, and then what else there is to do.
///
/// With --boot the memory that it was suspended with is given up, where it cannot
/// be loaded any more: the nodes boot from their disks, as after a power cut.
///
/// Examples:
///   clone resume three-nodes
///   clone resume three-nodes --boot
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
    /// Boot from the disks, and give up the memory of the nodes
    #[arg(long, env = "KILN_RESUME_BOOT", conflicts_with = "expired")]
    boot: bool,
    /// Do not wait until the lab is ready
    #[arg(long, env = "KILN_NO_WAIT")]
    no_wait: bool,
    /// Start nodes although this host has not that much memory
    #[arg(long, env = "KILN_OVERCOMMIT")]
    overcommit: bool,
    /// Go on although the certificates of its cluster have ended
    #[arg(long, env = "KILN_EXPIRED")]
    expired: bool,
    /// How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "TIME", value_parser = super::seconds)]
    timeout: Option<Duration>,
}

/// Runs the command.
///
/// # Errors
/// Where the lab is not suspended, or cannot be loaded or booted.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let Args { boot, no_wait, overcommit, expired, timeout: limit, .. } = args;
    let options = restore::Options { no_wait, overcommit, expired, limit };
    let timed = match boot {
        true => operation::boot(world, &folder, options).await?,
        false => operation::resume(world, &folder, options).await?,
    };
    super::reset::print(world, &folder, timed)
}
