//! `clone exec`.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_console::Failure;

use super::ssh::exit_code;
use super::{OfLab, open_running};
use crate::error::Error;
use crate::ssh::Ssh;
use crate::tasks::{join_all, try_join_all};
use crate::world::World;

/// Run a command in a node, or in all of them
///
/// The words are passed as they are, whatever is in them; pipes and variables of
/// the node are for a shell there. The exit code is that of the command; with
/// --all, the highest one.
///
/// Examples:
///   clone exec node1 cat /etc/hostname
///   clone exec --all -- uptime
///   clone exec node1 sh -c 'journalctl -b | tail'
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    override_usage = "clone exec [OPTIONS] <NODE> <COMMAND>...\n       clone exec [OPTIONS] --all -- <COMMAND>..."
)]
pub struct Args {
    /// The node; with --all, the command begins here
    #[arg(value_name = "NODE")]
    first: String,
    /// In every node of the lab, all at once; each line says whose it is. All of them have to run
    #[arg(long, short, env = "KILN_ALL")]
    all: bool,
    #[command(flatten)]
    lab: OfLab,
    /// The command and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required_unless_present = "all")]
    command: Vec<String>,
}

/// Runs the command, and returns the exit code of the node.
///
/// # Errors
/// Where there is no such node, it does not run, or `ssh` is not installed.
pub async fn run(args: Args, world: &World) -> Result<ExitCode, Failure> {
    let (folder, state) = args.lab.open(world)?;
    let (ssh, hypervisor) = (Ssh::new(&folder.ssh_config()), world.hypervisor().await?);
    if args.all {
        let names: Vec<_> = state.nodes.keys().collect();
        try_join_all(names.iter().map(|name| open_running(&hypervisor, &folder, &state, name.as_str()))).await?;
        let words = [vec![args.first], args.command].concat();
        return Ok(in_all(&ssh, &names, &words).await?);
    }
    let (node, _) = open_running(&hypervisor, &folder, &state, &args.first).await?;
    let command = ssh.command(format!("running a command in {node}"), &node, &args.command).map_err(Error::from)?;
    Ok(exit_code(command.interactive().await.map_err(Error::from)?))
}

async fn in_all(ssh: &Ssh, names: &[&NodeName], words: &[String]) -> Result<ExitCode, Error> {
    let width = names.iter().map(|name| name.as_str().len()).max().unwrap_or_default();
    let run = async |name: &&NodeName| {
        let command = ssh.command(format!("running a command in {name}"), name, words)?;
        let print = |line: &str| {
            // A reader that has gone is noticed by what the command itself returns.
            writeln!(std::io::stdout(), "{name:width$}  {line}", name = name.as_str()).unwrap_or_default();
        };
        match command.time_limit(Duration::MAX).stream(print).await {
            Ok(()) => Ok(0),
            Err(kiln_tool::Error::Failed(failure)) if failure.code().is_some() => Ok(failure.code().unwrap_or(1)),
            Err(error) => Err(Error::from(error)),
        }
    };
    let codes = join_all(names.iter().map(run)).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(ExitCode::from(u8::try_from(codes.into_iter().max().unwrap_or(0)).unwrap_or(u8::MAX)))
}
