//! What stands in the way of a checkpoint.

use camino::Utf8PathBuf;
use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_images::durable::DocumentError;
use kiln_images::name::Name;
use kiln_images::size::human;

use super::CheckpointId;
use crate::lab::LabName;

/// A checkpoint could not be made, found or restored.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// There is none of that name.
    #[error("lab {lab} has no checkpoint `{name}`{}", listed(.known, .unreadable))]
    Unknown {
        /// The lab.
        lab: LabName,
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
        /// Why others, whose names are not known, cannot be read.
        unreadable: Vec<String>,
    },
    /// There is one of that name.
    #[error("lab {lab} has a checkpoint `{name}` already\n  replace it: --replace; or choose another name")]
    Exists {
        /// The lab.
        lab: LabName,
        /// The name.
        name: Name,
    },
    /// The name means something else.
    #[error("`{0}` is no name for a checkpoint: it stands for something else\n  choose another name")]
    Reserved(Name),
    /// What is known of it cannot be read.
    #[error("checkpoint {id} of lab {lab} cannot be used")]
    Unreadable {
        /// The lab.
        lab: LabName,
        /// Which one.
        id: CheckpointId,
        /// Why.
        source: DocumentError,
    },
    /// A node does not run, so that there is nothing to save.
    #[error("{node} of lab {lab} {why}: only a lab of which all nodes run can be saved\n  bring it up: clone up {lab}")]
    NotRunning {
        /// The lab.
        lab: LabName,
        /// The node.
        node: NodeName,
        /// What it does.
        why: String,
    },
    /// The lab waits to be resumed.
    #[error("lab {lab} is suspended, or on its way back to a checkpoint\n  go on with it: clone resume {lab}")]
    Suspended {
        /// The lab.
        lab: LabName,
    },
    /// The lab is not suspended.
    #[error("lab {lab} is not suspended\n  what it does: clone status {lab}; bring it up: clone up {lab}")]
    NotSuspended {
        /// The lab.
        lab: LabName,
    },
    /// Its disks are not those that it was suspended with.
    #[error(
        "lab {lab} cannot be booted from its disks: {why}\n  \
         go on with it: clone resume {lab}; or make it anew: clone reset --to golden"
    )]
    NotBootable {
        /// The lab.
        lab: LabName,
        /// What they are.
        why: String,
    },
    /// It does not fit on the disk.
    #[error(
        "a checkpoint needs up to {} and {folder} has {} free\n  remove what is not needed: clone checkpoint rm, bake prune",
        human(*.needed_bytes), human(*.free_bytes)
    )]
    NoSpace {
        /// Where it would be.
        folder: Utf8PathBuf,
        /// How much it takes at most.
        needed_bytes: u64,
        /// How much there is.
        free_bytes: u64,
    },
    /// A file of it is gone.
    #[error("checkpoint `{name}` cannot be restored: {file} is missing\n  put it back, or restore another one")]
    Missing {
        /// The checkpoint.
        name: Name,
        /// The file.
        file: Utf8PathBuf,
    },
    /// A file of it is not the one that was written.
    #[error(
        "checkpoint `{name}` cannot be restored: {file} has {found_bytes} bytes, but was written with {expected_bytes}\n  restore another one"
    )]
    Length {
        /// The checkpoint.
        name: Name,
        /// The file.
        file: Utf8PathBuf,
        /// Its length.
        found_bytes: u64,
        /// What it was.
        expected_bytes: u64,
    },
    /// This host cannot run what was saved.
    #[error("checkpoint `{name}` cannot be restored on this host: {why}")]
    OtherHost {
        /// The checkpoint.
        name: Name,
        /// Why, and what to do.
        why: String,
    },
    /// The cluster in it would trust nobody any more.
    #[error(
        "the certificates of the cluster in checkpoint `{name}` ended at {expired}: its nodes would not trust each other\n  \
         make the cluster anew: clone reset --to golden; or restore it to look at it: --expired --no-wait"
    )]
    Expired {
        /// The checkpoint.
        name: Name,
        /// When.
        expired: Timestamp,
    },
    /// There is a lab of that name.
    #[error(
        "there is a lab {0} already\n  \
         go on with it: clone up {0}; or choose another name, or remove it: clone destroy {0}"
    )]
    Taken(LabName),
    /// Other labs stand on it.
    #[error(
        "{what} of lab {lab} is what {} made from: their disks and their memory are there\n  remove them first: clone destroy",
        were(.forks)
    )]
    Forked {
        /// What was to be removed.
        what: String,
        /// The lab that it belongs to.
        lab: LabName,
        /// The labs that stand on it.
        forks: Vec<LabName>,
    },
    /// A file is no checkpoint that was exported.
    #[error("{file} cannot be imported: {why}\n  make it anew: clone checkpoint export")]
    Foreign {
        /// The file.
        file: Utf8PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Some of its files are not what was written.
    #[error("{count} of {of} files are not what was saved\n  remove what is damaged: clone checkpoint rm")]
    Damaged {
        /// How many.
        count: usize,
        /// Of how many.
        of: usize,
    },
}

fn were(labs: &[LabName]) -> String {
    let names = labs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if labs.len() == 1 { format!("the lab {names} was") } else { format!("the labs {names} were") }
}

fn listed(known: &[String], unreadable: &[String]) -> String {
    let unreadable: String = unreadable.iter().map(|why| format!("\n  one cannot be read: {why}")).collect();
    match known {
        [] if unreadable.is_empty() => "; it has none\n  make one: clone checkpoint save NAME".to_owned(),
        [] => unreadable,
        known => format!("\n  it has: {}{unreadable}", known.join(", ")),
    }
}
