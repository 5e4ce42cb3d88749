//! Reading single files of a `tar.gz`. Nothing is unpacked: what `tar` finds under a name it writes to a pipe. So no path
//! in an archive leads anywhere, and links, which have no content of their own, are not followed.

use camino::Utf8Path;
use kiln_tool::{Ending, Error};

use crate::programs::TAR;

/// What GNU tar says of a name that is not in the archive (`src/names.c`, `names_notfound`).
const NOT_FOUND: &str = "Not found in archive";

/// What an archive has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A file with this content.
    File(Vec<u8>),
    /// Something without content: a folder, a link, an empty file.
    Empty,
    /// Nothing.
    Missing,
    /// More than is read.
    TooLarge,
}

/// Reads one file of the archive, of at most `limit` bytes.
///
/// # Errors
/// [`Error`] where the archive is none, is damaged, or `tar` is missing.
pub async fn read(archive: &Utf8Path, member: &str, limit: usize) -> Result<Member, Error> {
    let step = format!("reading {member} in {archive}");
    // With the first of its name `tar` has seen enough, and the rest is not decompressed. A name is no pattern.
    let words = ["--extract", "--gzip", "--to-stdout", "--occurrence=1", "--no-wildcards", "--no-recursion", "--file"];
    let tar = TAR.find()?.invoke(step).args(words).args([archive.as_str(), "--", member]);
    match tar.env("LC_ALL", "C").output_limit(limit).output().await {
        Ok(content) if content.is_empty() => Ok(Member::Empty),
        Ok(content) => Ok(Member::File(content)),
        Err(Error::Failed(failure)) if failure.said.contains(NOT_FOUND) => Ok(Member::Missing),
        Err(Error::Failed(failure)) if matches!(failure.ending, Ending::TooMuch(_)) => Ok(Member::TooLarge),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use kiln_tool::testing::assert_explains;

    use super::*;

    const LIMIT: usize = 100;

    #[tokio::test]
    async fn an_archive_that_cannot_be_read_is_named() {
        let doing = ["reading rel/one.yaml in /mesh.tar.gz"];
        let read = async || read("/mesh.tar.gz".into(), "rel/one.yaml", LIMIT).await;
        assert_explains(("tar", "tar"), &doing, read).await;
    }

    #[tokio::test]
    async fn files_are_read_and_links_are_not_followed() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        fs::create_dir_all(root.join("rel/a")).unwrap();
        fs::write(root.join("rel/a/one.yaml"), "kind: A\n").unwrap();
        fs::write(root.join("rel/a/[x]*.yaml"), "kind: B\n").unwrap();
        fs::write(root.join("rel/large.yaml"), [b'#'; LIMIT + 1]).unwrap();
        symlink("/etc/passwd", root.join("rel/link.yaml")).unwrap();
        let archive = root.join("rel.tar.gz");
        let packed = Command::new("tar").args(["-C", root.as_str(), "-czf", archive.as_str(), "rel"]).status();
        assert!(packed.unwrap().success());
        for (member, expected) in [
            ("rel/a/one.yaml", Member::File(b"kind: A\n".to_vec())),
            ("rel/a/[x]*.yaml", Member::File(b"kind: B\n".to_vec())),
            ("rel/a", Member::Empty),
            ("rel/link.yaml", Member::Empty),
            ("rel/a/*.yaml", Member::Missing),
            ("rel/none.yaml", Member::Missing),
            ("rel/large.yaml", Member::TooLarge),
        ] {
            assert_eq!(read(&archive, member, LIMIT).await.unwrap(), expected, "{member}");
        }
    }

    #[tokio::test]
    async fn half_an_archive_and_a_page_are_refused() {
        let guard = tempfile::tempdir().unwrap();
        let archive = Utf8Path::from_path(guard.path()).unwrap().join("a.tar.gz");
        for bytes in [&b"<html>404</html>"[..], b"\x1f\x8b\x08\0\0\0\0\0\0\x03half"] {
            fs::write(&archive, bytes).unwrap();
            let error = read(&archive, "a", LIMIT).await.unwrap_err().to_string();
            assert!(error.contains("reading a in "), "{error}");
        }
    }
}
