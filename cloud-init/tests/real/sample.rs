//! A node for the tests.

use std::collections::BTreeMap;

use kiln_cloud_init::{Addressing, Extra, File, KeyPair, Login, Nic, Node, NodeName, Seed, Template, etc_hosts};
use uuid::Uuid;

/// The MAC address of the sample's first card. YAML 1.1 would take it for a number to the base of 60.
pub const NAT_MAC: &str = "52:54:00:12:34:56";

/// The MAC address of its second card.
pub const SERVICE_MAC: &str = "52:54:00:aa:00:02";

/// A public key that is a login's.
pub const USER_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@host";

/// The seed of node1, with two network cards and `extra`.
pub fn seed(extra: &Extra, password_hash: Option<String>) -> Seed {
    let names: Vec<NodeName> = ["node1", "node2", "node3"].map(|name| name.parse().unwrap()).into();
    let addresses = ["192.168.206.196", "192.168.206.197", "192.168.206.198"].map(|text| text.parse().unwrap());
    let login = Login { name: "centos".to_owned(), authorized_keys: vec![USER_KEY.to_owned()], password_hash };
    let template = Template::new(&etc_hosts(names.iter().zip(addresses)), &login, extra).unwrap();
    let host_key = KeyPair::generate("node1").unwrap();
    let service = Addressing::Static("192.168.206.196/24".parse().unwrap());
    let nics = [
        Nic { name: "eth0".to_owned(), mac: NAT_MAC.parse().unwrap(), addressing: Addressing::Dhcp },
        Nic { name: "eth1".to_owned(), mac: SERVICE_MAC.parse().unwrap(), addressing: service },
    ];
    let node = Node { name: &names[0], instance_id: Uuid::from_u128(1), host_key: &host_key, nics: &nics };
    Seed::new(&template, &node).unwrap()
}

/// Something of everything a lab can add.
pub fn everything() -> Extra {
    Extra {
        bootcmd: vec!["echo early >> /run/kiln".to_owned()],
        files: vec![
            File { path: "/etc/motd".into(), content: "hello\n\n  world \u{1f600}\n".to_owned(), mode: 0o644 },
            File { path: "/etc/sudoers.d/x".into(), content: "a: [b]\n\t# c\n".to_owned(), mode: 0o440 },
        ],
        packages: vec!["socat".to_owned()],
        runcmd: vec!["systemctl restart kubelet || true".to_owned()],
        cloud_config: BTreeMap::from([("timezone".to_owned(), "Europe/Berlin".into())]),
    }
}
