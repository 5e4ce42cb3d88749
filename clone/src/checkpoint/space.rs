//! Whether there is room for a checkpoint.

use camino::Utf8Path;
use kiln_images::{At, FileError};

use super::CheckpointError;
use crate::error::Error;

/// What a node needs beside its memory: the state of its devices, and what it writes to its new disk in the first moment.
const PER_NODE_BYTES: u64 = 16 << 20;

/// How much is needed for a checkpoint of nodes that have so much memory in use, and how much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Space {
    /// At most, in bytes.
    pub needed_bytes: u64,
    /// In bytes.
    pub free_bytes: u64,
}

impl Space {
    /// Looks at the file system of `folder`; `memory` has the bytes that each node has in use.
    pub(super) fn look(folder: &Utf8Path, memory: &[u64]) -> Result<Self, FileError> {
        let system =
            rustix::fs::statvfs(folder.as_std_path()).map_err(std::io::Error::from).at("looking at", folder)?;
        // What somebody else has written down can be any number.
        let needed = |sum: u64, bytes: &u64| sum.saturating_add(*bytes).saturating_add(PER_NODE_BYTES);
        let needed_bytes = memory.iter().fold(0, needed);
        Ok(Self { needed_bytes, free_bytes: system.f_bavail.saturating_mul(system.f_frsize) })
    }

    /// Refuses what does not fit.
    pub(super) fn check(self, folder: &Utf8Path) -> Result<(), Error> {
        let Self { needed_bytes, free_bytes } = self;
        if needed_bytes <= free_bytes {
            return Ok(());
        }
        Err(CheckpointError::NoSpace { folder: folder.to_owned(), needed_bytes, free_bytes }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_both_numbers() {
        let space = Space::look(Utf8Path::new("/"), &[1 << 30, 1 << 20]).unwrap();
        assert_eq!(space.needed_bytes, (1 << 30) + (1 << 20) + 2 * PER_NODE_BYTES);
        assert!(space.free_bytes > 0);
        assert_eq!(Space::look(Utf8Path::new("/"), &[u64::MAX, 1]).unwrap().needed_bytes, u64::MAX);
        let error = Space { needed_bytes: 3 << 30, free_bytes: 2 << 30 }.check("/labs".into()).unwrap_err().to_string();
        assert!(error.contains("needs up to 3.0 GiB and /labs has 2.0 GiB free"), "{error}");
        Space { needed_bytes: 2, free_bytes: 2 }.check("/labs".into()).unwrap();
    }
}
