//! Removing checkpoints. What disks stand on stays until the last of them is gone: that is read from their headers.

use std::collections::BTreeSet;
use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::durable::{DocumentError, remove_file, remove_folder};
use kiln_images::{At, FileError, disks, header};

use super::{Catalogue, CheckpointError, CheckpointFolder, Entry, catalogue};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;

/// A checkpoint that is to be removed.
#[derive(Debug)]
pub struct Doomed {
    /// Where it is.
    pub folder: CheckpointFolder,
    /// Its name; its id where nothing else is known of it.
    pub name: String,
    /// What its files take on the disk, in bytes; nothing where it is damaged.
    pub used_bytes: Option<u64>,
}

/// The checkpoints of these names or ids, each once. One that is damaged can be removed by its id; one that only another
/// version of this program understands cannot.
///
/// # Errors
/// [`CheckpointError::Unknown`]; [`CheckpointError::Unreadable`].
pub fn doomed(lab: &LabFolder, names: &[String]) -> Result<Vec<Doomed>, Error> {
    let mut doomed: Vec<Doomed> = Vec::new();
    for name in names {
        let found = match Catalogue::read(lab)?.find(name) {
            Ok(Entry { folder, manifest }) => {
                Doomed { folder, name: manifest.name.to_string(), used_bytes: Some(manifest.used_bytes()) }
            }
            Err(Error::Checkpoint(CheckpointError::Unreadable {
                id,
                source: DocumentError::Malformed { .. } | DocumentError::NoFormat { .. },
                ..
            })) => Doomed { name: id.to_string(), folder: CheckpointFolder::new(lab, id), used_bytes: None },
            Err(error) => return Err(error),
        };
        if doomed.iter().all(|known| known.folder.id() != found.folder.id()) {
            doomed.push(found);
        }
    }
    Ok(doomed)
}

/// What removing a checkpoint leaves.
#[derive(Debug, PartialEq, Eq)]
pub struct Removed {
    /// The disks of it that others stand on, and that therefore stay.
    pub kept: Vec<Utf8PathBuf>,
}

/// Removes a checkpoint. It is none any more from the first step on.
///
/// # Errors
/// [`FileError`] where something cannot be removed; the next removal of any checkpoint goes on with it.
pub fn remove(lab: &LabFolder, folder: &CheckpointFolder) -> Result<Removed, FileError> {
    remove_file(&folder.manifest())?;
    crash::at(Point::CheckpointUnlisted);
    strip(folder)?;
    sweep(lab)?;
    let kept = if folder.root().exists() { entries(folder.root())? } else { Vec::new() };
    Ok(Removed { kept })
}

/// Removes everything of a checkpoint but the disks.
pub(super) fn strip(folder: &CheckpointFolder) -> Result<(), FileError> {
    remove_folder(&folder.pki())?;
    for path in entries(folder.root())? {
        if path.extension() != Some("qcow2") && path != folder.begun() {
            remove_file(&path)?;
        }
    }
    Ok(())
}

/// Removes all disks that belong to no checkpoint and that no disk stands on, and the folders that are empty then.
pub(super) fn sweep(lab: &LabFolder) -> Result<(), FileError> {
    let is_left = |folder: &CheckpointFolder| !folder.manifest().exists() && !folder.begun().exists();
    let left: Vec<_> = catalogue::folders(lab)?.into_iter().filter(is_left).collect();
    if left.is_empty() {
        return Ok(());
    }
    if let Some(disk) = unreadable_disk(lab)? {
        tracing::warn!("no disk of a checkpoint is removed: {disk} does not say what it stands on");
        return Ok(());
    }
    // A disk that goes may have been the last that stood on another.
    loop {
        let needed = match backing_files(lab) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                tracing::warn!("no disk of a checkpoint is removed: {error}");
                return Ok(());
            }
            needed => needed?,
        };
        if !sweep_once(&left, &needed)? {
            break;
        }
    }
    for folder in left {
        if entries(folder.root())?.is_empty() {
            fs::remove_dir(folder.root()).at("removing", folder.root())?;
        }
    }
    Ok(())
}

fn sweep_once(left: &[CheckpointFolder], needed: &BTreeSet<Utf8PathBuf>) -> Result<bool, FileError> {
    let mut any = false;
    for folder in left {
        // What else is here was left by a removal that was killed.
        strip(folder)?;
        for disk in entries(folder.root())?.into_iter().filter(|disk| !needed.contains(disk)) {
            remove_file(&disk)?;
            any = true;
        }
    }
    Ok(any)
}

/// A disk of a node of this lab that is none, as a full disk or a power cut can leave it: it may have stood on anything.
fn unreadable_disk(lab: &LabFolder) -> Result<Option<Utf8PathBuf>, FileError> {
    for node in lab.node_folders()? {
        let disk = lab.nodes().join(node).join("disk.qcow2");
        if disk.exists() && !matches!(header::read(&disk), Ok(Some(_))) {
            return Ok(Some(disk));
        }
    }
    Ok(None)
}

/// The backing files of all disks of all labs: a lab may stand on the checkpoint of another.
fn backing_files(lab: &LabFolder) -> Result<BTreeSet<Utf8PathBuf>, FileError> {
    disks::of_all_in(lab.labs())?.into_iter().filter_map(|disk| disk.backing.transpose()).collect()
}

fn entries(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>, FileError> {
    let entries = folder.read_dir_utf8().and_then(Iterator::collect::<io::Result<Vec<_>>>);
    Ok(entries.at("reading", folder)?.into_iter().map(camino::Utf8DirEntry::into_path).collect())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use kiln_images::durable;
    use kiln_images::home::Home;
    use kiln_images::qemu_img::QemuImg;

    use super::*;
    use crate::checkpoint::Manifest;
    use crate::checkpoint::manifest::tests::manifest;

    const SIZE: u64 = 1 << 20;

    /// Three checkpoints of a node, each made on the one before, and the disk that the node has now.
    async fn chain() -> (tempfile::TempDir, LabFolder, Vec<CheckpointFolder>) {
        let guard = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(guard.path()).unwrap().join("kiln")).unwrap();
        let (lab, node) = (LabFolder::new(&home, &"lab".parse().unwrap()), "node1".parse().unwrap());
        let qemu_img = QemuImg::find().unwrap();
        fs::create_dir_all(lab.node(&node)).unwrap();
        let mut below = Utf8PathBuf::from("/golden.qcow2");
        let mut folders = Vec::new();
        for (second, name) in ["one", "two", "three"].into_iter().enumerate() {
            let created = Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
            let manifest = Manifest { created, ..manifest(name) };
            let folder = CheckpointFolder::new(&lab, manifest.id.clone());
            fs::create_dir_all(folder.root()).unwrap();
            qemu_img.create_overlay_unseen(&folder.disk(&node), &below, SIZE).await.unwrap();
            [folder.memory(&node), folder.state(&node)].iter().for_each(|file| fs::write(file, "x").unwrap());
            durable::save(&folder.manifest(), &manifest).unwrap();
            below = folder.disk(&node);
            folders.push(folder);
        }
        qemu_img.create_overlay_unseen(&lab.disk(&node), &below, SIZE).await.unwrap();
        (guard, lab, folders)
    }

    fn remove_named(lab: &LabFolder, name: &str) -> usize {
        remove(lab, &Catalogue::read(lab).unwrap().find(name).unwrap().folder).unwrap().kept.len()
    }

    #[tokio::test]
    async fn a_disk_stays_while_another_stands_on_it_and_goes_with_the_last() {
        let (_guard, lab, folders) = chain().await;
        let node = "node1".parse().unwrap();
        assert_eq!(remove_named(&lab, "two"), 1);
        assert!(folders[1].disk(&node).exists() && !folders[1].memory(&node).exists());
        assert_eq!(remove_named(&lab, "three"), 1, "the node stands on it");
        // The node goes back to the first one: nobody needs the other two any more.
        QemuImg::find().unwrap().create_overlay_unseen(&lab.disk(&node), &folders[0].disk(&node), SIZE).await.unwrap();
        sweep(&lab).unwrap();
        assert!(!folders[1].root().exists() && !folders[2].root().exists());
        assert!(folders[0].disk(&node).exists() && folders[0].memory(&node).exists());
        // What it stood on cannot be told.
        fs::write(lab.disk(&node), "").unwrap();
        assert_eq!(remove_named(&lab, "one"), 1);
        fs::remove_file(lab.disk(&node)).unwrap();
        sweep(&lab).unwrap();
        assert_eq!(fs::read_dir(lab.checkpoints()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn one_that_is_being_made_is_left_alone() {
        let (_guard, lab, folders) = chain().await;
        fs::remove_file(folders[0].manifest()).unwrap();
        fs::write(folders[0].begun(), "").unwrap();
        remove_named(&lab, "two");
        assert!(folders[0].memory(&"node1".parse().unwrap()).exists());
    }

    #[tokio::test]
    async fn each_is_removed_once_and_a_damaged_one_by_its_id_but_not_one_of_a_later_version() {
        let (_guard, lab, folders) = chain().await;
        let doomed = |names: &[&str]| doomed(&lab, &names.iter().map(ToString::to_string).collect::<Vec<_>>());
        let [one, two] = [&folders[0], &folders[1]].map(|folder| folder.id().as_str());
        let found = doomed(&["one", "one", one, "two"]).unwrap();
        assert_eq!(found.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        fs::write(folders[0].manifest(), "{").unwrap();
        fs::write(folders[1].manifest(), r#"{"format": 99}"#).unwrap();
        let found = doomed(&[one]).unwrap();
        assert_eq!((found[0].name.as_str(), found[0].used_bytes), (one, None));
        let error = doomed(&[two]).unwrap_err();
        assert!(matches!(error, Error::Checkpoint(CheckpointError::Unreadable { .. })), "{error}");
        assert_eq!(remove(&lab, &found[0].folder).unwrap().kept, [folders[0].disk(&"node1".parse().unwrap())]);
        assert!(!folders[0].manifest().exists());
    }
}
