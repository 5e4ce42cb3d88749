//! What of a lab file is another than what exists, and what it takes to change that.

use kiln_images::digest::Digest;

use crate::lab::{Kubernetes, Lab, Node, check};
use crate::state::{NodeState, State};

/// What can only be changed by making the disk anew. A golden image that was baked anew under its old name is not
/// among it: a lab keeps what it was made of.
pub(super) fn lasting_changes(node: &Node, golden: Option<Digest>, state: &NodeState) -> Vec<String> {
    let mut reasons = Vec::new();
    match (state.role, node.role) {
        (Some(was), Some(is)) if was != is => reasons.push(format!("role {was} -> {is}")),
        (Some(was), None) => reasons.push(format!("role {was} -> none")),
        _ => {}
    }
    if state.image.name != node.image && Some(state.image.digest) != golden {
        reasons.push(format!("image {} -> {}", state.image.name, node.image));
    }
    if state.ip != node.ip {
        reasons.push(format!("ip {} -> {}", state.ip, node.ip));
    }
    let disk_bytes = node.disk.map(|disk| disk.bytes());
    if let Some(bytes) = disk_bytes.filter(|bytes| *bytes != state.disk_bytes) {
        reasons.push(format!("disk {} -> {}", mib(state.disk_bytes), mib(bytes)));
    }
    reasons
}

/// What of the cluster can only be changed by making it anew: what its certificates, its services and the addresses of its
/// pods are made of.
pub(super) fn cluster_changes(lab: &Lab, state: &State) -> Vec<String> {
    let Some(now) = &lab.kubernetes else { return Vec::new() };
    // A text that only another version of this program understands says nothing.
    let Some(was) = check::parse("", &state.file).ok().and_then(|lab| lab.kubernetes) else { return Vec::new() };
    let endpoint =
        |kubernetes: &Kubernetes| kubernetes.endpoint.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    let mut reasons = Vec::new();
    let mut compare = |what: &str, was: String, now: String| {
        if was != now {
            reasons.push(format!("{what} of the cluster {was} -> {now}"));
        }
    };
    compare("pods", was.pods.to_string(), now.pods.to_string());
    compare("services", was.services.to_string(), now.services.to_string());
    compare("endpoint", endpoint(&was), endpoint(now));
    if was.network != now.network {
        reasons.push("network of the cluster's pods".to_owned());
    }
    reasons
}

/// What is changed by starting the machine again.
pub(super) fn passing_changes(node: &Node, state: &NodeState) -> Vec<String> {
    let mut reasons = Vec::new();
    if state.cpus != node.cpus {
        reasons.push(format!("cpus {} -> {}", state.cpus, node.cpus));
    }
    if state.memory_mib != node.memory_mib {
        reasons.push(format!("memory {}MiB -> {}MiB", state.memory_mib, node.memory_mib));
    }
    if let (None, Some(role)) = (state.role, node.role) {
        reasons.push(format!("role none -> {role}"));
    }
    if state.forwards != node.forwards {
        reasons.push("forwarded ports".to_owned());
    }
    reasons
}

fn mib(bytes: u64) -> String {
    format!("{}MiB", bytes / 1024 / 1024)
}
