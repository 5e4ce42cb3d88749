//! The address of a network card.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A MAC address. It reads either case, and is always written in lower case: cloud-init 0.7.9 looks network cards up
/// by the text that sysfs has, and compares it exactly (`cloudinit/net/__init__.py`, `apply_network_config_names`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$"))]
pub struct MacAddr([u8; 6]);

/// A text that is no MAC address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a MAC address: write six pairs of hexadecimal digits, such as 52:54:00:12:34:56")]
pub struct InvalidMacAddr(String);

impl MacAddr {
    /// The prefix QEMU and libvirt give to virtual cards. Its second-lowest bit marks the address as locally
    /// administered, its lowest as that of one card (IEEE 802, section 8.2).
    pub(crate) const PREFIX: [u8; 3] = [0x52, 0x54, 0x00];

    /// The locally administered address 52:54:00 followed by `tail`.
    pub(crate) fn local(tail: [u8; 3]) -> Self {
        let [a, b, c] = Self::PREFIX;
        let [d, e, f] = tail;
        Self([a, b, c, d, e, f])
    }
}

impl FromStr for MacAddr {
    type Err = InvalidMacAddr;

    fn from_str(text: &str) -> Result<Self, InvalidMacAddr> {
        parse(text).ok_or_else(|| InvalidMacAddr(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<MacAddr> {
    let mut bytes = [0; 6];
    let mut pairs = text.split(':');
    for byte in &mut bytes {
        let pair = pairs.next()?;
        // `from_str_radix` would take a sign, too.
        if pair.len() != 2 || !pair.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    pairs.next().is_none().then_some(MacAddr(bytes))
}

impl TryFrom<String> for MacAddr {
    type Error = InvalidMacAddr;

    fn try_from(text: String) -> Result<Self, InvalidMacAddr> {
        text.parse()
    }
}

impl From<MacAddr> for String {
    fn from(mac: MacAddr) -> Self {
        mac.to_string()
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, f] = self.0;
        write!(out, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_cases_are_read_and_lower_case_is_written() {
        let mac: MacAddr = "52:54:00:AA:0b:C1".parse().unwrap();
        assert_eq!(mac.to_string(), "52:54:00:aa:0b:c1");
        assert_eq!(serde_json::to_string(&mac).unwrap(), "\"52:54:00:aa:0b:c1\"");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in
            ["", "52:54:00", "52-54-00-00-00-01", "52:54:00:00:00:0g", "52:54:00:00:00:+1", "52:54:00:00:00:01:02"]
        {
            assert_eq!(bad.parse::<MacAddr>(), Err(InvalidMacAddr(bad.to_owned())), "{bad:?}");
        }
    }
}
