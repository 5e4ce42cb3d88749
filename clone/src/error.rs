//! What can go wrong in an operation on a lab. What the user is told of it, and with which exit code, is in
//! [`crate::errors`].

use camino::Utf8PathBuf;
use kiln_cloud_init::NodeName;
use kiln_images::durable::{DocumentError, LockError};
use kiln_images::home::HomeError;
use kiln_images::overlay::OverlayError;
use kiln_images::store::StoreError;
use kiln_images::{FileError, qemu_img};
use kiln_machines::ports::{self, Holder};

use crate::checkpoint::CheckpointError;
use crate::fetch::FetchError;
use crate::kubernetes::Unsuitable;
use crate::kubernetes::cni::manifest::ManifestError;
use crate::kubernetes::kubeadm::YamlError;
use crate::kubernetes::kubeconfig::users::UsersError;
use crate::kubernetes::pki::PkiError;
use crate::lab::LabName;
use crate::lab::edit::EditError;
use crate::mesh::MeshError;
use crate::phases::Failure;
use crate::phases::identity::Shared;
use crate::plan::NotAllowed;
use crate::ssh::files as ssh_files;

/// An operation on a lab failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lab file is wrong.
    #[error("{0}")]
    LabFile(Box<kiln_document::Problems>),
    /// The lab file asks for what the image does not have.
    #[error(
        "{node} cannot have a disk of {wanted}: the image `{image}` has {needed}\n  \
         ask for a disk of at least that size, or leave `disk` out"
    )]
    DiskTooSmall {
        /// The node.
        node: NodeName,
        /// The size of its disk in the lab file.
        wanted: String,
        /// The image.
        image: String,
        /// The size of the image's disk.
        needed: String,
    },
    /// Nothing says which lab is meant, or there is none of that name.
    #[error("{problem}{}", known_labs(.known))]
    NoLab {
        /// What is missing.
        problem: String,
        /// The labs that there are.
        known: Vec<LabName>,
    },
    /// The lab has no cluster, or none yet.
    #[error(
        "lab {lab} has no Kubernetes cluster yet\n  make one: a section `kubernetes` in the lab file, and clone up"
    )]
    NoCluster {
        /// The lab.
        lab: LabName,
    },
    /// A control plane was to go, and etcd does not know of it.
    #[error(
        "{node} stays: etcd was not told that it goes, and what remains of it could have no majority without it\n    \
         {problem}\n  \
         try it again when the API answers (clone status); if it cannot any more, make all anew: clone reset --to golden"
    )]
    EtcdNotTold {
        /// The node.
        node: NodeName,
        /// Why.
        problem: String,
    },
    /// The lab has no mesh.
    #[error(
        "lab {lab} installs nothing on its cluster\n  a section `mesh` in the lab file says what; clone up does it"
    )]
    NoMesh {
        /// The lab.
        lab: LabName,
    },
    /// Nothing of this name can be opened.
    #[error("lab {lab} has nothing called `{name}` to open\n  {}", doors(.known))]
    NoDoor {
        /// The lab.
        lab: LabName,
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The lab has no such node.
    #[error(
        "lab {lab} has no node `{node}`\n  it has: {}{}", listed(.known),
        if *.is_lab { format!("\n  a lab is named with: --lab {node}") } else { String::new() }
    )]
    NoNode {
        /// The lab.
        lab: LabName,
        /// What was asked for.
        node: String,
        /// The nodes that it has.
        known: Vec<NodeName>,
        /// Whether there is a lab of that name.
        is_lab: bool,
    },
    /// Someone else changes the lab.
    #[error("lab {lab} is being changed by {holder}\n  wait until that has ended, and try again")]
    Busy {
        /// The lab.
        lab: LabName,
        /// Who: process id and command line.
        holder: String,
    },
    /// Someone else has changed the lab.
    #[error(
        "lab {lab} was changed by somebody else meanwhile, and nothing was done\n  look at it, and try again: clone status {lab}"
    )]
    Changed {
        /// The lab.
        lab: LabName,
    },
    /// The plan loses what may not be lost.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// There are nodes of the lab, and nothing says what they are.
    #[error(
        "lab {lab} has nodes, but nothing says what they are: {state} is missing\n  \
             put it back, or remove what is left of the lab: clone destroy {lab}"
    )]
    NoState {
        /// The lab.
        lab: LabName,
        /// The file that is missing.
        state: Utf8PathBuf,
    },
    /// Two nodes would have the same address.
    #[error(
        "{node} cannot have the address {ip}: {other} has it, which the lab file does not have any more\n  \
         remove that node: clone up --remove"
    )]
    AddressTaken {
        /// The node of the lab file.
        node: NodeName,
        /// The address.
        ip: std::net::Ipv4Addr,
        /// The node that is not in the lab file.
        other: NodeName,
    },
    /// A node that was meant does not run.
    #[error(
        "{node} of lab {lab} does not run\n  {}: clone {} {lab}",
        if *.is_suspended { "the lab is suspended; go on with it" } else { "start it" },
        if *.is_suspended { "resume" } else { "up" },
    )]
    Down {
        /// The lab.
        lab: LabName,
        /// The node.
        node: NodeName,
        /// Whether it would go on from a checkpoint.
        is_suspended: bool,
    },
    /// The folder of a lab is a symbolic link.
    #[error(
        "the folder of lab {lab} is a symbolic link, which is not followed: {path}\n  \
         put the folder back in its place; where there is no room for it, mount a file system there, or have the whole home \
         elsewhere (KILN_HOME)"
    )]
    Linked {
        /// The lab.
        lab: LabName,
        /// The link.
        path: Utf8PathBuf,
    },
    /// A lab of the same name has another network.
    #[error(
        "the network of lab {lab} cannot be changed from {from} to {to} while it has nodes\n  \
         if this is another lab, give it another name in its file; else remove that one first: clone destroy {lab}"
    )]
    NetworkChanged {
        /// The lab.
        lab: LabName,
        /// The network it has.
        from: ipnet::Ipv4Net,
        /// The network the lab file asks for.
        to: ipnet::Ipv4Net,
    },
    /// A port that the lab file asks for is in use.
    #[error(
        "port {port}, which is to lead to {node}, is in use{}\n  \
         end what uses it, or choose another port in the lab file",
        .holder.as_ref().map(|holder| format!(" by {holder}")).unwrap_or_default()
    )]
    PortTaken {
        /// The node.
        node: NodeName,
        /// The port.
        port: u16,
        /// Who has it, where that can be seen.
        holder: Option<Holder>,
    },
    /// The host has not that much memory.
    #[error(
        "the nodes to be started need {needed_mib} MiB of memory, and this host has {available_mib} MiB available\n  \
         stop other labs, give the nodes less, or say --overcommit if you know better"
    )]
    Memory {
        /// What the nodes have together, in MiB.
        needed_mib: u64,
        /// What the host has, in MiB.
        available_mib: u64,
    },
    /// A node was to be started anew whose guest could not shut down.
    #[error(
        "{node} is held, for the disk of this host is full, and is not started anew: what it has in its memory would be lost\n  \
         make room first, then: clone up {lab}; or give that up: clone down {lab}"
    )]
    DiskFull {
        /// The lab.
        lab: LabName,
        /// The node.
        node: NodeName,
    },
    /// A phase of a node failed.
    #[error(transparent)]
    Phase(#[from] Box<Failure>),
    /// Two nodes share a part of their identity.
    #[error(transparent)]
    Shared(#[from] Shared),
    /// A checkpoint could not be made, found or restored.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Several machines could not be started or ended.
    #[error("{}", lines(.0))]
    Machines(Vec<kiln_machines::Error>),
    /// The hypervisor failed.
    #[error(transparent)]
    Machine(#[from] kiln_machines::Error),
    /// The lab asks for a cluster that the image cannot be made into.
    #[error(transparent)]
    Cluster(#[from] Unsuitable),
    /// The keys and certificates of the cluster.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// The configuration of the cluster.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// The network between the pods.
    #[error(transparent)]
    PodNetwork(#[from] ManifestError),
    /// What is installed on the cluster.
    #[error(transparent)]
    Mesh(#[from] MeshError),
    /// What the lab takes from elsewhere could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The user's own kubeconfig.
    #[error(transparent)]
    Kubeconfig(#[from] UsersError),
    /// The home folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The store of images.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disks.
    #[error(transparent)]
    Overlay(#[from] OverlayError),
    /// `qemu-img`.
    #[error(transparent)]
    QemuImg(#[from] qemu_img::Error),
    /// The seeds.
    #[error("making the seed of {node}")]
    Seed {
        /// Of which node.
        node: NodeName,
        /// What is wrong.
        source: kiln_cloud_init::Error,
    },
    /// The keys.
    #[error(transparent)]
    Keys(#[from] ssh_files::Error),
    /// The ports.
    #[error(transparent)]
    Ports(#[from] ports::Error),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A state file.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A lock that is not the lab's.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// An external program.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
    /// The lab file.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// A file that the user named.
    #[error("{doing} {path}")]
    UserFile {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl From<kiln_document::Problems> for Error {
    fn from(problems: kiln_document::Problems) -> Self {
        Self::LabFile(Box::new(problems))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Phase(Box::new(failure))
    }
}

fn known_labs(known: &[LabName]) -> String {
    match known {
        [] => "\n  there are no labs yet; make one: clone up three-nodes".to_owned(),
        known => format!("\n  there are: {}", listed(known)),
    }
}

fn doors(known: &[String]) -> String {
    match known {
        [] => "a section `open` under `mesh` in the lab file names what can be".to_owned(),
        known => format!("there is: {}", listed(known)),
    }
}

fn listed<T: std::fmt::Display>(names: &[T]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn lines(errors: &[kiln_machines::Error]) -> String {
    let line = |error: &kiln_machines::Error| {
        let chain = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
        chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}
