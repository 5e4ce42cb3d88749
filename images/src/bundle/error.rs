//! What can be wrong with a bundle.

use camino::Utf8PathBuf;

use crate::FileError;
use crate::digest::Digest;
use crate::durable::DocumentError;

/// A bundle cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file of it cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// What it says of itself is missing or damaged.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It is none.
    #[error(
        "{folder} is no bundle: {why}\n  make one where there is a network: bake fetch RECIPE --bundle {folder}, or for a lab: \
         clone fetch LAB --bundle {folder}"
    )]
    None {
        /// What was taken for one.
        folder: Utf8PathBuf,
        /// What is missing.
        why: &'static str,
    },
    /// Something has been lost on the way.
    #[error(
        "the bundle {bundle} is not whole: {path} is missing, which is {what}\n  copy it again from where it was made"
    )]
    Missing {
        /// The bundle.
        bundle: Utf8PathBuf,
        /// What is not there.
        path: Utf8PathBuf,
        /// The URL or image that it is.
        what: String,
    },
    /// Something has been changed on the way.
    #[error(transparent)]
    Changed(Box<Changed>),
}

/// A file of a bundle is not what was put there.
#[derive(Debug, thiserror::Error)]
#[error(
    "in the bundle {bundle}, {path} is not what was put there, which is {what}:\n  expected {expected}\n  \
     found    {found}\n  copy it again from where it was made"
)]
pub struct Changed {
    pub(super) bundle: Utf8PathBuf,
    pub(super) path: Utf8PathBuf,
    pub(super) what: String,
    pub(super) expected: Digest,
    pub(super) found: Digest,
}
