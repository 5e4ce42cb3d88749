//! Reading every byte of a checkpoint again.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use camino::Utf8PathBuf;
use kiln_console::Reporter;
use kiln_images::digest::PagesDigest;
use kiln_images::store::Store;
use kiln_images::{FileError, header};
use serde::Serialize;

use super::manifest::SavedFile;
use super::{CheckpointFolder, Entry, Manifest};
use crate::error::Error;
use crate::tasks::join_all;

/// How a file is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Verdict {
    /// The file.
    pub file: Utf8PathBuf,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// Compares every file of these checkpoints with what was written. One that several of them stand on is read once.
///
/// # Errors
/// [`FileError`] where a file is there and cannot be read.
pub async fn verify(manifests: &[&Manifest], reporter: &Reporter) -> Result<Vec<Verdict>, FileError> {
    let files: BTreeMap<_, _> = manifests.iter().flat_map(|manifest| manifest.files()).collect();
    let look = async |file: &SavedFile| {
        let task = reporter.start(short(file), "verify");
        let found = digest(file.path.clone()).await;
        let problem = match found {
            Ok(found) if found == file.pages => None,
            Ok(_) => Some("its content is not what was saved".to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some("it is missing".to_owned()),
            Err(error) => return task.finish(Err(error)),
        };
        match &problem {
            None => task.done(),
            Some(problem) => task.failed(problem.as_str()),
        }
        Ok(Verdict { file: file.path.clone(), problem })
    };
    join_all(files.into_values().map(look)).await.into_iter().collect()
}

/// Compares the golden images that these checkpoints stand on with what was baked.
///
/// # Errors
/// Where the store or the header of a disk cannot be read.
pub async fn verify_golden(store: &Store, entries: &[Entry], reporter: &Reporter) -> Result<Vec<Verdict>, Error> {
    let mut disks = BTreeSet::new();
    for entry in entries {
        for node in entry.manifest.nodes.keys() {
            disks.extend(golden_below(entry.folder.disk(node))?);
        }
    }
    let images = store.list()?;
    // One after the other: each is read by as many processors as there are.
    let mut verdicts = Vec::new();
    for disk in disks {
        let task = reporter.start(disk.parent().and_then(|folder| folder.file_name()).unwrap_or_default(), "verify");
        let problem = match images.iter().find(|image| image.disk == disk) {
            None => Some("it is no image of the store".to_owned()),
            Some(image) => store.verify(image).await.err().map(|error| error.to_string()),
        };
        match &problem {
            None => task.done(),
            Some(problem) => task.failed(problem.as_str()),
        }
        verdicts.push(Verdict { file: disk, problem });
    }
    Ok(verdicts)
}

/// The last disk below one of a checkpoint, where that is of no checkpoint. A file on the way that is missing, or damaged
/// where it says what it stands on, has a verdict of its own.
fn golden_below(mut disk: Utf8PathBuf) -> Result<Option<Utf8PathBuf>, FileError> {
    while disk.exists() {
        match header::backing_file(&disk) {
            Ok(Some(below)) => disk = below,
            Ok(None) => break,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(CheckpointFolder::holding(&disk).is_none().then_some(disk))
}

/// The digest of a file, while other work goes on.
///
/// # Errors
/// [`FileError`] where it cannot be read.
pub(super) async fn digest(path: Utf8PathBuf) -> Result<PagesDigest, FileError> {
    let named = path.clone();
    let digest = tokio::task::spawn_blocking(move || PagesDigest::of_file(&named)).await;
    digest.unwrap_or_else(|panic| Err(FileError::new("reading", &path, io::Error::other(panic))))
}

/// The file's name with its folder's: the node and the checkpoint.
fn short(file: &SavedFile) -> String {
    let folder = file.path.parent().and_then(|folder| folder.file_name()).unwrap_or_default();
    format!("{folder}/{}", file.path.file_name().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::FileExt;

    use camino::Utf8Path;

    use super::*;
    use crate::checkpoint::manifest::tests::manifest;

    #[tokio::test]
    async fn one_flipped_bit_in_any_file_is_found_and_named() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let mut manifest = manifest("before");
        let names = ["node1.qcow2", "node1.ram", "node1.state"];
        for name in names {
            let path = root.join(name);
            fs::write(&path, vec![7; 100_000]).unwrap();
            let pages = PagesDigest::of_file(&path).unwrap();
            let file = SavedFile { path, bytes: 100_000, used_bytes: 100_000, pages };
            manifest.nodes.values_mut().for_each(|node| node.files.push(file.clone()));
        }
        let problems = async || {
            let verdicts = verify(&[&manifest], &Reporter::silent()).await.unwrap();
            let bad = verdicts.into_iter().filter(|verdict| verdict.problem.is_some());
            bad.map(|verdict| verdict.file.file_name().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(problems().await, [""; 0]);
        for name in names {
            let file = fs::OpenOptions::new().write(true).open(root.join(name)).unwrap();
            file.write_all_at(&[6], 54_321).unwrap();
            assert_eq!(problems().await, [name]);
            file.write_all_at(&[7], 54_321).unwrap();
        }
        fs::remove_file(root.join(names[1])).unwrap();
        assert_eq!(problems().await, [names[1]]);
    }
}
