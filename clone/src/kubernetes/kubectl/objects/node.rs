//! Nodes, and the leases with which they say that they live.

use jiff::Timestamp;
use serde::Deserialize;

use super::{Condition, Metadata, condition};

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Node {
    /// Its name.
    pub metadata: Metadata,
    /// What it should be.
    #[serde(default)]
    pub spec: NodeSpec,
    /// What it is.
    pub status: NodeStatus,
}

/// What a node should be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeSpec {
    /// The addresses of its pods, where the controller manager gives them.
    #[serde(rename = "podCIDR")]
    pub pod_cidr: Option<ipnet::IpNet>,
    /// Whether new pods keep away from it.
    #[serde(default)]
    pub unschedulable: bool,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeStatus {
    /// How it is.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// What runs on it.
    pub node_info: NodeInfo,
}

/// What runs on a node.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeInfo {
    /// The kubelet: `v1.20.2`.
    pub kubelet_version: String,
    /// The container runtime: `docker://20.10.24`.
    pub container_runtime_version: String,
    /// The kernel.
    pub kernel_version: String,
    /// The system: `Debian GNU/Linux 12 (bookworm)`.
    pub os_image: String,
    /// The boot of the machine, by the kernel's name for it.
    #[serde(rename = "bootID")]
    pub boot_id: String,
}

impl Node {
    /// The condition `Ready`.
    pub fn ready(&self) -> Option<&Condition> {
        condition(&self.status.conditions, "Ready")
    }
}

/// The lease that a node renews while it lives; it has the name of the node.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Lease {
    /// Its name, which is that of the node.
    pub metadata: Metadata,
    /// How it is.
    pub spec: LeaseSpec,
}

/// How a lease is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseSpec {
    /// When it was renewed last, by the clock of the node.
    pub renew_time: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::super::Truth;
    use super::super::tests::items;
    use super::*;

    /// A node that is ready, and one whose kubelet has never spoken.
    const NODES: &str = include_str!("../../../../fixtures/kubectl-nodes.json");
    const LEASES: &str = include_str!("../../../../fixtures/kubectl-leases.json");

    #[test]
    fn nodes_are_read() {
        let nodes: Vec<Node> = items(NODES);
        let is_ready = |node: &Node| node.ready().is_some_and(|ready| ready.status == Truth::True);
        let seen = nodes.iter().map(|node| (node.metadata.name.as_str(), is_ready(node)));
        assert_eq!(seen.collect::<Vec<_>>(), [("node1", true), ("node2", false)]);
        assert_eq!(nodes[0].status.node_info.kubelet_version, "v1.20.2");
        assert_eq!(nodes[0].ready().unwrap().reason, "KubeletReady");
        assert_eq!(nodes[1].spec.pod_cidr, "10.244.1.0/24".parse().ok());
    }

    #[test]
    fn leases_are_read_to_the_microsecond() {
        let leases: Vec<Lease> = items(LEASES);
        assert_eq!(leases[0].metadata.name, "node1");
        assert_eq!(leases[0].spec.renew_time, "2026-11-23T00:50:01.123456Z".parse().ok());
    }
}
