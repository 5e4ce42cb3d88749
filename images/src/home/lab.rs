//! The names of what is in a lab's folder. What is below `ssh/` and `nodes/` is named by who makes it.
//!
//! ```text
//! labs/<lab>/
//!   lab.yaml  state.json  lock    the lab as it was asked for; what exists; one writer at a time
//!   ssh/                          keys, known_hosts, configuration
//!   kubeconfig
//!   nodes/<node>/                 disk and seed; what the hypervisor keeps there
//!   checkpoints/<id>/             what was saved of all nodes at one moment
//!   logs/                         one file a phase and node
//!   switch/                       the sockets of the lab's own network segment
//! ```

use camino::{Utf8Path, Utf8PathBuf};

/// The paths of one lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabPaths {
    folder: Utf8PathBuf,
}

impl LabPaths {
    pub(super) fn new(folder: Utf8PathBuf) -> Self {
        Self { folder }
    }

    /// The lab's folder.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// The lab file as it was applied.
    pub fn lab_file(&self) -> Utf8PathBuf {
        self.folder.join("lab.yaml")
    }

    /// What exists of the lab.
    pub fn state(&self) -> Utf8PathBuf {
        self.folder.join("state.json")
    }

    /// The lock of whoever changes the lab.
    pub fn lock(&self) -> Utf8PathBuf {
        self.folder.join("lock")
    }

    /// The folder of SSH keys and configuration.
    pub fn ssh(&self) -> Utf8PathBuf {
        self.folder.join("ssh")
    }

    /// The cluster's kubeconfig.
    pub fn kubeconfig(&self) -> Utf8PathBuf {
        self.folder.join("kubeconfig")
    }

    /// The folder of the nodes.
    pub fn nodes(&self) -> Utf8PathBuf {
        self.folder.join("nodes")
    }

    /// The folder of checkpoints.
    pub fn checkpoints(&self) -> Utf8PathBuf {
        self.folder.join("checkpoints")
    }

    /// The folder of logs.
    pub fn logs(&self) -> Utf8PathBuf {
        self.folder.join("logs")
    }

    /// The folder of the network segment's sockets.
    pub fn switch(&self) -> Utf8PathBuf {
        self.folder.join("switch")
    }
}
