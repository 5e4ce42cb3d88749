//! What the API says of a cluster at one moment: nodes, their leases, and pods.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use kiln_cloud_init::NodeName;

use crate::kubernetes::kubectl::objects::{Lease, Node, Pod, Truth};

/// The namespaces in which what every cluster needs runs; flannel has one of its own since 0.18.
pub const SYSTEM_NAMESPACES: [&str; 2] = ["kube-system", "kube-flannel"];

/// What the API says of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Its nodes, by name.
    pub nodes: BTreeMap<String, NodeView>,
    /// Its pods.
    pub pods: Vec<Pod>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeView {
    /// What the API says of it.
    pub node: Node,
    /// When its kubelet gave a sign of life last, by the node's clock.
    pub heartbeat: Option<Timestamp>,
}

impl Snapshot {
    /// Puts together what belongs together.
    pub fn new(nodes: Vec<Node>, leases: Vec<Lease>, pods: Vec<Pod>) -> Self {
        let leases: BTreeMap<_, _> =
            leases.into_iter().map(|lease| (lease.metadata.name, lease.spec.renew_time)).collect();
        let view = |node: Node| {
            let lease = leases.get(&node.metadata.name).copied().flatten();
            // Before there were leases, and between their renewals, the condition itself is the sign of life.
            let heartbeat = lease.max(node.ready().and_then(|ready| ready.last_heartbeat_time));
            (node.metadata.name.clone(), NodeView { node, heartbeat })
        };
        Self { nodes: nodes.into_iter().map(view).collect(), pods }
    }

    /// Why the node is not ready: its kubelet has to have given a sign of life since `since`. What was true when a lab
    /// was saved, or went down, is no news.
    ///
    /// # Errors
    /// The reason, in words.
    pub fn node_ready(&self, name: &NodeName, since: Timestamp) -> Result<(), String> {
        let Some(node) = self.nodes.get(name.as_str()) else {
            return Err("it is not registered".to_owned());
        };
        match node.heartbeat {
            Some(heartbeat) if heartbeat >= since => node.ready(),
            Some(_) => Err("its kubelet has not renewed its lease yet".to_owned()),
            None => Err("its kubelet has given no sign of life".to_owned()),
        }
    }

    /// The latest sign of life of a node, by its own clock.
    pub fn heartbeat(&self, name: &NodeName) -> Option<Timestamp> {
        self.nodes.get(name.as_str())?.heartbeat
    }

    /// Why the system's pods on a node are not all well. There has to be one of each program in `needed`, such as
    /// `kube-proxy`, whose name the pod's begins with.
    ///
    /// # Errors
    /// The first that is not, in words.
    pub fn system_pods_well(&self, name: &NodeName, needed: &[&str]) -> Result<(), String> {
        let here = || self.system_pods().filter(|pod| is_on(pod, name));
        let is = |pod: &Pod, program: &str| {
            pod.metadata.name.strip_prefix(program).is_some_and(|rest| rest.starts_with('-'))
        };
        if let Some(missing) = needed.iter().find(|program| !here().any(|pod| is(pod, program))) {
            return Err(format!("it has no {missing} yet"));
        }
        match here().find(|pod| !pod.is_well()) {
            Some(pod) => Err(format!("pod {} is {}", pod.metadata.name, pod.state())),
            None => Ok(()),
        }
    }

    /// Why the system's pods that no node has are not all well: those that wait for a place, and the name service if the
    /// cluster is to have one.
    ///
    /// # Errors
    /// The first thing that is not as it should be, in words.
    pub fn cluster_well(&self, needs_dns: bool) -> Result<(), String> {
        if let Some(pod) = self.system_pods().find(|pod| pod.spec.node_name.is_none() && !pod.is_well()) {
            return Err(format!("pod {} is on no node yet", pod.metadata.name));
        }
        if needs_dns && !self.system_pods().any(|pod| pod.metadata.name.starts_with("coredns-")) {
            return Err("there is no coredns yet".to_owned());
        }
        Ok(())
    }

    /// The pods of the namespaces [`SYSTEM_NAMESPACES`].
    pub fn system_pods(&self) -> impl Iterator<Item = &Pod> {
        self.pods.iter().filter(|pod| SYSTEM_NAMESPACES.contains(&pod.metadata.namespace.as_str()))
    }
}

/// Whether the pod is bound to this node.
pub fn is_on(pod: &Pod, node: &NodeName) -> bool {
    pod.spec.node_name.as_deref() == Some(node.as_str())
}

impl NodeView {
    /// Whether it said that it is ready, last.
    ///
    /// # Errors
    /// Why it is not, in its words.
    pub fn ready(&self) -> Result<(), String> {
        match self.node.ready() {
            Some(ready) if ready.status == Truth::True => Ok(()),
            Some(ready) if ready.message.is_empty() => Err("it is not ready".to_owned()),
            Some(ready) => Err(ready.message.clone()),
            None => Err("its kubelet has not said yet whether it is ready".to_owned()),
        }
    }

    /// The conditions that are bad, such as `MemoryPressure`.
    pub fn troubles(&self) -> impl Iterator<Item = &str> {
        let conditions = self.node.status.conditions.iter();
        conditions.filter(|it| it.kind != "Ready" && it.status == Truth::True).map(|it| it.kind.as_str())
    }

    /// How long ago the kubelet gave a sign of life. A node whose clock is ahead gave it now.
    pub fn age(&self, now: Timestamp) -> Option<Duration> {
        self.heartbeat.map(|heartbeat| Duration::try_from(now.duration_since(heartbeat)).unwrap_or_default())
    }
}

#[cfg(test)]
pub(crate) mod tests;
