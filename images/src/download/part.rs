//! A download that is not finished: what is there of it, and by what it can be continued.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::source::Url;
use crate::digest::Digest;
use crate::durable::{self, Document, DocumentError, Lock, LockError};
use crate::{At, FileError};

/// The unfinished download of one URL, locked.
#[derive(Debug)]
pub(super) struct Part {
    path: Utf8PathBuf,
    _lock: Lock,
}

/// What the server said about the file that the part is the beginning of. It decides whether the rest may be appended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Validator {
    /// Where it came from.
    pub url: String,
    /// The strong entity tag (RFC 9110, 8.8.3).
    pub etag: Option<String>,
    /// When it was changed, as the server wrote it.
    pub last_modified: Option<String>,
}

impl Document for Validator {
    const FORMAT: u32 = 1;
    const MAX_BYTES: u64 = 64 * 1024;
}

impl Part {
    /// Opens the part of `url` in the folder of downloads.
    pub(super) fn open(folder: &Utf8Path, url: &Url) -> Result<Self, LockError> {
        let path = folder.join(format!("url-{}.part", Digest::of_bytes(url.as_str().as_bytes()).short()));
        let lock = Lock::exclusive(&path.with_extension("lock"))?;
        Ok(Self { path, _lock: lock })
    }

    pub(super) fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// How many bytes are there, and what they belong to. None where nothing can be continued.
    pub(super) fn begun(&self, url: &Url) -> Option<(u64, Validator)> {
        let validator: Validator = durable::load(&self.validator()).ok()?;
        let length = fs::metadata(&self.path).ok()?.len();
        Some((length, validator)).filter(|(length, validator)| *length > 0 && validator.url == url.as_str())
    }

    /// Begins anew: an empty file, after what it will belong to.
    pub(super) fn begin(&self, validator: &Validator) -> Result<File, DocumentError> {
        self.discard()?;
        durable::save(&self.validator(), validator)?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path);
        Ok(file.at("writing", &self.path)?)
    }

    /// Opens the file to append to it.
    pub(super) fn append(&self) -> Result<File, FileError> {
        OpenOptions::new().append(true).open(&self.path).at("writing", &self.path)
    }

    /// Removes what is there.
    pub(super) fn discard(&self) -> Result<(), FileError> {
        remove(&self.path)?;
        remove(&self.validator())
    }

    /// Cleans up after the file itself was moved to its place.
    pub(super) fn finish(self) -> Result<(), FileError> {
        self.discard()?;
        remove(&self.path.with_extension("lock"))
    }

    fn validator(&self) -> Utf8PathBuf {
        self.path.with_extension("json")
    }
}

fn remove(path: &Utf8Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.at("removing", path),
    }
}
