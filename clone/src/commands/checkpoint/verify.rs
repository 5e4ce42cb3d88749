//! `clone checkpoint verify`.

use kiln_console::{Column, Failure};

use super::super::OfLab;
use crate::checkpoint::verify::{Verdict, verify, verify_golden};
use crate::checkpoint::{Catalogue, CheckpointError, CheckpointFolder};
use crate::error::Error;
use crate::world::World;

/// Read every byte of checkpoints again
///
/// Their files, and those that they stand on, golden images too, are compared
/// with what was written when they were made. The lab may run.
///
/// Examples:
///   clone checkpoint verify         all of them
///   clone checkpoint verify ready
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The checkpoint, by its name or its id [default: all]
    checkpoint: Option<String>,
    #[command(flatten)]
    lab: OfLab,
}

const COLUMNS: [Column<Verdict>; 2] = [
    Column::new("file", |verdict| verdict.file.to_string()),
    Column::new("verdict", |verdict| verdict.problem.clone().unwrap_or_else(|| "good".to_owned())),
];

/// Runs the command.
///
/// # Errors
/// Where a file is not what was written.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let catalogue = Catalogue::read(&folder).map_err(Error::from)?;
    let (entries, unreadable) = match args.checkpoint {
        Some(name) => (vec![catalogue.find(&name)?], Vec::new()),
        None => (catalogue.entries, catalogue.unreadable),
    };
    let manifests: Vec<_> = entries.iter().map(|entry| &entry.manifest).collect();
    let mut verdicts = verify(&manifests, world.console.reporter()).await.map_err(Error::from)?;
    verdicts.extend(verify_golden(&world.store()?, &entries, world.console.reporter()).await?);
    world.console.reporter().finish();
    verdicts.extend(unreadable.into_iter().map(|(id, error)| Verdict {
        file: CheckpointFolder::new(&folder, id).manifest(),
        problem: Some(error.to_string()),
    }));
    world.console.table(&verdicts, &COLUMNS, "there are no checkpoints")?;
    match verdicts.iter().filter(|verdict| verdict.problem.is_some()).count() {
        0 => Ok(()),
        count => Err(Error::from(CheckpointError::Damaged { count, of: verdicts.len() }).into()),
    }
}
