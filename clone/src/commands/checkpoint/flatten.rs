//! `clone checkpoint flatten`.

use kiln_console::{Column, Failure};

use super::super::WhichLab;
use crate::checkpoint::flatten::Flattened;
use crate::checkpoint::operation;
use crate::world::World;

/// Copy what no checkpoint needs any more into the disks that stand on it
///
/// Each save, and so each evening of a lab that is suspended, puts one more file
/// below a disk, which stays there when the checkpoint is gone. This copies those
/// into the disk, and removes them. The lab may run, and goes on meanwhile. Where
/// there are more than eight, the next save does it by itself.
///
/// Example:
///   clone checkpoint flatten three-nodes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
}

const COLUMNS: [Column<Flattened>; 3] = [
    Column::new("node", |flattened| flattened.node.to_string()),
    Column::new("files", |flattened| flattened.files.to_string()),
    Column::new("stands on", |flattened| flattened.base.to_string()),
];

/// Runs the command.
///
/// # Errors
/// Where the lab is suspended, there is no room, or a disk cannot be written.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let flattened = operation::flatten(world, &folder).await?;
    world.console.reporter().finish();
    world.console.table(&flattened, &COLUMNS, "no disk stands on a file that no checkpoint needs")
}
