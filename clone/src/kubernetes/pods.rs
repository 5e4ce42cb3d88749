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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::check;
    use crate::state::tests::{node, state};

    const LAB: &str = "\
name: lab
image: image
network: 192.168.206.0/24
defaults: {cpus: 2}
kubernetes: {pods: 10.244.0.0/22}
nodes:
- {name: b, ip: 192.168.206.196}
- {name: a, ip: 192.168.206.197}
";

    fn allotted(state: &State) -> Vec<(&str, String)> {
        let nodes = state.nodes.iter();
        nodes
            .map(|(name, node)| (name.as_str(), node.pod_cidr.map_or_else(String::new, |net| net.to_string())))
            .collect()
    }

    #[test]
    fn a_node_keeps_its_addresses_and_new_ones_fill_the_gaps() {
        let lab = check::parse("lab.yaml", LAB).unwrap();
        let mut state = state([("a", node()), ("b", node())]);
        allot(&mut state, &lab);
        assert_eq!(allotted(&state), [("a", "10.244.1.0/24".to_owned()), ("b", "10.244.0.0/24".to_owned())]);

        state.nodes.remove(&"b".parse().unwrap());
        state.nodes.insert("c".parse().unwrap(), node());
        let text = LAB.replace("{name: b, ip: 192.168.206.196}", "{name: c, ip: 192.168.206.198}");
        allot(&mut state, &check::parse("lab.yaml", &text).unwrap());
        assert_eq!(allotted(&state), [("a", "10.244.1.0/24".to_owned()), ("c", "10.244.0.0/24".to_owned())]);
    }

    #[test]
    fn without_a_cluster_nothing_is_given() {
        let text = LAB.replace("kubernetes: {pods: 10.244.0.0/22}\n", "");
        let mut state = state([("a", node()), ("b", node())]);
        allot(&mut state, &check::parse("lab.yaml", &text).unwrap());
        assert!(state.nodes.values().all(|node| node.pod_cidr.is_none() && node.role.is_none()));
    }

    #[test]
    fn another_network_gives_other_addresses() {
        let mut state = state([("a", node()), ("b", node())]);
        allot(&mut state, &check::parse("lab.yaml", LAB).unwrap());
        allot(&mut state, &check::parse("lab.yaml", &LAB.replace("10.244", "10.50")).unwrap());
        assert_eq!(allotted(&state), [("a", "10.50.1.0/24".to_owned()), ("b", "10.50.0.0/24".to_owned())]);
    }
}
