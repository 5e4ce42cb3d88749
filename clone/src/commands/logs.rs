//! `clone logs`.

use std::fs::File;

use kiln_cloud_init::NodeName;
use kiln_console::{Class, Failure};
use kiln_images::At;
use kiln_machines::console_log::plain;

use super::OfLab;
use crate::error::Error;
use crate::phases;
use crate::reset::find;
use crate::world::World;

/// Print what the phases of bringing a lab up have said
///
/// What a node itself has written to its console: clone console NODE --dump
///
/// Examples:
///   clone logs                         all phases of all nodes
///   clone logs node2
///   clone logs node2 --phase join
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The node [default: all]
    node: Option<String>,
    /// One phase only, such as `reachable`
    #[arg(long, short, env = "KILN_PHASE", value_name = "PHASE")]
    phase: Option<String>,
    #[command(flatten)]
    lab: OfLab,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such node, or a log cannot be read.
pub fn run(args: Args, world: &World) -> Result<(), Failure> {
    let (folder, state) = args.lab.open(world)?;
    let node = args.node.as_deref().map(|name| find(&folder, &state, name)).transpose()?;
    if let Some(phase) = args.phase.as_deref().filter(|phase| !phases::NAMES.contains(phase)) {
        let failure = Failure::new(Class::NotFound, format!("there is no phase `{phase}`"));
        return Err(failure.hint(format!("there are: {}", phases::NAMES.join(", "))));
    }
    let logs = folder.logs();
    let mut names = Vec::new();
    if logs.exists() {
        for entry in logs.read_dir_utf8().at("reading", &logs).map_err(Error::from)? {
            names.push(entry.at("reading", &logs).map_err(Error::from)?.file_name().to_owned());
        }
    }
    // Beside the logs there are the times of the phases.
    names.retain(|name| name.ends_with(".log"));
    names.sort();
    let of_node = |name: &str| node.is_none_or(|node| is_of_node(name, node));
    let of_phase = |name: &str| args.phase.as_deref().is_none_or(|phase| name.starts_with(&format!("{phase}-")));
    let mut any = false;
    for name in names.iter().filter(|name| of_node(name) && of_phase(name)) {
        let path = logs.join(name);
        let said = File::open(&path).at("reading", &path).map_err(Error::from)?;
        world.console.say(&format!("==> {name} <=="));
        world.console.pass(said, plain)?;
        any = true;
    }
    if !any {
        world.console.say("nothing was said");
    }
    Ok(())
}

/// Whether this is the name of a node's log. Its end does not tell: `reachable-a-node1.log` is of `a-node1`.
fn is_of_node(name: &str, node: &NodeName) -> bool {
    phases::NAMES.iter().any(|phase| name == format!("{phase}-{node}.log"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_of_nodes_with_longer_names_are_told_apart() {
        let node = "node1".parse().unwrap();
        for (name, expected) in
            [("reachable-node1.log", true), ("first-boot-node1.log", true), ("reachable-a-node1.log", false)]
        {
            assert_eq!(is_of_node(name, &node), expected, "{name}");
        }
    }
}
