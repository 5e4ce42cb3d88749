//! `clone suspend`.

use kiln_console::{Failure, human};

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
    /// The lab [default: that of ./lab.yaml, or else the only one there is]
    #[arg(env = "KILN_LAB")]
    lab: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// Where the lab cannot be saved; it runs on then.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = world.lab_folder(args.lab.as_deref())?;
    let entry = operation::suspend(world, &folder).await?;
    world.console.reporter().finish();
    let (lab, used) = (folder.lab(), human::bytes(entry.manifest.used_bytes()));
    world.console.say(&format!("lab {lab} is suspended ({used})\ngo on with it: clone resume {lab}"));
    Ok(())
}
