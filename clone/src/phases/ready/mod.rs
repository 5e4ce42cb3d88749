//! The phase `ready`: the node does its work in the cluster, and pods on it reach those on all others.
//!
//! A node says that it is ready by the lease that its kubelet renews: what the API remembers of it from before this
//! phase began is not asked. Then pods of ours try the network ([`probe`]).

mod probe;

use std::time::Duration;

use jiff::Timestamp;
use kiln_console::Task;

use super::kubeadm::Trouble;
use super::{Node, Phase, Story, Work};
use crate::cluster::Assembly;
pub use probe::Probe;

const NAME: &str = "ready";
/// How much older than the phase a sign of life may be, because the node's clock is that much behind.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Debug)]
pub struct Ready<'a> {
    /// The cluster that is made.
    pub assembly: &'a Assembly<'a>,
    /// What tries the network between the pods, where the cluster has an image for that.
    pub probe: Option<Probe<'a>>,
}

impl Phase for Ready<'_> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Duration {
        // Images may have to come from far away.
        Duration::from_secs(180)
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        // Only a sign of life from now on tells.
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let (assembly, begin) = (self.assembly, Timestamp::now() - CLOCK_TOLERANCE);
            let is_leader = *node.name == assembly.leader;
            let so_far = |reason: String| {
                if node.last_attempt.borrow().as_deref() != Some(reason.as_str()) {
                    task.note(reason.as_str());
                    node.last_attempt.replace(Some(reason));
                }
            };
            let works = |snapshot: &crate::cluster::Snapshot| {
                snapshot.node_ready(node.name, begin)?;
                snapshot.system_pods_well(node.name, assembly.has_proxy())?;
                if is_leader { snapshot.cluster_well(assembly.has_dns()) } else { Ok(()) }
            };
            if let Some(probe) = &self.probe {
                probe.begin().await?;
            }
            assembly.view.until(works, so_far).await;
            match &self.probe {
                Some(probe) => probe.try_network(node, so_far).await,
                None if is_leader => {
                    tracing::warn!(
                        "the network between the pods was not tried: the image `{}` has no container image to try it with\n\
                         name one in the lab file: `kubernetes: {{probe-image: …}}`",
                        node.state.image.name
                    );
                    Ok(())
                }
                None => Ok(()),
            }
        })
    }

    fn explain<'a>(&'a self, node: &'a Node<'_>) -> Story<'a> {
        Box::pin(async { Trouble::of(node, NAME).await.map(|trouble| trouble.to_string()) })
    }
}
