//! `clone ssh`.

use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};

use kiln_console::Failure;

use super::{OfLab, open_running};
use crate::error::Error;
use crate::ssh::Ssh;
use crate::world::World;

/// Log in to a node
///
/// With words after the node, they are run by its shell instead, as `ssh` does.
/// The exit code is that of the node; 255 is `ssh` itself.
///
/// Examples:
///   clone ssh node1
///   clone ssh node1 uname -a
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The node
    node: String,
    #[command(flatten)]
    lab: OfLab,
    /// What to run instead of a login shell
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// Runs the command, and returns the exit code of the node.
///
/// # Errors
/// Where there is no such node, it does not run, or `ssh` is not installed.
pub async fn run(args: Args, world: &World) -> Result<ExitCode, Failure> {
    let (folder, state) = args.lab.open(world)?;
    let (node, _) = open_running(&world.hypervisor().await?, &folder, &state, &args.node).await?;
    let ssh = Ssh::new(&folder.ssh_config()).login(&node, &args.command).map_err(Error::from)?;
    Ok(exit_code(ssh.interactive().await.map_err(Error::from)?))
}

/// The exit code of a program as ours; of one that was killed by a signal, 128 and its number, as shells have it.
pub(super) fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}
