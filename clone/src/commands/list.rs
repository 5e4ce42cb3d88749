//! `clone list`.

use kiln_console::{Class, Column, Failure};
use serde::Serialize;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::select;
use crate::report;
use crate::state::State;
use crate::world::{World, load_state};

/// List the labs that exist
///
/// Examples:
///   clone list
///   clone list --output json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {}

#[derive(Serialize)]
struct Row {
    lab: String,
    nodes: usize,
    /// How many of them run, where that could be found out.
    running: Option<usize>,
    image: String,
    network: String,
    folder: String,
    /// Why nothing else is known of it.
    damaged: Option<String>,
}

const COLUMNS: [Column<Row>; 5] = [
    Column::new("lab", |row| row.lab.clone()),
    Column::new("nodes", |row| row.nodes.to_string()),
    Column::new("running", |row| row.running.map_or_else(|| "unknown".to_owned(), |running| running.to_string())),
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
        rows.push(row(world, &LabFolder::new(&world.home, &lab)).await);
    }
    world.console.table(&rows, &COLUMNS, "there are no labs yet; make one: clone up three-nodes")
}

/// What is known of a lab. One that nothing can be found out about hides no other.
async fn row(world: &World, folder: &LabFolder) -> Row {
    let none = |damaged| Row {
        lab: folder.lab().to_string(),
        nodes: 0,
        running: Some(0),
        image: "-".into(),
        network: "-".into(),
        folder: folder.root().to_string(),
        damaged,
    };
    let state = match load_state(folder) {
        Ok(Some(state)) => state,
        Ok(None) => return none(None),
        Err(error) => return Row { running: None, ..none(Some(error.to_string())) },
    };
    let mut images: Vec<_> = state.nodes.values().map(|node| node.image.name.clone()).collect();
    images.dedup();
    Row {
        nodes: state.nodes.len(),
        running: running(world, folder, &state).await,
        image: images.join(", "),
        network: state.network.to_string(),
        ..none(None)
    }
}

/// How many nodes run. Nothing, and a warning, where the hypervisor cannot be asked.
async fn running(world: &World, folder: &LabFolder, state: &State) -> Option<usize> {
    match report::rows(world, folder, state).await {
        Ok(rows) => Some(rows.iter().filter(|row| row.state == "running").count()),
        Err(error) => {
            let why = Failure::of(Class::Machine, &error);
            tracing::warn!("what runs of lab {} is not known: {why}", folder.lab());
            None
        }
    }
}
