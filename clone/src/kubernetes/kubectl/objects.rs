//! What the API says, as far as it is looked at here (Kubernetes, `core/v1` and `coordination.k8s.io/v1`). Everything else
//! is left out when it is read.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::Deserialize;

/// A list of objects, as `kubectl get --output json` prints it.
#[derive(Debug, Clone, Deserialize)]
pub struct List<T> {
    /// The objects.
    pub items: Vec<T>,
}

/// What every object has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Its name.
    pub name: String,
    /// Where it is; empty for what is nowhere.
    #[serde(default)]
    pub namespace: String,
    /// Its labels.
    #[serde(default)]
    pub labels: std::collections::BTreeMap<String, String>,
    /// When it was made.
    pub creation_timestamp: Option<Timestamp>,
    /// When somebody asked for its end.
    pub deletion_timestamp: Option<Timestamp>,
}

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
    /// Where it is.
    #[serde(default)]
    pub addresses: Vec<Address>,
    /// What runs on it.
    pub node_info: NodeInfo,
}

/// One thing that is so, or not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What: `Ready`, `MemoryPressure`, `PodScheduled`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it is so.
    pub status: Truth,
    /// When that was said last.
    pub last_heartbeat_time: Option<Timestamp>,
    /// Why, in one word.
    #[serde(default)]
    pub reason: String,
    /// Why, in a sentence.
    #[serde(default)]
    pub message: String,
}

/// Whether a condition is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Truth {
    /// It is.
    True,
    /// It is not.
    False,
    /// Nobody has said for too long.
    Unknown,
}

/// An address of a node.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Address {
    /// What for: `InternalIP`, `Hostname`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The address.
    pub address: String,
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

    /// Whether it was ready when that was said last.
    pub fn is_ready(&self) -> bool {
        self.ready().is_some_and(|ready| ready.status == Truth::True)
    }

    /// The address the others reach it at.
    pub fn internal_ip(&self) -> Option<IpAddr> {
        let mut addresses = self.status.addresses.iter();
        addresses.find(|address| address.kind == "InternalIP").and_then(|address| address.address.parse().ok())
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

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Pod {
    /// Its name.
    pub metadata: Metadata,
    /// What it should be.
    pub spec: PodSpec,
    /// What it is.
    pub status: PodStatus,
}

/// What a pod should be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSpec {
    /// Where it runs, once that is decided.
    pub node_name: Option<String>,
    /// Its containers, without those that run before them.
    #[serde(default)]
    pub containers: Vec<Container>,
}

/// A container that a pod is to have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Container {
    /// Its name in the pod.
    pub name: String,
}

/// What a pod is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodStatus {
    /// How far it has come.
    pub phase: PodPhase,
    /// How it is.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// Its address.
    #[serde(rename = "podIP")]
    pub pod_ip: Option<IpAddr>,
    /// How those containers are that run before the others.
    #[serde(default)]
    pub init_container_statuses: Vec<ContainerStatus>,
    /// How its containers are.
    #[serde(default)]
    pub container_statuses: Vec<ContainerStatus>,
}

/// How far a pod has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum PodPhase {
    /// Not all its containers were started yet.
    Pending,
    /// It runs.
    Running,
    /// It has ended well.
    Succeeded,
    /// It has ended badly.
    Failed,
    /// Its node does not say.
    Unknown,
}

/// How a container is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerStatus {
    /// Its name in the pod.
    pub name: String,
    /// The image it is made of.
    #[serde(default)]
    pub image: String,
    /// Whether its readiness probe was answered.
    pub ready: bool,
    /// How often it was started again.
    pub restart_count: u32,
    /// What it does.
    #[serde(default)]
    pub state: ContainerState,
}

/// What a container does: one of these, or nothing known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct ContainerState {
    /// Why it waits to be started.
    pub waiting: Option<Reason>,
    /// How it ended.
    pub terminated: Option<Reason>,
}

/// Why something is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reason {
    /// In one word: `ImagePullBackOff`, `Error`.
    #[serde(default)]
    pub reason: String,
    /// In a sentence.
    #[serde(default)]
    pub message: String,
}

impl Pod {
    /// Whether it does what it should: it runs and is ready, or has ended well.
    pub fn is_well(&self) -> bool {
        let ready = || condition(&self.status.conditions, "Ready").is_some_and(|ready| ready.status == Truth::True);
        match self.status.phase {
            PodPhase::Succeeded => true,
            PodPhase::Running => ready() && self.metadata.deletion_timestamp.is_none(),
            PodPhase::Pending | PodPhase::Failed | PodPhase::Unknown => false,
        }
    }

    /// How many of its containers are ready, and how many it has.
    pub fn ready_containers(&self) -> (usize, usize) {
        let ready = self.status.container_statuses.iter().filter(|container| container.ready).count();
        (ready, self.spec.containers.len().max(self.status.container_statuses.len()))
    }

    /// Why it is not as it should be, in a sentence: what a container says that does not run, or what the scheduler says.
    pub fn message(&self) -> Option<&str> {
        let containers = self.status.init_container_statuses.iter().chain(&self.status.container_statuses);
        let reasons = containers.filter_map(|it| it.state.waiting.as_ref().or(it.state.terminated.as_ref()));
        let conditions = self.status.conditions.iter().filter(|condition| condition.status == Truth::False);
        let messages = reasons.map(|reason| &reason.message).chain(conditions.map(|condition| &condition.message));
        messages.map(String::as_str).find(|message| !message.is_empty())
    }

    /// Its state as `kubectl get pods` shows it: why a container does not run, or else how far the pod has come.
    pub fn state(&self) -> String {
        let containers = self.status.container_statuses.iter();
        let mut reasons = containers.filter_map(|container| {
            let state = &container.state;
            state.waiting.as_ref().or(state.terminated.as_ref()).map(|reason| reason.reason.as_str())
        });
        match reasons.find(|reason| !reason.is_empty()) {
            _ if self.metadata.deletion_timestamp.is_some() => "Terminating".to_owned(),
            Some(reason) => reason.to_owned(),
            None => format!("{:?}", self.status.phase),
        }
    }
}

fn condition<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What kubectl 1.20.2 printed of an API server of that version, without the fields of its own bookkeeping: a node
    /// that is ready, and one whose kubelet has never spoken; a pod that runs, and one that waits for a node.
    const NODES: &str = include_str!("../../../fixtures/kubectl-nodes.json");
    const LEASES: &str = include_str!("../../../fixtures/kubectl-leases.json");
    const PODS: &str = include_str!("../../../fixtures/kubectl-pods.json");

    fn items<T: serde::de::DeserializeOwned>(text: &str) -> Vec<T> {
        serde_json::from_str::<List<T>>(text).unwrap().items
    }

    #[test]
    fn nodes_are_read() {
        let nodes: Vec<Node> = items(NODES);
        let seen = nodes.iter().map(|node| (node.metadata.name.as_str(), node.is_ready(), node.internal_ip()));
        let address = "192.168.206.196".parse().ok();
        assert_eq!(seen.collect::<Vec<_>>(), [("node1", true, address), ("node2", false, None)]);
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

    #[test]
    fn pods_are_read() {
        let pods: Vec<Pod> = items(PODS);
        let seen = pods.iter().map(|pod| (pod.metadata.name.as_str(), pod.is_well(), pod.state()));
        assert_eq!(
            seen.collect::<Vec<_>>(),
            [("probe", true, "Running".to_owned()), ("waiting", false, "Pending".to_owned())]
        );
        assert_eq!(pods[0].spec.node_name.as_deref(), Some("node1"));
        assert_eq!(pods[0].status.pod_ip, "10.244.0.5".parse().ok());
        assert_eq!(pods[0].status.container_statuses[0].restart_count, 1);
    }

    #[test]
    fn the_state_of_a_pod_says_why_it_does_not_run() {
        let status = |phase: &str, state: &str| {
            let text = format!(
                r#"{{"metadata": {{"name": "a"}}, "spec": {{}}, "status": {{"phase": "{phase}",
                "containerStatuses": [{{"name": "c", "ready": false, "restartCount": 0, "state": {state}}}]}}}}"#
            );
            serde_json::from_str::<Pod>(&text).unwrap()
        };
        for (phase, state, expected) in [
            ("Pending", r#"{"waiting": {"reason": "ErrImageNeverPull"}}"#, "ErrImageNeverPull"),
            ("Succeeded", r#"{"terminated": {"exitCode": 0, "reason": "Completed"}}"#, "Completed"),
            ("Running", r#"{"running": {"startedAt": "2026-11-23T00:49:00Z"}}"#, "Running"),
        ] {
            assert_eq!(status(phase, state).state(), expected);
        }
        assert!(status("Succeeded", "{}").is_well() && !status("Failed", "{}").is_well());
        let mut ending = status("Running", "{}");
        ending.metadata.deletion_timestamp = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(ending.state(), "Terminating");
    }
}
