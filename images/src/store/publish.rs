//! How an image comes into the store: whole, or not at all.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Image, Store, StoreError, disk_path, manifest_path};
use crate::blocking::blocking;
use crate::digest::Digest;
use crate::manifest::Manifest;
use crate::name::Name;
use crate::qemu_img::{Check, Format};
use crate::scratch::Scratch;
use crate::{At, FileError, durable, header};

/// A finished disk that was found fit to be an image: flat, sound, read-only, hashed. [`Store::measure`] makes it.
#[derive(Debug)]
pub struct MeasuredDisk {
    path: Utf8PathBuf,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The size of the disk as a guest sees it, in bytes.
    pub virtual_size_bytes: u64,
    /// The length of the file, in bytes.
    pub file_size_bytes: u64,
}

impl Store {
    /// Looks at a finished qcow2 disk that is to become an image. It must be on the home's file system (in a
    /// [`Scratch`] folder), and is made read-only and synced.
    ///
    /// # Errors
    /// [`StoreError::NotFlat`] when it has a backing file, [`StoreError::Damaged`] when its structure is not sound.
    pub async fn measure(&self, disk: &Utf8Path) -> Result<MeasuredDisk, StoreError> {
        let virtual_size_bytes = self.check_flat_and_sound(disk).await?;
        fs::set_permissions(disk, Permissions::from_mode(0o444)).at("making read-only", disk)?;
        // The disk writes while the processor reads.
        let synced = disk.to_owned();
        let (digest, ()) = tokio::try_join!(hash(disk.to_owned()), blocking(move || sync_file(&synced)))?;
        let file_size_bytes = fs::metadata(disk).at("reading", disk)?.len();
        Ok(MeasuredDisk { path: disk.to_owned(), digest, virtual_size_bytes, file_size_bytes })
    }

    /// Moves a disk into the store and lets `name` stand for it. The image that `name` stood for before stays while
    /// something needs it. A disk whose bytes are in the store already is dropped; the manifest and the name are the
    /// new ones then.
    ///
    /// A crash at any point leaves the store as it was or with the image in it; what is half-made is in scratch.
    ///
    /// # Errors
    /// [`StoreError::OtherManifest`] when `manifest` is not of this disk; otherwise a file cannot be written.
    pub async fn publish(&self, disk: MeasuredDisk, manifest: &Manifest, name: &Name) -> Result<Image, StoreError> {
        let digest = disk.digest;
        if manifest.digest != digest {
            return Err(StoreError::OtherManifest { digest, found: manifest.digest });
        }
        // Until the name points to it, the image is one that nobody needs.
        let _shared = self.share().await?;
        let folder = self.home.image(&digest);
        let scratch = Scratch::new(&self.home)?;
        let half = scratch.path().join("image");
        durable::create_folder(&half)?;
        durable::save(&manifest_path(&half), manifest)?;
        fs::rename(&disk.path, disk_path(&half)).at("moving into the store", &disk.path)?;
        durable::sync_folder(&half)?;
        if move_in(&half, &folder)? {
            durable::sync_folder(&self.home.images())?;
        } else {
            durable::save(&manifest_path(&folder), manifest)?;
        }
        self.set_name(name, digest)?;
        self.image(digest, &self.names()?)
    }

    /// Lets `name` stand for an image that is in the store.
    ///
    /// # Errors
    /// [`StoreError`] when there is no such image, or the name cannot be written.
    pub async fn tag(&self, digest: &Digest, name: &Name) -> Result<Image, StoreError> {
        let _shared = self.share().await?;
        self.image(*digest, &[])?;
        self.set_name(name, *digest)?;
        self.image(*digest, &self.names()?)
    }

    /// Returns the virtual size of a disk that has no backing file and no damage.
    pub(super) async fn check_flat_and_sound(&self, disk: &Utf8Path) -> Result<u64, StoreError> {
        let damaged = |what: &str| StoreError::Damaged { disk: disk.to_owned(), what: what.to_owned() };
        let header = header::read(disk)?.ok_or_else(|| damaged("it is not in qcow2 format"))?;
        if let Some(backing) = header.backing_file {
            return Err(StoreError::NotFlat { disk: disk.to_owned(), backing });
        }
        match self.qemu_img.check(disk, Format::Qcow2).await? {
            Check::Corrupt { corruptions } => Err(damaged(&format!("{corruptions} errors in its structure"))),
            Check::Clean | Check::Leaks { .. } | Check::NotSupported => Ok(header.virtual_size_bytes),
        }
    }
}

/// Hashes a file on another thread.
pub(super) async fn hash(path: Utf8PathBuf) -> Result<Digest, FileError> {
    blocking(move || Digest::of_file(&path)).await
}

/// Renames a folder to where it belongs. False when one is there already.
fn move_in(half: &Utf8Path, folder: &Utf8Path) -> Result<bool, FileError> {
    match fs::rename(half, folder) {
        Ok(()) => Ok(true),
        // rename(2): "newpath is a nonempty directory".
        Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists) => {
            Ok(false)
        }
        Err(error) => Err(FileError::new("moving into the store", folder, error)),
    }
}

fn sync_file(path: &Utf8Path) -> Result<(), FileError> {
    File::open(path).and_then(|file| file.sync_all()).at("syncing", path)
}
