//! The digest of a file that is mostly zeros, for the price of what is not.
//!
//! It is the SHA-256 of the file's length and of every page that holds something, each with its number before it (both as
//! 64 bits, little-endian). So it says all that the bytes say, and is the same wherever the file system has holes.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Digest;
use crate::sparse::next_data;
use crate::{At, FileError};

/// The unit in which zeros are looked for.
const PAGE: usize = 4096;
/// How much is read at a time.
const CHUNK: usize = 64 * PAGE;

/// The digest of a file's pages; no other digest of the same file is equal to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PagesDigest(Digest);

impl PagesDigest {
    /// The digest of a file. Blocks for as long as its data takes to read: call it in `spawn_blocking`.
    ///
    /// # Errors
    /// [`FileError`] when the file cannot be read.
    pub fn of_file(path: &Utf8Path) -> Result<Self, FileError> {
        File::open(path).and_then(|file| of(&file)).at("reading", path)
    }
}

impl fmt::Display for PagesDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

fn of(file: &File) -> io::Result<PagesDigest> {
    let length = file.metadata()?.len();
    let mut hasher = Sha256::new();
    hasher.update(length.to_le_bytes());
    let mut chunk = vec![0; CHUNK];
    let mut offset = 0;
    while let Some(begin) = next_data(file, offset)?.filter(|begin| *begin < length) {
        // A hole need not begin at a page.
        offset = begin - begin % PAGE as u64;
        let wanted = usize::try_from(length - offset).map_or(CHUNK, |left| left.min(CHUNK));
        file.read_exact_at(&mut chunk[..wanted], offset)?;
        for (index, page) in chunk[..wanted].chunks(PAGE).enumerate() {
            if *page != [0; PAGE][..page.len()] {
                hasher.update((offset / PAGE as u64 + index as u64).to_le_bytes());
                hasher.update(page);
            }
        }
        offset += wanted as u64;
    }
    Ok(PagesDigest(Digest::from(<[u8; 32]>::from(hasher.finalize()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest of a file of these bytes; of one with holes where there are zeros, if it is to be `sparse`.
    fn digest(bytes: &[u8], sparse: bool) -> PagesDigest {
        let file = tempfile::tempfile().unwrap();
        file.set_len(bytes.len() as u64).unwrap();
        for (index, page) in bytes.chunks(PAGE).enumerate() {
            if !sparse || page.iter().any(|byte| *byte != 0) {
                file.write_all_at(page, (index * PAGE) as u64).unwrap();
            }
        }
        of(&file).unwrap()
    }

    #[test]
    fn holes_are_zeros_and_everything_else_counts() {
        let mut bytes = vec![0; 200 * PAGE + 10];
        bytes[70 * PAGE + 3] = 1;
        bytes[200 * PAGE + 9] = 2;
        let whole = digest(&bytes, true);
        assert_eq!(digest(&bytes, false), whole);
        for other in [70 * PAGE + 3, 5, 200 * PAGE] {
            let mut flipped = bytes.clone();
            flipped[other] ^= 1;
            assert_ne!(digest(&flipped, true), whole, "{other}");
        }
        assert_ne!(digest(&bytes[..bytes.len() - 1], true), whole, "one byte is missing");
        let mut moved = vec![0; bytes.len()];
        moved[71 * PAGE + 3] = 1;
        moved[200 * PAGE + 9] = 2;
        assert_ne!(digest(&moved, true), whole, "the page is elsewhere");
    }
}
