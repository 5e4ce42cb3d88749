//! The name of a node, which is its host name too.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest label of a host name, in bytes (RFC 1123 section 2.1, RFC 1035 section 2.3.4).
const MAX_LENGTH: usize = 63;

/// What every machine calls itself, and its neighbours, in the lines of `/etc/hosts` that it has before any node is named
/// there ([`crate::etc_hosts`]).
const RESERVED: [&str; 7] =
    ["localhost", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback", "ip6-allnodes", "ip6-allrouters"];

/// A node's name: one lower-case label of a host name, of `a-z`, `0-9` and inner `-`, 1 to 63 characters, that is
/// not `localhost` or another of the names that every machine has for itself.
///
/// There is no dot in it: it becomes the host name and the fully qualified name alike, so that Kubernetes, which
/// registers a node under one of the two, calls it by this name whichever it takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"))]
pub struct NodeName(String);

/// A text that cannot be the name of a node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be a node's name: {why}", why = why(.0))]
pub struct InvalidNodeName(String);

fn why(name: &str) -> &'static str {
    match RESERVED.contains(&name) {
        true => "every machine calls itself that",
        false => "take 1 to 63 characters of a-z, 0-9 and `-`, with no `-` at either end",
    }
}

impl NodeName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NodeName {
    type Err = InvalidNodeName;

    fn from_str(text: &str) -> Result<Self, InvalidNodeName> {
        let length = (1..=MAX_LENGTH).contains(&text.len());
        let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let label = length && letters && !text.starts_with('-') && !text.ends_with('-');
        if label && !RESERVED.contains(&text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidNodeName(text.to_owned()))
        }
    }
}

impl TryFrom<String> for NodeName {
    type Error = InvalidNodeName;

    fn try_from(text: String) -> Result<Self, InvalidNodeName> {
        text.parse()
    }
}

impl From<NodeName> for String {
    fn from(name: NodeName) -> Self {
        name.0
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_labels_of_host_names_are_taken() {
        let longest = "a".repeat(63);
        for good in ["node1", "n", "7", "a-b--c", &longest] {
            assert_eq!(good.parse::<NodeName>().unwrap().as_str(), good);
        }
        let too_long = "a".repeat(64);
        for bad in ["", "-a", "a-", "Node1", "a.b", "a_b", "a b", "a/b", "é", "a\n", &too_long] {
            assert_eq!(bad.parse::<NodeName>(), Err(InvalidNodeName(bad.to_owned())), "{bad:?}");
        }
    }

    #[test]
    fn no_node_is_called_what_every_machine_calls_itself() {
        let hosts = crate::etc_hosts([]);
        let names = hosts.lines().flat_map(|line| line.split_whitespace().skip(1));
        for name in names.filter(|name| !name.contains('.')) {
            let error = name.parse::<NodeName>().unwrap_err().to_string();
            assert_eq!(error, format!("`{name}` cannot be a node's name: every machine calls itself that"));
        }
        assert_eq!("localhost1".parse::<NodeName>().unwrap().as_str(), "localhost1");
    }

    #[test]
    fn a_bad_name_is_refused_while_a_file_is_read() {
        let error = serde_json::from_str::<NodeName>("\"Node1\"").unwrap_err();
        assert!(error.to_string().contains("`Node1` cannot be a node's name"), "{error}");
    }
}
