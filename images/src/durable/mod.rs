//! Files that are either old or new, never half, and that survive a power cut once written; and locks.

mod document;
mod half;
mod lock;

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

use camino::Utf8Path;
use tempfile::NamedTempFile;

use crate::{At, FileError};

pub use document::{Document, DocumentError, load, save};
pub use half::{HalfMade, half_made};
pub use lock::{Lock, LockError};

/// The permission bits of a file that is its owner's alone.
pub const PRIVATE: u32 = 0o600;

/// Writes a whole file with the permission bits `mode`, replacing one that is there. A reader sees the old bytes or the
/// new ones; when this returns, the new ones are on the disk.
///
/// # Errors
/// [`FileError`] when the folder is missing or cannot be written to; nothing is left behind then.
pub fn write_atomically(path: &Utf8Path, bytes: &[u8], mode: u32) -> Result<(), FileError> {
    let folder = folder_of(path);
    let mut file = NamedTempFile::new_in(folder).at("writing", path)?;
    file.write_all(bytes).at("writing", path)?;
    file.as_file().set_permissions(Permissions::from_mode(mode)).at("writing", path)?;
    file.as_file().sync_all().at("writing", path)?;
    file.persist(path).at("writing", path)?;
    sync_folder(folder)
}

/// Whether a file with this name is one that [`write_atomically`] was killed over, or is at work on: they begin as
/// [`tempfile`] has them begin.
pub fn is_half_written(name: &str) -> bool {
    name.starts_with(".tmp")
}

/// Reads a whole file of at most `max_bytes`.
///
/// # Errors
/// [`FileError`] when the file cannot be read, or is larger ([`io::ErrorKind::FileTooLarge`]).
pub fn read_limited(path: &Utf8Path, max_bytes: u64) -> Result<Vec<u8>, FileError> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > max_bytes {
            let why = format!("it is larger than {max_bytes} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
        }
        Ok(bytes)
    };
    read().at("reading", path)
}

/// Makes sure that what was created, renamed or removed in a folder stays so after a power cut.
///
/// # Errors
/// [`FileError`] when the folder cannot be opened or synced.
pub fn sync_folder(folder: &Utf8Path) -> Result<(), FileError> {
    File::open(folder).and_then(|file| file.sync_all()).at("syncing", folder)
}

/// Creates a folder and those above it, for the owner alone (0700). One that is there is left as it is.
///
/// # Errors
/// [`FileError`] when it cannot be created.
pub fn create_folder(folder: &Utf8Path) -> Result<(), FileError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).at("creating", folder)
}

/// Removes a file. That it is not there is fine.
///
/// # Errors
/// [`FileError`] when it is there, and cannot be removed.
pub fn remove_file(path: &Utf8Path) -> Result<(), FileError> {
    missing_is_fine(fs::remove_file(path)).at("removing", path)
}

/// Removes a folder with all that is in it. That it is not there is fine.
///
/// # Errors
/// [`FileError`] when it is there, and cannot be removed.
pub fn remove_folder(path: &Utf8Path) -> Result<(), FileError> {
    missing_is_fine(fs::remove_dir_all(path)).at("removing", path)
}

fn missing_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// The folder a file is in.
pub(crate) fn folder_of(path: &Utf8Path) -> &Utf8Path {
    match path.parent() {
        Some(folder) if !folder.as_str().is_empty() => folder,
        _ => Utf8Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_with_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("file");
        write_atomically(&path, b"one", 0o600).unwrap();
        write_atomically(&path, b"two", 0o444).unwrap();
        assert_eq!(read_limited(&path, 3).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o444);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn too_large_files_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("file");
        fs::write(&path, "1234").unwrap();
        let error = read_limited(&path, 3).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert!(error.to_string().contains(path.as_str()));
    }

    #[test]
    fn what_is_not_there_is_as_good_as_removed() {
        let guard = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(guard.path()).unwrap().join("folder");
        let file = folder.join("file");
        fs::create_dir(&folder).unwrap();
        fs::write(&file, "").unwrap();
        remove_folder(&file).unwrap_err();
        for _ in 0..2 {
            remove_file(&file).unwrap();
        }
        remove_file(&folder).unwrap_err();
        for _ in 0..2 {
            remove_folder(&folder).unwrap();
        }
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("taken");
        fs::create_dir(&path).unwrap();
        assert!(write_atomically(&path, b"one", 0o600).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
