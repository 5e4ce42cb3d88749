//! What is asked for, and what comes of it.

use std::fmt;

use camino::Utf8PathBuf;

use super::checksum::Checksum;
use super::signature::Fingerprint;
use super::source::Source;
use super::sums::SumsFile;
use crate::digest::Digest;
use crate::pins::Pins;

/// What is to be fetched, and how it is known to be right.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where it is.
    pub source: Source,
    /// What it must be.
    pub expect: Expect,
}

/// What a recipe says about the content of a source.
#[derive(Debug, Clone)]
pub enum Expect {
    /// It must have this checksum.
    Checksum(Checksum),
    /// Its checksum is in a file beside it.
    Sums(SumsFile),
    /// Nothing.
    Nothing,
}

impl Expect {
    /// The same, and where nothing is said of the file, what was pinned when it came from one of its `sources`, as they are
    /// written: that holds for all of them.
    #[must_use]
    pub fn or_pinned<'a>(self, pins: &Pins, sources: impl IntoIterator<Item = &'a str>) -> Self {
        match (self, sources.into_iter().find_map(|source| pins.get(source))) {
            (Self::Nothing, Some(pin)) => Self::Checksum(Checksum::Sha256(pin.sha256)),
            (expect, _) => expect,
        }
    }
}

/// A verified file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The file, as it came. Read-only.
    pub path: Utf8PathBuf,
    /// Its digest.
    pub digest: Digest,
    /// Its length, in bytes.
    pub size_bytes: u64,
    /// Why it is believed to be the right one. To be told to the user.
    pub trust: Trust,
}

/// Fetches from the first source that answers, and says which it was: 0 for `first`, and so on. One that answers with
/// something else than it should is an error at once, and so is anything else that is not the lack of an answer.
///
/// # Errors
/// Where none answers, that of the last.
pub async fn first_that_answers<S, T, E: fmt::Display>(
    first: &S,
    also: &[S],
    is_no_answer: impl Fn(&E) -> bool,
    mut fetch: impl AsyncFnMut(&S) -> Result<T, E>,
) -> Result<(T, usize), E> {
    let mut fetched = fetch(first).await;
    for (number, source) in also.iter().enumerate() {
        match fetched {
            Err(error) if is_no_answer(&error) => {
                // What to do about it is for whoever has no other source.
                let error = error.to_string();
                tracing::warn!("{}; trying the next source", error.lines().next().unwrap_or_default());
            }
            fetched => return fetched.map(|fetched| (fetched, number)),
        }
        fetched = fetch(source).await;
    }
    fetched.map(|fetched| (fetched, also.len()))
}

/// Why a file is believed to be the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// It has the checksum that the recipe gives.
    Given,
    /// It is what the URL held when it was pinned.
    Pinned,
    /// It has the checksum in a file that this key has signed.
    Signed(Fingerprint),
    /// It has the checksum in a file that came over HTTPS, unsigned.
    Listed,
    /// Nothing was known about it. It came over HTTPS, and is pinned from now on.
    FirstUse,
    /// It is a file of the user's own, without a checksum.
    Local,
}

impl Trust {
    /// Whether what was learned is to be pinned.
    pub(super) fn is_news(&self) -> bool {
        matches!(self, Self::Signed(_) | Self::Listed | Self::FirstUse)
    }
}
