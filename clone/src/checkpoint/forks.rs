//! Which labs stand on the checkpoints of another. That is read from the headers of their disks: a machine whose memory
//! comes from a checkpoint has its disk on top of that checkpoint's. Only a fork that is just being made has none yet, and
//! that of a damaged one cannot be read; then its state says where it comes from.

use std::collections::BTreeSet;
use std::io;

use camino::Utf8Path;
use kiln_images::disks::{self, Disk};
use kiln_images::{At, durable};

use super::{CheckpointError, CheckpointFolder, CheckpointId};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::LabName;
use crate::state::{Origin, State};

/// The other labs that stand on the checkpoint `id` of a lab.
///
/// # Errors
/// [`Error::File`] where the folders of labs cannot be read.
pub(super) fn of_checkpoint(lab: &LabFolder, id: &CheckpointId) -> Result<Vec<LabName>, Error> {
    standing_on(lab, CheckpointFolder::new(lab, id.clone()).root(), |origin| origin.checkpoint == *id)
}

/// Refuses to remove a checkpoint on which other labs stand.
///
/// # Errors
/// [`CheckpointError::Forked`] with their names.
pub(super) fn refuse_checkpoint(lab: &LabFolder, id: &CheckpointId, name: &str) -> Result<(), Error> {
    refuse(lab, format!("checkpoint `{name}`"), of_checkpoint(lab, id)?)
}

/// Refuses to remove a lab on whose checkpoints other labs stand.
///
/// # Errors
/// [`CheckpointError::Forked`] with their names.
pub fn refuse_lab(lab: &LabFolder) -> Result<(), Error> {
    refuse(lab, "a checkpoint".to_owned(), standing_on(lab, lab.root(), |_| true)?)
}

fn refuse(lab: &LabFolder, what: String, forks: Vec<LabName>) -> Result<(), Error> {
    match forks.is_empty() {
        true => Ok(()),
        false => Err(CheckpointError::Forked { what, lab: lab.lab().clone(), forks }.into()),
    }
}

/// The other labs that have a disk on top of one below `folder`, or come from an origin that is meant and do not show what
/// they stand on: they are being made, or a disk of theirs is damaged.
fn standing_on(lab: &LabFolder, folder: &Utf8Path, is_meant: impl Fn(&Origin) -> bool) -> Result<Vec<LabName>, Error> {
    let labs = lab.labs();
    let (mut forks, mut damaged) = (BTreeSet::new(), BTreeSet::new());
    for Disk { owner, backing, is_whole, .. } in disks::of_all_in(labs)? {
        let Some(name) = owner.parse::<LabName>().ok().filter(|name| name != lab.lab()) else { continue };
        match backing {
            Err(error) if error.kind() != io::ErrorKind::InvalidData => return Err(error.into()),
            Ok(Some(backing)) if backing.starts_with(folder) => forks.insert(name),
            _ => !is_whole && damaged.insert(name),
        };
    }
    for other in labs.read_dir_utf8().at("reading", labs)? {
        let path = other.at("reading", labs)?.path().join(lab.state().file_name().unwrap_or_default());
        // A lab that was just begun has no state yet. One whose state cannot be read is not being made by anybody, and
        // what it has left that is whole was seen above.
        let Ok(state) = durable::load::<State>(&path) else { continue };
        let from = |origin: &&Origin| origin.lab == *lab.lab() && is_meant(origin);
        let Some(origin) = state.origin.as_ref().filter(from) else { continue };
        if state.pending.as_ref() == Some(&origin.checkpoint) || damaged.contains(&state.lab) {
            forks.insert(state.lab);
        }
    }
    Ok(forks.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use kiln_images::home::Home;
    use kiln_images::qemu_img::QemuImg;

    use super::*;
    use crate::state::tests::state;
    use crate::world::save_state;

    fn names(forks: Vec<LabName>) -> Vec<String> {
        forks.iter().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn forks_are_found_by_their_disks_and_while_they_are_made_by_their_state() {
        let guard = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(guard.path()).unwrap().join("kiln")).unwrap();
        let folder = |name: &str| LabFolder::new(&home, &name.parse().unwrap());
        let (origin, node) = (folder("origin"), "node1".parse().unwrap());
        let (one, two) = (CheckpointId::draw(), CheckpointId::draw());
        let disk_on = async |lab: &LabFolder, id: &CheckpointId| {
            fs::create_dir_all(lab.node(&node)).unwrap();
            let backing = CheckpointFolder::new(&origin, id.clone()).disk(&node);
            QemuImg::find().unwrap().create_overlay_unseen(&lab.disk(&node), &backing, 1 << 20).await.unwrap();
        };
        disk_on(&origin, &one).await;
        refuse_lab(&origin).unwrap();
        disk_on(&folder("fork-a"), &one).await;
        let begun = folder("fork-b");
        fs::create_dir_all(begun.root()).unwrap();
        let from = Origin { lab: origin.lab().clone(), checkpoint: two.clone() };
        let half = State { lab: begun.lab().clone(), pending: Some(two.clone()), origin: Some(from), ..state([]) };
        save_state(&begun, &half).unwrap();

        assert_eq!(names(of_checkpoint(&origin, &one).unwrap()), ["fork-a"]);
        assert_eq!(names(of_checkpoint(&origin, &two).unwrap()), ["fork-b"]);
        let error = refuse_lab(&origin).unwrap_err().to_string();
        assert!(error.contains("a checkpoint of lab origin is what the labs fork-a, fork-b were made from"), "{error}");
        // A damaged disk of its own keeps no lab, and one of a fork keeps what that was made from.
        save_state(&begun, &State { pending: None, ..half.clone() }).unwrap();
        for damage in [b"QFI\xfb torn".as_slice(), b""] {
            for lab in [&origin, &begun] {
                fs::create_dir_all(lab.node(&node)).unwrap();
                fs::write(lab.disk(&node), damage).unwrap();
            }
            assert_eq!(names(of_checkpoint(&origin, &two).unwrap()), ["fork-b"]);
            refuse_lab(&begun).unwrap();
        }
        fs::remove_file(begun.disk(&node)).unwrap();
        // One that was made anew from its golden image stands on nothing any more, whatever it was made from.
        save_state(&begun, &State { pending: None, ..half }).unwrap();
        assert_eq!(names(of_checkpoint(&origin, &two).unwrap()), [""; 0]);
    }
}
