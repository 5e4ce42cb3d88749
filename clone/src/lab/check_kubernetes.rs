//! What the types of the section `kubernetes` cannot say: its values compared with each other and with the nodes.

use ipnet::Ipv4Net;
use kiln_document::{Path, Problems, path};
use kiln_images::download::{check_source, check_sources};

use super::check::nat_network;
use super::file::LabFile;
use super::kubernetes::{Kubernetes, PodNetwork, Role};

/// Every node gets a network of this length (kube-controller-manager, `--node-cidr-mask-size`).
pub const NODE_PREFIX: u8 = 24;
/// The largest networks of pods and services: kubeadm takes no pods larger than 2^16 nodes (`validation.go`,
/// `PodSubnetNodeMaskMaxDiff`), the API server no services larger than 2^20 (`--service-cluster-ip-range`).
const LARGEST_PODS: u8 = 8;
const LARGEST_SERVICES: u8 = 12;
/// The smallest network of services: kubeadm wants ten addresses (`constants.go`, `MinimumAddressesInServiceSubnet`).
const SMALLEST_SERVICES: u8 = 28;
/// The check that a control plane with one processor fails, and how many it wants (kubeadm, `constants.go`,
/// `ControlPlaneNumCPU`).
const CPU_CHECK: &str = "NumCPU";
const CPUS: u32 = 2;

/// Adds every problem of the section, and of the roles of the nodes.
pub(super) fn check(file: &LabFile, problems: &mut Problems) {
    let Some(kubernetes) = &file.kubernetes else {
        stray_roles(file, problems);
        return;
    };
    range(kubernetes.pods, "pods", LARGEST_PODS..=NODE_PREFIX, problems);
    range(kubernetes.services, "services", LARGEST_SERVICES..=SMALLEST_SERVICES, problems);
    overlaps(file, kubernetes, problems);
    room(file, kubernetes, problems);
    control_planes(file, kubernetes, problems);
    let at = path!["kubernetes", "network"];
    match &kubernetes.network {
        PodNetwork::Manifest(manifest) if manifest.is_empty() => {
            problems.add(at.at("manifest"), "the name of a file is needed");
        }
        PodNetwork::Flannel(flannel) => {
            check_source(problems, at.at("flannel").at("manifest"), &flannel.manifest);
            check_sources(problems, &at.at("flannel").at("also"), &flannel.also);
        }
        _ => {}
    }
}

/// What each node does in the cluster: without a role anywhere the first is the control plane, and nodes without one are
/// workers.
pub(super) fn roles(file: &LabFile) -> Vec<Option<Role>> {
    let named = file.nodes.iter().any(|node| node.role.is_some());
    let role = |(index, role): (usize, Option<Role>)| match role {
        Some(role) => role,
        None if index == 0 && !named => Role::ControlPlane,
        None => Role::Worker,
    };
    let roles = file.nodes.iter().map(|node| node.role).enumerate();
    roles.map(|node| file.kubernetes.as_ref().map(|_| role(node))).collect()
}

fn stray_roles(file: &LabFile, problems: &mut Problems) {
    for (index, _) in file.nodes.iter().enumerate().filter(|(_, node)| node.role.is_some()) {
        problems
            .add(path!["nodes", index, "role"], "a node has a role in a cluster, and the lab has none")
            .hint("add a section `kubernetes: {}`");
    }
}

fn range(net: Ipv4Net, key: &str, prefixes: std::ops::RangeInclusive<u8>, problems: &mut Problems) {
    let at = path!["kubernetes", key];
    if net.trunc() != net {
        problems
            .add(&at, format!("`{net}` is an address in a network, not a network"))
            .hint(format!("the network is {}", net.trunc()));
    }
    if !prefixes.contains(&net.prefix_len()) {
        problems.add(&at, format!("a network of /{} cannot hold the {key}", net.prefix_len())).hint(format!(
            "take /{} to /{}",
            prefixes.start(),
            prefixes.end()
        ));
    }
}

/// Three networks and that of the NAT must be apart from each other: a node sends a packet one way only.
fn overlaps(file: &LabFile, kubernetes: &Kubernetes, problems: &mut Problems) {
    let lab = (file.network, "the lab's network");
    let nat = (nat_network(), "which the nodes reach the internet through");
    let pods = (kubernetes.pods, "the addresses of pods");
    for (key, net, others) in
        [("pods", kubernetes.pods, vec![lab, nat]), ("services", kubernetes.services, vec![lab, nat, pods])]
    {
        for (other, what) in others.into_iter().filter(|(other, _)| overlap(net, *other)) {
            problems
                .add(path!["kubernetes", key], format!("the {key} `{net}` overlap {other}, {what}"))
                .hint(format!("say `{key}:` with another network"));
        }
    }
}

fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other.network()) || other.contains(&one.network())
}

fn room(file: &LabFile, kubernetes: &Kubernetes, problems: &mut Problems) {
    let spare = NODE_PREFIX.saturating_sub(kubernetes.pods.prefix_len());
    let room = 1_usize << spare.min(16);
    if file.nodes.len() > room {
        let count = file.nodes.len();
        problems
            .add(
                path!["kubernetes", "pods"],
                format!("`{}` has pods for {room} nodes, not for {count}", kubernetes.pods),
            )
            .hint(format!("every node takes a /{NODE_PREFIX}: take a larger network"));
    }
}

fn control_planes(file: &LabFile, kubernetes: &Kubernetes, problems: &mut Problems) {
    let roles = roles(file);
    let planes: Vec<_> = (0..roles.len()).filter(|index| roles[*index] == Some(Role::ControlPlane)).collect();
    if planes.is_empty() && !file.nodes.is_empty() {
        problems.add(path!["nodes"], "no node has the role `control-plane`").hint("a cluster needs at least one");
    }
    let ignored = kubernetes.ignore_preflight.iter().any(|check| check.as_str().eq_ignore_ascii_case(CPU_CHECK));
    for index in planes.into_iter().filter(|_| !ignored) {
        if file.nodes[index].cpus.or(file.defaults.cpus).unwrap_or(1) < CPUS {
            let at: Path = path!["nodes", index];
            let name = &file.nodes[index].name;
            problems
                .add(at.at("cpus"), format!("kubeadm wants {CPUS} processors for the control plane {name}"))
                .hint(format!("give it `cpus: {CPUS}`, or say `ignore-preflight: [{CPU_CHECK}]`"));
        }
    }
}
