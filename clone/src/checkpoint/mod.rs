//! Checkpoints: the disks and the memory of all nodes of a lab, taken at one moment, and the way back to it.
//!
//! ```text
//! labs/<lab>/checkpoints/<id>/
//!   begun                           only while it is being made: what it finds here, the next command puts right
//!   <node>.qcow2                    what was the node's disk until then: the backing file of the one it has now
//!   <node>.ram                      its memory, where that could be copied
//!   <node>.state                    its devices, and its memory where that could not be copied
//!   <node>.iso  <node>.key  pki/    its seed and its host key, and the keys of the cluster, as they were
//!   manifest.json                   written last: a folder without it is no checkpoint
//! ```
//!
//! [`operation`] has what a user can do. [`save`] makes one, and [`ending`] ends the machines if they are not to go on;
//! [`restore`] goes back to it, and so does [`resume`] if the lab was suspended; [`repair`] puts right what a save that was
//! killed has left. [`catalogue`] finds them, [`verify`] reads every
//! byte, and [`remove`] takes them away, as far as no disk stands on them; [`flatten`] has disks stand on fewer files. Who
//! stands on what is read from the headers of the disks. [`fork`] makes another lab from a checkpoint, which [`forks`]
//! finds again; [`export`] and [`import`] carry one to another host.

pub mod catalogue;
mod cluster;
pub mod ending;
pub mod error;
pub mod export;
pub mod flatten;
pub mod folder;
pub mod fork;
mod forks;
pub mod id;
pub mod import;
mod interrupt;
mod keep;
pub mod manifest;
pub mod operation;
pub mod remove;
pub mod repair;
pub mod restore;
pub mod resume;
pub mod save;
mod seal;
mod space;
mod suitable;
mod tar;
mod twin;
pub mod verify;

#[cfg(test)]
pub(crate) mod tests;

pub use catalogue::{Catalogue, Entry};
pub use error::CheckpointError;
pub use folder::CheckpointFolder;
pub use forks::refuse_lab as refuse_forked;
pub use id::CheckpointId;
pub use manifest::Manifest;
pub use tar::ZSTD;

/// The name of the checkpoint that `clone up` makes by itself.
pub const READY: &str = "ready";
/// The name of the one that `clone suspend` makes.
pub const SUSPENDED: &str = "suspended";
/// What `clone reset --to` calls the golden image.
pub const GOLDEN: &str = "golden";
