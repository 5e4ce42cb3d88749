//! What the API says of a cluster at one moment: nodes, their leases, and pods.
//!
//! Only what is looked at is read of the objects (Kubernetes API reference: Node v1, Lease v1, Pod v1).

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use serde::Deserialize;

/// The namespaces in which what every cluster needs runs; flannel has one of its own since 0.18.
pub const SYSTEM_NAMESPACES: [&str; 2] = ["kube-system", "kube-flannel"];

/// What the API says of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Its nodes, by name.
    pub nodes: BTreeMap<String, NodeView>,
    /// Its pods.
    pub pods: Vec<PodView>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeView {
    /// The version of its kubelet, such as `v1.20.2`.
    pub version: String,
    /// When its kubelet gave a sign of life last, by the node's clock.
    pub heartbeat: Option<Timestamp>,
    /// Its condition `Ready`: whether it is, and why not.
    pub ready: Result<(), String>,
    /// The conditions beside that are bad, such as `MemoryPressure`.
    pub troubles: Vec<String>,
}

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodView {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The node it is bound to.
    pub node: Option<String>,
    /// Its address.
    pub ip: Option<Ipv4Addr>,
    /// What it does, in a word: `Running`, `Pending`, `Succeeded`, or why it does not run (`CrashLoopBackOff`).
    pub state: String,
    /// Whether it does what it is for: it runs and is ready, or has done it.
    pub well: bool,
}

/// The text of the three lists.
#[derive(Debug, Clone, Copy)]
pub struct Lists<'a> {
    /// `NodeList`.
    pub nodes: &'a [u8],
    /// `LeaseList` of the namespace `kube-node-lease`, where the version has it.
    pub leases: Option<&'a [u8]>,
    /// `PodList`.
    pub pods: &'a [u8],
}

impl Lists<'_> {
    /// Where the API has the nodes. A raw path needs no discovery, for which an emulated API server takes seconds.
    pub const NODES: &'static str = "/api/v1/nodes";
    /// Where it has their leases.
    pub const LEASES: &'static str = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    /// Where it has the pods of all namespaces.
    pub const PODS: &'static str = "/api/v1/pods";
}

impl Snapshot {
    /// Reads what the API has answered.
    ///
    /// # Errors
    /// Where it is not what the API answers.
    pub fn parse(lists: Lists<'_>) -> Result<Self, serde_json::Error> {
        let nodes: List<Node> = serde_json::from_slice(lists.nodes)?;
        let pods: List<Pod> = serde_json::from_slice(lists.pods)?;
        let leases: List<Lease> = lists.leases.map_or(Ok(List { items: Vec::new() }), serde_json::from_slice)?;
        let renewed: BTreeMap<_, _> =
            leases.items.into_iter().map(|lease| (lease.metadata.name, lease.spec.renew_time)).collect();
        let node = |node: Node| {
            let lease = renewed.get(&node.metadata.name).copied().flatten();
            (node.metadata.name.clone(), node.view(lease))
        };
        let nodes = nodes.items.into_iter().map(node).collect();
        Ok(Self { nodes, pods: pods.items.into_iter().map(Pod::view).collect() })
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
            Some(heartbeat) if heartbeat >= since => node.ready.clone(),
            Some(_) => Err("its kubelet has not renewed its lease yet".to_owned()),
            None => Err("its kubelet has given no sign of life".to_owned()),
        }
    }

    /// Why the system's pods on a node are not all well.
    ///
    /// # Errors
    /// The first that is not, in words.
    pub fn system_pods_well(&self, name: &NodeName, needs_proxy: bool) -> Result<(), String> {
        let here = || self.system_pods().filter(|pod| pod.node.as_deref() == Some(name.as_str()));
        if needs_proxy && !here().any(|pod| pod.name.starts_with("kube-proxy-")) {
            return Err("it has no kube-proxy yet".to_owned());
        }
        match here().find(|pod| !pod.well) {
            Some(pod) => Err(format!("pod {} is {}", pod.name, pod.state)),
            None => Ok(()),
        }
    }

    /// Why the system's pods that no node has are not all well: those that wait for a place, and the name service if the
    /// cluster is to have one.
    ///
    /// # Errors
    /// The first thing that is not as it should be, in words.
    pub fn cluster_well(&self, needs_dns: bool) -> Result<(), String> {
        if let Some(pod) = self.system_pods().find(|pod| pod.node.is_none() && !pod.well) {
            return Err(format!("pod {} is on no node yet", pod.name));
        }
        if needs_dns && !self.system_pods().any(|pod| pod.name.starts_with("coredns-")) {
            return Err("there is no coredns yet".to_owned());
        }
        Ok(())
    }

    /// The pods of the namespaces [`SYSTEM_NAMESPACES`].
    pub fn system_pods(&self) -> impl Iterator<Item = &PodView> {
        self.pods.iter().filter(|pod| SYSTEM_NAMESPACES.contains(&pod.namespace.as_str()))
    }
}

impl NodeView {
    /// How long ago the kubelet gave a sign of life. A node whose clock is ahead gave it now.
    pub fn age(&self, now: Timestamp) -> Option<Duration> {
        self.heartbeat.map(|heartbeat| Duration::try_from(now.duration_since(heartbeat)).unwrap_or_default())
    }
}

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    #[serde(default)]
    namespace: String,
    deletion_timestamp: Option<String>,
}

#[derive(Deserialize)]
struct Lease {
    metadata: Metadata,
    #[serde(default)]
    spec: LeaseSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LeaseSpec {
    renew_time: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Node {
    metadata: Metadata,
    status: NodeStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NodeStatus {
    #[serde(default)]
    conditions: Vec<Condition>,
    node_info: NodeInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NodeInfo {
    kubelet_version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    #[serde(default)]
    message: String,
    last_heartbeat_time: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Pod {
    metadata: Metadata,
    #[serde(default)]
    spec: PodSpec,
    status: PodStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec {
    node_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodStatus {
    #[serde(default)]
    phase: String,
    reason: Option<String>,
    #[serde(rename = "podIP")]
    pod_ip: Option<Ipv4Addr>,
    #[serde(default)]
    conditions: Vec<Condition>,
    #[serde(default)]
    container_statuses: Vec<ContainerStatus>,
}

#[derive(Deserialize)]
struct ContainerStatus {
    #[serde(default)]
    state: ContainerState,
}

#[derive(Default, Deserialize)]
struct ContainerState {
    waiting: Option<Waiting>,
}

#[derive(Deserialize)]
struct Waiting {
    reason: Option<String>,
}

impl Node {
    fn view(self, lease: Option<Timestamp>) -> NodeView {
        let conditions = self.status.conditions;
        let ready = conditions.iter().find(|condition| condition.kind == "Ready");
        // Before there were leases, and in between their renewals, the condition itself is the sign of life.
        let heartbeat = lease.max(ready.and_then(|condition| condition.last_heartbeat_time));
        let troubles = conditions.iter().filter(|condition| condition.kind != "Ready" && condition.status == "True");
        NodeView {
            version: self.status.node_info.kubelet_version,
            heartbeat,
            ready: match ready {
                Some(condition) if condition.status == "True" => Ok(()),
                Some(condition) if condition.message.is_empty() => Err("it is not ready".to_owned()),
                Some(condition) => Err(condition.message.clone()),
                None => Err("its kubelet has not said yet whether it is ready".to_owned()),
            },
            troubles: troubles.map(|condition| condition.kind.clone()).collect(),
        }
    }
}

impl Pod {
    fn view(self) -> PodView {
        let status = self.status;
        let ready = status.conditions.iter().any(|condition| condition.kind == "Ready" && condition.status == "True");
        let waiting = status.container_statuses.iter().find_map(|status| status.state.waiting.as_ref());
        let waiting = waiting.and_then(|waiting| waiting.reason.clone());
        let ends = self.metadata.deletion_timestamp.is_some();
        let well = match status.phase.as_str() {
            "Running" => ready && !ends,
            phase => phase == "Succeeded",
        };
        let state = match status.phase.as_str() {
            _ if ends => "Terminating".to_owned(),
            phase if well => phase.to_owned(),
            "Running" => waiting.unwrap_or_else(|| "not ready".to_owned()),
            phase => waiting.or(status.reason).unwrap_or_else(|| phase.to_owned()),
        };
        PodView {
            namespace: self.metadata.namespace,
            name: self.metadata.name,
            node: self.spec.node_name,
            ip: status.pod_ip,
            state,
            well,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
