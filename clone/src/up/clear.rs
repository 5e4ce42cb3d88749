//! Clearing the ground for what is to be: machines that must end first or may go on, and nodes that must go.

use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_images::durable::{remove_file, remove_folder};

use super::{Up, names};
use crate::cluster::departure::{Departure, Fate};
use crate::error::Error;
use crate::kill::kill;
use crate::machine::machine;
use crate::pace::Pace;
use crate::plan::{Action, Plan};
use crate::room;
use crate::state::State;
use crate::tasks::try_join_all;
use crate::world::save_state;

/// How long the pods of a node that is removed may take to end, on a quick host.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);
/// How long a guest that is started anew may take to shut down, on a quick host.
const STOP_LIMIT: Duration = Duration::from_secs(20);

impl Up<'_> {
    /// Ends what is to be removed or started anew, and lets go on what is only held.
    pub(super) async fn clear(&self, state: &mut State, plan: &Plan) -> Result<(), Error> {
        self.refuse_held(state, plan).await?;
        self.announce(state, plan).await?;
        self.remove(state, plan).await?;
        self.stop(state, plan).await?;
        self.release(state, names(plan, &[Action::Resume])).await
    }

    /// Refuses to start machines anew that are held for want of space on the host's disk: their guests could not shut down,
    /// and would lose what they have in their memory. Where there is space by now, they go on.
    async fn refuse_held(&self, state: &State, plan: &Plan) -> Result<(), Error> {
        let refuse = async |node: &NodeName| {
            let machine = machine(self.folder, state.uuid, node, &state.nodes[node]);
            match room::is_wanting(self.hypervisor, &machine).await? {
                true => Err(Error::DiskFull { lab: self.lab.name.clone(), node: node.clone() }),
                false => Ok(()),
            }
        };
        try_join_all(plan.with(Action::Restart).map(|step| refuse(&step.node))).await.map(drop)
    }

    /// Tells the cluster which nodes go.
    async fn announce(&self, state: &mut State, plan: &Plan) -> Result<(), Error> {
        let Self { world, folder, lab, hypervisor, .. } = *self;
        let accelerator = hypervisor.facts().accelerator;
        let departure = Departure { world, folder, lab, state, accelerator };
        let limit = self.pace(state).scale(DRAIN_LIMIT);
        let untold = departure.announce(&names(plan, &[Action::Remove]), Fate::Removed(limit)).await?;
        departure.announce(&names(plan, &[Action::Replace]), Fate::MadeAnew).await?;
        state.departed.extend(untold);
        Ok(())
    }

    fn pace(&self, state: &State) -> Pace {
        Pace::of_host(self.hypervisor.facts().accelerator, state.nodes.values().map(|node| node.cpus).sum())
    }

    /// Ends and removes nodes, with all they had. Whatever becomes of this run, the next one does not make them again: the lab
    /// file without them is that of the lab from then on. But where a cluster is made anew, that is told by the older one.
    async fn remove(&self, state: &mut State, plan: &Plan) -> Result<(), Error> {
        let names = names(plan, &[Action::Remove]);
        let machines = names.iter().map(|name| machine(self.folder, state.uuid, name, &state.nodes[name]));
        kill(self.world, self.hypervisor, machines, "remove").await?;
        let replaces = plan.with(Action::Replace).next().is_some();
        for name in names {
            remove_folder(&self.folder.node(&name))?;
            remove_file(&self.folder.host_key(&name))?;
            state.nodes.remove(&name);
            if !replaces {
                state.file.clone_from(&self.lab.text);
            }
            save_state(self.folder, state)?;
        }
        Ok(())
    }

    /// Ends the machines that are to be started anew: those that keep their disks are asked, the others are not. A node
    /// that is to be created can run: a reset that was interrupted has not come to killing it.
    async fn stop(&self, state: &State, plan: &Plan) -> Result<(), Error> {
        let pace = self.pace(state);
        let end = async |name: &NodeName, limit: Duration| {
            let task = self.world.console.reporter().start(name.as_str(), "stop");
            let machine = machine(self.folder, state.uuid, name, &state.nodes[name]);
            task.finish(self.hypervisor.stop(&machine, limit).await.map(drop))
        };
        let asked = plan
            .with(Action::Restart)
            .filter(|_| !self.options.no_start)
            .map(|step| (&step.node, pace.scale(STOP_LIMIT)));
        let lost = plan.with(Action::Replace).chain(plan.with(Action::Create));
        let killed = lost.filter(|step| state.nodes.contains_key(&step.node)).map(|step| (&step.node, Duration::ZERO));
        try_join_all(asked.chain(killed).map(|(name, limit)| end(name, limit))).await?;
        Ok(())
    }

    /// Lets machines go on that a killed command has left held, or that were held for want of space: a guest that is started
    /// anew would lose what it has in its memory. As with one that was loaded, they have the time of when they were held, and
    /// have to answer again, whatever becomes of this run. Where there still is no space, they are held again at once, and
    /// whoever waits for them says so.
    async fn release(&self, state: &mut State, held: Vec<NodeName>) -> Result<(), Error> {
        if held.is_empty() {
            return Ok(());
        }
        for (_, node) in state.nodes.iter_mut().filter(|(name, _)| held.contains(name)) {
            if let Some(boot) = &mut node.boot {
                (boot.loaded, boot.answered) = (true, None);
            }
        }
        save_state(self.folder, state)?;
        let state = &*state;
        let release = async |name: &NodeName| {
            let task = self.world.console.reporter().start(name.as_str(), "resume");
            let machine = machine(self.folder, state.uuid, name, &state.nodes[name]);
            task.finish(self.hypervisor.resume(&machine).await)
        };
        try_join_all(held.iter().map(release)).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::checkpoint::tests::Stage;
    use crate::lab::check;
    use crate::lab::select::applied;
    use crate::world::load_state;

    #[tokio::test]
    async fn a_node_that_is_removed_does_not_come_back_with_the_next_run() {
        let Stage { world, folder, hypervisor, mut state, _guard, .. } = Stage::new().await;
        let text = state.file.replace("- {name: node2, ip: 192.168.206.197}\n", "");
        let (lab, store) = (check::parse("lab.yaml", &text).unwrap(), world.store().unwrap());
        let plan = Plan::new(&lab, |_| None, Some(&state), &BTreeMap::new());
        let options = super::super::Options::default();
        let up = Up { world: &world, lab: &lab, store: &store, folder: &folder, hypervisor: &hypervisor, options };
        up.remove(&mut state, &plan).await.unwrap();
        let written = load_state(&folder).unwrap().unwrap();
        assert_eq!((written.nodes.len(), applied(&folder, &written).unwrap().nodes.len()), (1, 1));
        assert!(!folder.nodes().join("node2").exists());
    }
}
