//! Images that come compressed by xz.

use std::fs::{self, File};
use std::io::{self, Read};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tool::Program;

use super::alias;
use super::error::DownloadError;
use super::shelf::store;
use crate::At;
use crate::blocking::blocking;
use crate::digest::{Digest, FileDigests};
use crate::home::Home;
use crate::scratch::Scratch;

const XZ: Program = Program::new("xz", "xz-utils");

/// The first bytes of an xz file (The .xz File Format, 2.1.1.1).
const MAGIC: [u8; 6] = *b"\xfd7zXZ\0";

/// How long unpacking may take. A slow machine does 20 MB/s: 70 GB.
const LIMIT: Duration = Duration::from_secs(3600);

/// The unpacked form of the verified download `path`: None where it is not compressed. It is a download of its own, with
/// its own digest.
pub(super) async fn unpacked(
    home: &Home,
    path: &Utf8Path,
    digest: &Digest,
) -> Result<Option<Utf8PathBuf>, DownloadError> {
    if !is_xz(path).at("reading", path)? {
        return Ok(None);
    }
    let name = format!("{}.unpacked", digest.hex());
    if let Some(known) = alias::read(home, &name) {
        let (home, unpacked) = (home.clone(), home.download(&known));
        let found = blocking({
            let unpacked = unpacked.clone();
            move || FileDigests::remembered(&home, &unpacked)
        });
        if found.await.is_ok_and(|found| found == known) {
            return Ok(Some(unpacked));
        }
    }
    let scratch = Scratch::new(home)?;
    let (packed, plain) = (scratch.path().join("disk.xz"), scratch.path().join("disk"));
    fs::hard_link(path, &packed).at("linking", path)?;
    // xz removes what it has unpacked, here the second name of the download, and asks for --force where there is one.
    let xz = XZ.find()?.invoke(format!("unpacking {path}")).args(["--decompress", "--force", packed.as_str()]);
    xz.time_limit(LIMIT).run().await?;
    let (home, work) = (home.clone(), scratch);
    let unpacked = blocking(move || {
        let digest = Digest::of_file(&plain)?;
        store(&home, &plain, &digest)?;
        alias::write(&home, &name, &digest)?;
        drop(work);
        Ok::<_, DownloadError>(home.download(&digest))
    });
    unpacked.await.map(Some)
}

fn is_xz(path: &Utf8Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(MAGIC.len() as u64).read_to_end(&mut start)?;
    Ok(start == MAGIC)
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::assert_explains;

    use super::*;

    #[tokio::test]
    async fn what_cannot_be_unpacked_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let (home, path) = (Home::new(root.join("kiln")).unwrap(), root.join("disk.qcow2.xz"));
        fs::write(&path, MAGIC).unwrap();
        let unpack = async || unpacked(&home, &path, &Digest::of_bytes(&MAGIC)).await;
        assert_explains(("xz", "xz-utils"), &[&format!("unpacking {path}")], unpack).await;
    }
}
