//! `clone node start`.

use std::time::Duration;

use kiln_console::{Failure, human};

use super::super::{OfLab, seconds};
use crate::folder::LabFolder;
use crate::power;
use crate::reset::Options;
use crate::world::World;

/// Boot one node that is down, and wait until it is up
///
/// Example:
///   clone node start node2
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The node
    node: String,
    #[command(flatten)]
    lab: OfLab,
    #[command(flatten)]
    boot: Boot,
}

/// How a node boots
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Boot {
    /// Do not wait until it answers
    #[arg(long, env = "KILN_NO_WAIT")]
    no_wait: bool,
    /// Start it although this host has not that much memory
    #[arg(long, env = "KILN_OVERCOMMIT")]
    overcommit: bool,
    /// How long each phase of it may take, such as 300, 10m or 1h [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "TIME", value_parser = seconds)]
    timeout: Option<Duration>,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such node, or it cannot be started.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    boot(world, &folder, &args.node, args.boot).await
}

/// Boots the node, and says so.
pub(super) async fn boot(world: &World, folder: &LabFolder, node: &String, boot: Boot) -> Result<(), Failure> {
    let Boot { no_wait, overcommit, timeout: limit } = boot;
    let took = power::on(world, folder, std::slice::from_ref(node), Options { no_wait, overcommit, limit }).await?;
    world.console.reporter().finish();
    let what = if no_wait { "was started; nobody has waited for it" } else { "is up" };
    world.console.say(&format!("{node} of lab {} {what} ({})", folder.lab(), human::duration(took)));
    Ok(())
}
