//! What a booted guest reads of the host's: each file is a read-only disk of its machine.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_machines::medium_serial;

use super::BootError;
use crate::actions::Action;
use crate::links::Links;
use crate::tar::Tar;

/// The disks of a boot, in their order.
#[derive(Debug, Default)]
pub(super) struct Media {
    files: Vec<Utf8PathBuf>,
    /// What has to be packed before it can be a disk: a file or folder, what becomes of links, and the archive it goes into.
    packed: Vec<(Utf8PathBuf, Links, Utf8PathBuf)>,
}

impl Media {
    /// Adds a file, and returns the disk that the guest finds it as.
    pub(super) fn add(&mut self, file: &Utf8Path) -> String {
        self.files.push(file.to_owned());
        device(self.files.len() - 1)
    }

    /// Adds what an action takes from the host, if it does: as a tar archive with one file or folder in it, which is made
    /// in `folder`. Returns the disk.
    pub(super) fn add_source(&mut self, action: &Action, folder: &Utf8Path) -> Option<String> {
        let (source, links) = match action {
            // A link has no content.
            Action::RunScript(path) | Action::Upload { from: path, .. } => (path, Links::Followed),
            Action::CopyIn { from, links, .. } => (from, *links),
            _ => return None,
        };
        let archive = folder.join(format!("{}.tar", self.files.len()));
        self.packed.push((source.clone(), links, archive.clone()));
        Some(self.add(&archive))
    }

    /// The files, for the machine.
    pub(super) fn files(&self) -> Vec<Utf8PathBuf> {
        self.files.clone()
    }

    /// Packs what has to be packed.
    ///
    /// # Errors
    /// When something cannot be read, or there is no room for it.
    pub(super) async fn pack(&self) -> Result<(), BootError> {
        let tar = Tar::find()?;
        for (source, links, archive) in &self.packed {
            tar.pack(source, *links, archive).await?;
        }
        Ok(())
    }
}

/// Where the guest finds the disk with this place. The name is udev's (60-persistent-storage.rules, `scsi_id`).
fn device(place: usize) -> String {
    format!("/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_{}", medium_serial(place))
}
