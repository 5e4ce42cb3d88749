//! `/etc/hosts`, the same on every node of a lab.

use std::net::IpAddr;

use crate::NodeName;

/// What every Linux has: cloud-init replaces the file, so that these lines must come along. The names are those of
/// Debian's and Red Hat's files together. A node's own name stands at its service address only, never at a loopback
/// one: kubelet and etcd would announce 127.0.1.1 to the others.
const LOCALHOST: &str = "\
127.0.0.1 localhost localhost.localdomain localhost4 localhost4.localdomain4
::1 localhost localhost.localdomain localhost6 localhost6.localdomain6 ip6-localhost ip6-loopback
ff02::1 ip6-allnodes
ff02::2 ip6-allrouters
";

/// The text of `/etc/hosts` (hosts(5)): the local host, and every node at its address, in the order given. Make it once
/// a lab.
pub fn etc_hosts<'a>(nodes: impl IntoIterator<Item = (&'a NodeName, IpAddr)>) -> String {
    let mut text = LOCALHOST.to_owned();
    for (name, address) in nodes {
        text.push_str(&format!("{address} {name}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_has_one_line_after_the_local_host() {
        let names: Vec<NodeName> = ["node1", "node2"].map(|name| name.parse().unwrap()).into();
        let addresses = ["192.168.206.196", "fd00::2"].map(|text| text.parse().unwrap());
        let text = etc_hosts(names.iter().zip(addresses));
        assert_eq!(text, format!("{LOCALHOST}192.168.206.196 node1\nfd00::2 node2\n"));
    }
}
