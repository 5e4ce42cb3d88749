//! What is known about a golden image: `manifest.json` beside its disk.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::durable::Document;
use crate::name::Name;

/// The facts about a golden image that the baker hands to the cloner and to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// The digest of the disk's bytes: the image's identity.
    pub digest: Digest,
    /// The size of the disk as a guest sees it, in bytes.
    pub virtual_size_bytes: u64,
    /// The length of the disk's file, in bytes.
    pub file_size_bytes: u64,
    /// The name it was baked under.
    pub name: Name,
    /// The name of the recipe.
    pub recipe: Name,
    /// When it was baked.
    pub created: Timestamp,
    /// The version of Kiln that baked it.
    pub kiln: String,
    /// The operating system in it.
    pub os: Os,
    /// The user to log in as.
    pub user: String,
    /// The names the system gives to its network interfaces, in order.
    pub nics: Vec<String>,
    /// The version of the Kubernetes programs in it, such as `1.20.2`; none without them.
    pub kubernetes: Option<String>,
    /// The container runtime in it, such as `docker`; none without one.
    pub container_runtime: Option<String>,
    /// The container images that were loaded into it beforehand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub container_images: Vec<ContainerImage>,
    /// Who makes the control groups of its containers: the kubelet has to be told the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cgroup_driver: Option<CgroupDriver>,
    /// What it was baked on.
    pub base: Base,
    /// Its layers, the lowest first.
    pub layers: Vec<Layer>,
    /// The checks it passed.
    pub checks: Vec<PassedCheck>,
    /// The packages in it.
    pub packages: Vec<Package>,
}

/// An operating system, in the words of os-release(5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Os {
    /// `ID`, such as `debian`.
    pub id: String,
    /// `VERSION_ID`, such as `12`; empty where there is none (Debian testing).
    pub version: String,
    /// The family, by which its package manager and its habits are known.
    pub family: OsFamily,
    /// `PRETTY_NAME`, such as `Debian GNU/Linux 12 (bookworm)`.
    pub name: String,
}

/// Families of operating systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OsFamily {
    /// Debian, Ubuntu: dpkg and apt.
    Debian,
    /// Red Hat, CentOS, Fedora: rpm and yum or dnf.
    Rhel,
    /// SUSE: rpm and zypper.
    Suse,
    /// Alpine: apk.
    Alpine,
}

/// Who makes the control groups of containers. The container runtime and the kubelet must agree on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CgroupDriver {
    /// systemd, which is asked for each: the rule where systemd is process 1.
    #[default]
    Systemd,
    /// The runtime and the kubelet themselves, beside systemd.
    Cgroupfs,
}

impl CgroupDriver {
    /// The word for it, the same in dockerd's and in the kubelet's configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Cgroupfs => "cgroupfs",
        }
    }
}

/// What an image was baked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Base {
    /// In words: a URL, a file, or how it was bootstrapped.
    pub what: String,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// A layer of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Layer {
    /// Its name in the recipe.
    pub name: Name,
    /// The key it is cached under.
    pub key: String,
    /// How many steps it has.
    pub steps: u32,
    /// How long it took to make, in seconds; of a cached one, when it was made.
    pub seconds: u64,
}

/// A check that an image passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PassedCheck {
    /// The command that ended with status 0 in it.
    pub command: String,
}

/// A package in an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version, as its package manager writes it.
    pub version: String,
}

/// A container image in an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ContainerImage {
    /// Its name with its tag, such as `k8s.gcr.io/pause:3.2`.
    pub name: String,
    /// The digest of its configuration: what docker calls its id.
    pub digest: Digest,
}

impl Document for Manifest {
    const FORMAT: u32 = 1;
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A manifest of format 1. It must be readable for ever.
    const FORMAT_1: &str = include_str!("../fixtures/manifest-1.json");

    /// An image called `name` with the layers of the given keys.
    pub(crate) fn manifest(digest: Digest, name: &str, keys: &[&str]) -> Manifest {
        let name: Name = name.parse().unwrap();
        let layer = |key: &&str| Layer { name: name.clone(), key: (*key).to_owned(), steps: 1, seconds: 2 };
        Manifest {
            digest,
            virtual_size_bytes: 1 << 20,
            file_size_bytes: 196_640,
            recipe: name.clone(),
            created: Timestamp::UNIX_EPOCH,
            kiln: "0.1.0".to_owned(),
            os: Os {
                id: "debian".to_owned(),
                version: "12".to_owned(),
                family: OsFamily::Debian,
                name: "Debian GNU/Linux 12 (bookworm)".to_owned(),
            },
            user: "debian".to_owned(),
            nics: vec!["ens3".to_owned()],
            kubernetes: Some("1.20.2".to_owned()),
            container_runtime: None,
            container_images: Vec::new(),
            cgroup_driver: None,
            base: Base { what: "debootstrap".to_owned(), digest },
            layers: keys.iter().map(layer).collect(),
            checks: vec![PassedCheck { command: "true".to_owned() }],
            packages: vec![Package { name: "bash".to_owned(), version: "5.2.15-2".to_owned() }],
            name,
        }
    }

    #[test]
    fn format_1_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = camino::Utf8Path::from_path(folder.path()).unwrap().join("manifest.json");
        std::fs::write(&path, FORMAT_1).unwrap();
        let read: Manifest = crate::durable::load(&path).unwrap();
        assert_eq!(read, manifest(Digest::of_bytes(b""), "debian-12", &["k1"]));
        crate::durable::save(&path, &read).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), FORMAT_1);
    }
}
