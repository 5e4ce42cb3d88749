//! `clone validate`.

use kiln_console::Failure;
use kiln_console::human::count;
use serde::Serialize;

use crate::lab::select;
use crate::world::World;

/// Check a lab file and say everything that is wrong with it
///
/// Example:
///   clone validate ./lab.yaml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// A lab file, or the name of a lab [default: ./lab.yaml, or else the only lab there is]
    #[arg(env = "KILN_LAB", value_hint = clap::ValueHint::FilePath)]
    lab: Option<String>,
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
pub fn run(args: Args, world: &World) -> Result<(), Failure> {
    let lab = select::read(&world.home, args.lab.as_deref())?;
    let summary = Summary { lab: lab.name.to_string(), image: lab.image, nodes: lab.nodes.len() };
    world.console.value(&summary, |Summary { lab, image, nodes }| {
        format!("lab {lab} is right: {} of {image}", count(*nodes, "node"))
    })
}
