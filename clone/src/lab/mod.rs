//! Labs as they are asked for: the file, its checks, the built-in ones, and which one a command means.
//!
//! [`file`] is the file as it is written, [`kubernetes`] the section of the cluster, [`mesh`] that of what is installed on it;
//! [`check`], [`check_kubernetes`] and [`check_mesh`] compare the values with each other and make a [`Lab`] of them, or all
//! the problems there are; [`select`] finds the file.

mod address;
pub mod base;
pub mod check;
pub mod check_files;
pub mod check_kubernetes;
pub mod check_mesh;
pub mod checkpoint;
pub mod edit;
pub mod file;
pub mod gallery;
pub mod kubernetes;
pub mod mesh;
pub mod name;
pub mod select;

use std::net::Ipv4Addr;

use camino::Utf8PathBuf;
pub use checkpoint::Checkpoints;
use ipnet::Ipv4Net;
use kiln_cloud_init::{Extra, NodeName};
use kiln_images::size::DiskSize;
pub use kubernetes::{Kubernetes, Role};
pub use mesh::Mesh;
pub use name::LabName;

/// A lab that was checked.
#[derive(Debug, Clone)]
pub struct Lab {
    /// Its name.
    pub name: LabName,
    /// The golden image of the nodes that name no other, as the file names it.
    pub image: String,
    /// The network between the nodes.
    pub network: Ipv4Net,
    /// The nodes, in the order of the file; at least one.
    pub nodes: Vec<Node>,
    /// What every node does at its first boot.
    pub extra: Extra,
    /// The cluster that is made of them, if there is to be one.
    pub kubernetes: Option<Kubernetes>,
    /// The checkpoints that it makes by itself.
    pub checkpoints: Checkpoints,
    /// What is installed on the cluster, if anything is.
    pub mesh: Option<Mesh>,
    /// The folder that files named in it are looked for in. Nothing where it is not known: see [`base`].
    pub base: Option<Utf8PathBuf>,
    /// The file it was read from, as text.
    pub text: String,
}

impl Lab {
    /// Where a file is that is named in it, if that is known.
    pub fn beside(&self, file: &str) -> Option<Utf8PathBuf> {
        self.base.as_ref().map(|base| base.join(file))
    }
}

/// A node of a lab, with the defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: NodeName,
    /// Its golden image, as the file names it.
    pub image: String,
    /// Its address in the lab's network.
    pub ip: Ipv4Addr,
    /// Virtual CPUs.
    pub cpus: u32,
    /// Memory, in MiB.
    pub memory_mib: u64,
    /// The size of its disk; that of the image if there is none.
    pub disk: Option<DiskSize>,
    /// Ports of the host that lead into it, beside SSH's.
    pub forwards: Vec<Forward>,
    /// What it does in the cluster; every node of a lab with a cluster does something.
    pub role: Option<Role>,
}

/// A TCP port of 127.0.0.1 on the host that leads to a port of a node.
pub type Forward = kiln_machines::Forward;

impl Lab {
    /// Whether the nodes have something to do at their first boot, which can fail. Only at its end, after their SSH
    /// servers answer, cloud-init says whether it went well.
    pub fn adds_to_first_boot(&self) -> bool {
        self.extra != Extra::default()
    }
}
