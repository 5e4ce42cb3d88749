//! The command line of `bake`: one variant a command; each command's file holds its options and what it does.

use clap::{Parser, Subcommand};
use kiln_console::{Console, Failure, Global, exit};

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
///   bake recipes                     what is built in
///   bake build debian-12             bake it
///   bake build ./mine.yaml --explain why would layers be made again?
///   bake images                      what is in the store
#[derive(Debug, Parser)]
#[command(name = "bake", version, verbatim_doc_comment, help_expected = true, after_long_help = exit::table())]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bake a recipe: make the layers that are missing, check, seal, publish
    Build(build::Args),
    /// Get and verify everything that a recipe downloads, without baking
    Fetch(fetch::Args),
    /// Check a recipe and say everything that is wrong with it
    Validate(validate::Args),
    /// List the golden images in the store
    #[command(alias = "list")]
    Images(images::Args),
    /// Show what is known about an image: digest, base, layers, checks, packages
    Show(show::Args),
    /// Check that images are, byte for byte, what they were when they were baked
    Verify(verify::Args),
    /// Remove a name, and its image if nothing else needs it
    Rm(rm::Args),
    /// Remove images, layers, artifacts and leftovers that nothing needs
    Prune(prune::Args),
    /// Write an image to a file: qcow2, compressed qcow2, raw or vmdk
    Export(export::Args),
    /// Put a disk image that was sealed elsewhere into the store
    Import(import::Args),
    /// List the recipes that are built in, or print one
    Recipes(recipes::Args),
    /// Write a recipe to start from
    Init(init::Args),
    /// Check that this machine has what baking needs, and say how to get it
    Doctor(doctor::Args),
    /// Print the JSON schema of recipes, for editors
    Schema(schema::Args),
    /// Print a completion script for a shell
    Completion(completion::Args),
    /// Write the manual pages into a folder
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
