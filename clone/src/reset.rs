//! `clone reset --to golden`: nodes are made anew from the golden image that they came from.
//!
//! A node keeps its name, addresses, host key and ports; its disk is a fresh overlay, and its seed a new one of the
//! next generation, which cloud-init takes for a machine that it has never seen.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use kiln_cloud_init::NodeName;
use kiln_machines::Hypervisor;

use crate::checkpoint::operation::retain;
use crate::checkpoint::{CheckpointError, SUSPENDED, repair};
use crate::cluster::departure::{Departure, Fate};
use crate::cluster::{self, discard_lost, refuse_headless};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::kill::kill;
use crate::lab::select::applied;
use crate::machine::machine;
use crate::make::{disks_and_seeds, hosts_digest};
use crate::ssh::files;
use crate::start::{check_memory, start};
use crate::state::State;
use crate::survey::survey;
use crate::timings::{Recording, Share};
use crate::wait::Waiting;
use crate::world::{World, existing_state, lock, save_state};

/// What the user wants of a reset.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Do not wait for the nodes to answer.
    pub no_wait: bool,
    /// Start nodes that do not run although the host has not that much memory.
    pub overcommit: bool,
    /// The time limit of every phase.
    pub limit: Option<Duration>,
}

/// How long a reset took.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Until the machines ran again.
    pub running: Duration,
    /// Until they were up, if that was waited for.
    pub up: Option<Duration>,
}

/// How long a command took that had the machines run again, and each phase of it.
#[derive(Debug, Clone)]
pub struct Timed {
    /// The whole.
    pub times: Times,
    /// The phases.
    pub shares: Vec<Share>,
}

/// Resets the nodes of these names; all if there are none.
///
/// # Errors
/// [`Error::NoNode`] where the lab does not have one of them; [`Error::Store`] where the image of one is not there, before
/// anything is ended. After a failure `clone up` goes on.
pub async fn reset(
    world: &World,
    hypervisor: &dyn Hypervisor,
    folder: &LabFolder,
    names: &[String],
    options: Options,
) -> Result<Timed, Error> {
    let begin = Instant::now();
    let _lock = lock(folder).await?;
    repair::settle(world, folder).await?;
    let mut state = existing_state(folder)?;
    let names = choose(folder, &state, names)?;
    // A lab that is made anew as a whole is not on its way to anywhere else any more.
    if state.pending.take().is_some() && names.len() < state.nodes.len() {
        return Err(CheckpointError::Suspended { lab: folder.lab().clone() }.into());
    }
    let lab = applied(folder, &state)?;
    // Nothing is given up before what takes its place can be made: an imported lab may have come without its image.
    let store = world.store()?;
    names.iter().try_for_each(|name| store.resolve(&state.nodes[name].image.digest.to_string()).map(drop))?;
    refuse_headless(&lab, &state, &names)?;
    let seen = survey(hypervisor, folder, &state).await?;
    if !options.overcommit {
        // Those that run have their memory already.
        let started = names.iter().filter(|name| !seen[*name].is_there());
        check_memory(started.map(|name| state.nodes[name].memory_mib).sum(), 0)?;
    }
    for (name, seen) in seen {
        state.nodes.entry(name).and_modify(|node| node.correct(&seen));
    }
    if !options.no_wait {
        cluster::refuse_unled(&lab, &state, &names)?;
    }
    let recording = Recording::begin("reset", folder.timings(), world.console.reporter());
    if names.len() < state.nodes.len() {
        let accelerator = hypervisor.facts().accelerator;
        let departure = Departure { world, folder, lab: &lab, state: &state, accelerator };
        departure.announce(&names, Fate::MadeAnew).await?;
    }
    begin_anew(&mut state, &names);
    state.awaited = false;
    save_state(folder, &state)?;
    crash::at(Point::ResetBegun);
    let machines = names.iter().map(|name| machine(folder, state.uuid, name, &state.nodes[name]));
    kill(world, hypervisor, machines, "kill").await?;
    crash::at(Point::ResetKilled);
    discard_lost(folder, &mut state)?;
    let keys = files::keys(folder, &state)?;
    files::write(folder, &state, &keys)?;
    let task = world.console.reporter().start(folder.lab().as_str(), "disks");
    task.finish(disks_and_seeds(world, folder, &state, &names, &lab.extra, &keys).await)?;
    crash::at(Point::DisksMade);
    names.iter().for_each(|name| drop(state.nodes.entry(name.clone()).and_modify(|node| node.made = true)));
    start(world, hypervisor, folder, &mut state, &names, &keys).await?;
    // Only a lab that is suspended has such a one.
    retain(folder, SUSPENDED, 0)?;
    crash::at(Point::Started);
    let running = begin.elapsed();
    if options.no_wait {
        return Ok(Timed { times: Times { running, up: None }, shares: recording.end() });
    }
    let waiting = Waiting { world, lab: &lab, folder, names: &names, hypervisor, keys: &keys, limit: options.limit };
    waiting.until_up(&mut state).await?;
    Ok(Timed { times: Times { running, up: Some(begin.elapsed()) }, shares: recording.end() })
}

/// The nodes that are meant.
///
/// # Errors
/// [`Error::NoNode`] where the lab does not have one of them.
pub fn choose(folder: &LabFolder, state: &State, names: &[String]) -> Result<Vec<NodeName>, Error> {
    if names.is_empty() {
        return Ok(state.nodes.keys().cloned().collect());
    }
    // One that is named twice is one: that not all are meant matters.
    let chosen: BTreeSet<_> = names.iter().map(|name| find(folder, state, name)).collect::<Result<_, _>>()?;
    Ok(chosen.into_iter().cloned().collect())
}

/// The node of this name.
///
/// # Errors
/// [`Error::NoNode`] where the lab does not have it.
pub fn find<'a>(folder: &LabFolder, state: &'a State, name: &str) -> Result<&'a NodeName, Error> {
    state.nodes.keys().find(|known| known.as_str() == name).ok_or_else(|| Error::NoNode {
        lab: folder.lab().clone(),
        node: name.to_owned(),
        known: state.nodes.keys().cloned().collect(),
        is_lab: name.parse().is_ok_and(|lab| folder.beside(&lab).exists()),
    })
}

/// Writes into `state` that these nodes have nothing yet, and will be others.
fn begin_anew(state: &mut State, names: &[NodeName]) {
    let hosts = hosts_digest(state);
    for (_, node) in state.nodes.iter_mut().filter(|(name, _)| names.contains(name)) {
        // One that was not finished has not been seen by anybody.
        node.generation += u32::from(node.made);
        node.made = false;
        node.hosts = hosts;
        node.joined = None;
        node.network = None;
        node.boot = None;
    }
}
