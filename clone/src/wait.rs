//! Waiting until the nodes of a lab are up: every phase of every node, all nodes at once; then what is about all of
//! them together.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_console::Reporter;
use kiln_machines::Hypervisor;
use tokio::sync::Notify;

use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::Lab;
use crate::make::hosts;
use crate::pace::Pace;
use crate::phases::first_boot::FirstBoot;
use crate::phases::hosts::Hosts;
use crate::phases::identity::{Identity, check_links, find_shared};
use crate::phases::reachable::{Reachable, find_agent, still_answers};
use crate::phases::{self, Failure, Node, Phase, Site};
use crate::ssh::Ssh;
use crate::ssh::files::Keys;
use crate::state::State;
use crate::tasks::{join_all, try_join_all};
use crate::world::save_state;

/// What waiting needs.
#[derive(Debug)]
pub struct Waiting<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// Its folder.
    pub folder: &'a LabFolder,
    /// The nodes that are waited for.
    pub names: &'a [NodeName],
    /// What runs its machines.
    pub hypervisor: &'a dyn Hypervisor,
    /// The keys of its nodes.
    pub keys: &'a Keys,
    /// Where phases report to.
    pub reporter: &'a Reporter,
    /// The time limit of every phase, if the user set one.
    pub limit: Option<Duration>,
}

impl Waiting<'_> {
    /// Waits until the nodes are up, and writes that down. The others of `state` that are known to be up are compared
    /// with them and reached by them.
    ///
    /// # Errors
    /// [`Error::Phase`] of the first node that fails; [`Error::Shared`] where two share a part of their identity.
    pub async fn until_up(&self, state: &mut State) -> Result<(), Error> {
        let hosts = Hosts::new(hosts(state));
        let identity = Identity {
            host_keys: &self.keys.hosts,
            prefix: state.network.prefix_len(),
            found: RefCell::new(BTreeMap::new()),
        };
        let names = {
            let ssh = Ssh::new(&self.folder.ssh_config());
            let changed = Notify::new();
            let nodes = self.nodes(state, &ssh, &changed);
            try_join_all(nodes.iter().map(|node| self.bring_up(node, &nodes, &hosts, &identity))).await?;
            if let Some(shared) = find_shared(&identity.found.borrow()) {
                return Err(shared.into());
            }
            nodes.into_iter().map(|node| node.name.clone()).collect::<Vec<_>>()
        };
        crash::at(Point::Answered);
        for name in names {
            state.nodes.entry(name).and_modify(|node| {
                node.hosts = hosts.digest();
                if let Some(boot) = &mut node.boot {
                    boot.answered.get_or_insert_with(Timestamp::now);
                }
            });
        }
        save_state(self.folder, state)
    }

    /// Which of the nodes do not answer any more.
    pub async fn silent(&self, state: &State) -> Vec<NodeName> {
        let ssh = Ssh::new(&self.folder.ssh_config());
        let changed = Notify::new();
        let nodes = self.nodes(state, &ssh, &changed);
        let nodes: Vec<_> = nodes.iter().filter(|node| self.names.contains(node.name)).collect();
        let answers = join_all(nodes.iter().map(|node| still_answers(node))).await;
        nodes.iter().zip(answers).filter(|(_, up)| !up).map(|(node, _)| node.name.clone()).collect()
    }

    fn nodes<'b>(&'b self, state: &'b State, ssh: &'b Ssh, changed: &'b Notify) -> Vec<Node<'b>> {
        let meant = |name| self.names.contains(name);
        let started = || state.nodes.iter().filter(|(name, node)| meant(name) || node.has_answered());
        let site = Site {
            folder: self.folder,
            uuid: state.uuid,
            hypervisor: self.hypervisor,
            ssh,
            reporter: self.reporter,
            pace: Pace::of_host(self.hypervisor.facts().accelerator, started().map(|(_, node)| node.cpus).sum()),
            limit: self.limit,
            changed,
        };
        started().map(|(name, node)| Node::new(site, name, node)).collect()
    }

    /// Takes one node through its phases. Who it is and whom it reaches is found out while the login is tried.
    async fn bring_up(
        &self,
        node: &Node<'_>,
        nodes: &[Node<'_>],
        hosts: &Hosts,
        identity: &Identity<'_>,
    ) -> Result<(), Failure> {
        let login = async {
            if node.state.has_answered() {
                find_agent(node).await;
                return phases::run(node, hosts).await;
            }
            let first_boot = FirstBoot { has_work: self.lab.adds_to_first_boot() };
            let phases: [&dyn Phase; 3] = [&Reachable, &first_boot, hosts];
            phases::run_all(node, &phases).await
        };
        let audit = async {
            node.progress.until(|| node.progress.can_be_asked()).await;
            phases::run(node, identity).await?;
            check_links(node, nodes).await
        };
        tokio::try_join!(login, audit).map(drop)
    }
}
