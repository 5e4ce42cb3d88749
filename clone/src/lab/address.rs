//! Addresses as they are written in a lab file, and what is said of those that are none.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::de::{Deserialize, Deserializer, Error};

/// Reads the address of a node.
pub(super) fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Ipv4Addr, D::Error> {
    let text = String::deserialize(from)?;
    let wrong = |_| format!("`{text}` is no IPv4 address: write four numbers from 0 to 255, such as 192.168.206.196");
    text.parse().map_err(wrong).map_err(D::Error::custom)
}

/// Reads a network.
pub(super) fn network<'de, D: Deserializer<'de>>(from: D) -> Result<Ipv4Net, D::Error> {
    let text = String::deserialize(from)?;
    let wrong = |_| format!("`{text}` is no IPv4 network: write its address and length, such as 192.168.206.0/24");
    text.parse().map_err(wrong).map_err(D::Error::custom)
}
