//! `clone manual`.

use camino::Utf8PathBuf;
use clap::CommandFactory;
use kiln_console::{Class, Failure, generate};

use crate::cli::Cli;

/// Write the manual pages into a folder
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder
    #[arg(value_hint = clap::ValueHint::DirPath)]
    folder: Utf8PathBuf,
}

/// Runs the command.
///
/// # Errors
/// Where it cannot be written.
pub fn run(args: Args) -> Result<(), Failure> {
    let pages = generate::manual(&Cli::command())
        .map_err(|error| Failure::new(Class::Unexpected, "making the manual pages").caused_by(&error))?;
    generate::write(&pages, &args.folder)
}
