//! The baker: from a recipe to a golden image.
//!
//! ```text
//! recipe.yaml --recipe--> Recipe --build::inputs--> verified files --build::plan--> layer keys
//!   --build::run--> virt-customize for each layer that is missing --> checks, sealing --> the store
//! ```
//!
//! - `recipe`: what a user writes; `steps`: its vocabulary, each step with the `actions` it comes to;
//! - `artifacts`: what is built on the host for steps to read;
//! - `debian`: trees of packages; `base`: a bootable disk of one; `virt_customize`: the wrapper of that program,
//!   in an `appliance` of its own;
//! - `supply`: mirrors, bundles, and how an image's own package manager gets its packages by them;
//! - `build`: keys, layers, and the run; [`cli`] and `commands`: the program `bake`.

mod actions;
mod appliance;
mod artifacts;
mod base;
mod build;
pub mod cli;
mod commands;
mod context;
mod debian;
mod errors;
mod links;
mod recipe;
mod skopeo;
mod steps;
mod supply;
mod tar;
mod virt_customize;

pub use cli::run;
