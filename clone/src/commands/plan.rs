//! `clone plan`.

use kiln_console::{Column, Failure};

use super::WhichLab;
use crate::lab::{Lab, select};
use crate::plan::{Permissions, Step};
use crate::world::World;

/// Say what `up` would do to each node, and why
///
/// Nothing is changed. `clone up --dry-run` is the same. What costs a node its
/// disk says the option of `clone up` that it takes.
///
/// Examples:
///   clone plan three-nodes
///   clone plan ./lab.yaml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
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
    let lab = select::read(&world.home, args.lab.given()?)?;
    show(world, &lab, Permissions::default()).await
}

/// Prints the plan for a lab, of an `up` that may do this.
pub(super) async fn show(world: &World, lab: &Lab, permissions: Permissions) -> Result<(), Failure> {
    let plan = crate::up::plan(world, lab).await?.asking(permissions);
    world.console.say(&format!("what `clone up` would do to lab {}:", lab.name));
    world.console.table(&plan.steps, &COLUMNS, "there is nothing to do")
}
