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
    /// Takes nodes out of the cluster. One that does not answer keeps no node from going.
    ///
    /// # Errors
    /// Where what is known of the cluster cannot be read.
    pub async fn announce(self, names: &[NodeName], fate: Fate) -> Result<(), Error> {
        let members: Vec<_> = names.iter().filter(|name| self.state.nodes[*name].joined.is_some()).collect();
        if members.is_empty() {
            return Ok(());
        }
        let Self { world, folder, lab, state, accelerator } = self;
        let changed = Notify::new();
        let Some(assembly) = assembly::open(world, folder, lab, state, accelerator, &changed).await? else {
            return Ok(());
        };
        let concerns = |member: &&Member| match fate {
            Fate::Removed(_) => true,
            // Where the first goes, all of the cluster does.
            Fate::MadeAnew => member.role == Role::ControlPlane && !names.contains(&assembly.leader),
        };
        for member in members.into_iter().filter_map(|name| assembly.member(name)).filter(concerns) {
            let task = world.console.reporter().start(member.name.as_str(), "leave");
            let result = match fate {
                Fate::Removed(limit) => leave::drain(&assembly.view, &assembly.leader, member, limit).await,
                Fate::MadeAnew => leave::forget(&assembly.view, &assembly.leader, member).await,
            };
            if let Err(problem) = task.finish(result) {
                tracing::warn!("the cluster was not told that {} goes: {problem}", member.name);
            }
        }
        Ok(())
    }
}
