//! A lab file as it is written: every value well-formed by itself, nothing checked against anything else yet.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use ipnet::Ipv4Net;
use kiln_cloud_init::NodeName;
use kiln_images::size::{DiskSize, MemorySize};
use schemars::JsonSchema;
use serde::Deserialize;

use super::address;
use super::checkpoint::Checkpoints;
use super::kubernetes::{Kubernetes, Role};
use super::mesh::Mesh;
use super::name::LabName;

/// A lab: nodes cloned from golden images, and the network between them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Kiln lab")]
pub struct LabFile {
    /// The lab's name, which `clone` knows it by from then on.
    pub name: LabName,
    /// The golden image of the nodes: its name in the store, or its digest (`sha256:…`).
    pub image: String,
    /// The network between the nodes, such as `192.168.206.0/24`. It is private to the lab; two labs may have the same.
    #[serde(deserialize_with = "address::network")]
    #[schemars(with = "String")]
    pub network: Ipv4Net,
    /// What a node has that does not say otherwise.
    #[serde(default)]
    pub defaults: Defaults,
    /// The nodes, at least one.
    pub nodes: Vec<NodeEntry>,
    /// The Kubernetes cluster that is made of the nodes. The image has to have Kubernetes in it.
    pub kubernetes: Option<Kubernetes>,
    /// What is installed on the cluster when it is ready: a service mesh, and examples that run in it.
    pub mesh: Option<Mesh>,
    /// What every node does at its first boot, beside taking its identity.
    #[serde(default)]
    pub cloud_init: CloudInit,
    /// Which checkpoints are made without being asked for: `off`, or how many; the latest one of a lab that is ready, if
    /// nothing is said.
    #[serde(default)]
    pub checkpoint: Checkpoints,
}

/// What a node has that does not say otherwise.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Defaults {
    /// Virtual CPUs; 1 if nothing is said.
    pub cpus: Option<u32>,
    /// Memory, such as `2GiB`; 1 GiB if nothing is said.
    pub memory: Option<MemorySize>,
    /// The size of the root disk, such as `20GiB`; as large as the image if nothing is said.
    pub disk: Option<DiskSize>,
}

/// One node.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NodeEntry {
    /// Its name, which is its host name too.
    pub name: NodeName,
    /// Its address in the lab's network.
    #[serde(deserialize_with = "address::address")]
    #[schemars(with = "String")]
    pub ip: std::net::Ipv4Addr,
    /// Its golden image, if that is another one than the lab's.
    pub image: Option<String>,
    /// Virtual CPUs.
    pub cpus: Option<u32>,
    /// Memory, such as `2GiB`.
    pub memory: Option<MemorySize>,
    /// The size of the root disk, such as `20GiB`. It can be larger than the image, never smaller.
    pub disk: Option<DiskSize>,
    /// Ports of 127.0.0.1 on this host that lead into the node. SSH has one by itself.
    #[serde(default)]
    pub forwards: Vec<ForwardEntry>,
    /// What it does in the cluster. Without a role anywhere, the first node is the control plane; where some have one,
    /// the others are workers.
    pub role: Option<Role>,
}

/// A TCP port of 127.0.0.1 that leads into a node.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ForwardEntry {
    /// The port on this host, from 1024 on.
    pub host: u16,
    /// The port in the node.
    pub guest: u16,
}

/// What every node does at its first boot, beside taking its identity. `files`, `packages` and the commands are those
/// of cloud-init's modules `write_files`, `packages`, `bootcmd` and `runcmd`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CloudInit {
    /// Shell lines that run early at every boot.
    #[serde(default)]
    pub bootcmd: Vec<String>,
    /// Files that are written, owned by root.
    #[serde(default)]
    pub files: Vec<FileEntry>,
    /// Packages that are installed from the network.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Shell lines that run once, at the end of the first boot. The lab is up when they have ended.
    #[serde(default)]
    pub runcmd: Vec<String>,
    /// Other keys of cloud-config, as they are. Those that Kiln sets itself (users, host name, keys) are refused.
    #[serde(default)]
    pub config: BTreeMap<String, serde_json::Value>,
}

/// A file that is written on every node.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FileEntry {
    /// Where it goes; absolute.
    #[schemars(with = "String")]
    pub path: Utf8PathBuf,
    /// What is in it.
    pub content: String,
    /// Its permissions, as octal digits in quotes; `"0644"` if nothing is said.
    pub mode: Option<FileMode>,
}

/// The permissions of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-7]{3,4}$"))]
pub struct FileMode(pub u32);

impl TryFrom<String> for FileMode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = matches!(text.len(), 3 | 4) && text.bytes().all(|b| matches!(b, b'0'..=b'7'));
        match u32::from_str_radix(&text, 8) {
            Ok(mode) if digits => Ok(Self(mode)),
            _ => Err(format!("`{text}` is no file mode: give three or four octal digits in quotes, such as \"0644\"")),
        }
    }
}
