//! The command line of `bake`: one variant a command; each command's file holds its options and what it does.

use clap::{Parser, Subcommand};
use kiln_console::{Console, Failure, Global, exit};
use kiln_images::config::HELP;

use crate::commands::{
    build, completion, doctor, export, fetch, images, import, init, manual, prune, recipes, rm, schema, show, validate,
    verify,
};

/// Bakes golden images for labs of virtual machines
///
/// A recipe says what an image is made from and what is done to it. `bake build`
/// carries it out in layers, each cached by everything it was made of, and puts
/// the sealed, checked, read-only result into the store. `clone` makes labs of
/// it.
///
/// Examples:
///   bake recipes                       what is built in
///   bake build debian-12               bake it
///   bake build ./mine.yaml --explain   why would layers be made again?
///   bake images                        what is in the store
#[derive(Debug, Parser)]
#[command(name = "bake", version, verbatim_doc_comment, help_expected = true, after_long_help = format!("{HELP}\n\n{}", exit::table()))]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands. What one does is said where its options are: a comment here would hide all but its first line.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "it is said where the options are")]
pub enum Command {
    Build(build::Args),
    Fetch(fetch::Args),
    Validate(validate::Args),
    #[command(visible_aliases = ["list", "ls"])]
    Images(images::Args),
    Show(show::Args),
    Verify(verify::Args),
    #[command(visible_alias = "remove")]
    Rm(rm::Args),
    Prune(prune::Args),
    Export(export::Args),
    Import(import::Args),
    Recipes(recipes::Args),
    Init(init::Args),
    Doctor(doctor::Args),
    Schema(schema::Args),
    Completion(completion::Args),
    #[command(hide = true)]
    Manual(manual::Args),
}

/// Runs a command line.
///
/// # Errors
/// The failure, as the user is told and as the exit code says.
pub async fn run(cli: Cli, console: Console) -> Result<(), Failure> {
    console.refuse_picture()?;
    let home = cli.global.home.as_deref();
    match cli.command {
        Command::Build(args) => build::run(args, home, &console).await,
        Command::Fetch(args) => fetch::run(args, home, &console).await,
        Command::Validate(args) => validate::run(args, &console),
        Command::Images(args) => images::run(args, home, &console),
        Command::Show(args) => show::run(args, home, &console),
        Command::Verify(args) => verify::run(args, home, &console).await,
        Command::Rm(args) => rm::run(args, home, &console).await,
        Command::Prune(args) => prune::run(args, home, &console).await,
        Command::Export(args) => export::run(args, home, &console).await,
        Command::Import(args) => import::run(args, home, &console).await,
        Command::Recipes(args) => recipes::run(args, &console),
        Command::Init(args) => init::run(args, &console),
        Command::Doctor(args) => doctor::run(args, home, &console).await,
        Command::Schema(args) => schema::run(args, &console),
        Command::Completion(args) => completion::run(args, &console),
        Command::Manual(args) => manual::run(args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_as_it_should_be() {
        assert_eq!(kiln_console::interface::faults(Cli::command()), Vec::<String>::new());
    }
}
