//! What can be wrong with a mesh before its cluster is asked.

use kiln_cloud_init::NodeName;
use kiln_document::Problems;
use kiln_images::FileError;
use kiln_images::durable::DocumentError;

use crate::fetch::FetchError;

/// The manifests of a mesh cannot be had, or cannot work in this lab.
#[derive(Debug, thiserror::Error)]
pub enum MeshError {
    /// A file beside the lab file is not there, and there is no copy.
    #[error("a manifest of the mesh is missing\n  put it where the lab file names it, and run `clone up` with that")]
    Missing(#[source] FileError),
    /// A manifest is to come from an archive, and there is none.
    #[error("{0} is to come from the archive of the mesh, and the lab file names none")]
    NoArchive(String),
    /// The archive has it not, or not as a file.
    #[error("{member} in {archive} is {what}\n  what there is: tar --list --gzip --file with the archive")]
    Member {
        /// The path in the archive.
        member: String,
        /// The archive.
        archive: String,
        /// What it is instead.
        what: &'static str,
    },
    /// It is no text.
    #[error("{source_name} is no manifest: it is no text")]
    NoText {
        /// Which one.
        source_name: String,
    },
    /// What is to be waited for cannot be told.
    #[error(
        "{problems}\n  \
         what the group {group} waits for is in there: mend it; or, if kubectl takes it, put it into a group that waits for \
         `pods` or a `condition` only"
    )]
    Unreadable {
        /// The name of the group.
        group: String,
        /// What is wrong, with the name of the manifest.
        problems: Box<Problems>,
    },
    /// A pod is too large for every node.
    #[error(
        "a pod of {kind} {name} asks for {asked_mib} MiB of memory, and {node}, the largest node for pods, has \
         {has_mib} MiB for them\n  \
         give a node more: `memory: {needed_mib}MiB`, and some for what else runs on it"
    )]
    Memory {
        /// The kind of what makes the pod.
        kind: String,
        /// Its name.
        name: String,
        /// What the pod asks for.
        asked_mib: u64,
        /// The node.
        node: NodeName,
        /// What it has for pods.
        has_mib: u64,
        /// What it would have to have.
        needed_mib: u64,
    },
    /// What its manifests are in could not be had.
    #[error("gathering the manifests of the mesh")]
    Fetch(#[source] FetchError),
    /// A file of ours.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// `tar`.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
}
