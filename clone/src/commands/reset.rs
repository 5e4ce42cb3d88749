//! `clone reset`.

use std::time::Duration;

use kiln_console::Failure;
use serde::Serialize;

use super::OfLab;
use crate::reset::{self, Options, Times};
use crate::world::World;

/// Make nodes anew from their golden image
///
/// Name, addresses, keys and ports of a node stay; all that is on its disk is lost. What it does at its first boot is
/// what the lab file said that `clone up` was given last. The times are printed: until the machines run again, and
/// until they are up.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The nodes [default: all]
    #[arg(value_name = "NODE")]
    nodes: Vec<String>,
    #[command(flatten)]
    lab: OfLab,
    /// What to go back to
    #[arg(long, env = "KILN_TO", value_enum)]
    to: Target,
    /// Do not wait until the nodes answer
    #[arg(long, env = "KILN_NO_WAIT")]
    no_wait: bool,
    /// Start nodes that do not run although this host has not that much memory
    #[arg(long, env = "KILN_OVERCOMMIT")]
    overcommit: bool,
    /// How long each phase of a node may take [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "SECONDS", value_parser = super::seconds)]
    timeout: Option<Duration>,
}

/// What a node can be reset to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Target {
    /// The golden image: a node that has never booted
    Golden,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Summary {
    running_seconds: f64,
    up_seconds: Option<f64>,
}

/// Runs the command.
///
/// # Errors
/// The failure, as the user is told.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let Target::Golden = args.to;
    let folder = world.lab_folder(args.lab.lab.as_deref())?;
    let options = Options { no_wait: args.no_wait, overcommit: args.overcommit, limit: args.timeout };
    let Times { running, up } = reset::reset(world, &folder, &args.nodes, options).await?;
    world.console.reporter().finish();
    let summary = Summary { running_seconds: running.as_secs_f64(), up_seconds: up.map(|up| up.as_secs_f64()) };
    world.console.value(&summary, |summary| {
        let up = summary.up_seconds.map(|seconds| format!(", up after {seconds:.1} s")).unwrap_or_default();
        format!("machines run again after {:.1} s{up}", summary.running_seconds)
    })
}
