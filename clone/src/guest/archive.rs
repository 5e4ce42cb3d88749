//! Files for a node as one tar archive, which the node unpacks from standard input.
//!
//! The format is `ustar` (POSIX.1-1988, "tar Interchange Format"), which every tar reads. It holds regular files only: the
//! folders above them are made by whoever unpacks.

use crate::kubernetes::NodeFile;

/// A block of the archive, in bytes; headers and contents are filled up to it.
const BLOCK: usize = 512;
/// The room in a header for a name, and for the folders before it.
const NAME: usize = 100;
const PREFIX: usize = 155;

/// A path that no header has room for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the path {0} is too long for an archive")]
pub struct TooLong(String);

/// Packs `files`, owned by root. `time` is their time of modification, in seconds since 1970.
///
/// # Errors
/// [`TooLong`] with the path that does not fit.
pub fn pack(files: &[NodeFile], time: u64) -> Result<Vec<u8>, TooLong> {
    let mut archive = Vec::new();
    for file in files {
        archive.extend(header(file, time)?);
        archive.extend(&file.content);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    // The end is marked by two empty blocks.
    archive.resize(archive.len() + 2 * BLOCK, 0);
    Ok(archive)
}

fn header(file: &NodeFile, time: u64) -> Result<[u8; BLOCK], TooLong> {
    let (prefix, name) = split(file.path.as_str().trim_start_matches('/'))?;
    let mut header = [0; BLOCK];
    let mut put = |offset: usize, text: &str| header[offset..offset + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, &format!("{:07o}", file.mode));
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{:011o}", file.content.len()));
    put(136, &format!("{time:011o}"));
    // The sum is that of the header with blanks in place of the sum.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\0");
    put(263, "00");
    put(265, "root");
    put(297, "root");
    put(345, prefix);
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(header)
}

/// The folders and the name of a path, as a header has them: a long path is cut at a slash.
fn split(path: &str) -> Result<(&str, &str), TooLong> {
    if path.len() <= NAME {
        return Ok(("", path));
    }
    let cuts = path.match_indices('/').map(|(index, _)| (&path[..index], &path[index + 1..]));
    let fits = |(prefix, name): &(&str, &str)| prefix.len() <= PREFIX && name.len() <= NAME;
    cuts.into_iter().find(fits).ok_or_else(|| TooLong(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn tar_unpacks_what_was_packed() {
        let folder = tempfile::tempdir().unwrap();
        let long = format!("/{}/{}/file", "a".repeat(80), "b".repeat(80));
        let files = [
            NodeFile::public("/etc/kubernetes/empty", ""),
            NodeFile::secret("/etc/kubernetes/pki/ca.key", vec![7; 1000]),
            NodeFile::public(long.as_str(), vec![b'x'; BLOCK]),
        ];
        let mut tar = Command::new("tar")
            .args(["-xpf", "-", "-C"])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .spawn()
            .expect("this test needs the program tar");
        tar.stdin.take().unwrap().write_all(&pack(&files, 1_700_000_000).unwrap()).unwrap();
        assert!(tar.wait().unwrap().success());
        for file in files {
            let path = folder.path().join(file.path.as_str().trim_start_matches('/'));
            assert_eq!(std::fs::read(&path).unwrap(), file.content, "{file:?}");
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, file.mode, "{file:?}");
        }
    }

    #[test]
    fn a_path_without_a_place_to_cut_is_refused() {
        let file = NodeFile::public(format!("/{}", "x".repeat(101)), "");
        assert!(pack(&[file], 0).is_err());
    }
}
