//! A file that is being made, beside where it will be.

use std::fs::File;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::{NamedTempFile, TempPath};

use super::{folder_of, sync_folder};
use crate::{At, FileError};

/// An empty file with a name of its own, mode 0600, for something (a program, perhaps) to write to. It is removed when
/// this value is dropped before it was moved to its place.
#[derive(Debug)]
pub struct HalfMade {
    path: Utf8PathBuf,
    file: TempPath,
}

/// Creates a file to be written and then moved, in the `folder` it will be moved within.
///
/// # Errors
/// [`FileError`] when the folder is missing or cannot be written to.
pub fn half_made(folder: &Utf8Path) -> Result<HalfMade, FileError> {
    let file = NamedTempFile::new_in(folder).at("creating a file in", folder)?.into_temp_path();
    let path = Utf8PathBuf::try_from(file.to_path_buf())
        .map_err(camino::FromPathBufError::into_io_error)
        .at("creating a file in", folder)?;
    Ok(HalfMade { path, file })
}

impl HalfMade {
    /// Where it is now.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Moves it to `target`, replacing what is there. It is on the disk then.
    ///
    /// # Errors
    /// [`FileError`] when it cannot be moved; then it is removed.
    pub fn persist(self, target: &Utf8Path) -> Result<(), FileError> {
        self.synced()?.persist(target).at("writing", target)?;
        sync_folder(folder_of(target))
    }

    /// Moves it to `target` unless something is there. It is on the disk then.
    ///
    /// # Errors
    /// [`FileError`] of the kind `AlreadyExists` then; or when it cannot be moved. It is removed.
    pub fn persist_new(self, target: &Utf8Path) -> Result<(), FileError> {
        self.synced()?.persist_noclobber(target).at("writing", target)?;
        sync_folder(folder_of(target))
    }

    /// It, with everything that was written to it on the disk.
    fn synced(self) -> Result<TempPath, FileError> {
        File::open(&self.path).and_then(|file| file.sync_all()).at("syncing", &self.path)?;
        Ok(self.file)
    }
}
