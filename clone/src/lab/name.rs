//! The name of a lab.

use std::fmt;
use std::str::FromStr;

use kiln_cloud_init::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest name of a lab, and of a node in it, in bytes.
///
/// The sockets of a machine lie in `$KILN_HOME/labs/<lab>/nodes/<node>/`, and Linux takes 107 bytes for the path of a
/// socket (unix(7)). With two names of this length 35 are left for `$KILN_HOME`, which holds the default of a user
/// whose name has 14 letters; a longer one is refused by itself, before anything starts.
pub const MAX_NAME_LENGTH: usize = 24;

/// A lab's name: as a node's, but of at most 24 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$"))]
pub struct LabName(NodeName);

/// A text that cannot be the name of a lab.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` cannot be a lab's name: take 1 to {MAX_NAME_LENGTH} characters of a-z, 0-9 and `-`, \
     with no `-` at either end"
)]
pub struct InvalidLabName(String);

impl LabName {
    /// The name that a folder of this name gives to the lab in it, if it has any letter or digit.
    pub fn of_folder(folder: &str) -> Option<Self> {
        let allowed = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
        let name: String = folder.to_ascii_lowercase().chars().map(allowed).take(MAX_NAME_LENGTH).collect();
        name.trim_matches('-').parse().ok()
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for LabName {
    type Err = InvalidLabName;

    fn from_str(text: &str) -> Result<Self, InvalidLabName> {
        match text.parse() {
            Ok(name) if text.len() <= MAX_NAME_LENGTH => Ok(Self(name)),
            _ => Err(InvalidLabName(text.to_owned())),
        }
    }
}

impl TryFrom<String> for LabName {
    type Error = InvalidLabName;

    fn try_from(text: String) -> Result<Self, InvalidLabName> {
        text.parse()
    }
}

impl From<LabName> for String {
    fn from(name: LabName) -> Self {
        name.0.into()
    }
}

impl fmt::Display for LabName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_name() {
        for (folder, expected) in [
            ("shop", Some("shop")),
            ("My Lab_2", Some("my-lab-2")),
            (".kiln", Some("kiln")),
            ("a-folder-of-a-very-long-name", Some("a-folder-of-a-very-long")),
            ("...", None),
            ("", None),
        ] {
            assert_eq!(LabName::of_folder(folder).as_ref().map(LabName::as_str), expected, "{folder}");
        }
    }

    #[test]
    fn only_labels_of_host_names_are_taken() {
        let longest = "a".repeat(MAX_NAME_LENGTH);
        for good in ["three-nodes", "a", "7", &longest] {
            assert_eq!(good.parse::<LabName>().unwrap().as_str(), good);
        }
        let too_long = "a".repeat(MAX_NAME_LENGTH + 1);
        for bad in ["", "-a", "a-", "Lab", "a.b", "../a", "a'b", "a b", "a\n", &too_long] {
            assert_eq!(bad.parse::<LabName>(), Err(InvalidLabName(bad.to_owned())), "{bad:?}");
        }
    }
}
