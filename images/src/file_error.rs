//! The error of an operation on one file: what was being done, to which file, and why it failed.

use std::fmt;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

/// An operation on a file or folder failed.
#[derive(Debug)]
pub struct FileError {
    action: &'static str,
    path: Utf8PathBuf,
    source: io::Error,
}

impl FileError {
    /// Says that `action` ("writing", "locking") on `path` failed because of `source`.
    pub fn new(action: &'static str, path: &Utf8Path, source: io::Error) -> Self {
        Self { action, path: path.to_owned(), source }
    }

    /// The kind of the system's error.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }

    /// The file or folder it happened on.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} failed", self.action, self.path)?;
        match self.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => write!(
                f,
                "\n  there is no room left: free some (`bake prune`), or set KILN_HOME to a folder on a larger disk"
            ),
            io::ErrorKind::ReadOnlyFilesystem => {
                write!(f, "\n  that file system is read-only: set KILN_HOME to a folder on another one")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Turns an [`io::Error`] into a [`FileError`] where it happens.
pub trait At<T> {
    /// Names the action and the path of a failed operation.
    ///
    /// # Errors
    /// [`FileError`] where `self` is an error.
    fn at(self, action: &'static str, path: &Utf8Path) -> Result<T, FileError>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, action: &'static str, path: &Utf8Path) -> Result<T, FileError> {
        self.map_err(|error| FileError::new(action, path, error.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_explained() {
        let error = FileError::new("writing", Utf8Path::new("/x/y"), io::ErrorKind::StorageFull.into());
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        let text = error.to_string();
        assert!(text.starts_with("writing /x/y failed") && text.contains("bake prune"), "{text}");
    }
}
