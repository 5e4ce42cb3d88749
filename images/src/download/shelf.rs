//! The folder of verified downloads: what is there, is it still right, and how something comes in.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;

use camino::Utf8Path;

use super::alias;
use super::checksum::Checksum;
use super::error::DownloadError;
use crate::blocking::blocking;
use crate::digest::{Digest, FileDigests};
use crate::home::Home;
use crate::{At, FileError, durable};

/// The download that has this checksum, if there is one.
pub(super) fn known(home: &Home, checksum: &Checksum) -> Option<Digest> {
    match checksum {
        Checksum::Sha256(digest) => Some(*digest).filter(|digest| home.download(digest).exists()),
        Checksum::Sha512(_) => alias::read(home, &checksum.hex()),
    }
}

/// Whether a download still is what it was. One that is not is removed.
pub(super) async fn is_intact(home: &Home, digest: Digest) -> Result<bool, DownloadError> {
    let home = home.clone();
    blocking(move || {
        let path = home.download(&digest);
        let found = match FileDigests::remembered(&home, &path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            result => result?,
        };
        if found != digest {
            tracing::warn!("{path} was changed, and is fetched again");
            fs::remove_file(&path).at("removing", &path)?;
        }
        Ok(found == digest)
    })
    .await
}

/// Verifies the finished file `path`, which came from `what`, and moves it among the downloads. Blocks.
pub(super) fn keep(
    home: &Home,
    path: &Utf8Path,
    expected: Option<Checksum>,
    what: &str,
) -> Result<Digest, DownloadError> {
    let digest = match &expected {
        None => Digest::of_file(path)?,
        Some(expected) => {
            let found = expected.same_kind_of_file(path)?;
            if found != *expected {
                let expected = expected.clone();
                return Err(DownloadError::Mismatch { what: what.to_owned(), expected, found });
            }
            match found {
                Checksum::Sha256(digest) => digest,
                Checksum::Sha512(_) => Digest::of_file(path)?,
            }
        }
    };
    store(home, path, &digest)?;
    if let Some(sha512 @ Checksum::Sha512(_)) = &expected {
        alias::write(home, &sha512.hex(), &digest)?;
    }
    Ok(digest)
}

/// Moves a file whose digest was computed to its place among the downloads, read-only and synced. Blocks.
pub(super) fn store(home: &Home, path: &Utf8Path, digest: &Digest) -> Result<(), FileError> {
    let target = home.download(digest);
    let file = File::open(path).at("opening", path)?;
    file.set_permissions(Permissions::from_mode(0o400)).at("making read-only", path)?;
    file.sync_all().at("syncing", path)?;
    fs::rename(path, &target).at("moving among the downloads", &target)?;
    durable::sync_folder(&home.downloads())
}
