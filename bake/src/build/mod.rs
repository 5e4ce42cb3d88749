//! Building: from a recipe to a golden image in the store.
//!
//! [`inputs`] finds and verifies what the recipe reads, [`plan`] works out the key of every layer, [`run`] makes the
//! ones that are missing and publishes the image. A build that was interrupted finds the layers it finished in the
//! cache ([`layers`]) and goes on behind them.

mod error;
mod explain;
mod import;
pub mod ingredients;
pub mod inputs;
pub mod layers;
pub mod plan;
pub mod report;
mod dry_run;
mod run;
pub mod seal;

pub use error::BuildError;
pub use explain::{Explanation, explain};
pub use import::{Imported, Importer};
pub use run::{Baker, Built};
