//! `clone completion`.

use clap::CommandFactory;
use kiln_console::{Console, Failure, generate};

use crate::cli::Cli;

/// Print a completion script for a shell
///
/// Example:
///   clone completion bash > ~/.local/share/bash-completion/completions/clone
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The shell
    shell: generate::Shell,
}

/// Runs the command.
///
/// # Errors
/// Where it cannot be written.
pub fn run(args: Args, console: &Console) -> Result<(), Failure> {
    let script = generate::completion(&Cli::command(), args.shell);
    console.line(String::from_utf8_lossy(&script).trim_end())
}
