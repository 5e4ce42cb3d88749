//! `clone list`.

use kiln_console::{Column, Failure};
use serde::Serialize;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::select;
use crate::report;
use crate::world::{World, load_state};

/// List the labs that exist
#[derive(Debug, clap::Args)]
pub struct Args {}

#[derive(Serialize)]
struct Row {
    lab: String,
    nodes: usize,
    running: usize,
    image: String,
    network: String,
    folder: String,
    /// Why nothing else is known of it.
    damaged: Option<String>,
}

const COLUMNS: [Column<Row>; 5] = [
    Column::new("lab", |row| row.lab.clone()),
    Column::new("nodes", |row| row.nodes.to_string()),
    Column::new("running", |row| row.running.to_string()),
    Column::new("image", |row| row.damaged.as_ref().map_or_else(|| row.image.clone(), |why| format!("damaged: {why}"))),
    Column::new("network", |row| row.network.clone()),
];

/// Runs the command.
///
/// # Errors
/// Where the folder of labs cannot be read.
pub async fn run(_: Args, world: &World) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for lab in select::existing(&world.home).map_err(Error::from)? {
        rows.push(row(world, &LabFolder::new(&world.home, &lab)).await?);
    }
    world.console.table(&rows, &COLUMNS, "there are no labs yet; make one: clone up three-nodes")
}

async fn row(world: &World, folder: &LabFolder) -> Result<Row, Failure> {
    let none = |damaged| Row {
        lab: folder.lab().to_string(),
        nodes: 0,
        running: 0,
        image: "-".into(),
        network: "-".into(),
        folder: folder.root().to_string(),
        damaged,
    };
    let state = match load_state(folder) {
        Ok(Some(state)) => state,
        Ok(None) => return Ok(none(None)),
        // The other labs are there nevertheless.
        Err(error) => return Ok(none(Some(error.to_string()))),
    };
    let rows = report::rows(world, folder, &state).await?;
    let mut images: Vec<_> = state.nodes.values().map(|node| node.image.name.clone()).collect();
    images.dedup();
    Ok(Row {
        nodes: rows.len(),
        running: rows.iter().filter(|row| row.state == "running").count(),
        image: images.join(", "),
        network: state.network.to_string(),
        ..none(None)
    })
}
