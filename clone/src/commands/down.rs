//! `clone down`.

use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_console::Failure;
use kiln_machines::Ending;

use super::WhichLab;
use crate::down;
use crate::world::World;

/// Shut the nodes of a lab down; disks and identities stay
///
/// The guests are asked to shut down; one that has not in time is ended. `clone
/// up` starts them again.
///
/// Examples:
///   clone down three-nodes
///   clone down three-nodes --timeout 300   for guests that are slow
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
    /// How long the guests may take, such as 300 or 10m [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "TIME", value_parser = super::seconds)]
    timeout: Option<Duration>,
}

/// Runs the command.
///
/// # Errors
/// Where a machine could not be ended.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let endings = down::down(world, &folder, &[], args.timeout).await?;
    note_ended(world, &endings);
    world.console.say(&format!("lab {} is down", folder.lab()));
    Ok(())
}

/// Names the nodes that had to be ended.
pub(super) fn note_ended(world: &World, endings: &[(NodeName, Ending)]) {
    for (node, ending) in endings {
        if matches!(ending, Ending::Ended | Ending::Killed) {
            world.console.say(&format!("note: {node} did not shut down in time and was ended"));
        }
    }
}
