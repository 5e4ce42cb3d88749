//! Another lab from a checkpoint: the same nodes with the same memory, side by side with those that they were.
//!
//! A fork has a folder, a network segment and ports of its own, and all identities of its origin: its nodes cannot know
//! that they are others. Its disks are overlays of the origin's frozen ones, and its memory is mapped from the origin's
//! files, so that what nobody has changed is there once.

use std::time::{Duration, Instant};

use kiln_images::durable::{Lock, PRIVATE, create_folder, read_limited, remove_folder, write_atomically};
use kiln_machines::Hypervisor;

use super::restore::{self, Options, Restore};
use super::{Catalogue, CheckpointError, Entry, Manifest, twin};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::LabName;
use crate::plan::Seen;
use crate::reset::{Timed, Times};
use crate::start::check_memory;
use crate::state::{Origin, State};
use crate::survey::survey;
use crate::timings::Recording;
use crate::world::{World, load_state, lock};

/// The largest key that is read, in bytes; an Ed25519 one has 400.
const MAX_KEY_BYTES: u64 = 16 << 10;

/// Makes the lab `name` from a checkpoint of the lab `from`, and returns its folder, what exists of it, and how long it
/// took. One that was interrupted is gone on with, also where it runs and was only waited for.
///
/// # Errors
/// [`CheckpointError`] before anything is made; after any other failure the same command goes on, and so do `clone up` and
/// `clone resume`.
pub async fn fork(
    world: &World,
    hypervisor: &dyn Hypervisor,
    (from, checkpoint): (&LabFolder, &str),
    name: &LabName,
    options: Options,
) -> Result<(LabFolder, State, Timed), Error> {
    let folder = LabFolder::new(&world.home, name);
    let (mut state, entry, _lock) = begin(world, hypervisor, (from, checkpoint), &folder, options).await?;
    crash::at(Point::ForkBegun);
    create_folder(&folder.logs())?;
    let recording = Recording::begin("fork", folder.timings(), world.console.reporter());
    let restore = Restore { world, folder: &folder, hypervisor, entry: &entry, options };
    let times = if state.pending.is_some() {
        restore.run(&mut state).await?
    } else {
        let begin = Instant::now();
        restore.wait(&mut state).await?;
        Times { running: Duration::ZERO, up: Some(begin.elapsed()) }
    };
    Ok((folder, state, Timed { times, shares: recording.end() }))
}

/// Writes down what the fork will be. The origin is held meanwhile: when it is let go, it can be seen who stands on it.
async fn begin(
    world: &World,
    hypervisor: &dyn Hypervisor,
    (from, checkpoint): (&LabFolder, &str),
    folder: &LabFolder,
    options: Options,
) -> Result<(State, Entry, Lock), Error> {
    if from.lab() == folder.lab() {
        return Err(CheckpointError::Taken(folder.lab().clone()).into());
    }
    let _origin = lock(from).await?;
    let entry = Catalogue::read(from)?.find(checkpoint)?;
    restore::check(&entry, hypervisor, options.expired)?;
    for node in entry.manifest.lab.nodes.keys() {
        hypervisor.check_paths(&folder.node(node), &folder.segment())?;
    }
    let origin = Origin { lab: from.lab().clone(), checkpoint: entry.folder.id().clone() };
    let own = lock(folder).await?;
    let state = match load_state(folder)? {
        Some(state) if state.origin.as_ref() == Some(&origin) => {
            let is_awaited = !options.no_wait && is_awaited(hypervisor, folder, &state).await?;
            Some(state).filter(|state| is_awaited || is_unfinished(state))
        }
        None if folder.node_folders()?.is_empty() => {
            let made = make(world, from, folder, (&entry.manifest, origin), options.overcommit).await;
            if made.is_err() {
                remove_folder(folder.root())?;
            }
            Some(made?)
        }
        _ => None,
    };
    let state = state.ok_or_else(|| CheckpointError::Taken(folder.lab().clone()))?;
    Ok((state.clone(), translated(entry, &state), own))
}

/// Makes the folder of the fork, with everything in it that a checkpoint does not have. Of one that is gone on with some
/// machines can have their memory already: that is seen to where they are loaded.
async fn make(
    world: &World,
    from: &LabFolder,
    folder: &LabFolder,
    (saved, origin): (&Manifest, Origin),
    overcommit: bool,
) -> Result<State, Error> {
    if !overcommit {
        check_memory(saved.memory_mib(), 0)?;
    }
    create_folder(&folder.ssh())?;
    let identity = read_limited(&from.identity(), MAX_KEY_BYTES)?;
    write_atomically(&folder.identity(), &identity, PRIVATE)?;
    let state = twin::write_down(world, folder, saved, Some(origin), |_| Ok(())).await?;
    write_atomically(&folder.lab_file(), state.file.as_bytes(), PRIVATE)?;
    Ok(state)
}

/// Whether the lab is a fork that has not come to its first moment.
pub(super) fn is_unfinished(state: &State) -> bool {
    state.pending.is_some() && state.pending.as_ref() == state.origin.as_ref().map(|origin| &origin.checkpoint)
}

/// Whether the lab is a fork that runs, and whose maker was cut off while he waited for it. One that has ended since has
/// been in other hands.
async fn is_awaited(hypervisor: &dyn Hypervisor, folder: &LabFolder, state: &State) -> Result<bool, Error> {
    if !state.awaited || state.pending.is_some() {
        return Ok(false);
    }
    Ok(survey(hypervisor, folder, state).await?.values().all(|seen| *seen == Seen::Running))
}

/// The checkpoint of another lab that this one is on its way to, if it is a fork that was interrupted.
///
/// # Errors
/// [`CheckpointError::Unknown`] where it is not there any more.
pub(super) fn unfinished(world: &World, state: &State) -> Result<Option<Entry>, Error> {
    let Some(origin) = state.origin.as_ref().filter(|_| is_unfinished(state)) else { return Ok(None) };
    let from = LabFolder::new(&world.home, &origin.lab);
    let entry = Catalogue::read(&from)?.find(origin.checkpoint.as_str())?;
    Ok(Some(translated(entry, state)))
}

/// The checkpoint as one of the fork: its lab is what the fork is.
fn translated(entry: Entry, state: &State) -> Entry {
    let lab = State { pending: None, ..state.clone() };
    Entry { manifest: Manifest { lab, ..entry.manifest }, ..entry }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::CheckpointId;
    use crate::state::tests::{node, state};

    #[test]
    fn only_a_fork_that_is_on_its_way_to_its_first_moment_is_unfinished() {
        let (first, own) = (CheckpointId::draw(), CheckpointId::draw());
        let origin = Some(Origin { lab: "lab".parse().unwrap(), checkpoint: first.clone() });
        for (origin, pending, expected) in [
            (&origin, Some(&first), true),
            (&origin, Some(&own), false),
            (&origin, None, false),
            (&None, Some(&own), false),
            (&None, None, false),
        ] {
            let state = State { origin: origin.clone(), pending: pending.cloned(), ..state([("node1", node())]) };
            assert_eq!(is_unfinished(&state), expected, "{origin:?} {pending:?}");
        }
    }
}
