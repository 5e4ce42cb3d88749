//! `clone checkpoint rm`.

use kiln_console::{Confirm, Failure, human};

use super::super::OfLab;
use crate::checkpoint::{Catalogue, operation};
use crate::error::Error;
use crate::world::World;

/// Remove checkpoints
///
/// Disks of theirs on which others stand stay until those are gone, too; the rest
/// goes at once.
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
        for name in &args.checkpoints {
            let manifest = Catalogue::read(&folder).map_err(Error::from)?.find(name)?.manifest;
            world.console.line(&format!(
                "{} ({}): {}",
                manifest.name,
                manifest.id,
                human::bytes(manifest.used_bytes())
            ))?;
        }
        return Ok(());
    }
    let question = format!("remove {} of lab {}?", args.checkpoints.join(", "), folder.lab());
    args.confirm.ask(&world.console, &question).await?;
    for (entry, removed) in operation::remove(world, &folder, &args.checkpoints).await? {
        let kept = match removed.kept.len() {
            0 => String::new(),
            _ => "; its disks stay, because others stand on them".to_owned(),
        };
        world.console.say(&format!("checkpoint {} is gone{kept}", entry.manifest.name));
    }
    Ok(())
}
