//! What QEMU itself had to say: the file in the node's folder, read from where something began.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;

use camino::Utf8Path;

/// How much of QEMU's words an error quotes, in bytes.
const QUOTE_LIMIT_BYTES: u64 = 4096;

/// The file with what QEMU said, and where in it that begins which is of interest.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    begin: u64,
}

impl Log {
    /// Opens the log; what it has now is not of interest.
    pub(super) fn open(path: &Utf8Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path)?;
        let begin = file.metadata()?.len();
        Ok(Self { file, begin })
    }

    /// Takes the log for a QEMU that is going to be started, and says whether nobody else had it. The lock is of the open
    /// file description (flock(2)): the QEMU that inherits it has it from fork(2) on, before it can lock its pid file, and
    /// until it ends.
    pub(super) fn take(&self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether a QEMU, or a program that is about to start one, has the log at `path`.
    pub(super) fn is_taken(path: &Utf8Path) -> io::Result<bool> {
        match File::open(path).and_then(|file| Ok(file.try_lock_shared()?)) {
            Ok(()) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The file, for QEMU to write to.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// The last words since it was opened.
    pub(super) fn said(mut self) -> io::Result<String> {
        let end = self.file.metadata()?.len();
        self.file.seek(SeekFrom::Start(self.begin.max(end.saturating_sub(QUOTE_LIMIT_BYTES))))?;
        let mut bytes = Vec::new();
        self.file.take(QUOTE_LIMIT_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    }
}
