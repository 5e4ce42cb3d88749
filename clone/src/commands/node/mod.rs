//! `clone node`: one command a file.

pub mod add;
pub mod rebuild;
pub mod remove;
pub mod restart;
pub mod start;
pub mod stop;

use kiln_console::Failure;

use crate::world::World;

/// Add, remove, rebuild, stop or start one node of a lab
///
/// Examples:
///   clone node restart node2
///   clone node add node4
///   clone node rebuild node2
///   clone node remove node4
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// The commands. What one does is said where its options are: a comment here would hide all but its first line.
#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(add::Args),
    #[command(visible_alias = "rm")]
    Remove(remove::Args),
    Rebuild(rebuild::Args),
    Stop(stop::Args),
    Start(start::Args),
    Restart(restart::Args),
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
        Command::Stop(args) => stop::run(args, world).await,
        Command::Start(args) => start::run(args, world).await,
        Command::Restart(args) => restart::run(args, world).await,
    }
}
