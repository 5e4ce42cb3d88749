//! The phase `join`: a node becomes a member of the cluster.

use std::time::Duration;

use kiln_console::Task;

use super::kubeadm::{self, Traces, Trouble};
use super::{Node, Phase, Problem, Story, Work};
use crate::cluster::{Assembly, leave};
use crate::kubernetes::kubeadm as calls;
use crate::lab::Role;

const NAME: &str = "join";

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
        Duration::from_secs(90)
    }

    fn is_done<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, Option<&'static str>> {
        Box::pin(async move {
            let traces = kubeadm::look(node, NAME).await?;
            kubeadm::set_clock(node, NAME, &traces, task).await?;
            let taken = traces.joined && !self.assembly.is_new.get();
            if taken && self.assembly.view.look().await?.nodes.contains_key(node.name.as_str()) {
                return Ok(Some("it joined before"));
            }
            self.begin(node, &traces, task).await.map(|()| None)
        })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let Err(problem) = self.join(node, task).await else { return Ok(()) };
            let Problem::Kubeadm(failed) = &problem else { return Err(problem) };
            tracing::warn!("{} has not joined, and tries it once more: {failed}", node.name);
            if failed.is_about_the_token() {
                self.assembly.doubt_token().await;
            }
            kubeadm::reset(node, NAME, &self.assembly.cluster, task).await?;
            self.join(node, task).await
        })
    }

    fn explain<'a>(&'a self, node: &'a Node<'_>) -> Story<'a> {
        Box::pin(async { Trouble::of(node, NAME).await.map(|trouble| trouble.to_string()) })
    }
}

impl Join<'_> {
    /// Clears the ground, on the node and in the cluster: the node can have been a member on another disk.
    async fn begin(&self, node: &Node<'_>, traces: &Traces, task: &Task) -> Result<(), Problem> {
        let assembly = self.assembly;
        if traces.any {
            kubeadm::reset(node, NAME, &assembly.cluster, task).await?;
        }
        if !assembly.is_new.get() {
            leave::forget(&assembly.view, &assembly.leader, node.member(assembly)?).await?;
        }
        Ok(())
    }

    /// One attempt.
    async fn join(&self, node: &Node<'_>, task: &Task) -> Result<(), Problem> {
        let assembly = self.assembly;
        let member = node.member(assembly)?;
        let call = calls::join(&assembly.cluster, member, &assembly.pki.token, &assembly.pki.discovery_hash())?;
        let files = [assembly.pki.for_join(&assembly.cluster, member)?, call.files.clone()].concat();
        kubeadm::prepare(node, NAME, &assembly.cluster, &files).await?;
        task.note("waiting until the cluster knows the token");
        assembly.until_token_is_known().await?;
        let _turn = match member.role {
            Role::ControlPlane => Some(assembly.turn.lock().await),
            Role::Worker => None,
        };
        kubeadm::run(node, NAME, &call, task).await
    }
}
