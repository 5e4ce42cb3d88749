//! What else belongs to a checkpoint: the seeds and host keys of its nodes, and the keys of its cluster. A lab may have
//! others when it goes back, because a node was removed since, or the cluster was made anew. And what everyone here does
//! with disks.

use std::fs::{self, File};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::durable::{PRIVATE, create_folder, remove_file, remove_folder, sync_folder, write_atomically};
use kiln_images::qemu_img::QemuImg;
use kiln_images::{At, FileError, header};
use walkdir::WalkDir;

use super::CheckpointFolder;
use crate::error::Error;
use crate::folder::LabFolder;
use crate::state::State;

/// Keeps all of it, for the owner alone. A seed is replaced and never written to, so that a second name for it is as good as
/// a copy.
pub(super) fn keep(lab: &LabFolder, state: &State, to: &CheckpointFolder) -> Result<(), FileError> {
    for name in state.nodes.keys() {
        let seed = to.seed(name);
        fs::hard_link(lab.seed(name), &seed).at("making a link to the seed at", &seed)?;
        copy(&lab.host_key(name), &to.host_key(name))?;
    }
    copy_all(&lab.pki(), &to.pki())?;
    copy(&lab.image(), &to.image())?;
    copy(&lab.network_manifest(), &to.network_manifest())?;
    copy(&lab.mesh(), &to.mesh())
}

/// The files of a checkpoint that are of no node, as far as they are there.
pub(super) fn others(of: &CheckpointFolder) -> Result<Vec<Utf8PathBuf>, FileError> {
    let roots = [of.pki(), of.image(), of.network_manifest(), of.mesh()];
    let mut files = Vec::new();
    for entry in roots.iter().filter(|root| root.exists()).flat_map(WalkDir::new) {
        let entry = entry.map_err(io::Error::from).at("walking through", of.root())?;
        let path = Utf8Path::from_path(entry.path()).filter(|_| entry.file_type().is_file());
        files.extend(path.map(Utf8Path::to_owned));
    }
    Ok(files)
}

/// Puts all of it back, in the place of what is there. Done twice it is the same as done once.
pub(super) fn put_back(from: &CheckpointFolder, state: &State, lab: &LabFolder) -> Result<(), FileError> {
    create_folder(&lab.host_keys())?;
    for name in state.nodes.keys() {
        create_folder(&lab.node(name))?;
        let (part, seed) = (lab.seed(name).with_extension("part"), lab.seed(name));
        remove_file(&part)?;
        fs::hard_link(from.seed(name), &part).at("making a link to the seed at", &part)?;
        // Renaming one name of a file to another of its names does nothing (rename(2)), and the first one stays.
        fs::rename(&part, &seed).at("writing", &seed)?;
        remove_file(&part)?;
        copy(&from.host_key(name), &lab.host_key(name))?;
    }
    remove_folder(&lab.pki())?;
    copy_all(&from.pki(), &lab.pki())?;
    copy(&from.image(), &lab.image())?;
    remove_file(&lab.network_manifest())?;
    copy(&from.network_manifest(), &lab.network_manifest())?;
    remove_file(&lab.mesh())?;
    copy(&from.mesh(), &lab.mesh())
}

/// Makes an overlay of a disk that a machine may write to, of the same size.
pub(super) async fn overlay(overlay: &Utf8Path, below: &Utf8Path) -> Result<(), Error> {
    let size = header::read(below)?.map_or(0, |header| header.virtual_size_bytes);
    Ok(QemuImg::find()?.create_overlay_unseen(overlay, below, size).await?)
}

/// Makes sure that a file and its name are on the disk.
pub(super) fn sync(path: &Utf8Path) -> Result<(), FileError> {
    File::open(path).and_then(|file| file.sync_all()).at("syncing", path)?;
    sync_folder(path.parent().unwrap_or(path))
}

/// Makes sure that everything on the file system of a folder is on the disk.
pub(super) fn sync_file_system(of: &Utf8Path) -> Result<(), FileError> {
    File::open(of).and_then(|folder| Ok(rustix::fs::syncfs(folder)?)).at("syncing", of)
}

/// Copies a file, if it is there.
fn copy(from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
    match fs::read(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        bytes => write_atomically(to, &bytes.at("reading", from)?, PRIVATE),
    }
}

/// Copies a folder with the folders in it, if it is there.
pub(super) fn copy_all(from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
    let entries = match from.read_dir_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.at("reading", from)?,
    };
    create_folder(to)?;
    for entry in entries {
        let entry = entry.at("reading", from)?;
        let target = to.join(entry.file_name());
        match entry.file_type().at("looking at", entry.path())?.is_dir() {
            true => copy_all(entry.path(), &target)?,
            false => copy(entry.path(), &target)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kiln_images::home::Home;

    use super::*;
    use crate::checkpoint::CheckpointId;
    use crate::state::tests::{node, state};

    #[test]
    fn a_lab_gets_back_what_it_had_and_loses_what_came_since() {
        let guard = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(guard.path()).unwrap().join("kiln")).unwrap();
        let lab = LabFolder::new(&home, &"lab".parse().unwrap());
        let to = CheckpointFolder::new(&lab, CheckpointId::draw());
        let (state, name) = (state([("node1", node())]), "node1".parse().unwrap());
        let files = [lab.seed(&name), lab.host_key(&name), lab.pki().join("etcd/ca.crt"), lab.pki().join("token")];
        for (number, file) in files.iter().enumerate() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, format!("{number}")).unwrap();
        }
        fs::create_dir_all(to.root()).unwrap();
        keep(&lab, &state, &to).unwrap();

        // The node is removed, the cluster made anew, and a pod network added.
        fs::remove_dir_all(lab.node(&name)).unwrap();
        fs::remove_file(lab.host_key(&name)).unwrap();
        fs::write(lab.pki().join("token"), "another").unwrap();
        fs::write(lab.pki().join("new"), "").unwrap();
        fs::write(lab.network_manifest(), "").unwrap();
        for _ in 0..2 {
            put_back(&to, &state, &lab).unwrap();
            for (number, file) in files.iter().enumerate() {
                assert_eq!(fs::read_to_string(file).unwrap(), format!("{number}"), "{file}");
            }
        }
        for gone in [lab.pki().join("new"), lab.network_manifest(), lab.seed(&name).with_extension("part")] {
            assert!(!gone.exists(), "{gone}");
        }
    }
}
