//! The cluster of a lab while it is worked on, as this host sees it.
//!
//! [`crate::kubernetes`] decides what is to be; here is what is: [`snapshot`] is what the API says at one moment, [`view`]
//! asks it for all who wait for something, [`Assembly`] is what the phases that make a cluster share, and [`leave`] takes
//! a node out of it.

pub mod assembly;
pub mod leave;
pub mod snapshot;
pub mod view;

pub use assembly::Assembly;
pub use snapshot::Snapshot;
pub use view::View;
