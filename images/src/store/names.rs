//! Names: one small file each, which holds the digest that the name stands for.

use std::fs;
use std::io;

use super::{Store, StoreError, entries};
use crate::digest::Digest;
use crate::durable;
use crate::name::Name;
use crate::{At, FileError};

/// The longest name file: `sha256:`, 64 digits, a newline.
const MAX_BYTES: u64 = 72;

impl Store {
    /// All names and what they stand for, sorted by name.
    pub(super) fn names(&self) -> Result<Vec<(Name, Digest)>, StoreError> {
        let folder = self.home.names();
        let mut names = Vec::new();
        for entry in entries(&folder)? {
            // Files that are being written begin with a dot, which no name does.
            if let Ok(name) = entry.parse::<Name>() {
                let digest = self.named(&name)?;
                names.push((name, digest));
            }
        }
        names.sort();
        Ok(names)
    }

    fn named(&self, name: &Name) -> Result<Digest, StoreError> {
        let path = self.home.names().join(name.as_str());
        let bytes = durable::read_limited(&path, MAX_BYTES)?;
        let digest = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim_end().parse().ok());
        digest.ok_or(StoreError::DamagedName { path })
    }

    /// Lets `name` stand for `digest`, whatever it stood for before.
    pub(super) fn set_name(&self, name: &Name, digest: Digest) -> Result<(), FileError> {
        let path = self.home.names().join(name.as_str());
        durable::write_atomically(&path, format!("{digest}\n").as_bytes(), 0o600)
    }

    pub(super) fn remove_name(&self, name: &Name) -> Result<(), FileError> {
        let path = self.home.names().join(name.as_str());
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result.at("removing", &path),
        }
    }
}
