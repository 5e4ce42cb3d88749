//! What is written down of a cluster when its lab is saved.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::save::Scene;
use crate::cluster::{Snapshot, assembly};
use crate::kubernetes::pki::LEAF_LIFE;
use crate::state::State;

/// A cluster at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SavedCluster {
    /// The version of Kubernetes.
    pub version: String,
    /// When the first of its certificates ends.
    pub expires: Timestamp,
    /// What its nodes said of themselves: `node1: ready`.
    pub nodes: Vec<String>,
    /// The latest sign of life of each node that can be from before it was saved, by its own clock.
    #[serde(default)]
    pub heartbeats: BTreeMap<String, Timestamp>,
    /// How its system's pods were: `kube-system/etcd-node1: Running`.
    pub pods: Vec<String>,
}

impl SavedCluster {
    /// The cluster of the lab as it is, if it has one. One that does not answer is saved nevertheless: then only what is
    /// known without asking is written down.
    pub(super) async fn look(scene: &Scene<'_>) -> Result<Option<Self>, crate::error::Error> {
        let Some(expires) = expires(scene.state) else { return Ok(None) };
        let (changed, accelerator) = (Notify::new(), scene.hypervisor.facts().accelerator);
        let opened = assembly::open(scene.world, scene.folder, scene.lab, scene.state, accelerator, &changed).await?;
        let Some(assembly) = opened else { return Ok(None) };
        let snapshot = assembly.view.look().await.unwrap_or_else(|error| {
            tracing::warn!("how the cluster is was not written down: {error}");
            Snapshot::default()
        });
        let node = |(name, node): (&String, &crate::cluster::snapshot::NodeView)| {
            format!("{name}: {}", node.ready().map_or_else(|why| why, |()| "ready".to_owned()))
        };
        let pods = snapshot.system_pods();
        Ok(Some(Self {
            version: assembly.cluster.version.to_string(),
            expires,
            nodes: snapshot.nodes.iter().map(node).collect(),
            heartbeats: heartbeats(&snapshot),
            pods: pods
                .map(|pod| format!("{}/{}: {}", pod.metadata.namespace, pod.metadata.name, pod.state()))
                .collect(),
        }))
    }

    /// Looks again for signs of life, when the nodes go on: one may have come between the first look and the moment at
    /// which they were held. What is not known makes nothing but a restore slower.
    pub(super) async fn look_again(&mut self, scene: &Scene<'_>) {
        let (changed, accelerator) = (Notify::new(), scene.hypervisor.facts().accelerator);
        let look = async {
            let opened =
                assembly::open(scene.world, scene.folder, scene.lab, scene.state, accelerator, &changed).await?;
            let Some(assembly) = opened else { return Ok(BTreeMap::new()) };
            Ok::<_, crate::error::Error>(heartbeats(&assembly.view.look().await?))
        };
        self.heartbeats = look.await.unwrap_or_else(|error| {
            tracing::debug!(%error, "when the nodes gave a sign of life is not known");
            BTreeMap::new()
        });
    }
}

fn heartbeats(snapshot: &Snapshot) -> BTreeMap<String, Timestamp> {
    snapshot.nodes.iter().filter_map(|(name, node)| Some((name.clone(), node.heartbeat?))).collect()
}

/// How long before the first of its nodes was seen to have joined the certificates of a cluster were made, at most.
const JOINING: Duration = Duration::from_secs(24 * 3600);

/// When the first certificate of the cluster's members ends, or not long before that.
fn expires(state: &State) -> Option<Timestamp> {
    let first = state.nodes.values().filter_map(|node| node.joined).min()?;
    first.checked_add(LEAF_LIFE - JOINING).ok().or(Some(Timestamp::MAX))
}

/// How long before its end a certificate is told of.
pub(super) const NEAR: Duration = Duration::from_secs(14 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeState;
    use crate::state::tests::{node, state};

    #[test]
    fn certificates_end_no_later_than_a_year_after_the_first_node_joined() {
        assert_eq!(expires(&state([("node1", node())])), None);
        let joined = |text: &str| NodeState { joined: Some(text.parse().unwrap()), ..node() };
        let state = state([("node1", joined("2026-03-02T00:00:00Z")), ("node2", joined("2026-03-01T00:00:00Z"))]);
        assert_eq!(expires(&state).unwrap().to_string(), "2027-02-28T00:00:00Z");
    }
}
