//! Trees of Debian packages, made by mmdebstrap from the mirror that this machine's own apt uses, without root: what a
//! [base](crate::base::debootstrap) is made from, and what the scripts of [artifacts](crate::artifacts) run in.

mod apt;
mod mmdebstrap;
mod namespace;

pub use apt::{Apt, Kind, NoSuite};
pub use mmdebstrap::Mmdebstrap;
#[cfg(test)]
pub(crate) use namespace::tests::as_oneself;
pub use namespace::{as_root, remove, unshare};
