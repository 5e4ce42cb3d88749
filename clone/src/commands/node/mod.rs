//! `clone node`: one command a file.

pub mod add;
pub mod rebuild;
pub mod remove;

use kiln_console::Failure;

use crate::world::World;

/// Add, remove or rebuild one node of a lab
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// The commands.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Add a node to a lab, and to its cluster
    Add(add::Args),
    /// Take a node out of its cluster, and remove it with its disk
    #[command(visible_alias = "rm")]
    Remove(remove::Args),
    /// Make a node anew from its golden image, and have it join its cluster again
    Rebuild(rebuild::Args),
}

/// Runs the command.
///
/// # Errors
/// The failure, as the user is told.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    match args.command {
        Command::Add(args) => add::run(args, world).await,
        Command::Remove(args) => remove::run(args, world).await,
        Command::Rebuild(args) => rebuild::run(args, world).await,
    }
}
