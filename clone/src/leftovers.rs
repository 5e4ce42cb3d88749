//! What a program that was killed has left half-made in the folder of a lab.

use std::fs;
use std::io;

use camino::Utf8Path;
use kiln_images::durable::is_half_written;
use kiln_images::{At, FileError};

use crate::folder::LabFolder;

/// Removes all of it. Only who has the lab's lock may do so: nobody is making anything then.
///
/// # Errors
/// [`FileError`] where something cannot be removed.
pub fn remove(folder: &LabFolder) -> Result<(), FileError> {
    let nodes = folder.nodes();
    let of_nodes = folder.node_folders()?.into_iter().map(|name| nodes.join(name));
    let others = [folder.root().to_owned(), folder.ssh(), folder.host_keys()];
    others.into_iter().chain(of_nodes).try_for_each(|folder| remove_in(&folder))
}

fn remove_in(folder: &Utf8Path) -> Result<(), FileError> {
    let entries = match folder.read_dir_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.at("reading", folder)?,
    };
    for entry in entries {
        let entry = entry.at("reading", folder)?;
        let is_file = entry.file_type().at("looking at", entry.path())?.is_file();
        if is_file && is_half_made(entry.file_name()) {
            fs::remove_file(entry.path()).at("removing", entry.path())?;
        }
    }
    Ok(())
}

/// Files that are written whole and then renamed are called so or end so, and so begin the names by which the hypervisor
/// is given disks while it changes to another one. No node can have such a name.
fn is_half_made(name: &str) -> bool {
    is_half_written(name) || name.starts_with(".disk-") || name.ends_with(".part")
}

#[cfg(test)]
mod tests {
    use kiln_images::home::Home;

    use super::*;

    #[test]
    fn only_what_is_half_made_is_removed() {
        let guard = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(guard.path()).unwrap().join("kiln")).unwrap();
        let folder = LabFolder::new(&home, &"lab".parse().unwrap());
        let node = "work-1".parse().unwrap();
        let kept = [folder.state(), folder.identity(), folder.host_key(&node), folder.disk(&node), folder.seed(&node)];
        let half = [
            folder.root().join(".tmpAbCdEf"),
            folder.ssh().join("id_ed25519.part"),
            folder.host_keys().join("work-1.part"),
            folder.node(&node).join(".tmp123456"),
            folder.node(&node).join("seed.part"),
            folder.node(&node).join(".disk-7f.qcow2"),
        ];
        for path in kept.iter().chain(&half) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        remove(&folder).unwrap();
        assert!(kept.iter().all(|path| path.exists()));
        assert!(half.iter().all(|path| !path.exists()));
    }
}
