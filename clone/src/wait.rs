//! Waiting until the nodes of a lab are up: every phase of every node, all nodes at once; then what is about all of
//! them together.
//!
//! A node is brought up by three lines of work, which wait for each other only where they have to: it is logged in to
//! and prepared; it is audited; and it becomes a member of the cluster, as soon as the first two let it.

mod book;
mod form;
mod mesh;
mod restored;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_machines::Hypervisor;
use tokio::sync::Notify;

use crate::cluster::{self, Assembly};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::Lab;
use crate::make::hosts;
use crate::pace::Pace;
use crate::phases::clock::Clock;
use crate::phases::first_boot::FirstBoot;
use crate::phases::hosts::Hosts;
use crate::phases::identity::{Identity, check_links, find_shared};
use crate::phases::reachable::{Reachable, find_agent, still_answers};
use crate::phases::{self, Node, Phase, Site};
use crate::ssh::Ssh;
use crate::ssh::files::Keys;
use crate::state::State;
use crate::tasks::{join_all, try_join_all};
use crate::world::World;
use book::Book;
use form::Formation;

/// What waiting needs.
#[derive(Debug)]
pub struct Waiting<'a> {
    /// Where images are, and where phases report to.
    pub world: &'a World,
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
    /// The time limit of every phase, if the user set one.
    pub limit: Option<Duration>,
}

/// What the nodes of one run share.
struct Run<'a> {
    nodes: &'a [Node<'a>],
    hosts: &'a Hosts,
    identity: &'a Identity<'a>,
    formation: Option<&'a Formation<'a>>,
}

impl Waiting<'_> {
    /// Waits until the nodes are up, and writes that down. The others of `state` that are known to be up are compared
    /// with them and reached by them, and are looked after in the cluster.
    ///
    /// # Errors
    /// [`Error::Phase`] of the first node that fails; [`Error::Shared`] where two share a part of their identity. What was
    /// achieved is written down nevertheless.
    pub async fn until_up(&self, state: &mut State) -> Result<(), Error> {
        let book = Book::new(self.folder, state);
        let result = self.bring_all_up(state, &book).await;
        let written = book.close(state);
        result.and(written)
    }

    async fn bring_all_up(&self, state: &State, book: &Book<'_>) -> Result<(), Error> {
        let (ssh, changed) = (Ssh::new(&self.folder.ssh_config()), Notify::new());
        let hosts = Hosts::new(hosts(state));
        let identity = Identity {
            host_keys: &self.keys.hosts,
            prefix: state.network.prefix_len(),
            found: RefCell::new(BTreeMap::new()),
        };
        let nodes = self.nodes(state, &ssh, &changed);
        let assembly = self.assembly(state, &changed).await?;
        let formation = assembly.as_ref().map(|assembly| Formation::new(assembly, &nodes, book));
        let run = Run { nodes: &nodes, hosts: &hosts, identity: &identity, formation: formation.as_ref() };
        let result = try_join_all(nodes.iter().map(|node| self.bring_up(node, &run))).await;
        nodes.iter().filter(|node| node.progress.is_up()).for_each(|node| book.is_up(node.name, hosts.digest()));
        result?;
        if let Some(assembly) = &assembly {
            mesh::install(self, assembly, &nodes).await?;
        }
        crash::at(Point::Answered);
        Ok(())
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

    /// Why the cluster of the lab is not ready, if it has one.
    ///
    /// # Errors
    /// Where the cluster cannot be what the lab file says.
    pub async fn cluster_trouble(&self, state: &State) -> Result<Option<String>, Error> {
        let changed = Notify::new();
        match self.assembly(state, &changed).await? {
            Some(assembly) => match assembly.trouble(self.names, state).await {
                Some(trouble) => Ok(Some(trouble)),
                None => mesh::trouble(self, &assembly).await,
            },
            None => Ok(None),
        }
    }

    async fn assembly<'b>(&self, state: &State, changed: &'b Notify) -> Result<Option<Assembly<'b>>, Error> {
        let accelerator = self.hypervisor.facts().accelerator;
        cluster::assembly::open(self.world, self.folder, self.lab, state, accelerator, changed).await
    }

    fn nodes<'b>(&'b self, state: &'b State, ssh: &'b Ssh, changed: &'b Notify) -> Vec<Node<'b>> {
        let meant = |name| self.names.contains(name);
        let started = || state.nodes.iter().filter(|(name, node)| meant(name) || node.has_answered());
        let site = Site {
            folder: self.folder,
            uuid: state.uuid,
            hypervisor: self.hypervisor,
            ssh,
            reporter: self.world.console.reporter(),
            pace: Pace::of_host(self.hypervisor.facts().accelerator, started().map(|(_, node)| node.cpus).sum()),
            limit: self.limit,
            changed,
        };
        started().map(|(name, node)| Node::new(site, name, node)).collect()
    }

    /// Takes one node through its phases. Who it is and whom it reaches is found out while the login is tried.
    async fn bring_up(&self, node: &Node<'_>, run: &Run<'_>) -> Result<(), Error> {
        let form = async {
            match run.formation {
                Some(formation) => formation.take_in(node).await,
                None => Ok(()),
            }
        };
        tokio::try_join!(self.prepare(node, run), audit(node, run), form).map(drop)
    }

    /// Has the node let us in, and be what the lab file says.
    async fn prepare(&self, node: &Node<'_>, run: &Run<'_>) -> Result<(), Error> {
        if node.state.has_answered() {
            find_agent(node).await;
            phases::run(node, run.hosts).await?;
        } else {
            let first_boot = FirstBoot { has_work: self.lab.adds_to_first_boot() };
            let mut phases: Vec<&dyn Phase> = vec![&Reachable, &first_boot, run.hosts];
            if node.state.boot.as_ref().is_some_and(|boot| boot.loaded) {
                // Whoever loaded it did not wait for it, or was interrupted.
                phases.insert(1, &Clock);
            }
            phases::run_all(node, &phases).await?;
        }
        node.progress.is_prepared.reach();
        Ok(())
    }
}

/// Has the node be who it should be, alone, and reach the others. It is compared with those that were found before it:
/// of two that share something, the later one is stopped before Kubernetes sees it.
async fn audit(node: &Node<'_>, run: &Run<'_>) -> Result<(), Error> {
    node.progress.until(|| node.progress.can_be_asked()).await;
    phases::run(node, run.identity).await?;
    if let Some(shared) = find_shared(&run.identity.found.borrow()) {
        return Err(shared.into());
    }
    node.progress.is_itself.reach();
    check_links(node, run.nodes).await?;
    node.progress.has_links.reach();
    Ok(())
}
