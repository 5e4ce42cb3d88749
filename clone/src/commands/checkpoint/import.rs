//! `clone checkpoint import`.

use camino::Utf8PathBuf;
use kiln_console::Failure;
use serde::Serialize;

use crate::checkpoint::import;
use crate::lab::LabName;
use crate::world::World;

/// Make a lab from a checkpoint that was exported
///
/// The lab is there as if it had been suspended: `clone resume` goes on with it.
/// It is refused where this host cannot run it: another accelerator or processor,
/// or an older QEMU. Every byte is compared with what was saved.
///
/// To make nodes anew or to add some, the golden image is needed, too.
///
/// Examples:
///   clone checkpoint import before-upgrade.kiln
///   clone checkpoint import before-upgrade.kiln --as second
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The file
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: Utf8PathBuf,
    /// The name of the lab [default: the one that it had]
    #[arg(long = "as", env = "KILN_IMPORT_AS", value_name = "LAB")]
    name: Option<LabName>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Summary {
    lab: String,
    checkpoint: String,
    nodes: usize,
    has_image: bool,
}

/// Runs the command.
///
/// # Errors
/// Where the file is damaged, this host cannot run what is in it, or there is a lab of that name.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let (folder, entry) = import::import(world, &world.hypervisor().await?, &args.file, args.name).await?;
    world.console.reporter().finish();
    let store = world.store()?;
    let nodes = &entry.manifest.lab.nodes;
    let summary = Summary {
        lab: folder.lab().to_string(),
        checkpoint: entry.manifest.name.to_string(),
        nodes: nodes.len(),
        has_image: nodes.values().all(|node| store.resolve(&node.image.digest.to_string()).is_ok()),
    };
    world.console.value(&summary, |Summary { lab, checkpoint, has_image, .. }| {
        let without =
            "\nits golden image is not here: nodes can neither be added nor made anew, and no cluster waited for";
        let note = if *has_image { "" } else { without };
        format!("lab {lab} is here, suspended at {checkpoint}{note}\ngo on with it: clone resume {lab}")
    })
}
