//! `clone checkpoint save`.

use std::time::Duration;

use kiln_console::{Failure, human};
use kiln_images::name::Name;
use serde::Serialize;

use super::super::OfLab;
use crate::checkpoint::operation;
use crate::world::World;

/// Save a running lab, which goes on
///
/// All nodes are held for a moment, saved at once, and go on together. It takes as much room as they have memory in use;
/// what they write from then on goes to new disks. If it fails, the lab runs on and there is no checkpoint.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to call it
    name: Name,
    #[command(flatten)]
    lab: OfLab,
    /// Replace the checkpoint that has this name
    #[arg(long, env = "KILN_CHECKPOINT_REPLACE")]
    replace: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Summary {
    id: String,
    name: String,
    used_bytes: u64,
    held_ms: u64,
}

/// Runs the command.
///
/// # Errors
/// Where the lab cannot be saved.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = world.lab_folder(args.lab.lab.as_deref())?;
    let entry = operation::save(world, &folder, &args.name, args.replace).await?;
    world.console.reporter().finish();
    let manifest = &entry.manifest;
    let summary = Summary {
        id: manifest.id.to_string(),
        name: manifest.name.to_string(),
        used_bytes: manifest.used_bytes(),
        held_ms: manifest.held_ms,
    };
    world.console.value(&summary, |summary| {
        let held = human::duration(Duration::from_millis(summary.held_ms));
        let used = human::bytes(summary.used_bytes);
        format!(
            "checkpoint {} of lab {}: {used}; the nodes were held for {held}\ngo back to it: clone reset --to {}",
            summary.name,
            folder.lab(),
            summary.name
        )
    })
}
