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
        Self { action, path: path.to_owned(), source: explained(source) }
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
        write!(f, "{} {} failed", self.action, self.path)
    }
}

/// Adds what to do to the errors that have little to do with the file.
fn explained(source: io::Error) -> io::Error {
    let advice = match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some room (`bake prune`), or set KILN_HOME to a folder on a larger disk"
        }
        io::ErrorKind::ReadOnlyFilesystem => "set KILN_HOME to a folder on another disk",
        _ => return source,
    };
    io::Error::new(source.kind(), format!("{source}\n  {advice}"))
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
        use std::error::Error;
        let full = io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error());
        let error = FileError::new("writing", Utf8Path::new("/x/y"), full);
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(error.to_string(), "writing /x/y failed");
        let source = error.source().unwrap().to_string();
        assert!(source.starts_with("No space left on device") && source.contains("bake prune"), "{source}");
    }
}
