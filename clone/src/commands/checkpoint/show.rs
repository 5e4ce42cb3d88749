//! `clone checkpoint show`.

use std::fmt::Write;
use std::time::Duration;

use kiln_console::{Failure, human};

use super::super::OfLab;
use crate::checkpoint::{Catalogue, Manifest};
use crate::error::Error;
use crate::world::World;

/// Show all that is known of a checkpoint
///
/// What was saved of each node, on what, and how the cluster was. `-o json` prints
/// the whole manifest.
///
/// Examples:
///   clone checkpoint show ready
///   clone checkpoint show ready --output json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The checkpoint, by its name or its id
    checkpoint: String,
    #[command(flatten)]
    lab: OfLab,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such checkpoint.
pub fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let entry = Catalogue::read(&folder).map_err(Error::from)?.find(&args.checkpoint)?;
    world.console.value(&entry.manifest, |manifest| text(manifest).unwrap_or_default())
}

fn text(manifest: &Manifest) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let held = human::duration(Duration::from_millis(manifest.held_ms));
    let created = human::moment(manifest.created);
    writeln!(text, "{} ({}) of lab {}", manifest.name, manifest.id, manifest.lab.lab)?;
    writeln!(text, "made {created} by {}; the nodes were held for {held}", manifest.hypervisor.version)?;
    writeln!(text, "takes {}", human::bytes(manifest.used_bytes()))?;
    for (name, node) in &manifest.lab.nodes {
        let cpu = node.cpu.as_deref().unwrap_or("unknown");
        let (board, memory, cpus) = (&node.board, node.memory_mib, node.cpus);
        writeln!(text, "\n{name}: {cpus} CPUs ({cpu}), {memory} MiB, board {board}")?;
        for file in manifest.nodes.get(name).into_iter().flat_map(|node| &node.files) {
            writeln!(text, "  {:>10}  {}", human::bytes(file.used_bytes), file.path)?;
        }
    }
    if let Some(cluster) = &manifest.cluster {
        writeln!(text, "\nKubernetes {}; its certificates end at {}", cluster.version, cluster.expires)?;
        for line in cluster.nodes.iter().chain(&cluster.pods) {
            writeln!(text, "  {line}")?;
        }
    }
    Ok(text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::manifest::tests::manifest;

    #[test]
    fn what_is_shown_names_the_checkpoint_and_its_nodes() {
        let text = text(&manifest("before")).unwrap();
        for part in ["before (", "of lab lab", "QEMU 10.0.2", "node1: 1 CPUs", "board pc-q35-10.0"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
