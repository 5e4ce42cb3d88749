//! Files that are mostly zeros: what is zero becomes holes, which need neither room nor time, and is passed over.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use camino::Utf8Path;
use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;
use tempfile::NamedTempFile;

use crate::durable::folder_of;
use crate::{At, FileError};

/// The blocks in which zeros are looked for: those of most file systems.
const BLOCK: usize = 4096;

/// The content of a file, and where in it there is something.
#[derive(Debug)]
pub struct Sparse {
    bytes: Vec<u8>,
    extents: Vec<Range<usize>>,
}

impl Sparse {
    /// Looks for the zeros in `bytes`.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { extents: extents(&bytes), bytes }
    }

    /// Writes a file with this content to `target`, whose folder must exist, with mode 0600. One that is there is replaced,
    /// and a reader sees the old one or the new one.
    ///
    /// Nothing is synced: of a thousand files that would be most of the time. After a power cut the file can be empty or
    /// missing, unless its file system was synced before (syncfs(2)).
    ///
    /// # Errors
    /// [`FileError`]; nothing half-made stays.
    pub fn write_to(&self, target: &Utf8Path) -> Result<(), FileError> {
        let half = NamedTempFile::new_in(folder_of(target)).at("writing", target)?;
        half.as_file().set_len(self.bytes.len() as u64).at("writing", target)?;
        for extent in &self.extents {
            half.as_file().write_all_at(&self.bytes[extent.clone()], extent.start as u64).at("writing", target)?;
        }
        half.persist(target).at("writing", target)?;
        Ok(())
    }
}

/// Where the next data of `file` at or behind `offset` begins, both in bytes, if there is any (lseek(2), `SEEK_DATA`).
///
/// # Errors
/// Where the file cannot be searched.
pub fn next_data(file: &File, offset: u64) -> io::Result<Option<u64>> {
    match seek(file, SeekFrom::Data(offset)) {
        Ok(begin) => Ok(Some(begin)),
        Err(Errno::NXIO) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

/// Where there are blocks that are not all zeros: those that follow each other are one range.
fn extents(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut extents: Vec<Range<usize>> = Vec::new();
    for (number, block) in bytes.chunks(BLOCK).enumerate().filter(|(_, block)| block.iter().any(|byte| *byte != 0)) {
        let start = number * BLOCK;
        match extents.last_mut() {
            Some(last) if last.end == start => last.end += block.len(),
            _ => extents.push(start..start + block.len()),
        }
    }
    extents
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn extents_are_what_is_not_zero() {
        let mut bytes = vec![0; 5 * BLOCK + 10];
        assert_eq!(extents(&bytes), []);
        for at in [BLOCK, 3 * BLOCK - 1, 5 * BLOCK + 9] {
            bytes[at] = 1;
        }
        assert_eq!(extents(&bytes), [BLOCK..3 * BLOCK, 5 * BLOCK..5 * BLOCK + 10]);
    }

    #[test]
    fn a_file_is_replaced_by_one_with_holes() {
        let folder = tempfile::tempdir().unwrap();
        let target = Utf8Path::from_path(folder.path()).unwrap().join("file");
        fs::write(&target, "old").unwrap();
        let mut bytes = vec![0; 100 * BLOCK];
        bytes[50 * BLOCK] = 1;
        Sparse::new(bytes.clone()).write_to(&target).unwrap();
        let metadata = fs::metadata(&target).unwrap();
        assert_eq!((metadata.mode() & 0o7777, fs::read(&target).unwrap()), (0o600, bytes));
        assert!(metadata.blocks() * 512 < metadata.len() / 10, "{} blocks", metadata.blocks());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
