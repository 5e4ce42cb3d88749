//! Versions of Kubernetes.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An exact version of Kubernetes, such as 1.20.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

/// A text is no exact version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no exact version of Kubernetes: write all three numbers, such as 1.20.2")]
pub struct InvalidVersion(String);

impl Version {
    /// The first version whose kubelet has no dockershim, and cannot use Docker any more.
    pub const WITHOUT_DOCKERSHIM: Self = Self { major: 1, minor: 24, patch: 0 };

    /// Finds the version in what a program says of itself: `Kubernetes v1.20.2`.
    pub fn find_in(said: &str) -> Option<Self> {
        said.split_whitespace().find_map(|word| word.strip_prefix('v')?.split('+').next()?.parse().ok())
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let number = |part: &str| {
            let plain = part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
            plain.then(|| part.parse().ok()).flatten()
        };
        let parts: Option<Vec<u32>> = text.split('.').map(number).collect();
        match parts.as_deref() {
            Some([major, minor, patch]) => Ok(Self { major: *major, minor: *minor, patch: *patch }),
            _ => Err(InvalidVersion(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Version {
    type Error = InvalidVersion;

    fn try_from(text: String) -> Result<Self, InvalidVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_versions_are_taken() {
        for text in ["1.12.6", "1.20.2", "1.36.0"] {
            assert_eq!(text.parse::<Version>().unwrap().to_string(), text);
        }
        for text in ["", "1", "1.36", "v1.36.1", "1.36.1-rc.1", "1.36.x", "stable", "1.036.1", "1.2.3.4"] {
            assert!(text.parse::<Version>().is_err(), "{text} was taken");
        }
    }

    #[test]
    fn a_version_is_found_in_what_a_kubelet_says() {
        let found = |said| Version::find_in(said).map(|version| version.to_string());
        assert_eq!(found("Kubernetes v1.20.2\n").as_deref(), Some("1.20.2"));
        assert_eq!(found("Kubernetes v1.32.1+k3s1").as_deref(), Some("1.32.1"));
        assert_eq!(found("Kubernetes v1.36.0-rc.1"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn docker_ends_with_1_24() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("1.23.17") < Version::WITHOUT_DOCKERSHIM && version("1.24.0") >= Version::WITHOUT_DOCKERSHIM);
    }
}
