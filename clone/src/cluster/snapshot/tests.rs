use super::*;
use crate::kubernetes::kubectl::objects::List;

const INFO: &str = r#"{"kubeletVersion": "v1.20.2", "containerRuntimeVersion": "docker://20.10.24",
    "kernelVersion": "6.1.0", "osImage": "Debian GNU/Linux 12 (bookworm)", "bootID": "x"}"#;

/// A node whose kubelet renewed its lease at 12:00:10, one that went silent, and one without a lease.
pub(crate) const NODES: &str = r#"{"kind": "NodeList", "items": [
  {"metadata": {"name": "node1"}, "status": {"nodeInfo": INFO, "conditions": [
    {"type": "MemoryPressure", "status": "True", "message": "too little"},
    {"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-01-31T12:00:01Z", "message": "kubelet is posting"}]}},
  {"metadata": {"name": "node2"}, "status": {"nodeInfo": INFO, "conditions": [
    {"type": "Ready", "status": "Unknown", "lastHeartbeatTime": "2026-01-31T11:00:00Z",
     "message": "Kubelet stopped posting node status."}]}},
  {"metadata": {"name": "node3"}, "status": {"nodeInfo": INFO, "conditions": [
    {"type": "Ready", "status": "False", "lastHeartbeatTime": "2026-01-31T12:00:05Z", "message": "cni is missing"}]}}]}"#;

pub(crate) const LEASES: &str = r#"{"kind": "LeaseList", "items": [
  {"metadata": {"name": "node1", "namespace": "kube-node-lease"}, "spec": {"renewTime": "2026-01-31T12:00:10.123456Z"}},
  {"metadata": {"name": "node2", "namespace": "kube-node-lease"}, "spec": {}}]}"#;

pub(crate) const PODS: &str = r#"{"kind": "PodList", "items": [
  {"metadata": {"name": "etcd-node1", "namespace": "kube-system"}, "spec": {"nodeName": "node1"},
   "status": {"phase": "Running", "podIP": "192.168.206.196", "conditions": [{"type": "Ready", "status": "True"}]}},
  {"metadata": {"name": "kube-proxy-aaaaa", "namespace": "kube-system"}, "spec": {"nodeName": "node1"},
   "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}},
  {"metadata": {"name": "kube-proxy-bbbbb", "namespace": "kube-system"}, "spec": {"nodeName": "node2"},
   "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}],
    "containerStatuses": [{"name": "kube-proxy", "ready": false, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}},
  {"metadata": {"name": "app", "namespace": "default"}, "spec": {"nodeName": "node1"},
   "status": {"phase": "Failed", "reason": "Evicted"}},
  {"metadata": {"name": "job", "namespace": "default"}, "spec": {"nodeName": "node1"}, "status": {"phase": "Succeeded"}},
  {"metadata": {"name": "gone", "namespace": "default", "deletionTimestamp": "2026-01-31T12:00:00Z"},
   "spec": {"nodeName": "node1"}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}},
  {"metadata": {"name": "coredns-x", "namespace": "kube-system"}, "spec": {}, "status": {"phase": "Pending"}}]}"#;

pub(crate) fn snapshot() -> Snapshot {
    Snapshot::new(items(&NODES.replace("INFO", INFO)), items(LEASES), items(PODS))
}

fn items<T: serde::de::DeserializeOwned>(text: &str) -> Vec<T> {
    serde_json::from_str::<List<T>>(text).unwrap().items
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_node_is_ready_when_it_says_so_now() {
    let snapshot = snapshot();
    let early = time("2026-01-31T10:00:00Z");
    for (node, since, expected) in [
        ("node1", early, None),
        ("node1", time("2026-01-31T12:00:10Z"), None),
        ("node1", time("2026-01-31T12:00:11Z"), Some("its kubelet has not renewed its lease yet")),
        ("node2", early, Some("Kubelet stopped posting node status.")),
        ("node3", early, Some("cni is missing")),
        ("node4", early, Some("it is not registered")),
    ] {
        let reason = snapshot.node_ready(&node.parse().unwrap(), since).err();
        assert_eq!(reason.as_deref(), expected, "{node} {since}");
    }
    assert_eq!(snapshot.nodes["node1"].troubles().collect::<Vec<_>>(), ["MemoryPressure"]);
    assert_eq!(snapshot.nodes["node1"].age(time("2026-01-31T12:00:15Z")).unwrap().as_secs(), 4);
    assert_eq!(snapshot.nodes["node1"].age(early).unwrap(), Duration::ZERO, "its clock is ahead");
}

#[test]
fn pods_that_are_not_well_are_named_with_the_reason() {
    let snapshot = snapshot();
    let of = |node: &str| snapshot.system_pods_well(&node.parse().unwrap(), &["kube-proxy"]).err();
    assert_eq!(of("node1"), None);
    assert_eq!(of("node2").unwrap(), "pod kube-proxy-bbbbb is CrashLoopBackOff");
    assert_eq!(of("node3").unwrap(), "it has no kube-proxy yet");
    assert_eq!(snapshot.system_pods_well(&"node3".parse().unwrap(), &[]), Ok(()));
    let plane = |needed: &[&str]| snapshot.system_pods_well(&"node1".parse().unwrap(), needed);
    assert_eq!(plane(&["kube-proxy", "etcd"]), Ok(()));
    assert_eq!(plane(&["etcd", "kube-apiserver"]).unwrap_err(), "it has no kube-apiserver yet");
    assert_eq!(snapshot.cluster_well(true).unwrap_err(), "pod coredns-x is on no node yet");
}

#[test]
fn a_cluster_without_a_name_service_is_not_well_where_it_should_have_one() {
    let mut snapshot = snapshot();
    snapshot.pods.retain(|pod| !pod.metadata.name.starts_with("coredns"));
    assert_eq!(snapshot.cluster_well(false), Ok(()));
    assert_eq!(snapshot.cluster_well(true).unwrap_err(), "there is no coredns yet");
}
