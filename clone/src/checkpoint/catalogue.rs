//! The checkpoints that a lab has: the folders with a manifest in them.

use std::io;

use kiln_images::durable::{self, DocumentError};
use kiln_images::{At, FileError};

use super::{CheckpointError, CheckpointFolder, CheckpointId, Manifest};
use crate::error::Error;
use crate::folder::LabFolder;

/// A checkpoint.
#[derive(Debug)]
pub struct Entry {
    /// Where it is.
    pub folder: CheckpointFolder,
    /// What is known of it.
    pub manifest: Manifest,
}

/// All checkpoints of a lab.
#[derive(Debug)]
pub struct Catalogue {
    lab: LabFolder,
    /// Those that can be read, the latest first.
    pub entries: Vec<Entry>,
    /// Those that cannot.
    pub unreadable: Vec<(CheckpointId, DocumentError)>,
}

impl Catalogue {
    /// Reads all manifests of a lab.
    ///
    /// # Errors
    /// [`FileError`] where the folder cannot be read. A manifest that cannot be read hides no other.
    pub fn read(lab: &LabFolder) -> Result<Self, FileError> {
        let mut catalogue = Self { lab: lab.clone(), entries: Vec::new(), unreadable: Vec::new() };
        for folder in folders(lab)? {
            match durable::load(&folder.manifest()) {
                Ok(manifest) => catalogue.entries.push(Entry { folder, manifest }),
                Err(DocumentError::File(error)) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => catalogue.unreadable.push((folder.id().clone(), error)),
            }
        }
        catalogue.entries.sort_by_key(|entry| std::cmp::Reverse(entry.manifest.created));
        Ok(catalogue)
    }

    /// The latest checkpoint of this name, or the one with this id.
    ///
    /// # Errors
    /// [`CheckpointError::Unknown`] with those that there are; [`CheckpointError::Unreadable`].
    pub fn find(self, name: &str) -> Result<Entry, Error> {
        let known = self.entries.iter().map(|entry| entry.manifest.name.to_string()).collect();
        let unreadable = self.unreadable.iter().map(|(_, error)| error.to_string()).collect();
        let lab = self.lab.lab().clone();
        let is_it = |entry: &Entry| entry.manifest.name.as_str() == name || entry.manifest.id.as_str() == name;
        if let Some(entry) = self.entries.into_iter().find(is_it) {
            return Ok(entry);
        }
        let error = match self.unreadable.into_iter().find(|(id, _)| id.as_str() == name) {
            Some((id, source)) => CheckpointError::Unreadable { lab, id, source },
            None => CheckpointError::Unknown { lab, name: name.to_owned(), known, unreadable },
        };
        Err(error.into())
    }

    /// The checkpoints of this name, the latest first.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.manifest.name.as_str() == name)
    }
}

/// The folders of all checkpoints, whether they have a manifest or not.
///
/// # Errors
/// [`FileError`] where they cannot be listed.
pub(super) fn folders(lab: &LabFolder) -> Result<Vec<CheckpointFolder>, FileError> {
    let root = lab.checkpoints();
    let entries = match root.read_dir_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.at("reading", &root)?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.at("reading", &root)?;
        match entry.file_name().parse() {
            Ok(id) => folders.push(CheckpointFolder::new(lab, id)),
            Err(error) => tracing::warn!("{} is no checkpoint's folder: {error}", entry.path()),
        }
    }
    folders.sort_by(|one, other| one.id().cmp(other.id()));
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8Path;
    use jiff::Timestamp;
    use kiln_images::home::Home;

    use super::*;
    use crate::checkpoint::manifest::tests::manifest;

    #[test]
    fn the_latest_of_a_name_is_found_and_a_folder_without_a_manifest_is_none() {
        let guard = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(guard.path()).unwrap().join("kiln")).unwrap();
        let lab = LabFolder::new(&home, &"lab".parse().unwrap());
        assert!(Catalogue::read(&lab).unwrap().entries.is_empty());
        let make = |name: &str, second: i64| {
            let manifest = Manifest { created: Timestamp::from_second(second).unwrap(), ..manifest(name) };
            let folder = CheckpointFolder::new(&lab, manifest.id.clone());
            fs::create_dir_all(folder.root()).unwrap();
            durable::save(&folder.manifest(), &manifest).unwrap();
            folder
        };
        let (old, new, other) = (make("before", 1), make("before", 2), make("other", 3));
        fs::create_dir(lab.checkpoints().join("0123456789ab")).unwrap();
        fs::write(other.manifest(), r#"{"format": 2}"#).unwrap();

        let find = |name: &str| Catalogue::read(&lab).unwrap().find(name);
        assert_eq!(find("before").unwrap().folder.id(), new.id());
        assert_eq!(find(old.id().as_str()).unwrap().folder.id(), old.id());
        let error = find("after").unwrap_err().to_string();
        assert!(error.contains("no checkpoint `after`") && error.contains("it has: before, before"), "{error}");
        assert!(error.contains("one cannot be read: ") && error.contains("has format 2"), "{error}");
        let error = find(other.id().as_str()).unwrap_err();
        assert!(matches!(error, Error::Checkpoint(CheckpointError::Unreadable { .. })), "{error}");
        assert_eq!(Catalogue::read(&lab).unwrap().named("before").count(), 2);
    }
}
