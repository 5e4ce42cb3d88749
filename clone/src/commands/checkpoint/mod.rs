//! `clone checkpoint`: one command a file.

pub mod export;
pub mod flatten;
pub mod import;
pub mod list;
pub mod remove;
pub mod restore;
pub mod save;
pub mod show;
pub mod verify;

use kiln_console::Failure;

use crate::world::World;

/// Save a lab with its memory, and look after what was saved
///
/// A checkpoint has the disks and the memory of all nodes, taken at one moment.
/// `clone reset --to NAME` is the way back to it, as often as you like.
///
/// Examples:
///   clone checkpoint save before-upgrade
///   clone reset --to before-upgrade
///   clone checkpoint list
///   clone checkpoint rm before-upgrade
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// The commands. What one does is said where its options are: a comment here would hide all but its first line.
#[derive(Debug, clap::Subcommand)]
enum Command {
    Save(save::Args),
    #[command(visible_alias = "ls")]
    List(list::Args),
    Show(show::Args),
    #[command(visible_alias = "remove")]
    Rm(remove::Args),
    #[command(alias = "load")]
    Restore(restore::Args),
    Verify(verify::Args),
    Flatten(flatten::Args),
    Export(export::Args),
    Import(import::Args),
}

/// Runs the command.
///
/// # Errors
/// The failure, as the user is told.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    match args.command {
        Command::Save(args) => save::run(args, world).await,
        Command::List(args) => list::run(args, world),
        Command::Show(args) => show::run(args, world),
        Command::Rm(args) => remove::run(args, world).await,
        Command::Restore(args) => restore::run(args, world).await,
        Command::Verify(args) => verify::run(args, world).await,
        Command::Flatten(args) => flatten::run(args, world).await,
        Command::Export(args) => export::run(args, world).await,
        Command::Import(args) => import::run(args, world).await,
    }
}
