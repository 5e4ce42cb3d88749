//! `clone checkpoint rm`.

use kiln_console::{Column, Confirm, Failure, human};
use serde::Serialize;

use super::super::OfLab;
use crate::checkpoint::operation;
use crate::checkpoint::remove::{Doomed, doomed};
use crate::world::World;

/// Remove checkpoints
///
/// Disks of theirs on which others stand stay until those are gone, too; the rest
/// goes at once. One that is damaged has no name any more: it goes by its id.
///
/// Examples:
///   clone checkpoint rm before-upgrade
///   clone checkpoint rm before-upgrade friday --dry-run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The checkpoints, by their names or ids
    #[arg(required = true, value_name = "CHECKPOINT")]
    checkpoints: Vec<String>,
    #[command(flatten)]
    lab: OfLab,
    /// Only say what would be removed
    #[arg(long, short = 'n', env = "KILN_DRY_RUN")]
    dry_run: bool,
    #[command(flatten)]
    confirm: Confirm,
}

/// What would be removed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    name: String,
    id: String,
    used_bytes: Option<u64>,
}

impl Row {
    fn of(Doomed { folder, name, used_bytes }: Doomed) -> Self {
        Self { name, id: folder.id().to_string(), used_bytes }
    }
}

const COLUMNS: [Column<Row>; 3] = [
    Column::new("name", |row| row.name.clone()),
    Column::new("id", |row| row.id.clone()),
    Column::new("size", |row| row.used_bytes.map_or_else(|| "damaged".to_owned(), human::bytes)),
];

/// Runs the command.
///
/// # Errors
/// Where there is no such checkpoint, or it cannot be removed.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    if args.dry_run {
        let rows: Vec<_> = doomed(&folder, &args.checkpoints)?.into_iter().map(Row::of).collect();
        return world.console.table(&rows, &COLUMNS, "there is nothing to remove");
    }
    if !args.confirm.yes {
        // Nobody is asked about what is not there.
        doomed(&folder, &args.checkpoints)?;
    }
    let question = format!("remove {} of lab {}?", args.checkpoints.join(", "), folder.lab());
    args.confirm.ask(&world.console, &question).await?;
    for (doomed, removed) in operation::remove(world, &folder, &args.checkpoints).await? {
        let kept = match removed.kept.len() {
            0 => String::new(),
            _ => "; its disks stay, because others stand on them".to_owned(),
        };
        world.console.say(&format!("checkpoint {} is gone{kept}", doomed.name));
    }
    Ok(())
}
