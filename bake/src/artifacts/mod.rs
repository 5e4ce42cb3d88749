//! Artifacts: folders of files that a recipe's scripts make on the host, in trees of Debian packages.
//!
//! ```text
//! artifacts/<key>/why.json      what it was made of
//! artifacts/<key>/content/      what the script left in /out, read-only
//! ```
//!
//! The key follows from what an artifact is made of ([`plan`]), not from its bytes: a layer that reads one has that key
//! among its ingredients, so that nothing has to be built, or even be there, while the layer is cached. When it is not,
//! the artifact is taken from the cache ([`cache`]) or built in a [`workshop`].

mod cache;
mod plan;
mod workshop;

pub use cache::Artifacts;
pub use plan::Artifact;
pub use workshop::{ArtifactError, Workshop};
