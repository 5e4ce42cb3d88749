//! How downloads leave: all of them, when somebody says so. Nothing stands on them, and what is needed again is fetched
//! again and verified again.

use std::fs;

use camino::Utf8Path;

use super::prune::disk_usage;
use super::{Store, StoreError, entries};
use crate::durable::{self, Lock, LockError};
use crate::{At, FileError};

/// What the lock of a download that is under way ends with; the files of that download have the same stem.
const LOCK: &str = "lock";

impl Store {
    /// What [`Store::remove_downloads`] would remove now: each file, by name, with the bytes it takes on the disk.
    ///
    /// # Errors
    /// [`StoreError::File`] when the downloads cannot be looked at.
    pub fn downloads(&self) -> Result<Vec<(String, u64)>, StoreError> {
        Ok(self.idle_downloads()?.files)
    }

    /// Removes all downloads, finished or not, but those that are under way, and returns what it removed.
    ///
    /// # Errors
    /// [`StoreError::Lock`] while an image is baked; or a file cannot be removed.
    pub async fn remove_downloads(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let _alone = self.alone().await?;
        let folder = self.home.downloads();
        let idle = self.idle_downloads()?;
        for (name, _) in &idle.files {
            let path = folder.join(name);
            fs::remove_file(&path).at("removing", &path)?;
        }
        durable::sync_folder(&folder)?;
        Ok(idle.files)
    }

    fn idle_downloads(&self) -> Result<Idle, StoreError> {
        let folder = self.home.downloads();
        let mut names = entries(&folder)?;
        let mut locks = Vec::new();
        for lock in names.clone().iter().map(|name| folder.join(name)).filter(|path| path.extension() == Some(LOCK)) {
            match Lock::exclusive(&lock) {
                Ok(held) => locks.push(held),
                Err(LockError::Busy { .. }) => names.retain(|name| Utf8Path::new(name).file_stem() != lock.file_stem()),
                Err(error) => return Err(error.into()),
            }
        }
        let files: Result<_, FileError> =
            names.into_iter().map(|name| disk_usage(&folder.join(&name)).map(|bytes| (name, bytes))).collect();
        Ok(Idle { files: files?, _locks: locks })
    }
}

/// Downloads that nobody is at work on, and nobody can begin to be.
struct Idle {
    files: Vec<(String, u64)>,
    _locks: Vec<Lock>,
}
