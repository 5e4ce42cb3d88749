//! Bundles: everything that a bake or a lab takes from elsewhere, in a folder that can be carried to where there is no
//! network.
//!
//! ```text
//! bundle.json                            what is in it, with digests
//! web/<scheme>/<host>/<path>             what URLs name: downloads, and all that package managers asked for
//! images/<registry>/<name>/<tag>.tar     archives of container images
//! ```

mod content;
mod error;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
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
/// Where the files are.
const WEB: &str = "web";
const IMAGES: &str = "images";

/// A folder that is filled, or fed from.
#[derive(Debug)]
pub struct Bundle {
    folder: Utf8PathBuf,
    content: Mutex<Content>,
}

impl Bundle {
    /// Begins one in `folder`, which is made if it is missing, for a `recipe`, if it is for one. What is in it by now is
    /// added to.
    ///
    /// # Errors
    /// When it cannot be written, or has something else in it.
    pub fn create(folder: &Utf8Path, recipe: Option<&Name>) -> Result<Self, BundleError> {
        fs::create_dir_all(folder).at("creating", folder)?;
        let folder = folder.canonicalize_utf8().at("opening", folder)?;
        let empty = Content { recipe: None, files: BTreeMap::new(), absent: BTreeSet::new(), images: BTreeMap::new() };
        let content = match durable::load(&folder.join(MANIFEST)) {
            Err(DocumentError::File(error)) if error.kind() == io::ErrorKind::NotFound => empty,
            loaded => loaded?,
        };
        let content = Content { recipe: recipe.cloned().or(content.recipe), ..content };
        Ok(Self { folder, content: Mutex::new(content) })
    }

    /// Opens a finished one, and compares every file in it with its digest. Blocks.
    ///
    /// # Errors
    /// When it is none, or something in it is missing or changed: by its name.
    pub fn open(folder: &Utf8Path, home: &Home) -> Result<Self, BundleError> {
        let found = folder.canonicalize_utf8().at("opening", folder)?;
        let content: Content = match durable::load(&found.join(MANIFEST)) {
            Err(DocumentError::File(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BundleError::None(folder.to_owned()));
            }
            loaded => loaded?,
        };
        let bundle = Self { folder: found, content: Mutex::new(content) };
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

    /// The folder of what URLs name.
    pub fn web(&self) -> Utf8PathBuf {
        self.folder.join(WEB)
    }

    /// How many files and images are in it, and how many bytes.
    pub fn size(&self) -> (usize, u64) {
        let content = self.content();
        let kept = || content.files.values().chain(content.images.values().map(|image| &image.archive));
        (kept().count(), kept().map(|kept| kept.size_bytes).sum())
    }

    /// Whether it was looked for, and not found, when the bundle was made.
    pub fn is_absent(&self, url: &Url) -> bool {
        self.content().absent.contains(url.as_str())
    }

    /// Remembers that there is nothing at this URL.
    pub fn note_absent(&self, url: &Url) {
        self.content().absent.insert(url.as_str().to_owned());
    }

    /// Takes a copy of the file `from`, which `url` names. Blocks.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn keep(&self, url: &Url, from: &Utf8Path) -> Result<(), BundleError> {
        let kept = self.copy(from, Utf8Path::new(WEB).join(url.as_path()))?;
        let mut content = self.content();
        content.absent.remove(url.as_str());
        content.files.insert(url.as_str().to_owned(), kept);
        Ok(())
    }

    /// Takes a copy of the archive of the container image `name`, with the digest that it is pinned by. It is kept at
    /// `place`, which is relative. Blocks.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn keep_image(
        &self,
        (name, digest): (&str, Digest),
        archive: &Utf8Path,
        place: &Utf8Path,
    ) -> Result<(), BundleError> {
        let archive = self.copy(archive, Utf8Path::new(IMAGES).join(place))?;
        self.content().images.insert(name.to_owned(), KeptImage { digest, archive });
        Ok(())
    }

    /// The archive of a container image, with the digest that it is pinned by.
    pub fn image(&self, name: &str) -> Option<(Utf8PathBuf, Digest)> {
        let content = self.content();
        let image = content.images.get(name)?;
        Some((self.folder.join(&image.archive.path), image.digest))
    }

    /// Writes down what is in it.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn finish(&self) -> Result<(), BundleError> {
        Ok(durable::save(&self.folder.join(MANIFEST), &*self.content())?)
    }

    fn copy(&self, from: &Utf8Path, path: Utf8PathBuf) -> Result<Kept, BundleError> {
        let to = self.folder.join(&path);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).at("creating", folder)?;
        }
        let part = Utf8PathBuf::from(format!("{to}.part"));
        fs::copy(from, &part).at("copying", from)?;
        let size_bytes = fs::metadata(&part).at("looking at", &part)?.len();
        let sha256 = Digest::of_file(&part)?;
        fs::rename(&part, &to).at("renaming", &part)?;
        Ok(Kept { path, sha256, size_bytes })
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        // Nothing that is done with it can panic half-way.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case() -> (tempfile::TempDir, Home, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
        let home = Home::new(root.join("home")).unwrap();
        let bundle = Bundle::create(&root.join("bundle"), None).unwrap();
        fs::write(root.join("file"), "some bytes").unwrap();
        bundle.keep(&"https://example.org/a/b.rpm".parse().unwrap(), &root.join("file")).unwrap();
        let (image, place) = (("flannel:v0.11.0", Digest::of_bytes(b"manifest")), Utf8Path::new("flannel/v0.11.0.tar"));
        bundle.keep_image(image, &root.join("file"), place).unwrap();
        bundle.note_absent(&"https://example.org/none".parse().unwrap());
        bundle.finish().unwrap();
        let folder_of_bundle = root.join("bundle");
        (folder, home, folder_of_bundle)
    }

    #[test]
    fn what_was_put_in_is_there() {
        let (_folder, home, path) = case();
        let bundle = Bundle::open(&path, &home).unwrap();
        assert_eq!(fs::read(bundle.web().join("https/example.org/a/b.rpm")).unwrap(), b"some bytes");
        let (archive, digest) = bundle.image("flannel:v0.11.0").unwrap();
        assert!(archive.ends_with("images/flannel/v0.11.0.tar") && archive.exists());
        assert_eq!((digest, bundle.size()), (Digest::of_bytes(b"manifest"), (2, 20)));
        assert!(bundle.is_absent(&"https://example.org/none".parse().unwrap()));
    }

    #[test]
    fn what_is_missing_or_changed_is_named() {
        let (_folder, home, path) = case();
        fs::write(path.join("web/https/example.org/a/b.rpm"), "some byte").unwrap();
        let said = Bundle::open(&path, &home).unwrap_err().to_string();
        assert!(said.contains("https://example.org/a/b.rpm") && said.contains("expected"), "{said}");
        fs::remove_file(path.join("web/https/example.org/a/b.rpm")).unwrap();
        let said = Bundle::open(&path, &home).unwrap_err().to_string();
        assert!(said.contains("is missing, which is https://example.org/a/b.rpm"), "{said}");
        let said = Bundle::open(home.root(), &home).unwrap_err().to_string();
        assert!(said.contains("bake fetch"), "{said}");
    }

    #[test]
    fn a_bundle_does_not_lead_elsewhere() {
        let (_folder, home, path) = case();
        let manifest = path.join(MANIFEST);
        let text = fs::read_to_string(&manifest).unwrap().replace("web/https/example.org", "../../../etc");
        fs::write(&manifest, text).unwrap();
        let error = Bundle::open(&path, &home).unwrap_err();
        let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(why.contains("leads out of the bundle"), "{error}: {why}");
    }
}
