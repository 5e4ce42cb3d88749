//! The cache of layers: `layers/<key>/disk.qcow2` with `why.json` beside it.

use std::fs;
use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::digest::Digest;
use kiln_images::durable::{self, Document};
use kiln_images::home::Home;
use kiln_images::manifest::ContainerImage;
use kiln_images::scratch;
use kiln_images::store::References;
use serde::{Deserialize, Serialize};

use super::BuildError;
use super::ingredients::Ingredients;

/// What is known of a thing in a cache, beside it.
pub const NOTE: &str = "why.json";

/// Why a layer is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Why {
    /// What it was made of.
    pub ingredients: Ingredients,
    /// How long that took.
    pub seconds: u64,
    /// The container images that were loaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub container_images: Vec<ContainerImage>,
}

impl Document for Why {
    const FORMAT: u32 = 1;
}

/// The cache of a home.
#[derive(Debug, Clone)]
pub struct Layers<'a> {
    home: &'a Home,
}

impl<'a> Layers<'a> {
    /// The cache of `home`.
    pub fn new(home: &'a Home) -> Self {
        Self { home }
    }

    /// The disk of a layer, if it was made before.
    pub fn disk(&self, key: &Digest) -> Option<Utf8PathBuf> {
        Some(self.path(key)).filter(|disk| disk.exists())
    }

    /// Where the disk of a layer is, or will be.
    pub fn path(&self, key: &Digest) -> Utf8PathBuf {
        self.folder(key).join("disk.qcow2")
    }

    /// What is known about a layer. A file that cannot be read is as good as none: the layer's key does not depend on it.
    pub fn why(&self, key: &Digest) -> Option<Why> {
        durable::load(&self.why_path(key)).ok()
    }

    /// Takes a finished disk into the cache, unless there is one of this key. Returns where it is now: in the cache, or
    /// beside where it was. What the cache has that stood on another disk of this key is discarded.
    ///
    /// # Errors
    /// When it cannot be moved there.
    pub fn keep(&self, key: &Digest, disk: &Utf8Path, why: &Why) -> Result<Utf8PathBuf, BuildError> {
        let folder = disk.with_file_name("layer");
        let fail = |source: io::Error| BuildError::File { path: folder.clone(), source };
        durable::create_folder(&folder)?;
        durable::save(&folder.join(NOTE), why)?;
        fs::File::open(disk).and_then(|file| file.sync_all()).map_err(fail)?;
        fs::rename(disk, folder.join("disk.qcow2")).map_err(fail)?;
        durable::sync_folder(&folder)?;
        self.discard_orphans(key)?;
        let is_kept = settle(&folder, &self.folder(key), "disk.qcow2")?;
        Ok(if is_kept { self.path(key) } else { folder.join("disk.qcow2") })
    }

    /// Removes the layers that stand on one which is not there. It may have been removed by hand, or by a `prune` that was
    /// killed; they hold the changes to that one, which make no sense on one that was made later at the same place.
    fn discard_orphans(&self, key: &Digest) -> Result<(), BuildError> {
        let orphans = References::of_layers(self.home)?.layers_above(&key.hex());
        // Looked at last: where another build has put one there meanwhile, they may be of that.
        if self.disk(key).is_some() {
            return Ok(());
        }
        for orphan in orphans {
            tracing::info!("the layer {orphan} stands on one that was removed: it is discarded");
            scratch::discard(self.home, &self.home.layers().join(orphan))?;
        }
        Ok(())
    }

    /// Remembers what a layer was made of whose disk is not kept: the last one, which is the golden image.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remember(&self, key: &Digest, ingredients: &Ingredients, took: Duration) -> Result<(), BuildError> {
        durable::create_folder(&self.folder(key))?;
        let why = Why { ingredients: ingredients.clone(), seconds: took.as_secs(), container_images: Vec::new() };
        Ok(durable::save(&self.why_path(key), &why)?)
    }

    fn folder(&self, key: &Digest) -> Utf8PathBuf {
        self.home.layers().join(key.hex())
    }

    fn why_path(&self, key: &Digest) -> Utf8PathBuf {
        self.folder(key).join(NOTE)
    }
}

/// Moves a finished folder to its place in a cache, where it appears whole. One with the same `main` thing in it stays
/// there, and the new one where it is: layers may stand on it already. What has none makes room: that is the note of a
/// layer whose disk was not kept. Returns whether it was moved.
///
/// # Errors
/// When it cannot be moved there.
pub fn settle(folder: &Utf8Path, place: &Utf8Path, main: &str) -> Result<bool, BuildError> {
    let fail = |source: io::Error| BuildError::File { path: folder.to_owned(), source };
    // A rename replaces an empty folder and no other (rename(2)), so that nobody's whole one is ever replaced.
    let settled = fs::rename(folder, place).or_else(|error| {
        if place.join(main).exists() {
            return Err(error);
        }
        match fs::remove_file(place.join(NOTE)) {
            Err(other) if other.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::rename(folder, place),
        }
    });
    if let Err(error) = settled {
        if !place.join(main).exists() {
            return Err(fail(error));
        }
        tracing::debug!("there is one at {place}");
        return Ok(false);
    }
    durable::sync_folder(place.parent().unwrap_or(place))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a qcow2 file of version 2 (QEMU, `docs/interop/qcow2.rst`).
    fn disk_on(backing: &str) -> Vec<u8> {
        let mut bytes = vec![0; 72];
        bytes[..8].copy_from_slice(b"QFI\xfb\0\0\0\x02");
        bytes[15] = 72;
        bytes[16..20].copy_from_slice(&u32::try_from(backing.len()).unwrap().to_be_bytes());
        bytes.extend(backing.bytes());
        bytes
    }

    #[test]
    fn what_stood_on_a_layer_that_was_removed_goes_when_it_is_made_again() {
        let guard = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(guard.path()).unwrap().join("home")).unwrap();
        let cache = Layers::new(&home);
        let [base, packages, files, other] = ["base", "packages", "files", "other"].map(|name| {
            let ingredients = Ingredients::new(None, vec![name.into()]);
            (ingredients.key(), Why { ingredients, seconds: 1, container_images: Vec::new() })
        });
        let keep = |(key, why): &(Digest, Why), backing: &str| {
            let folder = kiln_images::scratch::Scratch::new(&home).unwrap();
            let disk = folder.path().join("disk.qcow2");
            fs::write(&disk, disk_on(backing)).unwrap();
            cache.keep(key, &disk, why).unwrap();
        };
        let all = [&base, &packages, &files, &other];
        let cached = || all.map(|(key, _)| cache.disk(key).is_some());
        keep(&base, "/images/x/disk.qcow2");
        keep(&packages, cache.path(&base.0).as_str());
        keep(&files, cache.path(&packages.0).as_str());
        keep(&other, "/images/x/disk.qcow2");
        keep(&base, "/images/x/disk.qcow2");
        assert_eq!(cached(), [true; 4], "it was there");
        fs::remove_dir_all(cache.folder(&base.0)).unwrap();
        keep(&base, "/images/x/disk.qcow2");
        assert_eq!(cached(), [true, false, false, true]);
    }

    #[test]
    fn what_is_whole_stays_and_what_is_not_makes_room() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let (made, place) = (root.join("made"), root.join("place"));
        let settled = |content: &str| {
            fs::create_dir(&made).unwrap();
            fs::write(made.join("disk.qcow2"), content).unwrap();
            let is_moved = settle(&made, &place, "disk.qcow2").unwrap();
            assert_eq!(is_moved, !made.exists());
            fs::read_to_string(place.join("disk.qcow2")).unwrap()
        };
        fs::create_dir(&place).unwrap();
        fs::write(place.join(NOTE), "of a layer whose disk was not kept").unwrap();
        assert_eq!(settled("first"), "first");
        assert!(!place.join(NOTE).exists(), "it would be taken for that of the new one");
        fs::write(place.join(NOTE), "").unwrap();
        assert_eq!(settled("second"), "first");
        assert!(place.join(NOTE).exists(), "one that is whole is left alone");
    }
}
