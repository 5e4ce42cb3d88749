//! Which addresses the pods of each node have.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::lab::Lab;
use crate::lab::check_kubernetes::NODE_PREFIX;
use crate::state::State;

/// Writes into `state` what each node of the lab does in the cluster, and gives those that have none the lowest free /24
/// of the pods' addresses. A node keeps its own for life: others have routes to it. Without a cluster, nothing is done.
pub fn allot(state: &mut State, lab: &Lab) {
    let Some(kubernetes) = &lab.kubernetes else { return };
    let inside = |net: &Ipv4Net| kubernetes.pods.contains(net);
    for node in &lab.nodes {
        let taken: BTreeSet<_> = state.nodes.values().filter_map(|node| node.pod_cidr).collect();
        let Some(known) = state.nodes.get_mut(&node.name) else { continue };
        known.role = node.role;
        if !known.pod_cidr.as_ref().is_some_and(inside) {
            known.pod_cidr = parts(kubernetes.pods).find(|net| !taken.contains(net));
        }
    }
}

/// The networks of nodes in the network of all pods.
fn parts(pods: Ipv4Net) -> impl Iterator<Item = Ipv4Net> {
    let first = u32::from(pods.network()) >> (32 - NODE_PREFIX);
    let count = 1_u32 << NODE_PREFIX.saturating_sub(pods.prefix_len());
    (first..first + count).map(|index| Ipv4Net::new_assert(Ipv4Addr::from(index << (32 - NODE_PREFIX)), NODE_PREFIX))
}
