//! The phase `join`: a node becomes a member of the cluster.

use std::time::Duration;

use kiln_console::Task;
use tokio::time::sleep;

use super::kubeadm::{self, Failed, Traces, Trouble};
use super::{Node, Phase, Problem, Story, Work};
use crate::cluster::question::{PAUSE, insist};
use crate::cluster::{Assembly, Snapshot, leave};
use crate::kubernetes::kubeadm::{self as calls, CRI_SOCKET};
use crate::kubernetes::kubectl::passing::is_passing;
use crate::lab::Role;

const NAME: &str = "join";
/// How often a node tries it again, when it has failed for something else than the API server's slowness. One that all nodes
/// turn to at once, on a slow host, does not answer everything in the ten seconds that kubeadm gives it: for that, it is tried
/// again as long as the phase may take.
const RETRIES: usize = 2;

/// See the module.
#[derive(Debug)]
pub struct Join<'a> {
    /// The cluster that is made.
    pub assembly: &'a Assembly<'a>,
}

impl Phase for Join<'_> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Duration {
        kubeadm::limit(&self.assembly.cluster)
    }

    fn is_done<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, Option<&'static str>> {
        Box::pin(async move {
            let traces = kubeadm::look(node, NAME).await?;
            kubeadm::set_clock(node, NAME, &traces, task).await?;
            let role = node.member(self.assembly)?.role;
            let is_new = self.assembly.is_new.get();
            if role == Role::ControlPlane && node.state.joined.is_some() && traces.joined && !is_new {
                traces.check_plane(&format!("or make the node anew: clone node rebuild {}", node.name))?;
            }
            let complete = traces.joined && (role == Role::Worker || traces.is_complete());
            if complete && !is_new && self.is_known(node, task).await? {
                return Ok(Some("it joined before"));
            }
            self.begin(node, &traces, task).await.map(|()| None)
        })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let mut retries = RETRIES;
            loop {
                match self.join(node, task).await {
                    Err(Problem::Kubeadm(failed)) if failed.passes() || retries > 0 => {
                        retries -= usize::from(!failed.passes());
                        self.begin_again(node, &failed, task).await?;
                    }
                    result => return result,
                }
            }
        })
    }

    fn explain<'a>(&'a self, node: &'a Node<'_>) -> Story<'a> {
        Box::pin(async { Trouble::of(node, NAME).await.map(|trouble| trouble.to_string()) })
    }
}

impl Join<'_> {
    /// Whether the cluster knows the node.
    async fn is_known(&self, node: &Node<'_>, task: &Task) -> Result<bool, Problem> {
        let path = format!("/api/v1/nodes/{}", node.name);
        let find =
            async || self.assembly.view.kubectl().find("looking whether the cluster knows the node", &path).await;
        Ok(insist(find, |so_far| task.note(so_far)).await?.is_some())
    }

    /// Clears the ground, on the node and in the cluster: the node can have been a member on another disk.
    async fn begin(&self, node: &Node<'_>, traces: &Traces, task: &Task) -> Result<(), Problem> {
        let assembly = self.assembly;
        if traces.any {
            kubeadm::reset(node, NAME, &assembly.cluster, task).await?;
        }
        if !assembly.is_new.get() {
            self.forget(node, task).await?;
        }
        Ok(())
    }

    /// Has the cluster forget the node: as soon as its API answers.
    async fn forget(&self, node: &Node<'_>, task: &Task) -> Result<(), Problem> {
        let Assembly { view, leader, .. } = self.assembly;
        loop {
            match leave::forget(view, leader, node.member(self.assembly)?).await {
                Err(Problem::Tool(error)) if is_passing(&error) => {
                    task.note(format!("the API does not answer: {error}"))
                }
                // What etcd says: that it has too much to do, or no leader at the moment.
                Err(Problem::Wrong(reason)) => task.note(reason),
                result => return result,
            }
            sleep(PAUSE.0).await;
        }
    }

    /// Clears the ground after an attempt that failed, in the cluster too: one that got far enough has left a node there
    /// that is ready, beside which kubeadm makes no other.
    async fn begin_again(&self, node: &Node<'_>, failed: &Failed, task: &Task) -> Result<(), Problem> {
        tracing::warn!("{} has not joined, and tries it once more: {failed}", node.name);
        if failed.is_about_the_token() {
            self.assembly.doubt_token().await;
        }
        kubeadm::reset(node, NAME, &self.assembly.cluster, task).await?;
        self.forget(node, task).await
    }

    /// Does what kubeadm does last on a worker, which it gives up too soon: waits until the cluster knows the node, and
    /// notes there what runs its containers.
    async fn introduce(&self, node: &Node<'_>, task: &Task) -> Result<(), Problem> {
        let Assembly { cluster, view, .. } = self.assembly;
        let name = node.name.as_str();
        let known = |seen: &Snapshot| match seen.nodes.contains_key(name) {
            true => Ok(()),
            false => Err("waiting until the cluster knows it".to_owned()),
        };
        view.until(known, |so_far| task.note(so_far)).await;
        let socket = cluster.runtime.socket(cluster.version);
        let note = async || view.kubectl().annotate_node(name, CRI_SOCKET, socket).await;
        Ok(insist(note, |so_far| task.note(so_far)).await?)
    }

    /// One attempt.
    async fn join(&self, node: &Node<'_>, task: &Task) -> Result<(), Problem> {
        let assembly = self.assembly;
        let member = node.member(assembly)?;
        let call = calls::join(&assembly.cluster, member, &assembly.pki.token, &assembly.pki.discovery_hash())?;
        let files = [assembly.pki.for_join(&assembly.cluster, member)?, call.files.clone()].concat();
        kubeadm::prepare(node, NAME, assembly, files).await?;
        task.note("waiting until the cluster knows the token");
        assembly.until_token_is_known().await?;
        match kubeadm::run(node, NAME, "join", &call.command, task).await {
            Err(Problem::Kubeadm(failed)) if failed.is_about_the_node_object() && member.role == Role::Worker => {
                tracing::warn!("{}: {failed}; doing that for it", node.name);
                return self.introduce(node, task).await;
            }
            result => result?,
        }
        match calls::late_to_join(&assembly.cluster, member) {
            Some(words) => kubeadm::run(node, NAME, "join", &words, task).await,
            None => Ok(()),
        }
    }
}
