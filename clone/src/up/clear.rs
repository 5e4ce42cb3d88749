//! Clearing the ground for what is to be: machines that must end first, and nodes that must go.

use std::fs;
use std::io;
use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_images::At;
use tokio::sync::Notify;

use super::{Up, names};
use crate::cluster::{assembly, leave};
use crate::error::Error;
use crate::machine::machine;
use crate::pace::Pace;
use crate::plan::{Action, Plan};
use crate::state::State;
use crate::tasks::try_join_all;
use crate::world::save_state;

/// How long the pods of a node that is removed may take to end, on a quick host.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);
/// How long a guest that is started anew may take to shut down, on a quick host.
const STOP_LIMIT: Duration = Duration::from_secs(20);

impl Up<'_> {
    /// Ends what is to be removed or started anew.
    pub(super) async fn clear(&self, state: &mut State, plan: &Plan) -> Result<(), Error> {
        let gone = names(plan, &[Action::Remove]);
        self.take_out(state, &gone).await?;
        self.remove(state, gone).await?;
        self.stop(state, plan).await
    }

    /// Takes nodes out of the cluster before they are removed: their pods go elsewhere, and nobody waits for them any more.
    /// A cluster that does not answer keeps no node from being removed.
    async fn take_out(&self, state: &State, gone: &[NodeName]) -> Result<(), Error> {
        let members: Vec<_> = gone.iter().filter(|name| state.nodes[*name].joined.is_some()).collect();
        if members.is_empty() {
            return Ok(());
        }
        let (changed, accelerator) = (Notify::new(), self.hypervisor.facts().accelerator);
        let opened = assembly::open(self.world, self.folder, self.lab, state, accelerator, &changed).await?;
        let Some(assembly) = opened else { return Ok(()) };
        let limit = self.pace(state).scale(DRAIN_LIMIT);
        for name in members {
            let Some(member) = assembly.member(name) else { continue };
            let task = self.world.console.reporter().start(name.as_str(), "leave");
            let result = leave::drain(&assembly.view, &assembly.leader, member, limit).await;
            if let Err(problem) = task.finish(result) {
                tracing::warn!("the cluster still knows {name}, which is removed: {problem}");
            }
        }
        Ok(())
    }

    fn pace(&self, state: &State) -> Pace {
        Pace::of_host(self.hypervisor.facts().accelerator, state.nodes.values().map(|node| node.cpus).sum())
    }

    /// Ends and removes nodes, with all they had.
    async fn remove(&self, state: &mut State, names: Vec<NodeName>) -> Result<(), Error> {
        let machines: Vec<_> =
            names.iter().map(|name| machine(self.folder, state.uuid, name, &state.nodes[name])).collect();
        try_join_all(machines.iter().map(|machine| self.hypervisor.kill(machine))).await?;
        for name in names {
            let (folder, host_key) = (self.folder.node(&name), self.folder.host_key(&name));
            missing_is_fine(fs::remove_dir_all(&folder)).at("removing", &folder)?;
            missing_is_fine(fs::remove_file(&host_key)).at("removing", &host_key)?;
            state.nodes.remove(&name);
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
}

fn missing_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
