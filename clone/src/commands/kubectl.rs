//! `clone kubectl`.

use std::process::ExitCode;

use kiln_console::Failure;

use super::OfLab;
use super::kubeconfig::existing;
use super::ssh::exit_code;
use crate::error::Error;
use crate::kubernetes::kubectl::Kubectl;
use crate::world::World;

/// Run kubectl on this host against the cluster of a lab
///
/// The words are passed as they are, after the kubeconfig of the lab. The exit
/// code is that of kubectl. It comes with the Debian package kubernetes-client;
/// the variable KILN_KUBECTL names another one.
///
/// Examples:
///   clone kubectl get nodes -o wide
///   clone kubectl --lab debian-k8s get pods -A
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: OfLab,
    /// What kubectl is to do
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<String>,
}

/// Runs the command, and returns the exit code of `kubectl`.
///
/// # Errors
/// Where the lab has no cluster, or `kubectl` is not installed.
pub async fn run(args: Args, world: &World) -> Result<ExitCode, Failure> {
    let (folder, _) = args.lab.open(world)?;
    let kubectl = Kubectl::new(&existing(&folder)?).command(&args.command).map_err(Error::from)?;
    Ok(exit_code(kubectl.interactive().await.map_err(Error::from)?))
}
