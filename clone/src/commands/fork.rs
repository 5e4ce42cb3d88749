//! `clone fork`.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use kiln_console::Failure;
use serde::Serialize;

use super::reset::share_line;
use crate::checkpoint::{fork, restore};
use crate::folder::LabFolder;
use crate::lab::LabName;
use crate::reset::Timed;
use crate::state::State;
use crate::timings::Share;
use crate::world::World;

/// Make another lab from a checkpoint, beside the one that it is of
///
/// The nodes of the new lab have the disks and the memory of the checkpoint, and
/// go on from there. They are the same machines: addresses, keys and names inside
/// are those of their origin, on a network of their own. Ports of this host that
/// lead into them are others. What no lab has changed is there once, on the disk
/// and in memory.
///
/// The checkpoint cannot be removed, and its lab not destroyed, while a fork is
/// there.
///
/// Examples:
///   clone fork try-upgrade --from three-nodes@ready
///   clone ssh node1 --lab try-upgrade
///   clone destroy try-upgrade
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The name of the new lab
    name: LabName,
    /// What it is made from: the checkpoint by its name or id, and its lab
    #[arg(long, env = "KILN_FROM", value_name = "LAB@CHECKPOINT")]
    from: From,
    /// Do not wait until the lab is ready
    #[arg(long, env = "KILN_NO_WAIT")]
    no_wait: bool,
    /// Start nodes although this host has not that much memory
    #[arg(long, env = "KILN_OVERCOMMIT")]
    overcommit: bool,
    /// Go on although the certificates of the cluster have ended
    #[arg(long, env = "KILN_EXPIRED")]
    expired: bool,
    /// How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "TIME", value_parser = super::seconds)]
    timeout: Option<Duration>,
}

/// A checkpoint of a lab, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct From {
    lab: LabName,
    checkpoint: String,
}

impl FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (lab, checkpoint) = text.split_once('@').ok_or("a lab and its checkpoint are needed: LAB@CHECKPOINT")?;
        if checkpoint.is_empty() {
            return Err("the checkpoint is missing: LAB@CHECKPOINT".to_owned());
        }
        let lab = lab.parse().map_err(|error| format!("{error}"))?;
        Ok(Self { lab, checkpoint: checkpoint.to_owned() })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Summary {
    lab: String,
    running_seconds: f64,
    up_seconds: Option<f64>,
    /// How long each phase of it took.
    shares: Vec<Share>,
    /// The SSH port of every node.
    ssh_ports: BTreeMap<String, u16>,
    /// The ports of this host that the lab file asks for, by node: port here and port there.
    forwards: BTreeMap<String, Vec<(u16, u16)>>,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such checkpoint, it cannot be restored, or there is a lab of that name.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let Args { name, from, no_wait, overcommit, expired, timeout: limit } = args;
    let origin = world.lab_folder(Some(from.lab.as_str()))?;
    let options = restore::Options { no_wait, overcommit, expired, limit };
    let hypervisor = world.hypervisor().await?;
    let from = (&origin, from.checkpoint.as_str());
    let (folder, state, Timed { times, shares }) = fork::fork(world, &hypervisor, from, &name, options).await?;
    world.console.reporter().finish();
    let forwards = |node: &crate::state::NodeState| {
        node.forwards.iter().map(|forward| (forward.host_port, forward.guest_port)).collect::<Vec<_>>()
    };
    let forwards = state.nodes.iter().map(|(name, node)| (name.to_string(), forwards(node)));
    let summary = Summary {
        lab: name.to_string(),
        running_seconds: times.running.as_secs_f64(),
        up_seconds: times.up.map(|up| up.as_secs_f64()),
        shares,
        ssh_ports: state.nodes.iter().map(|(name, node)| (name.to_string(), node.ssh_port)).collect(),
        forwards: forwards.filter(|(_, forwards)| !forwards.is_empty()).collect(),
    };
    world.console.value(&summary, |summary| text(summary, &folder, &state))
}

fn text(summary: &Summary, folder: &LabFolder, state: &State) -> String {
    let up = summary.up_seconds.map(|seconds| format!(", up after {seconds:.1} s")).unwrap_or_default();
    let shares = share_line(folder, &summary.shares);
    let mut text = format!("lab {} runs after {:.1} s{up}\n{shares}", summary.lab, summary.running_seconds);
    for (node, forwards) in &summary.forwards {
        for (host, guest) in forwards {
            text.push_str(&format!("\n127.0.0.1:{host} leads to port {guest} of {node}"));
        }
    }
    if let Some(first) = state.nodes.keys().next() {
        let (lab, config) = (&summary.lab, folder.ssh_config());
        text.push_str(&format!("\nlog in: clone ssh {first} --lab {lab}   or: ssh -F {config} {first}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_named_with_its_lab() {
        let from: From = "three-nodes@ready".parse().unwrap();
        assert_eq!((from.lab.as_str(), from.checkpoint.as_str()), ("three-nodes", "ready"));
        for text in ["three-nodes", "three-nodes@", "@ready", "../x@ready"] {
            assert!(text.parse::<From>().is_err(), "{text}");
        }
    }
}
