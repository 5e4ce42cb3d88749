//! `clone destroy`: the machines are killed and everything of the lab is removed.
//!
//! The folder is moved out of the way in one step when nothing runs any more. So a lab is either there, and can be
//! destroyed again, or it is gone; what is left of it then has no name that anything is looked up by, and is removed by
//! the next run.

use std::fs;

use camino::Utf8Path;
use kiln_images::durable::remove_folder;
use kiln_images::{At, FileError};
use kiln_machines::Hypervisor;

use crate::checkpoint::refuse_forked;
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::kill::kill;
use crate::machine::nameless;
use crate::world::{World, lock};

/// What the name of a folder that is being removed begins with, in the home's folder for half-made things.
const PREFIX: &str = "destroyed-";

/// Destroys the lab.
///
/// # Errors
/// [`Error::Machines`] where a machine could not be killed; [`crate::checkpoint::CheckpointError::Forked`] where other labs
/// stand on it. Nothing is removed then.
pub async fn destroy(world: &World, folder: &LabFolder) -> Result<(), Error> {
    let _lock = lock(folder).await?;
    refuse_forked(folder)?;
    kill_all(world, folder).await?;
    crash::at(Point::DestroyKilled);
    // An earlier lab of this name may have been destroyed by a run that was killed.
    remove_leftovers(&world.home.scratch(), folder.lab().as_str())?;
    let away = world.home.scratch().join(format!("{PREFIX}{}-{}", folder.lab(), std::process::id()));
    fs::rename(folder.root(), &away).at("moving away", folder.root())?;
    crash::at(Point::DestroyMoved);
    Ok(remove_folder(&away)?)
}

/// Kills every machine that has a folder. What is written down of them is not asked: a state that is missing or damaged
/// is no reason to let them run on.
async fn kill_all(world: &World, folder: &LabFolder) -> Result<(), Error> {
    let machines: Vec<_> = folder.node_folders()?.iter().map(|name| nameless(folder, name)).collect();
    if machines.is_empty() && !folder.segment().folder.exists() {
        return Ok(());
    }
    let hypervisor = world.hypervisor().await?;
    kill(world, &hypervisor, machines, "destroy").await?;
    Ok(hypervisor.segment_down(&folder.segment()).await?)
}

/// Removes what an earlier run has moved away and not removed, of the lab of this name. Says whether there was
/// anything.
///
/// # Errors
/// [`FileError`] where it cannot be removed.
pub fn remove_leftovers(scratch: &Utf8Path, lab: &str) -> Result<bool, FileError> {
    let mut any = false;
    for entry in scratch.read_dir_utf8().at("reading", scratch)? {
        let entry = entry.at("reading", scratch)?;
        if is_leftover(entry.file_name(), lab) {
            remove_folder(entry.path())?;
            any = true;
        }
    }
    Ok(any)
}

fn is_leftover(name: &str, lab: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix(lab)?.strip_prefix('-'));
    rest.is_some_and(|pid| !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_leftovers_of_this_lab_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Utf8Path::from_path(folder.path()).unwrap();
        for name in ["destroyed-lab-12", "destroyed-lab-two-12", "work-x", "destroyed-lab-"] {
            fs::create_dir_all(scratch.join(name).join("nodes")).unwrap();
        }
        assert!(remove_leftovers(scratch, "lab").unwrap());
        assert!(!remove_leftovers(scratch, "lab").unwrap());
        let mut left: Vec<_> =
            scratch.read_dir_utf8().unwrap().map(|entry| entry.unwrap().file_name().to_owned()).collect();
        left.sort();
        assert_eq!(left, ["destroyed-lab-", "destroyed-lab-two-12", "work-x"]);
    }
}
