//! Bundles: everything that a bake or a lab takes from elsewhere, in a folder that can be carried to where there is no
//! network.
//!
//! ```text
//! bundle.json                            what is in it, with digests
//! web/<scheme>/<host>/<path>             what URLs name: downloads, and all that package managers asked for
//! images/<registry>/<name>/<tag>.tar     archives of container images
//! ```
//!
//! Only what `bundle.json` lists is in it. A file that took the place of another may have the first digits of its digest
//! behind its name.

mod content;
mod error;
mod fill;

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use crate::At;
use crate::digest::{Digest, FileDigests};
use crate::download::Url;
use crate::durable::{self, DocumentError};
use crate::home::Home;
use crate::name::Name;

pub use content::{Content, Kept, KeptImage};
pub use error::{BundleError, Changed};

/// What a bundle says of itself.
const MANIFEST: &str = "bundle.json";

/// A folder that is filled, or fed from.
#[derive(Debug)]
pub struct Bundle {
    folder: Utf8PathBuf,
    /// The recipe that it is filled for, if it is for one.
    recipe: Option<Name>,
    content: Mutex<Content>,
}

impl Bundle {
    /// Opens a finished one, and compares every file in it with its digest. Blocks.
    ///
    /// # Errors
    /// When it is none, or something in it is missing or changed: by its name.
    pub fn open(folder: &Utf8Path, home: &Home) -> Result<Self, BundleError> {
        let none = |why| BundleError::None { folder: folder.to_owned(), why };
        let found = match folder.canonicalize_utf8() {
            Err(error) if NOT_THERE.contains(&error.kind()) => return Err(none("there is no such folder")),
            found => found.at("opening", folder)?,
        };
        let content = read(&found)?.ok_or_else(|| none("there is no bundle.json in it"))?;
        let bundle = Self { folder: found, recipe: None, content: Mutex::new(content) };
        bundle.verify(home)?;
        Ok(bundle)
    }

    fn verify(&self, home: &Home) -> Result<(), BundleError> {
        let content = self.content();
        let images = content.images.iter().map(|(name, image)| (name, &image.archive));
        let mut digests = FileDigests::open(home.digests());
        for (what, kept) in content.files.iter().chain(images) {
            let path = self.folder.join(&kept.path);
            let (bundle, what) = (self.folder.clone(), what.clone());
            let found = match digests.of_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(BundleError::Missing { bundle, path: kept.path.clone(), what });
                }
                found => found?,
            };
            if found != kept.sha256 {
                let (path, expected) = (kept.path.clone(), kept.sha256);
                return Err(BundleError::Changed(Box::new(Changed { bundle, path, what, expected, found })));
            }
        }
        drop(content);
        Ok(digests.save()?)
    }

    /// Where it is.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// How many files and images are in it, and how many bytes.
    pub fn size(&self) -> (usize, u64) {
        let content = self.content();
        (content.kept().count(), content.kept().map(|kept| kept.size_bytes).sum())
    }

    /// Whether it was looked for, and not found, when the bundle was made.
    pub fn is_absent(&self, url: &Url) -> bool {
        self.content().absent.contains(url.as_str())
    }

    /// The file that `url` names.
    pub fn file(&self, url: &Url) -> Option<Utf8PathBuf> {
        self.content().files.get(url.as_str()).map(|kept| self.folder.join(&kept.path))
    }

    /// The archive of a container image, with the digest that it is pinned by.
    pub fn image(&self, name: &str) -> Option<(Utf8PathBuf, Digest)> {
        let content = self.content();
        let image = content.images.get(name)?;
        Some((self.folder.join(&image.archive.path), image.digest))
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        // Nothing that is done with it can panic half-way.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a file is missing in what is a folder, and in what is none.
const NOT_THERE: [io::ErrorKind; 2] = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];

/// What a bundle says of itself; none where there is no bundle.
fn read(folder: &Utf8Path) -> Result<Option<Content>, DocumentError> {
    match durable::load(&folder.join(MANIFEST)) {
        Err(DocumentError::File(error)) if NOT_THERE.contains(&error.kind()) => Ok(None),
        loaded => loaded.map(Some),
    }
}

#[cfg(test)]
mod tests;
