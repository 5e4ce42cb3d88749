//! The cluster of a lab while it is worked on, as this host sees it.
//!
//! [`crate::kubernetes`] decides what is to be; here is what is: [`snapshot`] is what the API says at one moment, [`view`]
//! asks it, a [`question`] at a time for all who wait for something, [`Assembly`] is what the phases that make a cluster
//! share, [`leave`] takes a node out of it, and [`departure`] does so before nodes go.

pub mod assembly;
pub mod departure;
pub mod leave;
pub mod question;
pub mod snapshot;
pub mod view;

use kiln_cloud_init::NodeName;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::kubernetes::pki;
use crate::lab::{Lab, Node, Role};
use crate::state::State;

pub use assembly::Assembly;
pub use question::Question;
pub use snapshot::Snapshot;
pub use view::View;

/// Refuses to take away the node at which all others find the API, while other control planes of its cluster stay: nobody
/// would reach those. `gone` are the nodes that are removed, or made anew.
///
/// # Errors
/// [`Error::Usage`]
pub fn refuse_headless(lab: &Lab, state: &State, gone: &[NodeName]) -> Result<(), Error> {
    let Some(kubernetes) = &lab.kubernetes else { return Ok(()) };
    let planes = || lab.nodes.iter().filter(|node| node.role == Some(Role::ControlPlane));
    let is_member = |name: &NodeName| state.nodes.get(name).is_some_and(|node| node.joined.is_some());
    let stay = planes().any(|node| is_member(&node.name) && !gone.contains(&node.name));
    let is_endpoint = |node: &Node| match &kubernetes.endpoint {
        Some(endpoint) => [node.name.to_string(), node.ip.to_string()].iter().any(|name| name == endpoint.as_str()),
        None => planes().next().is_some_and(|first| first.name == node.name),
    };
    match planes().find(|node| is_endpoint(node) && gone.contains(&node.name)) {
        Some(node) if stay => Err(Error::Usage(format!(
            "{0} is where all nodes of lab {1} find the API: the other control planes cannot be reached without it\n  \
             an `endpoint` under `kubernetes` that is none of the nodes leads past it; or make all anew: clone reset --to golden",
            node.name, lab.name
        ))),
        _ => Ok(()),
    }
}

/// Refuses to make nodes anew that would wait for their cluster in vain: it is reached through a node that is none of them
/// and is not up, as `state` says.
///
/// # Errors
/// [`Error::Usage`]
pub fn refuse_unled(lab: &Lab, state: &State, anew: &[NodeName]) -> Result<(), Error> {
    if lab.kubernetes.is_none() {
        return Ok(());
    }
    match assembly::leader(lab, state) {
        Some((leader, node)) if !anew.contains(leader) && !node.has_answered() => Err(Error::Usage(format!(
            "the cluster of lab {} is reached through {leader}, which is not up\n  bring the lab up first: clone up",
            lab.name
        ))),
        _ => Ok(()),
    }
}

/// Forgets a cluster of which no control plane keeps its disk: its keys are made anew with it, and nobody is a member of
/// it any more.
///
/// # Errors
/// [`Error::File`] where the keys cannot be removed.
pub fn discard_lost(folder: &LabFolder, state: &mut State) -> Result<(), Error> {
    let planes = || state.nodes.values().filter(|node| node.role == Some(Role::ControlPlane));
    if planes().count() == 0 || planes().any(|node| node.made) {
        return Ok(());
    }
    state.nodes.values_mut().for_each(|node| node.joined = None);
    state.departed.clear();
    Ok(pki::discard(folder)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::cluster::tests::LAB;
    use crate::lab::check;
    use crate::state::tests::{node, state};

    #[test]
    fn nodes_are_not_made_anew_for_a_cluster_that_is_down() {
        let lab = check::parse("lab.yaml", LAB).unwrap();
        let down = state([("zulu", node()), ("alpha", node()), ("mike", node())]);
        let names = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<_>>();
        let error = refuse_unled(&lab, &down, &names(&["alpha"])).unwrap_err().to_string();
        assert!(error.contains("through zulu, which is not up\n  bring the lab up first: clone up"), "{error}");
        refuse_unled(&lab, &down, &names(&["alpha", "zulu"])).unwrap();
        let machines = check::parse("lab.yaml", &LAB.replace("kubernetes: {}", "")).unwrap();
        refuse_unled(&machines, &down, &names(&["alpha"])).unwrap();
    }
}
