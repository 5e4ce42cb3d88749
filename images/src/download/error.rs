//! What can go wrong when a file is fetched.

use std::io;

use camino::Utf8PathBuf;

use super::checksum::Checksum;
use super::signature::Fingerprint;
use super::source::Url;
use crate::FileError;
use crate::durable::{DocumentError, LockError};

/// What to do where nobody has it.
const ELSEWHERE: &str = "name a second source (`also:` of a download, `from:` of a base), or a place to take it from instead \
                         (`mirrors:` in your config.yaml)";

/// A file could not be fetched, or is not the right one.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// A file on this host cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The pins cannot be read or written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Somebody else is downloading the same.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A program (`gpgv`, `xz`) is missing or failed.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
    /// No checksum, and anybody on the way could change it.
    #[error("{url} is not fetched over plain HTTP without a checksum or a signature\n  use https, or give its sha256")]
    Insecure {
        /// What was asked for.
        url: Url,
    },
    /// The server cannot be reached, or does not speak HTTP.
    #[error("fetching {url} failed\n  look whether this host has a network; or {ELSEWHERE}")]
    Unreachable {
        /// What was asked for.
        url: Url,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// The server refuses.
    #[error(
        "fetching {url} failed: the server answered with status {status}\n  look whether the address is right; or {ELSEWHERE}"
    )]
    Status {
        /// What was asked for.
        url: Url,
        /// The status code.
        status: u16,
    },
    /// The bytes stopped coming.
    #[error(
        "fetching {url} was interrupted after {got} of {} bytes (run it again: it continues from there)",
        total.map_or_else(|| "an unknown number of".to_owned(), |total| total.to_string())
    )]
    Interrupted {
        /// What was asked for.
        url: Url,
        /// How many bytes are here.
        got: u64,
        /// How many there are.
        total: Option<u64>,
        /// Why.
        source: io::Error,
    },
    /// It was looked for in a folder instead.
    #[error(
        "{url} is not in the folder that it is taken from: there is no {path}\n  \
         put it there, or change `mirrors:` in your config.yaml"
    )]
    NotThere {
        /// What was asked for.
        url: Url,
        /// Where it would be.
        path: Utf8PathBuf,
    },
    /// A bundle is all there is, and it does not list it.
    #[error(
        "{url} is not in the bundle {bundle}\n  \
         fill it where there is a network: bake fetch RECIPE -b {bundle}; clone fetch LAB -b {bundle}"
    )]
    NotInBundle {
        /// What was asked for.
        url: Url,
        /// The bundle.
        bundle: Utf8PathBuf,
    },
    /// Something between the server and us, or in its place, answers with a page for people.
    #[error(
        "{url} is a web page, not the file\n  \
         open it in a browser: the file may have moved, or a proxy wants a login; `mirrors:` in your config.yaml \
         says from where else to take it"
    )]
    WebPage {
        /// What was asked for.
        url: Url,
    },
    /// It was taken from a mirror, and that failed.
    #[error("{url}, which is taken from a mirror (`mirrors:` in your config.yaml)")]
    Mirror {
        /// What was asked for.
        url: Url,
        /// What went wrong with the mirror.
        source: Box<DownloadError>,
    },
    /// It is something else than it must be. It was removed.
    #[error(
        "{what} is not what it must be:\n  expected {expected}\n  found    {found}\n  \
         if the publisher has changed it on purpose, put the new checksum into the recipe (or remove its line from kiln.lock)"
    )]
    Mismatch {
        /// The URL or file.
        what: String,
        /// What it must be.
        expected: Checksum,
        /// What it is.
        found: Checksum,
    },
    /// A checksum file says nothing about it.
    #[error("the checksum of `{file}` cannot be taken from {sums}: {why}")]
    NotListed {
        /// The checksum file.
        sums: Url,
        /// The file.
        file: String,
        /// Why not.
        why: &'static str,
    },
    /// A small file is not small.
    #[error("{url} is larger than {limit} bytes and cannot be a checksum file or a signature")]
    TooLarge {
        /// What was asked for.
        url: Url,
        /// The most it may have.
        limit: u64,
    },
    /// A checksum file is not signed by whom it must be.
    #[error(
        "{url} has no valid signature of the key {fingerprint}\n  \
         do not use it, nor what it lists; where the publisher has a new key, and says so elsewhere, put that and its \
         fingerprint into the recipe"
    )]
    Signature {
        /// The checksum file.
        url: Url,
        /// The key that must have signed it.
        fingerprint: Fingerprint,
        /// What gpgv said.
        source: Box<kiln_tool::Error>,
    },
    /// A checksum file is for URLs.
    #[error("{path} is a file of this host: give its checksum itself, not a checksum file")]
    SumsOfFile {
        /// The file.
        path: Utf8PathBuf,
    },
}

impl DownloadError {
    /// Whether it could not be had at all, so that another source may have it; not, whether it was wrong.
    pub fn is_no_answer(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Status { .. } | Self::WebPage { .. } => true,
            Self::NotThere { .. } | Self::NotInBundle { .. } => true,
            Self::Mirror { source, .. } => source.is_no_answer(),
            _ => false,
        }
    }

    /// Whether whoever was asked has said that there is no such thing.
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 404 | 410),
            Self::NotThere { .. } | Self::NotInBundle { .. } => true,
            Self::Mirror { source, .. } => source.is_absent(),
            _ => false,
        }
    }
}
