//! `clone validate`.

use camino::Utf8Path;
use kiln_console::human::count;
use kiln_console::{Console, Failure};
use serde::Serialize;

use super::WhichLab;
use crate::lab::select;
use crate::world::World;

/// Check a lab file and say everything that is wrong with it
///
/// The files that it names beside itself are looked for, too.
///
/// Example:
///   clone validate ./lab.yaml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
}

#[derive(Serialize)]
struct Summary {
    lab: String,
    image: String,
    nodes: usize,
}

/// Runs the command.
///
/// # Errors
/// Every problem of the file.
pub fn run(args: Args, home: Option<&Utf8Path>, console: Console) -> Result<(), Failure> {
    let given = args.lab.given()?;
    let lab = match select::file(given) {
        Some(file) => select::read_whole_file(file)?,
        None => select::read(&World::open(home, console.clone())?.home, given)?,
    };
    let summary = Summary { lab: lab.name.to_string(), image: lab.image, nodes: lab.nodes.len() };
    console.value(&summary, |Summary { lab, image, nodes }| {
        format!("lab {lab} is right: {} of {image}", count(*nodes, "node"))
    })
}
