//! The names of everything in a lab's folder.
//!
//! ```text
//! labs/<lab>/
//!   lab.yaml  state.json  lock    the lab as it was asked for; what exists; one writer at a time
//!   ssh/                          key pair, host keys, known_hosts, config
//!   kubeconfig
//!   nodes/<node>/                 disk.qcow2 seed.iso console.log qmp.sock agent.sock pid
//!   checkpoints/<name>/
//!   logs/                         one file a phase and node
//!   switch/                       the sockets of the lab's own network segment
//!   scratch/                      half-made things of this lab
//! ```

use camino::{Utf8Path, Utf8PathBuf};

use super::{HomeError, check_socket_path};
use crate::name::Name;

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

    /// The paths of one node.
    pub fn node(&self, node: &Name) -> NodePaths {
        NodePaths { folder: self.nodes().join(node.as_str()) }
    }

    /// The folder of checkpoints.
    pub fn checkpoints(&self) -> Utf8PathBuf {
        self.folder.join("checkpoints")
    }

    /// The folder of one checkpoint.
    pub fn checkpoint(&self, checkpoint: &Name) -> Utf8PathBuf {
        self.checkpoints().join(checkpoint.as_str())
    }

    /// The folder of logs.
    pub fn logs(&self) -> Utf8PathBuf {
        self.folder.join("logs")
    }

    /// The folder of the network segment's sockets.
    pub fn switch(&self) -> Utf8PathBuf {
        self.folder.join("switch")
    }

    /// The folder for half-made things of this lab.
    pub fn scratch(&self) -> Utf8PathBuf {
        self.folder.join("scratch")
    }
}

/// The paths of one node of a lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePaths {
    folder: Utf8PathBuf,
}

impl NodePaths {
    /// The node's folder.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Its disk: an overlay of a golden image.
    pub fn disk(&self) -> Utf8PathBuf {
        self.folder.join("disk.qcow2")
    }

    /// The medium that gives it its identity.
    pub fn seed(&self) -> Utf8PathBuf {
        self.folder.join("seed.iso")
    }

    /// What it writes to its serial console.
    pub fn console(&self) -> Utf8PathBuf {
        self.folder.join("console.log")
    }

    /// The socket of QEMU's monitor.
    pub fn qmp(&self) -> Utf8PathBuf {
        self.folder.join("qmp.sock")
    }

    /// The socket of the guest agent.
    pub fn agent(&self) -> Utf8PathBuf {
        self.folder.join("agent.sock")
    }

    /// The process id of its machine.
    pub fn pid(&self) -> Utf8PathBuf {
        self.folder.join("pid")
    }

    /// Checks that the node's sockets can be bound.
    ///
    /// # Errors
    /// [`HomeError::SocketPath`] when a path is too long for the kernel.
    pub fn check_sockets(&self) -> Result<(), HomeError> {
        check_socket_path(&self.qmp())?;
        check_socket_path(&self.agent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sockets_of_deep_homes_are_refused() {
        let node: Name = "node1".parse().unwrap();
        assert!(LabPaths::new("/short".into()).node(&node).check_sockets().is_ok());
        let deep = LabPaths::new(format!("/{}", "x".repeat(100)).into());
        assert!(deep.node(&node).check_sockets().unwrap_err().to_string().contains("KILN_HOME"));
    }
}
