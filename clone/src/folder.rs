//! The names of everything in the folder of a lab: those of [`LabPaths`], and what `clone` alone keeps below them.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_cloud_init::NodeName;
use kiln_images::home::{Home, LabPaths};
use kiln_images::name::Name;
use kiln_images::{At, FileError};
use kiln_machines::Segment;

use crate::lab::LabName;

/// The folder of a lab, `labs/<lab>`.
#[derive(Debug, Clone)]
pub struct LabFolder {
    lab: LabName,
    paths: LabPaths,
}

impl LabFolder {
    /// The folder of the lab `lab`, which need not exist.
    pub fn new(home: &Home, lab: &LabName) -> Self {
        let name: Name =
            lab.as_str().parse().expect("every lab's name is a name: both begin and end with a letter or digit");
        Self { lab: lab.clone(), paths: home.lab(&name) }
    }

    /// Whose folder it is.
    pub fn lab(&self) -> &LabName {
        &self.lab
    }

    /// The folder itself.
    pub fn root(&self) -> &Utf8Path {
        self.paths.folder()
    }

    /// The folder of all labs.
    pub fn labs(&self) -> &Utf8Path {
        self.root().parent().unwrap_or_else(|| self.root())
    }

    /// The folder of another lab.
    pub fn beside(&self, lab: &LabName) -> Utf8PathBuf {
        self.labs().join(lab.as_str())
    }

    /// The lab file as it was when the lab came up last.
    pub fn lab_file(&self) -> Utf8PathBuf {
        self.paths.lab_file()
    }

    /// What exists of the lab.
    pub fn state(&self) -> Utf8PathBuf {
        self.paths.state()
    }

    /// Held by whoever changes the lab.
    pub fn lock(&self) -> Utf8PathBuf {
        self.paths.lock()
    }

    /// The folders of the nodes.
    pub fn nodes(&self) -> Utf8PathBuf {
        self.paths.nodes()
    }

    /// The names of the nodes that have a folder, whatever else is known of them.
    ///
    /// # Errors
    /// [`FileError`] where the folder cannot be read.
    pub fn node_folders(&self) -> Result<Vec<String>, FileError> {
        let nodes = self.nodes();
        match nodes.read_dir_utf8() {
            Ok(entries) => entries.map(|entry| Ok(entry.at("reading", &nodes)?.file_name().to_owned())).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(FileError::new("reading", &nodes, error)),
        }
    }

    /// The folder of a node; the hypervisor keeps its own files there, too.
    pub fn node(&self, node: &NodeName) -> Utf8PathBuf {
        self.nodes().join(node.as_str())
    }

    /// The disk of a node.
    pub fn disk(&self, node: &NodeName) -> Utf8PathBuf {
        self.node(node).join("disk.qcow2")
    }

    /// What becomes the disk of a node while it is saved. The node executes only when there is none: see
    /// [`crate::checkpoint::repair`].
    pub fn next_disk(&self, node: &NodeName) -> Utf8PathBuf {
        self.node(node).join("disk.next.qcow2")
    }

    /// A disk that nothing uses yet. Half-made things are called so.
    pub fn prepared_disk(&self, node: &NodeName) -> Utf8PathBuf {
        self.node(node).join("disk.qcow2.part")
    }

    /// The folders of the checkpoints.
    pub fn checkpoints(&self) -> Utf8PathBuf {
        self.paths.checkpoints()
    }

    /// The medium that gives a node its identity.
    pub fn seed(&self, node: &NodeName) -> Utf8PathBuf {
        self.node(node).join("seed.iso")
    }

    /// Keys and configuration of OpenSSH.
    pub fn ssh(&self) -> Utf8PathBuf {
        self.paths.ssh()
    }

    /// The configuration: `ssh -F` takes it.
    pub fn ssh_config(&self) -> Utf8PathBuf {
        self.ssh().join("config")
    }

    /// The host keys of all nodes, as a client knows them.
    pub fn known_hosts(&self) -> Utf8PathBuf {
        self.ssh().join("known_hosts")
    }

    /// The private key that opens the nodes.
    pub fn identity(&self) -> Utf8PathBuf {
        self.ssh().join("id_ed25519")
    }

    /// The private host keys.
    pub fn host_keys(&self) -> Utf8PathBuf {
        self.ssh().join("hosts")
    }

    /// The private host key of a node.
    pub fn host_key(&self, node: &NodeName) -> Utf8PathBuf {
        self.host_keys().join(node.as_str())
    }

    /// The keys and certificates of the cluster.
    pub fn pki(&self) -> Utf8PathBuf {
        self.root().join("pki")
    }

    /// The configuration that `kubectl` on this host reaches the cluster with.
    pub fn kubeconfig(&self) -> Utf8PathBuf {
        self.paths.kubeconfig()
    }

    /// The manifest of the pod network, as it was applied last.
    pub fn network_manifest(&self) -> Utf8PathBuf {
        self.root().join("network.yaml")
    }

    /// The manifest of the golden image, of a lab that came from another host with a checkpoint: the image need not be
    /// here.
    pub fn image(&self) -> Utf8PathBuf {
        self.root().join("image.json")
    }

    /// The manifests of what is installed on the cluster.
    pub fn mesh(&self) -> Utf8PathBuf {
        self.root().join("mesh.json")
    }

    /// Where the manifests lie that are named relative to the lab file.
    pub fn base(&self) -> Utf8PathBuf {
        self.root().join("base.json")
    }

    /// What the phases said, one file a phase and node.
    pub fn logs(&self) -> Utf8PathBuf {
        self.paths.logs()
    }

    /// What a phase said of a node.
    pub fn log(&self, phase: &str, node: &NodeName) -> Utf8PathBuf {
        self.logs().join(format!("{phase}-{node}.log"))
    }

    /// How long what took when the lab came up last.
    pub fn timings(&self) -> Utf8PathBuf {
        self.logs().join("timings.json")
    }

    /// The network between the nodes.
    pub fn segment(&self) -> Segment {
        Segment::new(self.lab.as_str(), &self.paths.switch())
    }
}
