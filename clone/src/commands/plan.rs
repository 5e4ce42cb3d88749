//! `clone plan`.

use kiln_console::{Column, Failure};

use crate::lab::{Lab, select};
use crate::plan::Step;
use crate::world::World;

/// Say what `up` would do to each node, and why
///
/// Nothing is changed. `clone up --dry-run` is the same.
///
/// Examples:
///   clone plan three-nodes
///   clone plan ./lab.yaml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// A lab file, a lab that exists, or one that is built in [default: ./lab.yaml, or else the only lab there is]
    #[arg(env = "KILN_LAB", value_hint = clap::ValueHint::FilePath)]
    lab: Option<String>,
}

const COLUMNS: [Column<Step>; 3] = [
    Column::new("node", |step| step.node.to_string()),
    Column::new("action", |step| step.action.to_string()),
    Column::new("why", |step| step.reasons.join("; ")),
];

/// Runs the command.
///
/// # Errors
/// Where the lab file is wrong or its image is not there.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let lab = select::read(&world.home, args.lab.as_deref())?;
    show(world, &lab).await
}

/// Prints the plan for a lab.
pub(super) async fn show(world: &World, lab: &Lab) -> Result<(), Failure> {
    let plan = crate::up::plan(world, lab).await?;
    world.console.say(&format!("what `clone up` would do to lab {}:", lab.name));
    world.console.table(&plan.steps, &COLUMNS, "there is nothing to do")
}
