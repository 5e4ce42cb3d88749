//! Folders for half-made things. They are removed when their maker is done, fails, or is found dead.

use std::fs::{self, File};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;
use uuid::Uuid;

use crate::home::Home;
use crate::{At, FileError};

/// A folder of one's own under the home's scratch folder, and so on the same file system: what is finished in it is
/// renamed to where it belongs. The folder goes when this value is dropped. It is locked (flock(2)) meanwhile, which
/// ends with the process: so the leftovers of a dead one can be told from the work of a living one.
#[derive(Debug)]
pub struct Scratch {
    path: Utf8PathBuf,
    _folder: TempDir,
    _lock: File,
}

impl Scratch {
    /// Makes a folder, for the owner alone.
    ///
    /// # Errors
    /// [`FileError`] when it cannot be created.
    pub fn new(home: &Home) -> Result<Self, FileError> {
        Self::new_in(&home.scratch())
    }

    fn new_in(parent: &Utf8Path) -> Result<Self, FileError> {
        // Between the creation of a folder and its lock there is a moment in which it looks like a leftover.
        let moment = File::open(parent).at("opening", parent)?;
        moment.lock_shared().at("locking", parent)?;
        let folder = TempDir::with_prefix_in("work-", parent).at("creating a folder in", parent)?;
        let path = Utf8PathBuf::try_from(folder.path().to_owned())
            .map_err(camino::FromPathBufError::into_io_error)
            .at("creating a folder in", parent)?;
        let lock = File::open(&path).at("opening", &path)?;
        lock.try_lock().at("locking", &path)?;
        Ok(Self { path, _folder: folder, _lock: lock })
    }

    /// The folder.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }
}

/// Removes a file or folder so that it is in its place whole or not at all. Says whether it was there.
///
/// Nothing is made for that, which may need room: there is none where a full disk is why something is removed.
///
/// # Errors
/// [`FileError`] when it cannot be removed. What is left of it then is removed with the other leftovers.
pub fn discard(home: &Home, path: &Utf8Path) -> Result<bool, FileError> {
    discard_into(&home.scratch(), path)
}

fn discard_into(parent: &Utf8Path, path: &Utf8Path) -> Result<bool, FileError> {
    let away = parent.join(format!("removed-{}", Uuid::new_v4().simple()));
    match fs::rename(path, &away) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        result => result.at("removing", path)?,
    }
    let removed = if away.symlink_metadata().is_ok_and(|it| it.is_dir()) {
        fs::remove_dir_all(&away)
    } else {
        fs::remove_file(&away)
    };
    // Somebody who removes leftovers may have been quicker.
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        removed => removed.map(|()| true).at("removing", &away),
    }
}

/// What dead processes have left behind in the home's scratch folder.
///
/// # Errors
/// [`FileError`] when the folder cannot be read.
pub fn leftovers(home: &Home) -> Result<Vec<Utf8PathBuf>, FileError> {
    leftovers_in(&home.scratch())
}

fn leftovers_in(parent: &Utf8Path) -> Result<Vec<Utf8PathBuf>, FileError> {
    let nobody_begins = File::open(parent).at("opening", parent)?;
    nobody_begins.lock().at("locking", parent)?;
    let mut found = Vec::new();
    for entry in parent.read_dir_utf8().at("reading", parent)? {
        let path = entry.at("reading", parent)?.into_path();
        match is_leftover(&path) {
            Ok(true) => found.push(path),
            Ok(false) => {}
            // Its maker has just finished.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(FileError::new("reading", &path, error)),
        }
    }
    Ok(found)
}

fn is_leftover(path: &Utf8Path) -> io::Result<bool> {
    // Only folders are made here; anything else (a link, a socket) has no maker to wait for.
    if !fs::symlink_metadata(path)?.is_dir() {
        return Ok(true);
    }
    let free = File::open(path)?.try_lock().is_ok();
    // A maker removes its folder before it lets go of the lock: who got the lock may hold what is no longer there.
    fs::symlink_metadata(path).map(|_| free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_is_gone_afterwards() {
        let parent = tempfile::tempdir().unwrap();
        let parent = Utf8Path::from_path(parent.path()).unwrap();
        let scratch = Scratch::new_in(parent).unwrap();
        fs::write(scratch.path().join("half"), "made").unwrap();
        let path = scratch.path().to_owned();
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn what_is_discarded_is_gone_and_nothing_is_made_for_it() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let (scratch, folder, file, link) = (root.join("s"), root.join("folder"), root.join("file"), root.join("link"));
        for folder in [&scratch, &folder, &folder.join("inner")] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&scratch, &link).unwrap();
        for path in [&folder, &file, &link] {
            assert!(discard_into(&scratch, path).unwrap(), "{path}");
            assert!(path.symlink_metadata().is_err(), "{path}");
            assert!(!discard_into(&scratch, path).unwrap(), "{path} is gone");
        }
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0);
    }

    #[test]
    fn only_folders_that_nobody_holds_are_leftovers() {
        let parent = tempfile::tempdir().unwrap();
        let parent = Utf8Path::from_path(parent.path()).unwrap();
        let _held = Scratch::new_in(parent).unwrap();
        let dead = parent.join("work-dead");
        fs::create_dir(&dead).unwrap();
        assert_eq!(leftovers_in(parent).unwrap(), [dead]);
    }

    #[test]
    fn a_folder_that_is_just_being_made_is_none() {
        let parent = tempfile::tempdir().unwrap();
        let parent = Utf8Path::from_path(parent.path()).unwrap();
        std::thread::scope(|scope| {
            let maker = scope.spawn(|| (0..5000).for_each(|_| drop(Scratch::new_in(parent).unwrap())));
            while !maker.is_finished() {
                assert_eq!(leftovers_in(parent).unwrap(), Vec::<Utf8PathBuf>::new());
            }
        });
    }
}
