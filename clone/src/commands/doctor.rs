//! `clone doctor`.

use kiln_console::{Class, Failure};

use crate::doctor::{self, Health};
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
    world.console.value(&findings, |findings| findings.iter().map(|finding| format!("{finding}\n")).collect())?;
    match findings.iter().filter(|finding| finding.health == Health::Bad).count() {
        0 => Ok(()),
        count => Err(Failure::new(Class::Host, format!("labs cannot run here: {count} of these are missing"))),
    }
}
