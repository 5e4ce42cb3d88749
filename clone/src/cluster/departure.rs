//! Telling a cluster, while it still can hear it, that nodes of it go.

use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_machines::Accelerator;
use tokio::sync::Notify;

use super::{assembly, leave};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::kubernetes::Member;
use crate::lab::{Lab, Role};
use crate::state::State;
use crate::world::World;

/// What becomes of nodes that go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They do not come back; their pods have so long to end.
    Removed(Duration),
    /// Each comes back as another, and its pods with it. What cannot wait for that is etcd: with the second of two members
    /// killed before it was told, the first has no majority any more, and nothing of the cluster answers.
    MadeAnew,
}

/// A lab of which nodes go.
#[derive(Debug, Clone, Copy)]
pub struct Departure<'a> {
    /// Where images are, and where it is reported to.
    pub world: &'a World,
    /// The lab's folder.
    pub folder: &'a LabFolder,
    /// The lab.
    pub lab: &'a Lab,
    /// What exists of it.
    pub state: &'a State,
    /// What executes the guests' instructions.
    pub accelerator: Accelerator,
}

impl Departure<'_> {
    /// Takes nodes out of the cluster, and returns those of which it could not be told. One that does not answer keeps no
    /// worker from going; a control plane stays until etcd knows that it goes, because those that remain could have no
    /// majority without it.
    ///
    /// # Errors
    /// Where what is known of the cluster cannot be read, or etcd was not told of a control plane.
    pub async fn announce(self, names: &[NodeName], fate: Fate) -> Result<Vec<NodeName>, Error> {
        let Self { world, folder, lab, state, accelerator } = self;
        // One of which it was not seen that it joined can have come as far as etcd, or the API, when it was interrupted.
        let gone: Vec<_> = names.iter().filter(|name| state.nodes[*name].made).collect();
        // Where no control plane stays, the cluster goes as a whole.
        let staying = without(state, names);
        let Some((stays, _)) = assembly::leader(lab, &staying).filter(|(_, node)| node.joined.is_some()) else {
            return Ok(Vec::new());
        };
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let changed = Notify::new();
        // Its API is asked: that of one that goes has no etcd any more as soon as etcd knows.
        let Some(assembly) = assembly::open(world, folder, lab, &staying, accelerator, &changed).await? else {
            return Ok(Vec::new());
        };
        let mut untold = Vec::new();
        let concerns = |member: &&Member| fate != Fate::MadeAnew || member.role == Role::ControlPlane;
        for member in gone.into_iter().filter_map(|name| assembly.member(name)).filter(concerns) {
            let task = world.console.reporter().start(member.name.as_str(), "leave");
            let result = match fate {
                Fate::Removed(limit) if state.nodes[&member.name].joined.is_some() => {
                    leave::drain(&assembly.view, stays, member, limit).await
                }
                Fate::Removed(_) | Fate::MadeAnew => leave::forget(&assembly.view, stays, member).await,
            };
            match task.finish(result) {
                Err(problem) if member.role == Role::ControlPlane => {
                    return Err(Error::EtcdNotTold { node: member.name.clone(), problem: problem.to_string() });
                }
                Err(problem) => {
                    tracing::warn!("the cluster was not told yet that {} goes: {problem}", member.name);
                    untold.push(member.name.clone());
                }
                Ok(()) => {}
            }
        }
        Ok(untold)
    }
}

/// The state as it is for the cluster when these nodes have gone.
fn without(state: &State, names: &[NodeName]) -> State {
    let mut state = state.clone();
    for (_, node) in state.nodes.iter_mut().filter(|(name, _)| names.contains(name)) {
        node.joined = None;
    }
    state
}
