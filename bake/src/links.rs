//! Symbolic links of this host in what is copied elsewhere, where they lead to something else, or to nothing.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

/// What becomes of the links in what is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// They are copied as what they are.
    Kept,
    /// What they lead to is read.
    Followed,
}

/// Copies a file or a folder, with what links lead to in their place.
///
/// # Errors
/// When something cannot be read or written; so where a link leads to nothing.
pub fn copy_followed(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    for entry in WalkDir::new(from).follow_links(true) {
        let entry = entry?;
        let below = entry.path().strip_prefix(from).map_err(io::Error::other)?;
        let target =
            if below.as_os_str().is_empty() { to.as_std_path().to_owned() } else { to.as_std_path().join(below) };
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Whether a file or a folder is a link, or there is one in it.
///
/// # Errors
/// When the folder cannot be read.
pub fn is_or_has_link(path: &Utf8Path) -> io::Result<bool> {
    if path.is_symlink() {
        return Ok(true);
    }
    for entry in WalkDir::new(path) {
        if entry?.path_is_symlink() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The first part of `path`, a path in the folder `root`, by which it leads to something that is not in that folder: a
/// link, also one that leads to nothing or to itself. That something is not there at all is not looked for.
///
/// # Errors
/// When something cannot be read.
pub fn way_out_to(path: &Utf8Path, root: &Utf8Path) -> io::Result<Option<Utf8PathBuf>> {
    let real_root = root.canonicalize()?;
    let mut part = root.to_owned();
    for name in path.strip_prefix(root).unwrap_or(path) {
        part.push(name);
        match part.canonicalize() {
            Ok(real) if real.starts_with(&real_root) => {}
            Err(error) if !part.is_symlink() => {
                return if error.kind() == io::ErrorKind::NotFound { Ok(None) } else { Err(error) };
            }
            _ => return Ok(Some(part)),
        }
    }
    Ok(None)
}

/// A link below `path` by which something is read that is not in the folder `root`, or nothing, or what it is in itself.
///
/// # Errors
/// When something cannot be read.
pub fn way_out_below(path: &Utf8Path, root: &Utf8Path) -> io::Result<Option<Utf8PathBuf>> {
    let root = root.canonicalize()?;
    for entry in WalkDir::new(path).follow_links(true) {
        let link = match entry {
            Ok(entry) if !entry.path_is_symlink() || entry.path().canonicalize()?.starts_with(&root) => continue,
            Ok(entry) => entry.into_path(),
            Err(error) => match error.path().filter(|path| path.is_symlink()) {
                Some(link) => link.to_owned(),
                None => return Err(error.into()),
            },
        };
        return Utf8PathBuf::from_path_buf(link).map(Some).map_err(|_| io::ErrorKind::InvalidData.into());
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder with a file, and a link to it in a folder.
    fn tree() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        fs::create_dir_all(root.join("made/bin")).unwrap();
        fs::write(root.join("made/hyperkube"), "all in one").unwrap();
        symlink("../hyperkube", root.join("made/bin/kubelet")).unwrap();
        (folder, root)
    }

    #[test]
    fn what_links_lead_to_takes_their_place() {
        let (_folder, root) = tree();
        symlink("made", root.join("current")).unwrap();
        assert!(is_or_has_link(&root.join("made")).unwrap() && is_or_has_link(&root.join("current")).unwrap());
        copy_followed(&root.join("current"), &root.join("copy")).unwrap();
        assert!(!is_or_has_link(&root.join("copy")).unwrap());
        assert_eq!(fs::read_to_string(root.join("copy/bin/kubelet")).unwrap(), "all in one");
        symlink("nothing", root.join("made/dangling")).unwrap();
        assert!(copy_followed(&root.join("made"), &root.join("other")).is_err());
    }

    #[test]
    fn a_link_that_leads_out_is_found() {
        let (_folder, root) = tree();
        let made = root.join("made");
        let below = |path: &str| way_out_below(&made.join(path), &made).unwrap();
        assert_eq!((below(""), below("bin"), below("bin/kubelet")), (None, None, None));
        fs::write(root.join("else"), "not of it").unwrap();
        symlink("/etc", made.join("etc")).unwrap();
        symlink(root.join("else"), made.join("bin/kubectl")).unwrap();
        assert_eq!(below("bin"), Some(made.join("bin/kubectl")));
        // What a script calls /out/hyperkube is nothing here.
        for target in ["/out/hyperkube", ".", "kubectl"] {
            fs::remove_file(made.join("bin/kubectl")).unwrap();
            symlink(target, made.join("bin/kubectl")).unwrap();
            assert_eq!(below("bin"), Some(made.join("bin/kubectl")), "{target}");
        }
    }

    #[test]
    fn a_path_that_leads_out_is_known_by_the_link_in_it() {
        let (_folder, root) = tree();
        let made = root.join("made");
        let links = [("/etc", "etc"), ("bin", "current"), ("/out/bin", "nothing"), ("itself", "itself")];
        for (target, link) in links {
            symlink(target, made.join(link)).unwrap();
        }
        for (path, link) in [
            ("etc", Some("etc")),
            ("etc/passwd", Some("etc")),
            ("nothing/kubelet", Some("nothing")),
            ("itself", Some("itself")),
            ("..", Some("..")),
            ("current/kubelet", None),
            ("bin/missing/more", None),
        ] {
            assert_eq!(way_out_to(&made.join(path), &made).unwrap(), link.map(|link| made.join(link)), "{path}");
        }
    }
}
