//! What the nodes of a lab are in its cluster, and how far they have come.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_images::durable;
use serde::Serialize;
use tokio::time::timeout;

use super::Row;
use crate::cluster::assembly::image_manifest;
use crate::cluster::snapshot::{NodeView, is_on};
use crate::cluster::{Snapshot, View};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::kubernetes::Version;
use crate::kubernetes::kubectl::Kubectl;
use crate::lab::Role;
use crate::state::State;
use crate::timings::{Outcome, Timings};
use crate::world::World;

/// What a node is in the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ClusterRow {
    /// What it is to do.
    pub role: Option<Role>,
    /// The version of its kubelet, such as `v1.20.2`.
    pub version: Option<String>,
    /// `Ready`, `NotReady` and what is bad besides; `unknown` where the API does not answer, `absent` where it does not
    /// know the node.
    pub condition: String,
    /// How many pods on it are in which state.
    pub pods: BTreeMap<String, usize>,
    /// How long ago its kubelet said so, in seconds.
    pub age_seconds: Option<u64>,
}

impl ClusterRow {
    /// The pods as they stand in a table: those that run first.
    pub fn pods_in_words(&self) -> Option<String> {
        let mut pods: Vec<_> = self.pods.iter().collect();
        pods.sort_by_key(|(state, _)| *state != "Running");
        let words: Vec<_> = pods.iter().map(|(state, count)| format!("{count} {state}")).collect();
        if words.is_empty() { None } else { Some(words.join(", ")) }
    }
}

/// Says of the nodes in which phase they are, or which they did not get past, as far as that was written down.
pub(super) fn add_phases(rows: &mut [Row], folder: &LabFolder) {
    let timings: Timings = match durable::load(&folder.timings()) {
        Ok(timings) => timings,
        Err(error) => {
            tracing::debug!(%error, "no phases are known");
            return;
        }
    };
    for row in rows {
        row.phase = phase(&timings, row.node.as_str());
    }
}

/// The phase that a node is in, or that failed last.
fn phase(timings: &Timings, node: &str) -> Option<String> {
    let last = timings.spans.iter().rfind(|span| span.subject == node && span.outcome != Outcome::Skipped)?;
    match last.outcome {
        Outcome::Running => Some(last.phase.clone()),
        Outcome::Failed => Some(format!("{} failed", last.phase)),
        Outcome::Done | Outcome::Skipped | Outcome::Aborted => None,
    }
}

/// Says of the nodes what they are in the cluster: what the API does not say within `limit` is not known. Says itself
/// whether the lab has one.
///
/// # Errors
/// Where the image of the control plane cannot be read.
pub(super) async fn add(
    world: &World,
    folder: &LabFolder,
    state: &State,
    rows: &mut [Row],
    limit: Duration,
) -> Result<bool, Error> {
    if state.nodes.values().all(|node| node.role.is_none()) {
        return Ok(false);
    }
    let snapshot = look(world, folder, state, rows, limit).await?;
    let now = Timestamp::now();
    for row in rows {
        let role = state.nodes.get(&row.node).and_then(|node| node.role);
        row.cluster = Some(cluster_row(role, &row.node, snapshot.as_ref(), now));
    }
    Ok(true)
}

/// Asks the API, if a machine runs that it could be on.
async fn look(
    world: &World,
    folder: &LabFolder,
    state: &State,
    rows: &[Row],
    limit: Duration,
) -> Result<Option<Snapshot>, Error> {
    let plane = rows.iter().find_map(|row| {
        let node = state.nodes.get(&row.node)?;
        (node.role == Some(Role::ControlPlane) && row.pid.is_some()).then_some(node)
    });
    let Some(node) = plane.filter(|_| folder.kubeconfig().exists()) else { return Ok(None) };
    let image = image_manifest(world, &folder.image(), &node.image.digest)?;
    let Some(Ok(version)) = image.kubernetes.as_ref().map(|version| version.parse::<Version>()) else {
        return Ok(None);
    };
    let view = View::new(Kubectl::new(&folder.kubeconfig()).with_limit(limit), version);
    match timeout(limit, view.look()).await {
        Ok(Ok(snapshot)) => Ok(Some(snapshot)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "the API does not answer");
            Ok(None)
        }
        Err(_) => Ok(None),
    }
}

fn cluster_row(role: Option<Role>, name: &NodeName, snapshot: Option<&Snapshot>, now: Timestamp) -> ClusterRow {
    let row = |condition: &str| ClusterRow { role, condition: condition.to_owned(), ..ClusterRow::default() };
    let Some(snapshot) = snapshot else { return row("unknown") };
    let Some(node) = snapshot.nodes.get(name.as_str()) else { return row("absent") };
    let mut pods = BTreeMap::new();
    for pod in snapshot.pods.iter().filter(|pod| is_on(pod, name)) {
        *pods.entry(pod.state()).or_default() += 1;
    }
    ClusterRow {
        role,
        version: Some(node.node.status.node_info.kubelet_version.clone()),
        condition: condition(node),
        pods,
        age_seconds: node.age(now).map(|age| age.as_secs()),
    }
}

fn condition(node: &NodeView) -> String {
    let ready = if node.ready().is_ok() { "Ready" } else { "NotReady" };
    let unschedulable = node.node.spec.unschedulable.then_some("SchedulingDisabled");
    std::iter::once(ready).chain(node.troubles()).chain(unschedulable).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::snapshot::tests::snapshot;
    use crate::timings::tests::timings;

    #[test]
    fn the_phase_that_a_node_did_not_get_past_is_told() {
        for (node, expected) in [("node1", Some("control-plane")), ("node2", Some("join failed")), ("node3", None)] {
            assert_eq!(phase(&timings(), node).as_deref(), expected, "{node}");
        }
    }

    #[test]
    fn a_row_says_how_the_node_is_and_how_old_that_is() {
        let now = "2026-01-31T12:00:15Z".parse().unwrap();
        let row = |name: &str| cluster_row(Some(Role::Worker), &name.parse().unwrap(), Some(&snapshot()), now);
        let node1 = row("node1");
        assert_eq!((node1.condition.as_str(), node1.age_seconds), ("Ready,MemoryPressure", Some(4)));
        assert_eq!(node1.pods_in_words().unwrap(), "2 Running, 1 Failed, 1 Succeeded, 1 Terminating");
        assert_eq!(row("node2").condition, "NotReady");
        assert_eq!(row("node9").condition, "absent");
        assert_eq!(cluster_row(None, &"node1".parse().unwrap(), None, now).condition, "unknown");
    }
}
