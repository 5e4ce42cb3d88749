//! `clone suspend`.

use kiln_console::{Failure, human};

use super::WhichLab;
use crate::checkpoint::operation;
use crate::world::World;

/// Save a running lab with its memory, and end its machines
///
/// `clone resume` goes on where it was, after a boot of this host, too.
///
/// Example:
///   clone suspend three-nodes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
}

/// Runs the command.
///
/// # Errors
/// Where the lab cannot be saved; it runs on then.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let entry = operation::suspend(world, &folder).await?;
    world.console.reporter().finish();
    let (lab, used) = (folder.lab(), human::bytes(entry.manifest.used_bytes()));
    world.console.say(&format!("lab {lab} is suspended ({used})\ngo on with it: clone resume {lab}"));
    Ok(())
}
