//! `clone doctor`.

use camino::Utf8Path;
use kiln_console::doctor::{Finding, report};
use kiln_console::{Console, Failure};
use kiln_images::config;

use crate::doctor;
use crate::errors::configuration;
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
pub async fn run(_: Args, home: Option<&Utf8Path>, console: Console) -> Result<(), Failure> {
    let mut findings = doctor::programs().await;
    findings.push(Finding::of("configuration", config::look().map_err(|error| configuration(&error))));
    match World::open(home, console.clone()) {
        Ok(world) => findings.extend(doctor::host(&world).await),
        Err(error) => findings.push(Finding::failed("home", &error.into())),
    }
    report(&console, &findings, "labs cannot run here")
}
