//! `clone checkpoint save`.

use std::time::Duration;

use kiln_console::{Failure, human};
use kiln_images::name::Name;
use serde::Serialize;

use super::super::OfLab;
use crate::checkpoint::ending::Then;
use crate::checkpoint::operation;
use crate::world::World;

/// Save a running lab, which goes on or is stopped
///
/// All nodes are held for a moment, saved at once, and go on together. It takes
/// as much room as they have memory in use; what they write from then on goes to
/// new disks. If it fails, the lab runs on and there is no checkpoint.
///
/// With --stop they end at that moment, and the lab is down: `clone reset --to`
/// goes on where it was, and `clone up` boots it from its disks, as after a power
/// cut.
///
/// Examples:
///   clone checkpoint save before-upgrade
///   clone checkpoint save before-upgrade --replace
///   clone checkpoint save friday --stop
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to call it
    name: Name,
    #[command(flatten)]
    lab: OfLab,
    /// Replace the checkpoint that has this name
    #[arg(long, env = "KILN_CHECKPOINT_REPLACE")]
    replace: bool,
    /// Stop the lab at the moment that is saved
    #[arg(long, env = "KILN_CHECKPOINT_STOP")]
    stop: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Summary {
    id: String,
    name: String,
    used_bytes: u64,
    held_ms: u64,
    stopped: bool,
}

/// Runs the command.
///
/// # Errors
/// Where the lab cannot be saved.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let then = if args.stop { Then::Stop } else { Then::GoOn };
    let entry = operation::save(world, &folder, &args.name, (args.replace, then)).await?;
    world.console.reporter().finish();
    let manifest = &entry.manifest;
    let summary = Summary {
        id: manifest.id.to_string(),
        name: manifest.name.to_string(),
        used_bytes: manifest.used_bytes(),
        held_ms: manifest.held_ms,
        stopped: args.stop,
    };
    world.console.value(&summary, |Summary { name, used_bytes, held_ms, stopped, .. }| {
        let (lab, used) = (folder.lab(), human::bytes(*used_bytes));
        let (what, go_back) = match stopped {
            true => ("the lab is stopped".to_owned(), "go on from it"),
            false => {
                let held = human::duration(Duration::from_millis(*held_ms));
                (format!("the nodes were held for {held}"), "go back to it")
            }
        };
        format!("checkpoint {name} of lab {lab}: {used}; {what}\n{go_back}: clone reset --to {name}")
    })
}
