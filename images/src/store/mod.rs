//! The golden images: read-only disks, named by the digest of their bytes.
//!
//! ```text
//! images/<digest>/disk.qcow2      0444, without a backing file
//! images/<digest>/manifest.json
//! names/<name>                    one line: the digest
//! ```
//!
//! An image appears whole, by one rename; then its name is switched, by another. Who needs an image is not written down
//! anywhere: it is read from the headers of the disks under `labs/` and `layers/` ([`References`]). While overlays are
//! made, the store is shared ([`Store::share`]); removing takes it for itself.

mod downloads;
mod error;
mod names;
mod prune;
mod publish;
mod references;
mod verify;

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::digest::Digest;
use crate::durable::{self, Lock, LockError};
use crate::home::Home;
use crate::manifest::Manifest;
use crate::name::Name;
use crate::qemu_img::QemuImg;
use crate::{At, FileError};

pub use error::StoreError;
pub use prune::{Pruned, Removed};
pub use publish::MeasuredDisk;
pub use references::{References, User};

/// How long the store is waited for. Overlays are made in a second; a bake may hold it for hours, and is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The fewest digits by which an image may be meant.
const PREFIX_MIN: usize = 6;

/// The golden images of a home.
#[derive(Debug, Clone)]
pub struct Store {
    home: Home,
    qemu_img: QemuImg,
}

/// A golden image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The digest of its disk: its identity.
    pub digest: Digest,
    /// Its disk: absolute, read-only.
    pub disk: Utf8PathBuf,
    /// What is known about it.
    pub manifest: Manifest,
    /// The names that stand for it now, sorted. None when it was baked again under its name.
    pub names: Vec<Name>,
}

impl Store {
    /// The store of `home`.
    pub fn new(home: Home, qemu_img: QemuImg) -> Self {
        Self { home, qemu_img }
    }

    /// Keeps images and layers from being removed while the lock is held: for making overlays, and for a whole bake,
    /// whose layers nobody refers to yet.
    ///
    /// # Errors
    /// [`LockError::Busy`] when something is being removed for longer than a few seconds.
    pub async fn share(&self) -> Result<Lock, LockError> {
        Lock::shared_within(&self.home.store_lock(), PATIENCE).await
    }

    async fn alone(&self) -> Result<Lock, LockError> {
        Lock::exclusive_within(&self.home.store_lock(), PATIENCE).await
    }

    /// Finds an image by a name, or by at least 6 of the first digits of its digest (with or without `sha256:`).
    ///
    /// # Errors
    /// [`StoreError::Unknown`] with the names there are; [`StoreError::Ambiguous`]; or the store cannot be read.
    pub fn resolve(&self, reference: &str) -> Result<Image, StoreError> {
        let names = self.names()?;
        let named = names.iter().find(|(name, _)| name.as_str() == reference);
        let digest = match named {
            Some((_, digest)) => *digest,
            None => self.by_prefix(reference, &names)?,
        };
        self.image(digest, &names)
    }

    /// All images, the youngest first. One whose manifest cannot be read is left out with a warning.
    ///
    /// # Errors
    /// [`StoreError::File`] when the store cannot be read.
    pub fn list(&self) -> Result<Vec<Image>, StoreError> {
        let names = self.names()?;
        let mut images = Vec::new();
        for digest in self.digests()? {
            match self.image(digest, &names) {
                Ok(image) => images.push(image),
                Err(error) => tracing::warn!("an image is left out: {error}"),
            }
        }
        images.sort_by_key(|image| std::cmp::Reverse(image.manifest.created));
        Ok(images)
    }

    fn by_prefix(&self, reference: &str, names: &[(Name, Digest)]) -> Result<Digest, StoreError> {
        let prefix = reference.strip_prefix("sha256:").unwrap_or(reference).to_ascii_lowercase();
        let mut found = self.digests()?;
        found.retain(|digest| prefix.len() >= PREFIX_MIN && digest.hex().starts_with(&prefix));
        match found.as_slice() {
            [digest] => Ok(*digest),
            [] => {
                let names = names.iter().map(|(name, _)| name.clone()).collect();
                Err(StoreError::Unknown { reference: reference.to_owned(), names })
            }
            _ => Err(StoreError::Ambiguous { reference: reference.to_owned(), digests: found }),
        }
    }

    fn image(&self, digest: Digest, names: &[(Name, Digest)]) -> Result<Image, StoreError> {
        let folder = self.home.image(&digest);
        let manifest: Manifest = durable::load(&manifest_path(&folder))?;
        if manifest.digest != digest {
            return Err(StoreError::OtherManifest { digest, found: manifest.digest });
        }
        let names = names.iter().filter(|(_, named)| *named == digest).map(|(name, _)| name.clone()).collect();
        Ok(Image { digest, disk: disk_path(&folder), manifest, names })
    }

    /// The digests of all images, sorted.
    fn digests(&self) -> Result<Vec<Digest>, FileError> {
        let mut digests = Vec::new();
        for entry in entries(&self.home.images())? {
            match entry.parse() {
                Ok(digest) => digests.push(digest),
                Err(_) => tracing::warn!("{} is no image and is left alone", self.home.images().join(entry)),
            }
        }
        digests.sort();
        Ok(digests)
    }
}

/// The disk in the folder of an image or a layer.
fn disk_path(folder: &Utf8Path) -> Utf8PathBuf {
    folder.join("disk.qcow2")
}

/// The manifest in the folder of an image.
fn manifest_path(folder: &Utf8Path) -> Utf8PathBuf {
    folder.join("manifest.json")
}

/// The names of what is in a folder.
fn entries(folder: &Utf8Path) -> Result<Vec<String>, FileError> {
    let entries = folder.read_dir_utf8().at("reading", folder)?;
    entries.map(|entry| Ok(entry.at("reading", folder)?.file_name().to_owned())).collect()
}

#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod tests;
