//! What is known of a checkpoint: `manifest.json`, written when everything else of it is on the disk. Format 1.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_images::digest::PagesDigest;
use kiln_images::durable::Document;
use kiln_images::name::Name;
use kiln_machines::{Accelerator, SavedMemory};
use serde::{Deserialize, Serialize};

use super::CheckpointId;
use super::cluster::SavedCluster;
use crate::state::State;

/// What is known of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// The name of its folder.
    pub id: CheckpointId,
    /// What the user calls it.
    pub name: Name,
    /// The moment that it is of.
    pub created: Timestamp,
    /// The version of this program that made it.
    pub kiln: String,
    /// What ran the machines, and must be able to run them again.
    pub hypervisor: Maker,
    /// What existed of the lab.
    pub lab: State,
    /// What was saved of each node.
    pub nodes: BTreeMap<NodeName, SavedNode>,
    /// Its files that are of no node: the keys of the cluster, and what was applied to it. Earlier versions did not write
    /// down what is in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<SavedFile>,
    /// The cluster at that moment, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<SavedCluster>,
    /// How long the nodes were held for it, in milliseconds.
    pub held_ms: u64,
}

/// What ran the machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Maker {
    /// The hypervisor's name and version, such as `QEMU 10.0.2`.
    pub version: String,
    /// What executed the guests' instructions.
    pub accelerator: Accelerator,
    /// The model of the host's processor, where the guests were given that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
}

/// What was saved of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SavedNode {
    /// Where its memory is.
    pub memory: SavedMemory,
    /// Its files, and those that its disk stands on; the golden image, which has a digest for its name, is not among them.
    pub files: Vec<SavedFile>,
}

/// One file, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SavedFile {
    /// The file.
    pub path: Utf8PathBuf,
    /// Its length.
    pub bytes: u64,
    /// What it takes on the disk.
    pub used_bytes: u64,
    /// The digest of what is in it.
    pub pages: PagesDigest,
}

impl Document for Manifest {
    const FORMAT: u32 = 1;
    /// A node takes about two kilobytes, a pod a hundred bytes.
    const MAX_BYTES: u64 = 64 << 20;
}

impl Manifest {
    /// Every file that it takes to restore it, once.
    pub fn files(&self) -> BTreeMap<&Utf8PathBuf, &SavedFile> {
        self.nodes.values().flat_map(|node| &node.files).chain(&self.others).map(|file| (&file.path, file)).collect()
    }

    /// What its own files take on the disk, in bytes; those of other checkpoints that it stands on are not counted.
    pub fn used_bytes(&self) -> u64 {
        let is_own = |file: &&&SavedFile| file.path.iter().any(|folder| folder == self.id.as_str());
        self.files().values().filter(is_own).map(|file| file.used_bytes).sum()
    }

    /// How much memory its nodes have together, in MiB.
    pub fn memory_mib(&self) -> u64 {
        self.lab.nodes.values().map(|node| node.memory_mib).sum()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use camino::Utf8Path;
    use kiln_images::durable::{self, DocumentError};

    use super::*;
    use crate::state::tests::{node, state};

    /// A checkpoint of a lab with one node, of which no file exists.
    pub(crate) fn manifest(name: &str) -> Manifest {
        Manifest {
            id: CheckpointId::draw(),
            name: name.parse().unwrap(),
            created: Timestamp::UNIX_EPOCH,
            kiln: "0".to_owned(),
            hypervisor: Maker { version: "QEMU 10.0.2".to_owned(), accelerator: Accelerator::Tcg, processor: None },
            lab: state([("node1", node())]),
            nodes: BTreeMap::from([(
                "node1".parse().unwrap(),
                SavedNode { memory: SavedMemory::Copied, files: Vec::new() },
            )]),
            others: Vec::new(),
            cluster: None,
            held_ms: 25,
        }
    }

    #[test]
    fn a_manifest_is_read_back_and_one_of_a_later_version_is_refused() {
        let guard = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(guard.path()).unwrap().join("manifest.json");
        let manifest = manifest("before");
        durable::save(&path, &manifest).unwrap();
        assert_eq!(durable::load::<Manifest>(&path).unwrap(), manifest);

        let text = std::fs::read_to_string(&path).unwrap().replacen("\"format\": 1", "\"format\": 2", 1);
        std::fs::write(&path, text).unwrap();
        let error = durable::load::<Manifest>(&path).unwrap_err();
        assert!(matches!(error, DocumentError::OtherFormat { found: 2, known: 1, .. }), "{error}");
    }
}
