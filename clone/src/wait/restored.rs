//! Waiting for a lab that has come back from a checkpoint: its nodes are who they were, in the same cluster, and only
//! have to notice that it is later now.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use tokio::sync::Notify;

use super::Waiting;
use super::book::Book;
use super::mesh;
use crate::cluster::Assembly;
use crate::error::Error;
use crate::phases::clock::Clock;
use crate::phases::ready::{Leases, Network, Pods, Probe};
use crate::phases::{self, Node, Phase};
use crate::ssh::Ssh;
use crate::state::State;
use crate::tasks::try_join_all;

impl Waiting<'_> {
    /// Waits until the nodes answer and have the time of the host, and until their cluster is ready; and writes that down.
    /// `heartbeats` are the signs of life of its nodes that can be from before they were saved.
    ///
    /// # Errors
    /// [`Error::Phase`] of the first node that fails. What was achieved is written down nevertheless.
    pub async fn until_restored(
        &self,
        state: &mut State,
        heartbeats: &BTreeMap<String, Timestamp>,
    ) -> Result<(), Error> {
        let book = Book::new(self.folder, state);
        let result = self.bring_back(state, heartbeats, &book).await;
        let written = book.close(state);
        result.and(written)
    }

    async fn bring_back(
        &self,
        state: &State,
        heartbeats: &BTreeMap<String, Timestamp>,
        book: &Book<'_>,
    ) -> Result<(), Error> {
        let (ssh, changed) = (Ssh::new(&self.folder.ssh_config()), Notify::new());
        let nodes = self.nodes(state, &ssh, &changed);
        let clocks = async {
            try_join_all(nodes.iter().map(|node| phases::run(node, &Clock))).await?;
            nodes.iter().for_each(|node| book.is_up(node.name, node.state.hosts));
            Ok::<_, Error>(())
        };
        let cluster = async {
            let Some(assembly) = self.assembly(state, &changed).await? else { return Ok(()) };
            let members: Vec<_> = nodes.iter().filter(|node| node.state.joined.is_some()).collect();
            try_network(&assembly, &members, heartbeats, book).await?;
            mesh::install(self, &assembly, &nodes).await
        };
        tokio::try_join!(clocks, cluster).map(drop)
    }
}

/// Waits until every node does its work in the cluster, and its pods reach all others.
async fn try_network(
    assembly: &Assembly<'_>,
    members: &[&Node<'_>],
    heartbeats: &BTreeMap<String, Timestamp>,
    book: &Book<'_>,
) -> Result<(), Error> {
    let names: Vec<&NodeName> = members.iter().map(|node| node.name).collect();
    let probe = assembly.probe_image.as_deref().map(|image| Probe::new(assembly, names, image));
    let (leases, pods) = (Leases { assembly, heartbeats }, Pods { assembly });
    let network = probe.as_ref().map(|probe| Network { probe });
    let ready = async |node: &Node<'_>| {
        let try_network = async {
            match &network {
                Some(network) => phases::run(node, network).await,
                None => Ok(()),
            }
        };
        let phases: [&dyn Phase; 2] = [&leases, &pods];
        tokio::try_join!(phases::run_all(node, &phases), try_network)?;
        book.is_ready(node.name);
        Ok::<_, Error>(())
    };
    try_join_all(members.iter().map(|node| ready(node))).await.map(drop)
}
