//! What is refused before anything is done.

use std::collections::{BTreeMap, BTreeSet};

use kiln_cloud_init::NodeName;
use kiln_machines::ports;

use super::{STARTING, Up, names};
use crate::cluster::refuse_headless;
use crate::error::Error;
use crate::lab::select::applied;
use crate::plan::{Action, Plan, Seen};
use crate::start::check_memory;
use crate::state::{NodeState, State};

/// The actions that end a machine which runs.
const ENDING: [Action; 4] = [Action::Create, Action::Restart, Action::Replace, Action::Remove];

impl Up<'_> {
    /// Refuses what cannot be carried out. What machines have that are about to be ended counts as free.
    pub(super) fn refuse(&self, state: &State, plan: &Plan, seen: &BTreeMap<NodeName, Seen>) -> Result<(), Error> {
        for name in names(plan, &STARTING) {
            self.hypervisor.check_paths(&self.folder.node(&name), &self.folder.segment())?;
        }
        self.refuse_taken_addresses(state, plan)?;
        // The cluster is what it was made as. A text that only another version of this program understands says nothing.
        let before = applied(self.folder, state).unwrap_or_else(|_| self.lab.clone());
        refuse_headless(&before, state, &names(plan, &[Action::Create, Action::Replace, Action::Remove]))?;
        let ending: Vec<_> = names(plan, &ENDING)
            .iter()
            .filter(|name| seen.get(name).is_some_and(Seen::is_there))
            .filter_map(|name| state.nodes.get(name))
            .collect();
        self.refuse_taken_ports(plan, &ending)?;
        if self.options.no_start || self.options.overcommit {
            return Ok(());
        }
        let starting = names(plan, &STARTING);
        let needed = self.lab.nodes.iter().filter(|node| starting.contains(&node.name));
        check_memory(needed.map(|node| node.memory_mib).sum(), ending.iter().map(|node| node.memory_mib).sum())
    }

    /// A node that the lab file does not have any more, and that stays, keeps its address.
    fn refuse_taken_addresses(&self, state: &State, plan: &Plan) -> Result<(), Error> {
        let stays = |name: &NodeName| plan.with(Action::Remove).all(|step| step.node != *name);
        for (other, known) in state.nodes.iter().filter(|(name, _)| stays(name)) {
            let taken = self.lab.nodes.iter().find(|node| node.ip == known.ip && node.name != *other);
            let moves = self.lab.nodes.iter().any(|node| node.name == *other);
            if let Some(node) = taken.filter(|_| !moves) {
                let (node, ip, other) = (node.name.clone(), known.ip, other.clone());
                return Err(Error::AddressTaken { node, ip, other });
            }
        }
        Ok(())
    }

    fn refuse_taken_ports(&self, plan: &Plan, ending: &[&NodeState]) -> Result<(), Error> {
        let starting = names(plan, &STARTING);
        let given_back: BTreeSet<_> = ending.iter().flat_map(|node| node.ports()).collect();
        for node in self.lab.nodes.iter().filter(|node| starting.contains(&node.name)) {
            let mut wanted = node.forwards.iter().map(|forward| forward.host_port);
            if let Some(port) = wanted.find(|port| !given_back.contains(port) && !ports::is_free(*port)) {
                return Err(Error::PortTaken { node: node.name.clone(), port, holder: ports::holder(port) });
            }
        }
        Ok(())
    }
}
