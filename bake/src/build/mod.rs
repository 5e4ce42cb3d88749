//! Building: from a recipe to a golden image in the store.
//!
//! [`inputs`] finds and verifies what the recipe reads, [`plan`] works out the key of every layer, [`run`] makes the
//! ones that are missing ([`base`], [`layer`], [`boot`], and the
//! [`artifacts`] that they read), each on the one below ([`stack`]), and publishes the image ([`publish`]). A build that
//! was interrupted finds the layers it finished in the cache ([`layers`]) and goes on behind them.

mod artifacts;
mod base;
mod boot;
mod downloads;
mod dry_run;
mod error;
mod explain;
mod import;
pub mod ingredients;
pub mod inputs;
mod layer;
pub mod layers;
mod manifests;
mod node;
pub mod plan;
mod publish;
mod pulls;
mod registry;
pub mod report;
mod run;
pub mod seal;
mod space;
mod stack;
mod staged;

pub use boot::BootError;
pub use error::BuildError;
pub use explain::{Explanation, explain};
pub use import::{Imported, Importer};
pub use run::{Baker, Built};
