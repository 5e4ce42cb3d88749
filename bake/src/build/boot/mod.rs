//! Layers that are made in the booted image: what only a running system can do, such as loading container images.
//!
//! The image is booted once, as an overlay of the layer below, with a throw-away identity (`machine`). When it has
//! started, its steps are run in it one by one (`shell` makes scripts of them, `guest` runs those by way of the agent);
//! what they take from the host comes on read-only disks (`media`). Then it shuts down, and the overlay is the layer. What a
//! boot leaves that no clone may inherit goes when the image is sealed, like everything of that kind.

mod error;
mod guest;
mod images;
mod machine;
mod media;
mod run;
mod said;
mod shell;

pub use error::BootError;
