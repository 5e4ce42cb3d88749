//! `clone checkpoint export`.

use camino::Utf8PathBuf;
use kiln_console::{Failure, human};
use kiln_images::At;
use serde::Serialize;

use super::super::OfLab;
use crate::checkpoint::export;
use crate::error::Error;
use crate::world::World;

/// Write a checkpoint to one file, for another host
///
/// The file stands alone: the golden image is in it, and the keys of the lab.
/// Whoever has it can log in to the nodes. `clone checkpoint import` makes a lab
/// of it where QEMU and the processor are the same.
///
/// Example:
///   clone checkpoint export before-upgrade --to before-upgrade.kiln
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The checkpoint, by its name or its id
    checkpoint: String,
    #[command(flatten)]
    lab: OfLab,
    /// The file to write, such as ready.kiln.tar.zst
    #[arg(long, env = "KILN_EXPORT_FILE", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    to: Utf8PathBuf,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Summary {
    checkpoint: String,
    file: Utf8PathBuf,
    bytes: u64,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such checkpoint, or the file is there already or cannot be written.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let file = args.to;
    let entry = export::export(world, &folder, &args.checkpoint, &file).await?;
    world.console.reporter().finish();
    let bytes = std::fs::metadata(&file).at("looking at", &file).map_err(Error::from)?.len();
    let summary = Summary { checkpoint: entry.manifest.name.to_string(), file, bytes };
    world.console.value(&summary, |Summary { checkpoint, file, bytes }| {
        let size = human::bytes(*bytes);
        format!("checkpoint {checkpoint} is in {file} ({size})\nmake a lab of it: clone checkpoint import {file}")
    })
}
