//! All disks of labs or layers, and what they stand on: read from the headers of the disks themselves, so that no second
//! book can be wrong.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use crate::{At, FileError, header};

/// A disk.
#[derive(Debug)]
pub struct Disk {
    /// The lab or layer that it belongs to: what the folder with everything of that is called.
    pub owner: String,
    /// Where it is.
    pub path: Utf8PathBuf,
    /// What it stands on, as [`header::backing_file`] says.
    pub backing: Result<Option<Utf8PathBuf>, FileError>,
    /// Whether that is known. A power cut can leave the name of a file and nothing in it, or the half of a header.
    pub is_whole: bool,
}

/// Every file `*.qcow2` in the folders that `folder` has. One of these may be a link to a folder elsewhere, such as that
/// of a lab that was moved to a larger file system. What vanishes meanwhile is left out: a lab may be taken down while we
/// look.
///
/// # Errors
/// [`FileError`] where a folder cannot be read, or is a link to nothing: what stands on what cannot be known then.
pub fn of_all_in(folder: &Utf8Path) -> Result<Vec<Disk>, FileError> {
    let mut disks = Vec::new();
    for entry in folder.read_dir_utf8().at("reading", folder)? {
        let path = entry.at("reading", folder)?.into_path();
        if path.is_symlink() {
            path.metadata().at("following the link", &path)?;
        }
        disks.extend(of_one(&path)?);
    }
    Ok(disks)
}

fn of_one(owner: &Utf8Path) -> Result<Vec<Disk>, FileError> {
    let mut disks = Vec::new();
    // It follows a link that it begins with, and no other.
    for entry in WalkDir::new(owner).follow_links(false) {
        let entry = match entry {
            Err(error) if error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound) => continue,
            entry => entry.map_err(io::Error::from).at("walking through", owner)?,
        };
        let path = Utf8Path::from_path(entry.path()).filter(|path| path.extension() == Some("qcow2"));
        let Some(path) = path.filter(|_| entry.file_type().is_file()) else { continue };
        match header::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            header => {
                let (owner, is_whole) =
                    (owner.file_name().unwrap_or_default().to_owned(), matches!(header, Ok(Some(_))));
                let backing = header.map(|header| header.and_then(|header| header.backing_of(path)));
                disks.push(Disk { owner, path: path.to_owned(), backing, is_whole });
            }
        }
    }
    Ok(disks)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::header::tests::header;

    #[test]
    fn the_disks_of_a_folder_that_is_a_link_count_and_a_link_to_nothing_is_an_error() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let (labs, elsewhere) = (root.join("labs"), root.join("elsewhere"));
        for folder in [labs.join("near/nodes"), elsewhere.join("nodes")] {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("disk.qcow2"), header("/golden", 0, 0)).unwrap();
            fs::write(folder.join("notes.txt"), header("/golden", 0, 0)).unwrap();
            symlink("/nothing/there", folder.join("socket")).unwrap();
        }
        symlink(&elsewhere, labs.join("far")).unwrap();
        let mut disks = of_all_in(&labs).unwrap();
        disks.sort_by(|one, other| one.owner.cmp(&other.owner));
        assert_eq!(disks.iter().map(|disk| disk.owner.as_str()).collect::<Vec<_>>(), ["far", "near"]);
        assert_eq!(disks[0].path, labs.join("far/nodes/disk.qcow2"));
        assert!(disks.iter().all(|disk| disk.backing.as_ref().unwrap().as_deref() == Some("/golden".into())));

        fs::rename(&elsewhere, root.join("unmounted")).unwrap();
        let error = of_all_in(&labs).unwrap_err().to_string();
        assert!(error.contains("labs/far"), "{error}");
    }

    #[test]
    fn one_that_cannot_be_read_is_told_with_its_owner() {
        let guard = tempfile::tempdir().unwrap();
        let labs = Utf8Path::from_path(guard.path()).unwrap();
        fs::create_dir(labs.join("lab")).unwrap();
        let (whole, torn) = (header("/x", 0, 0), labs.join("lab/torn.qcow2"));
        for length in [50, 75, 104] {
            fs::write(&torn, &whole[..length]).unwrap();
            let disks = of_all_in(labs).unwrap();
            assert_eq!((disks[0].owner.as_str(), disks[0].is_whole), ("lab", false));
            assert_eq!(disks[0].backing.as_ref().unwrap_err().kind(), io::ErrorKind::InvalidData, "{length}");
        }
        fs::write(&torn, "").unwrap();
        let disks = of_all_in(labs).unwrap();
        assert_eq!((disks[0].backing.as_ref().unwrap(), disks[0].is_whole), (&None, false));
    }
}
