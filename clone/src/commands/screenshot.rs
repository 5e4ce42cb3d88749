//! `clone screenshot`.

use camino::{Utf8PathBuf, absolute_utf8};
use kiln_console::Failure;
use kiln_machines::Hypervisor;

use super::{OfLab, open_running};
use crate::error::Error;
use crate::world::World;

/// Save what a node's screen shows as a PNG
///
/// Examples:
///   clone screenshot node1
///   clone screenshot node1 --file boot.png
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The node
    node: String,
    #[command(flatten)]
    lab: OfLab,
    /// The file [default: NODE.png]
    #[arg(long, short, env = "KILN_SCREENSHOT_FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<Utf8PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such node, or it does not run.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let (folder, state) = args.lab.open(world)?;
    let hypervisor = world.hypervisor().await?;
    let (node, machine) = open_running(&hypervisor, &folder, &state, &args.node).await?;
    let file = args.file.unwrap_or_else(|| format!("{node}.png").into());
    // The hypervisor has another working directory.
    let path =
        absolute_utf8(&file).map_err(|source| Error::UserFile { doing: "finding", path: file.clone(), source })?;
    hypervisor.screenshot(&machine, &path).await.map_err(Error::from)?;
    world.console.value(&file, ToString::to_string)
}
