//! Locks between processes, which name their holder.
//!
//! A lock is flock(2) on a file that is nothing else than the lock. The kernel drops it when its holder ends, however it
//! ends; what is written inside the file is only there to tell others who that is. Programs that are run meanwhile do
//! not inherit it: the standard library opens files with `O_CLOEXEC`.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use tokio::time::Instant;

use crate::{At, FileError};

/// How much of the holder's command line is written into the file, in characters.
const COMMAND_LENGTH: usize = 200;

/// The pauses between two tries: they begin with the first and double until the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(250));

/// A lock that is held until this value is dropped.
#[derive(Debug)]
#[must_use = "the lock is released as soon as this value is dropped"]
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Closing the file would do, but for a program that another thread has just forked: it has the file, too, until it
    /// executes (flock(2): a lock is of the open file description, which both share).
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::warn!("a lock is held until this program ends: {error}");
        }
    }
}

/// A lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else has it.
    #[error("{path} is locked by {holder}\n  wait until that has ended, and try again")]
    Busy {
        /// The lock's file.
        path: Utf8PathBuf,
        /// Who has it: process id and command line.
        holder: String,
    },
    /// The lock's file cannot be opened or locked.
    #[error(transparent)]
    File(#[from] FileError),
}

/// How the file is locked: for one holder or for many that only read, at once or when it can be had.
type Taking = fn(&File) -> Result<(), TryLockError>;

impl Lock {
    /// Takes the lock `path` for one holder alone, now or not at all.
    ///
    /// # Errors
    /// [`LockError::Busy`] with the holder, when anybody has it.
    pub fn exclusive(path: &Utf8Path) -> Result<Self, LockError> {
        Self::take(path, File::try_lock)
    }

    /// Takes the lock `path` together with others that share it, now or not at all.
    ///
    /// # Errors
    /// [`LockError::Busy`] with the holder, when somebody has it for himself.
    pub fn shared(path: &Utf8Path) -> Result<Self, LockError> {
        Self::take(path, File::try_lock_shared)
    }

    /// Like [`Lock::exclusive`], but waits until it can be had. Blocks: it is for what is held for a moment only.
    ///
    /// # Errors
    /// [`FileError`] when the lock's file cannot be opened or locked.
    pub fn exclusive_soon(path: &Utf8Path) -> Result<Self, FileError> {
        Self::take(path, |file| file.lock().map_err(TryLockError::Error)).map_err(|error| match error {
            LockError::File(error) => error,
            LockError::Busy { .. } => FileError::new("locking", path, io::ErrorKind::WouldBlock.into()),
        })
    }

    /// Does `work` under the lock `path`, for which it waits. Blocks. The lock's file may lie among those of the user's: it
    /// goes afterwards.
    ///
    /// # Errors
    /// [`FileError`] when the lock's file cannot be opened, locked or removed.
    pub fn alone<T>(path: &Utf8Path, work: impl FnOnce() -> T) -> Result<T, FileError> {
        let held = Self::exclusive_soon(path)?;
        let done = work();
        // While it is held: whoever waits for it makes another.
        fs::remove_file(path).at("removing", path)?;
        drop(held);
        Ok(done)
    }

    /// Like [`Lock::exclusive`], but waits for up to `patience`.
    ///
    /// # Errors
    /// [`LockError::Busy`] with the holder, when somebody has it for longer.
    pub async fn exclusive_within(path: &Utf8Path, patience: Duration) -> Result<Self, LockError> {
        Self::take_within(path, File::try_lock, patience).await
    }

    /// Like [`Lock::shared`], but waits for up to `patience`.
    ///
    /// # Errors
    /// [`LockError::Busy`] with the holder, when somebody has it for himself for longer.
    pub async fn shared_within(path: &Utf8Path, patience: Duration) -> Result<Self, LockError> {
        Self::take_within(path, File::try_lock_shared, patience).await
    }

    async fn take_within(path: &Utf8Path, taking: Taking, patience: Duration) -> Result<Self, LockError> {
        let deadline = Instant::now() + patience;
        let mut pause = PAUSES.0;
        loop {
            match Self::take(path, taking) {
                Err(LockError::Busy { .. }) if Instant::now() < deadline => {}
                result => return result,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    fn take(path: &Utf8Path, taking: Taking) -> Result<Self, LockError> {
        loop {
            let mut file = open(path).at("opening", path)?;
            match taking(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::Busy { path: path.to_owned(), holder: holder(&file) });
                }
                Err(TryLockError::Error(error)) => return Err(FileError::new("locking", path, error).into()),
            }
            // The holder before us may have removed the file with its folder between our open and our lock. A lock on a
            // file that has no name any more keeps nobody out.
            if file.metadata().at("locking", path)?.nlink() > 0 {
                // On a full disk it cannot be said, and whoever frees room has to take locks, too.
                if let Err(error) = introduce(&mut file) {
                    tracing::debug!(%error, "the lock {path} does not say who holds it");
                }
                return Ok(Self { file });
            }
        }
    }
}

/// Opens the lock's file, and creates it if need be. It is not truncated: the holder's name is in there.
fn open(path: &Utf8Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Writes into the file who we are. Of several that share a lock, the last one is named.
fn introduce(file: &mut File) -> io::Result<()> {
    let command: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let command: String = command.join(" ").chars().filter(|c| !c.is_control()).take(COMMAND_LENGTH).collect();
    let text = format!("{} {command}\n", std::process::id());
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

/// Who is written into the file, if that process still runs: the lock may have been taken a moment ago by one that has
/// not written its name yet.
fn holder(file: &File) -> String {
    let mut text = String::new();
    let named = file.take(4096).read_to_string(&mut text).ok().and_then(|_| text.trim_end().split_once(' '));
    match named {
        Some((pid, command)) if Utf8Path::new("/proc").join(pid).exists() => format!("process {pid} (`{command}`)"),
        _ => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lockfile() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("lock");
        (folder, path)
    }

    #[test]
    fn a_second_holder_is_told_who_the_first_is() {
        let (_folder, path) = lockfile();
        let first = Lock::exclusive(&path).unwrap();
        let error = Lock::exclusive(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        assert!(matches!(Lock::shared(&path), Err(LockError::Busy { .. })));
        drop(first);
        assert!(Lock::exclusive(&path).is_ok());
    }

    #[test]
    fn readers_share() {
        let (_folder, path) = lockfile();
        let (one, two) = (Lock::shared(&path).unwrap(), Lock::shared(&path).unwrap());
        assert!(Lock::exclusive(&path).is_err());
        drop((one, two));
        assert!(Lock::exclusive(&path).is_ok());
    }

    #[test]
    fn a_dead_name_is_not_told() {
        let (_folder, path) = lockfile();
        let _held = Lock::exclusive(&path).unwrap();
        std::fs::write(&path, "4194305 long gone\n").unwrap();
        assert!(Lock::exclusive(&path).unwrap_err().to_string().contains("another process"));
    }

    #[test]
    fn a_lock_is_had_on_a_full_disk_too() {
        // Shared: the same test may run elsewhere on this host.
        assert!(Lock::shared("/dev/full".into()).is_ok());
    }

    #[tokio::test]
    async fn a_patient_one_gets_it_when_it_is_released() {
        let (_folder, path) = lockfile();
        let held = Lock::exclusive(&path).unwrap();
        let (released, taken) =
            tokio::join!(async { drop(held) }, Lock::exclusive_within(&path, Duration::from_secs(10)));
        assert_eq!(released, ());
        assert!(taken.is_ok());
    }

    #[tokio::test]
    async fn patience_ends() {
        let (_folder, path) = lockfile();
        let _held = Lock::exclusive(&path).unwrap();
        let late = Lock::shared_within(&path, Duration::from_millis(20)).await;
        assert!(matches!(late, Err(LockError::Busy { .. })));
    }
}
