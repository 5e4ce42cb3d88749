//! Comparing what the nodes say of themselves with what they should be, and with each other.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::Ipv4Addr;

use kiln_cloud_init::{MacAddr, NodeName};
use uuid::Uuid;

use super::Facts;

/// What a node should say of itself.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Its host name.
    pub hostname: &'a str,
    /// The UUID of its system board.
    pub product_uuid: Uuid,
    /// The line of its public host key.
    pub host_key: &'a str,
    /// The addresses of its network cards.
    pub macs: [MacAddr; 2],
    /// The name of the card on the lab's segment, and the address and prefix length it should have there.
    pub service: (&'a str, Ipv4Addr, u8),
}

impl Expected<'_> {
    /// What of it is not so, one line each.
    pub fn differences(&self, facts: &Facts) -> Vec<String> {
        let mut lines = Vec::new();
        let mut differs = |what: &str, wanted: &dyn Display, found: Option<String>| {
            let found = found.unwrap_or_else(|| "unknown".to_owned());
            lines.push(format!("its {what} should be {wanted}, and is {found}"));
        };
        if facts.hostname.as_deref() != Some(self.hostname) {
            differs("host name", &self.hostname, facts.hostname.clone());
        }
        if facts.product_uuid != Some(self.product_uuid) {
            differs("product UUID", &self.product_uuid, facts.product_uuid.map(|uuid| uuid.to_string()));
        }
        let host_key = self.host_key.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ");
        if facts.host_key.as_ref() != Some(&host_key) {
            differs("SSH host key", &host_key, facts.host_key.clone());
        }
        for mac in self.macs.iter().filter(|mac| facts.macs.values().all(|found| found != *mac)) {
            differs("network cards", &format!("{mac} and another"), Some(listed(facts.macs.values())));
        }
        let (card, ip, prefix) = self.service;
        if !facts.addresses.iter().any(|(on, found, length)| on == card && (*found, *length) == (ip, prefix)) {
            let found =
                facts.addresses.iter().filter(|(on, _, _)| on == card).map(|(_, ip, prefix)| format!("{ip}/{prefix}"));
            let found = Some(listed(found)).filter(|found| !found.is_empty()).or_else(|| Some("none".to_owned()));
            differs(&format!("address on {card}"), &format!("{ip}/{prefix}"), found);
        }
        if facts.machine_id.as_deref().is_none_or(|id| id.len() != 32) {
            differs("machine-id", &"32 digits", facts.machine_id.clone());
        }
        if facts.boot_id.is_none() {
            differs("boot id", &"a UUID", None);
        }
        lines
    }
}

/// Two nodes have something in common that they must not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{one} and {other} have the same {what}: {value}\n  \
     the golden image was not sealed: bake it again, then: clone reset --to golden"
)]
pub struct Shared {
    /// The first node.
    pub one: NodeName,
    /// The other one.
    pub other: NodeName,
    /// What it is, in words.
    pub what: &'static str,
    /// What both have.
    pub value: String,
}

/// Finds the first thing that two nodes have in common.
pub fn find_shared(found: &BTreeMap<NodeName, Facts>) -> Option<Shared> {
    let mut owners: BTreeMap<(&str, String), &NodeName> = BTreeMap::new();
    for (node, facts) in found {
        for (what, value) in unique(facts) {
            if let Some(one) = owners.insert((what, value.clone()), node).filter(|one| *one != node) {
                return Some(Shared { one: one.clone(), other: node.clone(), what, value });
            }
        }
    }
    None
}

/// What no two nodes may have in common. The addresses on the NAT side are the same on all, and may be.
fn unique(facts: &Facts) -> Vec<(&'static str, String)> {
    let one = |what, value: &Option<String>| value.iter().map(move |value| (what, value.clone())).collect::<Vec<_>>();
    let mut values = one("host name", &facts.hostname);
    values.extend(one("machine-id", &facts.machine_id));
    values.extend(one("product UUID", &facts.product_uuid.map(|uuid| uuid.to_string())));
    values.extend(one("random seed (boot id)", &facts.boot_id));
    values.extend(one("SSH host key", &facts.host_key));
    let cards = facts.macs.iter().filter(|(card, _)| card.starts_with("eth") || card.starts_with("en"));
    values.extend(cards.map(|(_, mac)| ("MAC address", mac.to_string())));
    values
}

fn listed<T: Display>(values: impl Iterator<Item = T>) -> String {
    values.map(|value| value.to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::facts::tests::ANSWER;
    use super::*;

    fn expected() -> Expected<'static> {
        Expected {
            hostname: "node1",
            product_uuid: "6ba7b810-9dad-51d1-80b4-00c04fd430c8".parse().unwrap(),
            host_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample kiln",
            macs: ["52:54:00:aa:00:01", "52:54:00:aa:00:02"].map(|mac| mac.parse().unwrap()),
            service: ("eth1", Ipv4Addr::new(192, 168, 206, 196), 24),
        }
    }

    #[test]
    fn a_node_that_is_who_it_should_be_has_no_differences() {
        assert_eq!(expected().differences(&Facts::parse(ANSWER)), Vec::<String>::new());
    }

    #[test]
    fn every_difference_is_named() {
        for (from, to, named) in [
            ("hostname node1", "hostname localhost", "its host name should be node1, and is localhost"),
            ("6BA7B810", "6BA7B811", "product UUID"),
            ("IExample", "IOther", "SSH host key"),
            ("aa:00:02", "aa:00:03", "network cards"),
            ("206.196/24", "206.196/16", "its address on eth1 should be 192.168.206.196/24, and is 192.168.206.196/16"),
            ("eth1 192.168.206.196/24", "eth2 192.168.206.196/24", "is none"),
            ("machine-id 0b7c", "machine-id ", "machine-id"),
            ("boot-id", "unknown", "boot id"),
        ] {
            let differences = expected().differences(&Facts::parse(&ANSWER.replace(from, to)));
            assert!(differences.len() == 1 && differences[0].contains(named), "{from}: {differences:?}");
        }
    }

    #[test]
    fn what_two_nodes_have_in_common_is_found() {
        let nodes = ["node1", "node2"].map(|name| name.parse::<NodeName>().unwrap());
        let other = ANSWER
            .replace("node1", "node2")
            .replace("0b7c", "1b7c")
            .replace("6BA7", "7BA7")
            .replace("2f1b", "3f1b")
            .replace("IExample", "IOther")
            .replace(":aa:", ":bb:");
        let apart =
            BTreeMap::from([(nodes[0].clone(), Facts::parse(ANSWER)), (nodes[1].clone(), Facts::parse(&other))]);
        assert_eq!(find_shared(&apart), None);
        for (from, to, what) in [
            ("1b7c", "0b7c", "machine-id"),
            ("3f1b", "2f1b", "random seed (boot id)"),
            ("IOther", "IExample", "SSH host key"),
            ("7BA7", "6BA7", "product UUID"),
            (":bb:00:01", ":aa:00:01", "MAC address"),
        ] {
            let mut found = apart.clone();
            found.insert(nodes[1].clone(), Facts::parse(&other.replace(from, to)));
            assert_eq!(find_shared(&found).unwrap().what, what);
        }
    }
}
