//! What makes one machine a different one from its clones, derived and never drawn: the same lab has the same
//! identities after a reset, on another host, and in the next version of its file.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{MacAddr, NodeName};

/// The identity of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The UUID of its system board (SMBIOS type 1). It stays for the life of the lab; kubeadm's checks and systemd,
    /// which may take its machine-id from it, see a machine that was reset as the same machine.
    pub product_uuid: Uuid,
    /// cloud-init's instance-id. It changes with the generation, and with nothing else: a changed one makes
    /// cloud-init take the machine for a new one and do everything again.
    pub instance_id: Uuid,
    /// The address of every network card, in the order the cards were given.
    pub macs: Vec<MacAddr>,
}

impl Identity {
    /// Derives the identity of `node` in the lab `lab`.
    ///
    /// `generation` counts how often the node's disk was made anew. `cards` are the names of the network cards, which
    /// must differ. `taken` are the MAC addresses of the lab so far; those of this node are added. There are only 24
    /// bits to choose from, so that in one of nine labs of a thousand nodes two cards would agree: an address that is
    /// taken is passed over. Give the nodes that exist first, and they keep what they have.
    pub fn derive(lab: Uuid, node: &NodeName, generation: u32, cards: &[&str], taken: &mut BTreeSet<MacAddr>) -> Self {
        // A node's name holds no slash, so that no two of these texts can be the same.
        Self {
            product_uuid: Uuid::new_v5(&lab, format!("{node}/product").as_bytes()),
            instance_id: Uuid::new_v5(&lab, format!("{node}/instance/{generation}").as_bytes()),
            macs: cards.iter().map(|card| free_mac(lab, node, card, taken)).collect(),
        }
    }
}

fn free_mac(lab: Uuid, node: &NodeName, card: &str, taken: &mut BTreeSet<MacAddr>) -> MacAddr {
    let mut attempt = 0_u64;
    loop {
        let hash = Uuid::new_v5(&lab, format!("{node}/mac/{attempt}/{card}").as_bytes());
        let [a, b, c, ..] = *hash.as_bytes();
        let mac = MacAddr::local([a, b, c]);
        if taken.insert(mac) {
            return mac;
        }
        attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAB: Uuid = Uuid::from_u128(0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8);

    fn identity(node: &str, generation: u32) -> Identity {
        Identity::derive(LAB, &node.parse().unwrap(), generation, &["eth0", "eth1"], &mut BTreeSet::new())
    }

    #[test]
    fn an_identity_never_changes_between_versions() {
        // Written down: a change here would give every running lab new cards and new machine ids.
        let node1 = identity("node1", 0);
        assert_eq!(node1.product_uuid.to_string(), "7db116f3-6db5-5271-b604-f756aac5c9ec");
        assert_eq!(node1.instance_id.to_string(), "2db50803-8742-54b2-91b7-24e4909a1c64");
        assert_eq!(
            node1.macs.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["52:54:00:59:7b:b6", "52:54:00:b6:0b:cf"]
        );
    }

    #[test]
    fn a_generation_changes_the_instance_and_nothing_else() {
        let (before, after) = (identity("node1", 0), identity("node1", 1));
        assert_ne!(before.instance_id, after.instance_id);
        assert_eq!(before.product_uuid, after.product_uuid);
        assert_eq!(before.macs, after.macs);
    }

    #[test]
    fn a_thousand_nodes_share_nothing() {
        let mut macs = BTreeSet::new();
        let mut uuids = BTreeSet::new();
        for number in 0..1000 {
            let node = format!("node{number}").parse().unwrap();
            let identity = Identity::derive(LAB, &node, 0, &["eth0", "eth1"], &mut macs);
            uuids.extend([identity.product_uuid, identity.instance_id]);
        }
        assert_eq!((macs.len(), uuids.len()), (2000, 2000));
    }

    #[test]
    fn a_taken_address_is_passed_over() {
        let usual = identity("node1", 0).macs;
        let mut taken = BTreeSet::from([usual[1]]);
        let other = Identity::derive(LAB, &"node1".parse().unwrap(), 0, &["eth0", "eth1"], &mut taken).macs;
        assert_eq!(other[0], usual[0]);
        assert_ne!(other[1], usual[1]);
        assert_eq!(taken.len(), 3);
    }
}
