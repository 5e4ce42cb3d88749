//! The cluster that a lab asks for: the section `kubernetes` of its file, whose values are well-formed by themselves.
//! [`super::check_kubernetes`] compares them with the rest of the file.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use ipnet::Ipv4Net;
use kiln_images::digest::Digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::address;

/// The addresses of pods where nothing is said: what flannel's manifest expects, too.
const DEFAULT_PODS: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 244, 0, 0), 16);
/// The addresses of services where nothing is said: kubeadm's own default.
const DEFAULT_SERVICES: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 96, 0, 0), 12);

/// The cluster that kubeadm makes of the nodes. The image says which version of Kubernetes it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Kubernetes {
    /// The addresses of pods; every node gets a /24 of them. `10.244.0.0/16` if nothing is said.
    #[serde(default = "default_pods", deserialize_with = "address::network")]
    #[schemars(with = "Option<String>")]
    pub pods: Ipv4Net,
    /// The addresses of services. `10.96.0.0/12` if nothing is said.
    #[serde(default = "default_services", deserialize_with = "address::network")]
    #[schemars(with = "Option<String>")]
    pub services: Ipv4Net,
    /// How pods on different nodes reach each other; `routes` if nothing is said.
    #[serde(default)]
    pub network: PodNetwork,
    /// Checks of kubeadm whose errors are ignored, by name, such as `NumCPU`.
    #[serde(default)]
    pub ignore_preflight: Vec<CheckName>,
    /// Phases of `kubeadm init` that are left out, such as `addon/coredns`.
    #[serde(default)]
    pub skip_phases: Vec<PhaseName>,
    /// Where the API of several control-plane nodes is reached: the name of a node, an address, or another name that the
    /// nodes resolve. The first control-plane node if nothing is said.
    pub endpoint: Option<Endpoint>,
    /// The container image of the pods that try the network between the nodes: it needs `sh`, `httpd` and `wget`, as
    /// `busybox` has them. An image that holds `kiln.local/probe:1` needs no other.
    pub probe_image: Option<String>,
}

/// How pods on different nodes reach each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PodNetwork {
    /// A bridge on every node and routes between them: needs no image and no internet.
    #[default]
    Routes,
    /// Flannel, from its own manifest.
    Flannel(Flannel),
    /// Another manifest, applied as it is: a file beside the lab file.
    Manifest(String),
}

/// Flannel's manifest. The addresses of pods and the network card are written into it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Flannel {
    /// The manifest: a file beside the lab file, or a URL.
    pub manifest: String,
    /// Second sources, asked in their order where the one before does not answer.
    #[serde(default)]
    pub also: Vec<String>,
    /// The SHA-256 of its bytes.
    #[schemars(with = "String")]
    pub sha256: Digest,
}

/// What a node does in the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It runs etcd and the API.
    ControlPlane,
    /// It runs pods.
    Worker,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ControlPlane => "control-plane",
            Self::Worker => "worker",
        })
    }
}

fn default_pods() -> Ipv4Net {
    DEFAULT_PODS
}

fn default_services() -> Ipv4Net {
    DEFAULT_SERVICES
}

/// A text that is none of the names it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Not the name of a check.
    #[error("`{0}` is no check of kubeadm's: a name such as NumCPU or Port-6443 is needed")]
    Check(String),
    /// All checks at once.
    #[error("`all` hides the faults that are not meant, too: name the checks, such as NumCPU")]
    AllChecks,
    /// Not the name of a phase.
    #[error("`{0}` is no phase of kubeadm's: a name such as addon/coredns is needed")]
    Phase(String),
    /// Not a name or an address.
    #[error("`{0}` is neither an IPv4 address nor a host name; the port is always 6443")]
    Endpoint(String),
}

/// Makes a type of the texts for which a function says that they are right.
macro_rules! checked_text {
    ($(#[$meta:meta])* $name:ident, $check:expr) => {
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        $(#[$meta])*
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                $check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text! {
    /// The name of a preflight check (kubeadm, `app/preflight/checks.go`, `Name`): `NumCPU`,
    /// `FileContent--proc-sys-net-ipv4-ip_forward`. Not `all`.
    #[schemars(extend("pattern" = "^[A-Za-z][A-Za-z0-9._-]*$"))]
    CheckName, check_name
}

checked_text! {
    /// The name of a phase of `kubeadm init` (`kubeadm init --help`): `addon/coredns`.
    #[schemars(extend("pattern" = "^[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?$"))]
    PhaseName, phase_name
}

checked_text! {
    /// An IPv4 address or a host name.
    Endpoint, endpoint
}

fn check_name(text: &str) -> Result<(), InvalidName> {
    if text.eq_ignore_ascii_case("all") {
        return Err(InvalidName::AllChecks);
    }
    let letters = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    let good = letters && text.starts_with(|first: char| first.is_ascii_alphabetic());
    if good { Ok(()) } else { Err(InvalidName::Check(text.to_owned())) }
}

fn phase_name(text: &str) -> Result<(), InvalidName> {
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let good = text.split('/').all(part) && text.split('/').count() <= 2;
    if good { Ok(()) } else { Err(InvalidName::Phase(text.to_owned())) }
}

fn endpoint(text: &str) -> Result<(), InvalidName> {
    // A label of a host name (RFC 1123), and 253 characters for all of them.
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let number = |label: &str| label.bytes().all(|b| b.is_ascii_digit());
    let name = text.len() <= 253 && text.split('.').all(label) && !text.split('.').all(number);
    if name || text.parse::<Ipv4Addr>().is_ok() { Ok(()) } else { Err(InvalidName::Endpoint(text.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_checks_are_taken() {
        for good in ["NumCPU", "Port-6443", "FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml", "numcpu"] {
            assert_eq!(good.parse::<CheckName>().unwrap().as_str(), good);
        }
        for all in ["all", "ALL"] {
            assert_eq!(all.parse::<CheckName>(), Err(InvalidName::AllChecks));
        }
        for bad in ["", "-x", "Num CPU", "NumCPU,Mem", "a\n"] {
            assert_eq!(bad.parse::<CheckName>(), Err(InvalidName::Check(bad.to_owned())), "{bad:?}");
        }
    }

    #[test]
    fn only_names_of_phases_are_taken() {
        for good in ["addon/coredns", "mark-control-plane", "kubelet-finalize"] {
            assert_eq!(good.parse::<PhaseName>().unwrap().as_str(), good);
        }
        for bad in ["", "/", "addon/", "addon/kube proxy", "Addon/coredns", "a/b/c", "-x"] {
            assert!(bad.parse::<PhaseName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_endpoint_is_a_name_or_an_address_without_a_port() {
        for good in ["192.168.206.200", "api", "api.lab.example"] {
            assert_eq!(good.parse::<Endpoint>().unwrap().as_str(), good);
        }
        for bad in ["", "api:6443", "192.168.206.256", "https://api", "API", "a..b", "-a", "10.0"] {
            assert!(bad.parse::<Endpoint>().is_err(), "{bad:?}");
        }
    }
}
