//! The seed's `network-config`: which network card has which name and address.
//!
//! It is version 1, without a top-level `network:` key: cloud-init 0.7.9 reads nothing else, and every later one reads
//! this, too. Address and netmask stand apart, because 0.7.9 copies `10.0.0.1/24` as it is into `IPADDR=`
//! (`cloudinit/net/sysconfig.py`). IPv6 has no form that all of them read.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::Serialize;

use crate::{Error, MacAddr, yaml};

/// The longest name of a network card: IFNAMSIZ (linux/if.h) less the closing zero, in bytes.
const MAX_NAME_LENGTH: usize = 15;

/// One network card of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nic {
    /// The name it gets in the guest, whatever the kernel called it: `eth0`.
    pub name: String,
    /// By which it is found.
    pub mac: MacAddr,
    /// Where its address comes from.
    pub addressing: Addressing,
}

/// Where the address of a network card comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// From the network's DHCP server, with the default route and the name servers.
    Dhcp,
    /// It is this one, in this network. There is no gateway: a second default route would compete with the first.
    Static(Ipv4Net),
}

#[derive(Serialize)]
struct NetworkConfig<'a> {
    version: u8,
    config: Vec<Physical<'a>>,
}

#[derive(Serialize)]
struct Physical<'a> {
    r#type: &'static str,
    name: &'a str,
    mac_address: MacAddr,
    /// 0.7.9 fails with a KeyError where it is missing.
    subnets: [Subnet; 1],
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Subnet {
    Dhcp,
    Static { address: Ipv4Addr, netmask: Ipv4Addr },
}

/// Writes the file for a node's network cards, in their order.
pub(crate) fn render(nics: &[Nic]) -> Result<String, Error> {
    check(nics)?;
    let config = nics.iter().map(|nic| Physical {
        r#type: "physical",
        name: &nic.name,
        mac_address: nic.mac,
        subnets: [match nic.addressing {
            Addressing::Dhcp => Subnet::Dhcp,
            Addressing::Static(net) => Subnet::Static { address: net.addr(), netmask: net.netmask() },
        }],
    });
    yaml::render("the network-config", &NetworkConfig { version: 1, config: config.collect() })
}

/// Whether Linux takes this as the name of a network card.
pub fn is_nic_name(name: &str) -> bool {
    let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=MAX_NAME_LENGTH).contains(&name.len()) && name.bytes().all(letters) && !matches!(name, "." | "..")
}

fn check(nics: &[Nic]) -> Result<(), Error> {
    let (mut names, mut macs) = (BTreeSet::new(), BTreeSet::new());
    for nic in nics {
        if !is_nic_name(&nic.name) {
            return Err(Error::NicName(nic.name.clone()));
        }
        if !names.insert(&nic.name) {
            return Err(Error::SameNic(format!("name `{}`", nic.name)));
        }
        if !macs.insert(nic.mac) {
            return Err(Error::SameNic(format!("address {}", nic.mac)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nic(name: &str, mac: &str, addressing: Addressing) -> Nic {
        Nic { name: name.to_owned(), mac: mac.parse().unwrap(), addressing }
    }

    fn service() -> Addressing {
        Addressing::Static("192.168.206.196/24".parse().unwrap())
    }

    #[test]
    fn it_is_the_shape_every_cloud_init_reads() {
        let nics = [nic("eth0", "52:54:00:AA:00:01", Addressing::Dhcp), nic("eth1", "52:54:00:aa:00:02", service())];
        let expected = r#"version: 1
config:
- type: physical
  name: eth0
  mac_address: 52:54:00:aa:00:01
  subnets:
  - type: dhcp
- type: physical
  name: eth1
  mac_address: 52:54:00:aa:00:02
  subnets:
  - type: static
    address: "192.168.206.196"
    netmask: "255.255.255.0"
"#;
        assert_eq!(render(&nics).unwrap(), expected);
    }

    #[test]
    fn an_address_of_digits_only_is_quoted() {
        let text = render(&[nic("eth0", "52:54:00:12:34:56", Addressing::Dhcp)]).unwrap();
        assert!(text.contains("mac_address: \"52:54:00:12:34:56\"\n"), "{text}");
    }

    #[test]
    fn names_and_addresses_must_be_usable_and_differ() {
        for bad in ["", "a/b", "..", "two words", "sixteen-letters-"] {
            let error = render(&[nic(bad, "52:54:00:00:00:01", Addressing::Dhcp)]).unwrap_err();
            assert!(matches!(error, Error::NicName(_)), "{bad:?}: {error}");
        }
        let one = nic("eth0", "52:54:00:00:00:01", Addressing::Dhcp);
        let same_name = [one.clone(), nic("eth0", "52:54:00:00:00:02", service())];
        assert!(render(&same_name).unwrap_err().to_string().contains("same name `eth0`"));
        let same_mac = [one, nic("eth1", "52:54:00:00:00:01", service())];
        assert!(render(&same_mac).unwrap_err().to_string().contains("same address 52:54:00:00:00:01"));
    }
}
