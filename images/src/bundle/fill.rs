//! How a bundle is filled. Several may fill one at a time, each may be killed at any moment, and what is listed is there.

use std::fs;
use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::{NamedTempFile, TempPath};

use super::content::{Content, Kept, KeptImage};
use super::{Bundle, BundleError, MANIFEST, read};
use crate::digest::Digest;
use crate::download::Url;
use crate::durable::{self, Lock, folder_of};
use crate::name::Name;
use crate::{At, FileError};

/// Where the files are.
const WEB: &str = "web";
const IMAGES: &str = "images";

/// The lock under which the bundle is changed. It is there for that moment only.
const BUSY: &str = "bundle.busy";

impl Bundle {
    /// Begins one in `folder`, which is made if it is missing, for a `recipe`, if it is for one. What is in it by now is
    /// added to, also by others meanwhile.
    ///
    /// # Errors
    /// When it cannot be written, or has something else in it.
    pub fn create(folder: &Utf8Path, recipe: Option<&Name>) -> Result<Self, BundleError> {
        fs::create_dir_all(folder).at("creating", folder)?;
        let folder = folder.canonicalize_utf8().at("opening", folder)?;
        let content = Mutex::new(read(&folder)?.unwrap_or_default());
        Ok(Self { folder, recipe: recipe.cloned(), content })
    }

    /// Remembers that there is nothing at this URL. Blocks.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn note_absent(&self, url: &Url) -> Result<(), BundleError> {
        if self.is_absent(url) {
            return Ok(());
        }
        self.change(|content| {
            content.absent.insert(url.as_str().to_owned());
            self.write_down(content)
        })
    }

    /// Takes a copy of the file `from`, which `url` names. Blocks.
    ///
    /// # Errors
    /// When it cannot be copied, or that cannot be written down.
    pub fn keep(&self, url: &Url, from: &Utf8Path) -> Result<(), BundleError> {
        self.put(from, Utf8Path::new(WEB).join(url.as_path()), |content, kept| {
            content.absent.remove(url.as_str());
            content.files.insert(url.as_str().to_owned(), kept)
        })
    }

    /// Takes a copy of the archive of the container image `name`, with the digest that it is pinned by. It is kept at
    /// `place`, which is relative. Blocks.
    ///
    /// # Errors
    /// When it cannot be copied, or that cannot be written down.
    pub fn keep_image(
        &self,
        (name, digest): (&str, Digest),
        archive: &Utf8Path,
        place: &Utf8Path,
    ) -> Result<(), BundleError> {
        self.put(archive, Utf8Path::new(IMAGES).join(place), |content, archive| {
            content.images.insert(name.to_owned(), KeptImage { digest, archive }).map(|before| before.archive)
        })
    }

    /// Writes down for what it was filled, also where nothing was put into it. Blocks.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn finish(&self) -> Result<(), BundleError> {
        self.change(|content| self.write_down(content))
    }

    /// Copies a file to `place`, and has `list` list it, which returns what it takes the place of.
    fn put(
        &self,
        from: &Utf8Path,
        place: Utf8PathBuf,
        list: impl FnOnce(&mut Content, Kept) -> Option<Kept>,
    ) -> Result<(), BundleError> {
        let (part, sha256) = copy(from, folder_of(&self.folder.join(&place)))?;
        self.change(|content| {
            let path = room(content, place, &sha256);
            let to = self.folder.join(&path);
            part.persist(&to).map_err(|error| error.error).at("writing", &to)?;
            durable::sync_folder(folder_of(&to))?;
            let size_bytes = fs::metadata(&to).at("looking at", &to)?.len();
            let before = list(content, Kept { path, sha256, size_bytes });
            self.write_down(content)?;
            match before.filter(|before| content.kept().all(|kept| kept.path != before.path)) {
                Some(before) => self.remove(&before),
                None => Ok(()),
            }
        })
    }

    /// Changes what is in it by now, while nobody else does.
    fn change(&self, change: impl FnOnce(&mut Content) -> Result<(), BundleError>) -> Result<(), BundleError> {
        Lock::alone(&self.folder.join(BUSY), || {
            let mut content = read(&self.folder)?.unwrap_or_default();
            change(&mut content)?;
            *self.content() = content;
            Ok(())
        })?
    }

    fn write_down(&self, content: &mut Content) -> Result<(), BundleError> {
        if self.recipe.is_some() {
            content.recipe.clone_from(&self.recipe);
        }
        Ok(durable::save(&self.folder.join(MANIFEST), content)?)
    }

    /// Removes what is not listed any more.
    fn remove(&self, before: &Kept) -> Result<(), BundleError> {
        let path = self.folder.join(&before.path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            removed => Ok(removed.at("removing", &path)?),
        }
    }
}

/// Copies a file into a folder, under a name that nobody else has, and returns that and its digest. Synced.
fn copy(from: &Utf8Path, folder: &Utf8Path) -> Result<(TempPath, Digest), FileError> {
    fs::create_dir_all(folder).at("creating", folder)?;
    let part = NamedTempFile::new_in(folder).at("writing into", folder)?.into_temp_path();
    fs::copy(from, &part).at("copying", from)?;
    let file = fs::File::open(&part).at("reading the copy of", from)?;
    let digest = Digest::of_reader(&file).at("reading the copy of", from)?;
    file.sync_all().at("syncing the copy of", from)?;
    Ok((part, digest))
}

/// Where there is room for a file with this digest: at `place`, unless something else is listed there. That stays as it is
/// until the new one is listed.
fn room(content: &Content, place: Utf8PathBuf, sha256: &Digest) -> Utf8PathBuf {
    let is_taken = content.kept().any(|kept| kept.path == place && kept.sha256 != *sha256);
    if is_taken { format!("{place}.{}", sha256.short()).into() } else { place }
}
