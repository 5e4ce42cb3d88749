//! The names of the files of a checkpoint.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_cloud_init::NodeName;
use kiln_machines::{Saved, SavedMemory};

use super::CheckpointId;
use crate::folder::LabFolder;

/// The folder of a checkpoint, `checkpoints/<id>`.
#[derive(Debug, Clone)]
pub struct CheckpointFolder {
    id: CheckpointId,
    root: Utf8PathBuf,
}

impl CheckpointFolder {
    /// The folder of the checkpoint `id` of a lab, which need not exist.
    pub fn new(lab: &LabFolder, id: CheckpointId) -> Self {
        Self { root: lab.checkpoints().join(id.as_str()), id }
    }

    /// One that is not, or not yet, a lab's.
    pub fn apart(root: Utf8PathBuf, id: CheckpointId) -> Self {
        Self { id, root }
    }

    /// The folder that this disk is in, if that is the folder of a checkpoint, of whichever lab.
    pub fn holding(disk: &Utf8Path) -> Option<Self> {
        let root = disk.parent().filter(|root| root.parent().and_then(Utf8Path::file_name) == Some("checkpoints"))?;
        Some(Self { id: root.file_name()?.parse().ok()?, root: root.to_owned() })
    }

    /// Whose folder it is.
    pub fn id(&self) -> &CheckpointId {
        &self.id
    }

    /// The folder itself.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// What is known of the checkpoint.
    pub fn manifest(&self) -> Utf8PathBuf {
        self.root.join("manifest.json")
    }

    /// There while the checkpoint is being made.
    pub fn begun(&self) -> Utf8PathBuf {
        self.root.join("begun")
    }

    /// What was the disk of a node.
    pub fn disk(&self, node: &NodeName) -> Utf8PathBuf {
        self.of(node, "qcow2")
    }

    /// The memory of a node.
    pub fn memory(&self, node: &NodeName) -> Utf8PathBuf {
        self.of(node, "ram")
    }

    /// The state of a node's devices.
    pub fn state(&self, node: &NodeName) -> Utf8PathBuf {
        self.of(node, "state")
    }

    /// The seed of a node.
    pub fn seed(&self, node: &NodeName) -> Utf8PathBuf {
        self.of(node, "iso")
    }

    /// The private host key of a node.
    pub fn host_key(&self, node: &NodeName) -> Utf8PathBuf {
        self.of(node, "key")
    }

    /// The keys of the cluster.
    pub fn pki(&self) -> Utf8PathBuf {
        self.root.join("pki")
    }

    /// The manifest of the pod network.
    pub fn network_manifest(&self) -> Utf8PathBuf {
        self.root.join("network.yaml")
    }

    /// The manifest of the golden image, of a lab that came from another host with a checkpoint: the image need not be
    /// here.
    pub fn image(&self) -> Utf8PathBuf {
        self.root.join("image.json")
    }

    /// The manifests of what is installed on the cluster.
    pub fn mesh(&self) -> Utf8PathBuf {
        self.root.join("mesh.json")
    }

    /// What the hypervisor is given to save a node to.
    pub fn to_save(&self, node: &NodeName) -> Saved {
        Saved { state: self.state(node), memory: Some(self.memory(node)) }
    }

    /// What the hypervisor is given to load a node from.
    pub fn saved(&self, node: &NodeName, memory: SavedMemory) -> Saved {
        Saved { state: self.state(node), memory: (memory == SavedMemory::Copied).then(|| self.memory(node)) }
    }

    fn of(&self, node: &NodeName, kind: &str) -> Utf8PathBuf {
        self.root.join(format!("{node}.{kind}"))
    }
}
