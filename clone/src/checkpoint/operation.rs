//! What a user can do with checkpoints, each as a whole: the lock is taken, what a killed command has left is put right,
//! and what exists is read.

use std::collections::BTreeSet;

use kiln_images::durable::Lock;
use kiln_images::name::Name;
use kiln_machines::qemu::Qemu;

use super::ending::Then;
use super::flatten::{self, Flattened};
use super::remove::{self, Doomed, Removed};
use super::restore::{Options, Restore};
use super::save::{self, Scene};
use super::{Catalogue, CheckpointError, Entry, READY, SUSPENDED, forks, repair, resume};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::select::applied;
use crate::reset::Timed;
use crate::state::State;
use crate::timings::Recording;
use crate::world::{World, existing_state, lock};

/// A lab that nobody else changes.
struct Held {
    state: State,
    hypervisor: Qemu,
    _lock: Lock,
}

impl Held {
    async fn take(world: &World, folder: &LabFolder) -> Result<Self, Error> {
        let lock = lock(folder).await?;
        repair::settle(world, folder).await?;
        let state = existing_state(folder)?;
        finish_replacement(folder, &state)?;
        Ok(Self { state, hypervisor: world.hypervisor().await?, _lock: lock })
    }

    fn refuse_suspended(&self, folder: &LabFolder) -> Result<(), Error> {
        match self.state.pending {
            Some(_) => Err(CheckpointError::Suspended { lab: folder.lab().clone() }.into()),
            None => Ok(()),
        }
    }
}

/// Saves a lab under a name, and has its machines go on or end. One that has that name is removed when the new one is
/// complete, if it may be.
///
/// # Errors
/// [`CheckpointError`] where it cannot be saved; as [`save::save`].
pub async fn save(
    world: &World,
    folder: &LabFolder,
    name: &Name,
    (replace, then): (bool, Then),
) -> Result<Entry, Error> {
    save::check_name(name)?;
    let held = Held::take(world, folder).await?;
    held.refuse_suspended(folder)?;
    if !replace && Catalogue::read(folder)?.named(name.as_str()).next().is_some() {
        return Err(CheckpointError::Exists { lab: folder.lab().clone(), name: name.clone() }.into());
    }
    let lab = applied(folder, &held.state)?;
    let scene = Scene { world, folder, lab: &lab, state: &held.state, hypervisor: &held.hypervisor };
    let count = if name.as_str() == READY { lab.checkpoints.kept() } else { 1 };
    save_latest(scene, name, (count, then)).await
}

/// Saves a lab that is held by the caller, and keeps the latest `count` checkpoints of the name.
///
/// # Errors
/// As [`save::save`]; as [`retain`].
pub async fn save_latest(scene: Scene<'_>, name: &Name, (count, then): (usize, Then)) -> Result<Entry, Error> {
    let (folder, catalogue) = (scene.folder, Catalogue::read(scene.folder)?);
    // Those that stay for now go with a later save.
    let outdated = surplus(folder, &catalogue, name.as_str(), 0)?;
    let outdated = outdated.into_iter().map(|entry| entry.folder.id().clone()).collect();
    let entry = save::save(scene, name, then, &outdated).await?;
    crash::at(Point::SaveReplacing);
    retain(folder, name.as_str(), count)?;
    Ok(entry)
}

/// Keeps the latest `count` checkpoints of a name, and removes the others but for those on which forks stand.
///
/// # Errors
/// [`Error::File`] where one cannot be removed.
pub fn retain(folder: &LabFolder, name: &str, count: usize) -> Result<(), Error> {
    let catalogue = Catalogue::read(folder)?;
    for entry in surplus(folder, &catalogue, name, count)? {
        remove::remove(folder, &entry.folder)?;
    }
    // A node that was made anew stands on none of what it stood on.
    Ok(remove::sweep(folder)?)
}

/// Removes what a save has replaced that was killed before it could do so, and what a lab was suspended to that has gone on
/// from elsewhere. Not while the lab is on its way to a checkpoint: that may be one of them. And not those that `up` makes by
/// itself: how many of them are kept is said by a lab file that a way back to one of them changes, and the next one that is
/// made sees to it.
///
/// # Errors
/// As [`retain`].
pub fn finish_replacement(folder: &LabFolder, state: &State) -> Result<(), Error> {
    if state.pending.is_some() {
        return Ok(());
    }
    let catalogue = Catalogue::read(folder)?;
    let names: BTreeSet<_> = catalogue.entries.iter().map(|entry| entry.manifest.name.as_str()).collect();
    for name in names.into_iter().filter(|name| *name != READY) {
        let count = usize::from(name != SUSPENDED);
        if catalogue.named(name).count() > count {
            retain(folder, name, count)?;
        }
    }
    Ok(())
}

/// The checkpoints of a name that are more than `count`, but for those on which forks stand.
fn surplus<'a>(
    folder: &LabFolder,
    catalogue: &'a Catalogue,
    name: &str,
    count: usize,
) -> Result<Vec<&'a Entry>, Error> {
    let mut surplus = Vec::new();
    for entry in catalogue.named(name).skip(count) {
        if forks::of_checkpoint(folder, entry.folder.id())?.is_empty() {
            surplus.push(entry);
        }
    }
    Ok(surplus)
}

/// Suspends a lab.
///
/// # Errors
/// As [`save::save`]; the lab runs on then.
pub async fn suspend(world: &World, folder: &LabFolder) -> Result<Entry, Error> {
    let held = Held::take(world, folder).await?;
    held.refuse_suspended(folder)?;
    // One from a suspension that was interrupted before it was one.
    retain(folder, SUSPENDED, 0)?;
    let lab = applied(folder, &held.state)?;
    let scene = Scene { world, folder, lab: &lab, state: &held.state, hypervisor: &held.hypervisor };
    let name = SUSPENDED.parse().map_err(|error| Error::Usage(format!("{error}")))?;
    save::save(scene, &name, Then::Suspend, &BTreeSet::new()).await
}

/// Goes on with a lab that was suspended.
///
/// # Errors
/// As [`resume::resume`].
pub async fn resume(world: &World, folder: &LabFolder, options: Options) -> Result<Timed, Error> {
    let mut held = Held::take(world, folder).await?;
    let recording = Recording::begin("resume", folder.timings(), world.console.reporter());
    let times = resume::resume(world, folder, &held.hypervisor, &mut held.state, options).await?;
    Ok(Timed { times, shares: recording.end() })
}

/// Boots a lab that was suspended from its disks.
///
/// # Errors
/// As [`resume::boot`].
pub async fn boot(world: &World, folder: &LabFolder, options: Options) -> Result<Timed, Error> {
    let mut held = Held::take(world, folder).await?;
    let recording = Recording::begin("resume", folder.timings(), world.console.reporter());
    let times = resume::boot(world, folder, &held.hypervisor, &mut held.state, options).await?;
    Ok(Timed { times, shares: recording.end() })
}

/// Takes a lab back to a checkpoint.
///
/// # Errors
/// As [`Restore::run`].
pub async fn reset_to(world: &World, folder: &LabFolder, name: &str, options: Options) -> Result<Timed, Error> {
    let mut held = Held::take(world, folder).await?;
    let entry = Catalogue::read(folder)?.find(name)?;
    let recording = Recording::begin("reset", folder.timings(), world.console.reporter());
    let restore = Restore { world, folder, hypervisor: &held.hypervisor, entry: &entry, options };
    let times = restore.run(&mut held.state).await?;
    Ok(Timed { times, shares: recording.end() })
}

/// Has the disks of a lab stand on no file that belongs to no checkpoint.
///
/// # Errors
/// [`CheckpointError::Suspended`]; as [`flatten::flatten`].
pub async fn flatten(world: &World, folder: &LabFolder) -> Result<Vec<Flattened>, Error> {
    let held = Held::take(world, folder).await?;
    held.refuse_suspended(folder)?;
    flatten::flatten(world, folder, (&held.state, &held.hypervisor), (0, &BTreeSet::new())).await
}

/// Removes checkpoints.
///
/// # Errors
/// [`CheckpointError::Unknown`] before any is removed; [`CheckpointError::Suspended`] for the one that the lab is on its
/// way back to; [`CheckpointError::Forked`] for one that other labs were made from.
pub async fn remove(world: &World, folder: &LabFolder, names: &[String]) -> Result<Vec<(Doomed, Removed)>, Error> {
    let held = Held::take(world, folder).await?;
    let doomed = remove::doomed(folder, names)?;
    for Doomed { folder: checkpoint, name, .. } in &doomed {
        if held.state.pending.as_ref() == Some(checkpoint.id()) {
            held.refuse_suspended(folder)?;
        }
        forks::refuse_checkpoint(folder, checkpoint.id(), name)?;
    }
    let mut removed = Vec::new();
    for doomed in doomed {
        let what = remove::remove(folder, &doomed.folder)?;
        removed.push((doomed, what));
    }
    Ok(removed)
}
