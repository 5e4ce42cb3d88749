//! `clone checkpoint rm`.

use kiln_console::{Confirm, Failure, human};

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

/// Runs the command.
///
/// # Errors
/// Where there is no such checkpoint, or it cannot be removed.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = world.lab_folder(args.lab.lab.as_deref())?;
    if args.dry_run {
        for Doomed { folder, name, used_bytes } in doomed(&folder, &args.checkpoints)? {
            let size = used_bytes.map_or_else(|| "damaged".to_owned(), human::bytes);
            world.console.line(&format!("{name} ({}): {size}", folder.id()))?;
        }
        return Ok(());
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
