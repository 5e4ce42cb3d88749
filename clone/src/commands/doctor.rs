//! `clone doctor`.

use kiln_console::Failure;
use kiln_console::doctor::report;

use crate::doctor;
use crate::world::World;

/// Check that this machine has what labs need, and say how to get it
///
/// The exit code is 4 if labs cannot run here.
///
/// Example:
///   clone doctor
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// Where something is missing without which no lab runs.
pub async fn run(_: Args, world: &World) -> Result<(), Failure> {
    let findings = doctor::examine(world).await;
    report(&world.console, &findings, "labs cannot run here")
}
