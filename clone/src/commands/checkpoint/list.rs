//! `clone checkpoint list`.

use jiff::Timestamp;
use kiln_console::{Column, Failure, human};
use serde::Serialize;

use super::super::WhichLab;
use crate::checkpoint::{Catalogue, Entry};
use crate::error::Error;
use crate::world::World;

/// List the checkpoints of a lab
///
/// Example:
///   clone checkpoint list three-nodes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    name: String,
    id: String,
    created: Option<Timestamp>,
    nodes: usize,
    used_bytes: u64,
    kubernetes: Option<String>,
    hypervisor: String,
    /// Why nothing else is known of it.
    damaged: Option<String>,
}

const COLUMNS: [Column<Row>; 7] = [
    Column::new("name", |row| row.damaged.as_ref().map_or_else(|| row.name.clone(), |why| format!("damaged: {why}"))),
    Column::new("id", |row| row.id.clone()),
    Column::new("created", |row| row.created.map_or_else(|| "-".to_owned(), human::moment)),
    Column::new("nodes", |row| row.nodes.to_string()),
    Column::new("size", |row| human::bytes(row.used_bytes)),
    Column::new("kubernetes", |row| row.kubernetes.clone().unwrap_or_else(|| "-".to_owned())),
    Column::new("made by", |row| row.hypervisor.clone()),
];

/// Runs the command.
///
/// # Errors
/// Where the checkpoints cannot be listed.
pub fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let catalogue = Catalogue::read(&folder).map_err(Error::from)?;
    let damaged = catalogue.unreadable.iter().map(|(id, error)| Row {
        name: "-".to_owned(),
        id: id.to_string(),
        created: None,
        nodes: 0,
        used_bytes: 0,
        kubernetes: None,
        hypervisor: "-".to_owned(),
        damaged: Some(error.to_string()),
    });
    let rows: Vec<_> = catalogue.entries.iter().map(row).chain(damaged).collect();
    world.console.table(&rows, &COLUMNS, "there are no checkpoints yet; make one: clone checkpoint save NAME")
}

fn row(entry: &Entry) -> Row {
    let manifest = &entry.manifest;
    Row {
        name: manifest.name.to_string(),
        id: manifest.id.to_string(),
        created: Some(manifest.created),
        nodes: manifest.nodes.len(),
        used_bytes: manifest.used_bytes(),
        kubernetes: manifest.cluster.as_ref().map(|cluster| cluster.version.clone()),
        hypervisor: manifest.hypervisor.version.clone(),
        damaged: None,
    }
}
