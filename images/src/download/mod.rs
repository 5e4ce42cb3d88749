//! Getting a base image, and knowing that it is the right one.
//!
//! ```text
//! downloads/<sha256>            a verified file, 0400
//! downloads/<...>.is            one line: the digest of the file above that something stands for (alias.rs)
//! downloads/url-<...>.part      a download that was interrupted, its validator and its lock (part.rs)
//! ```
//!
//! What makes a download the right one is, in this order: a checksum in the recipe; the pin in `kiln.lock`; a checksum
//! file, signed by a key the recipe names; or nothing, which is allowed once, over HTTPS, and pinned then. [`Trust`]
//! tells the caller which it was.

mod alias;
mod checksum;
mod downloader;
mod error;
mod mirrors;
mod page;
mod part;
mod request;
mod routes;
mod save;
mod shelf;
mod signature;
mod source;
mod sums;
mod transfer;
mod unpack;
mod web;

pub use checksum::{Checksum, InvalidChecksum};
pub use downloader::Downloader;
pub use error::DownloadError;
pub use mirrors::{InvalidMirror, Mirror, Mirrored, Mirrors};
pub use request::{Expect, Fetched, Request, Trust, first_that_answers};
pub use routes::Routes;
pub use signature::{Fingerprint, InvalidFingerprint, Signature};
pub use source::{InvalidSource, Source, Url, check_source, check_sources};
pub use sums::SumsFile;
pub use transfer::Progress;

#[cfg(test)]
mod tests;
