//! `clone destroy`.

use kiln_console::{Confirm, Failure};

use super::WhichLab;
use crate::destroy;
use crate::world::World;

/// Remove a lab with all its machines and disks
///
/// The golden image stays. Run it again if it was interrupted.
///
/// Example:
///   clone destroy three-nodes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
    #[command(flatten)]
    confirm: Confirm,
}

/// Runs the command.
///
/// # Errors
/// Where a machine could not be killed, or something cannot be removed.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = match args.lab.folder(world) {
        Ok(folder) => folder,
        Err(error) => {
            // A run that was killed at the very end has left what it was about to remove.
            let name = args.lab.given()?.unwrap_or_default().to_owned();
            let removed = destroy::remove_leftovers(&world.home.scratch(), &name).map_err(crate::error::Error::from)?;
            return if removed { gone(world, &name) } else { Err(error.into()) };
        }
    };
    let name = folder.lab().to_string();
    args.confirm.ask(&world.console, &format!("remove the lab `{name}` with all its machines and disks?")).await?;
    destroy::destroy(world, &folder).await?;
    gone(world, &name)
}

fn gone(world: &World, name: &str) -> Result<(), Failure> {
    world.console.say(&format!("lab {name} is gone"));
    Ok(())
}
