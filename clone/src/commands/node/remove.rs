//! `clone node remove`.

use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_console::{Confirm, Failure};

use super::super::{OfLab, seconds};
use crate::error::Error;
use crate::lab::select::applied;
use crate::lab::{Lab, Role, edit};
use crate::plan::Permissions;
use crate::reset::find;
use crate::state::State;
use crate::up::{self, Options};
use crate::world::World;

/// Take a node out of its cluster, and remove it with its disk
///
/// Its pods are moved to other nodes first, as far as they can be. Remove it from
/// the lab file, too, or the next `clone up FILE` makes it again.
///
/// Example:
///   clone node remove node4
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The node
    node: String,
    #[command(flatten)]
    lab: OfLab,
    #[command(flatten)]
    confirm: Confirm,
    /// How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "TIME", value_parser = seconds)]
    timeout: Option<Duration>,
}

/// Runs the command.
///
/// # Errors
/// Where the lab cannot be without it, or it cannot be removed.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let (folder, state) = args.lab.open(world)?;
    let name = find(&folder, &state, &args.node)?;
    let lab = applied(&folder, &state)?;
    let changed = without(&lab, &state, folder.lab_file().as_str(), name)?;
    args.confirm.ask(&world.console, &format!("remove {name} of lab {} with its disk?", lab.name)).await?;
    let permissions = Permissions { replace: false, remove: true };
    // Others may have changed the lab while this one was asked.
    let changes = Some(state.file_digest());
    let options = Options { permissions, limit: args.timeout, changes, ..Options::default() };
    up::up(world, &changed, options).await?;
    world.console.reporter().finish();
    world.console.say(&format!("{name} is gone; remove it from the lab file, too"));
    Ok(())
}

/// The lab without the node, if it can be without it.
fn without(lab: &Lab, state: &State, file_name: &str, name: &NodeName) -> Result<Lab, Error> {
    if lab.nodes.len() == 1 {
        return Err(Error::Usage(format!(
            "{name} is the only node of lab {0}\n  remove the lab: clone destroy {0}",
            lab.name
        )));
    }
    let planes = || lab.nodes.iter().filter(|node| node.role == Some(Role::ControlPlane));
    if planes().count() == 1 && planes().any(|node| node.name == *name) {
        return Err(Error::Usage(format!(
            "{name} is the only control plane of lab {0}\n  remove the lab: clone destroy {0}; or make the node anew: clone node rebuild {name}",
            lab.name
        )));
    }
    let is_wanted = |name: &NodeName| lab.nodes.iter().any(|node| node.name == *name);
    if let Some(other) = state.nodes.keys().find(|other| *other != name && !is_wanted(other)) {
        return Err(Error::Usage(format!(
            "the lab file does not have {other} any more, and it would be removed, too\n  \
             remove all that it does not have: clone up --remove"
        )));
    }
    if !is_wanted(name) {
        return Ok(lab.clone());
    }
    Ok(edit::remove(lab, file_name, name)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::check;
    use crate::state::tests::{node, state};

    #[test]
    fn a_lab_is_without_a_node_only_where_that_is_all_that_changes() {
        let text = "name: lab\nimage: debian-12\nnetwork: 192.168.206.0/24\nnodes:\n\
                    - {name: node1, ip: 192.168.206.196}\n- {name: node2, ip: 192.168.206.197}\n";
        let lab = check::parse("lab.yaml", text).unwrap();
        let both = state([("node1", node()), ("node2", node())]);
        let names = |lab: Lab| lab.nodes.into_iter().map(|node| node.name.to_string()).collect::<Vec<_>>();
        let node2 = "node2".parse().unwrap();
        assert_eq!(names(without(&lab, &both, "lab.yaml", &node2).unwrap()), ["node1"]);

        let more = state([("node1", node()), ("node2", node()), ("node3", node())]);
        let error = without(&lab, &more, "lab.yaml", &node2).unwrap_err().to_string();
        assert!(error.contains("does not have node3 any more"), "{error}");
        assert_eq!(names(without(&lab, &more, "lab.yaml", &"node3".parse().unwrap()).unwrap()), ["node1", "node2"]);

        let one = without(&lab, &both, "lab.yaml", &node2).unwrap();
        let error = without(&one, &both, "lab.yaml", &"node1".parse().unwrap()).unwrap_err().to_string();
        assert!(error.contains("clone destroy lab"), "{error}");
    }
}
