//! The digests of large files, remembered: a base image of a gigabyte is hashed once, not at every run.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::Digest;
use crate::durable::{self, Document, DocumentError};
use crate::home::Home;
use crate::{At, FileError};

/// A file changed less than this ago is not remembered: the kernel stamps files with its coarse clock (4 ms or 10 ms),
/// so that another write in the same tick could not be seen. Git calls such an entry "racily clean".
const SETTLED: Duration = Duration::from_millis(500);

/// Remembered digests, each valid while its file's device, inode, size, mtime and ctime stay what they were.
#[derive(Debug)]
pub struct FileDigests {
    path: Utf8PathBuf,
    known: Known,
    changed: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Known {
    files: BTreeMap<Utf8PathBuf, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    stamp: Stamp,
    digest: Digest,
}

/// What changes when a file does (stat(2)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Stamp {
    device: u64,
    inode: u64,
    size_bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Document for Known {
    const FORMAT: u32 = 1;
}

impl FileDigests {
    /// Opens the cache that is kept in the file `path`. One that is damaged or of another format is begun anew: all it
    /// holds can be computed again.
    pub fn open(path: Utf8PathBuf) -> Self {
        let known = match durable::load(&path) {
            Ok(known) => known,
            Err(DocumentError::File(error)) if error.kind() == std::io::ErrorKind::NotFound => Known::default(),
            Err(error) => {
                tracing::debug!("the cache of digests is begun anew: {error}");
                Known::default()
            }
        };
        Self { path, known, changed: false }
    }

    /// The digest of the file `path`, by what is known in a home; what is new there is remembered. Blocks.
    ///
    /// # Errors
    /// [`FileError`] when the file cannot be read.
    pub fn remembered(home: &Home, path: &Utf8Path) -> Result<Digest, FileError> {
        let mut digests = Self::open(home.digests());
        let digest = digests.of_file(path)?;
        if let Err(error) = digests.save() {
            tracing::warn!("the digest of {path} is not remembered: {error}");
        }
        Ok(digest)
    }

    /// The digest of the file `path`: remembered, or computed now. Blocks; call it in `spawn_blocking`.
    ///
    /// # Errors
    /// [`FileError`] when the file cannot be read.
    pub fn of_file(&mut self, path: &Utf8Path) -> Result<Digest, FileError> {
        let file = File::open(path).at("reading", path)?;
        let before = file.metadata().at("reading", path)?;
        let stamp = Stamp::of(&before);
        if let Some(entry) = self.known.files.get(path).filter(|entry| entry.stamp == stamp) {
            return Ok(entry.digest);
        }
        let digest = Digest::of_reader(&file).at("reading", path)?;
        let after = file.metadata().at("reading", path)?;
        if Stamp::of(&after) == stamp && is_settled(&after) {
            self.known.files.insert(path.to_owned(), Entry { stamp, digest });
            self.changed = true;
        }
        Ok(digest)
    }

    /// Writes down what was learned, without the files that are gone.
    ///
    /// # Errors
    /// [`DocumentError`] when the cache's file cannot be written.
    pub fn save(mut self) -> Result<(), DocumentError> {
        if !self.changed {
            return Ok(());
        }
        self.known.files.retain(|path, _| path.exists());
        durable::save(&self.path, &self.known)
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size_bytes: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

fn is_settled(metadata: &Metadata) -> bool {
    let changed = Duration::new(metadata.ctime().unsigned_abs(), metadata.ctime_nsec().unsigned_abs() as u32);
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH + changed).is_ok_and(|age| age > SETTLED)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Case {
        _folder: tempfile::TempDir,
        cache: Utf8PathBuf,
        file: Utf8PathBuf,
    }

    fn case() -> Case {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap();
        let (cache, file) = (path.join("hashes.json"), path.join("disk"));
        fs::write(&file, "one").unwrap();
        Case { _folder: folder, cache, file }
    }

    /// Puts a digest into the cache that is not the file's, so that it shows where an answer comes from.
    fn remember(case: &Case, digest: Digest) {
        let stamp = Stamp::of(&fs::metadata(&case.file).unwrap());
        let known = Known { files: BTreeMap::from([(case.file.clone(), Entry { stamp, digest })]) };
        durable::save(&case.cache, &known).unwrap();
    }

    #[test]
    fn an_unchanged_file_is_not_read_again() {
        let case = case();
        remember(&case, Digest::of_bytes(b"remembered"));
        assert_eq!(FileDigests::open(case.cache).of_file(&case.file).unwrap(), Digest::of_bytes(b"remembered"));
    }

    #[test]
    fn a_changed_file_is_read_again() {
        let case = case();
        remember(&case, Digest::of_bytes(b"remembered"));
        fs::remove_file(&case.file).unwrap();
        fs::write(&case.file, "two").unwrap();
        assert_eq!(FileDigests::open(case.cache).of_file(&case.file).unwrap(), Digest::of_bytes(b"two"));
    }

    #[test]
    fn a_file_that_has_just_changed_is_not_remembered() {
        let case = case();
        let mut digests = FileDigests::open(case.cache.clone());
        digests.of_file(&case.file).unwrap();
        digests.save().unwrap();
        assert!(!case.cache.exists());
    }

    #[test]
    fn a_damaged_cache_is_begun_anew() {
        let case = case();
        for damage in ["", "{", "{\"format\": 99}", "[]"] {
            fs::write(&case.cache, damage).unwrap();
            assert_eq!(FileDigests::open(case.cache.clone()).of_file(&case.file).unwrap(), Digest::of_bytes(b"one"));
        }
    }
}
