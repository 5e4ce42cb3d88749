//! Going back to a checkpoint: a fresh disk is made for every node on top of the frozen one, what runs is killed, every node
//! gets its disk and its memory back, and when all have loaded, all go on.
//!
//! That a lab is on its way is written down before anything of it is touched, and until all of it runs: [`State::pending`].
//! A restore that was interrupted is begun anew by whoever comes next. What a lab was before is given up in the first
//! moment, so that there is nothing to lose on the way.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_images::durable::{PRIVATE, create_folder, remove_file, remove_folder, write_atomically};
use kiln_images::{At, FileError};
use kiln_machines::{Hypervisor, ports};

use super::{Catalogue, CheckpointError, Entry, Manifest, SUSPENDED, fork, keep, operation, suitable};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::kill::kill;
use crate::kubernetes::pki;
use crate::lab::select::applied;
use crate::machine::{machines, nameless};
use crate::reset::Times;
use crate::ssh::files;
use crate::start::{Beginning, bring, check_memory};
use crate::state::{NodeState, State};
use crate::tasks::try_join_all;
use crate::wait::Waiting;
use crate::world::{World, save_state};

/// What the user wants of a restore.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Do not wait until the lab is ready.
    pub no_wait: bool,
    /// Start machines although the host has not that much memory.
    pub overcommit: bool,
    /// Restore a cluster whose certificates have ended, too.
    pub expired: bool,
    /// The time limit of every phase.
    pub limit: Option<Duration>,
}

/// Where a lab is taken back to a checkpoint. Whoever has one has the lab's lock.
#[derive(Debug, Clone, Copy)]
pub struct Restore<'a> {
    /// Where images are, and where it is reported to.
    pub world: &'a World,
    /// The lab's folder.
    pub folder: &'a LabFolder,
    /// What runs its machines.
    pub hypervisor: &'a dyn Hypervisor,
    /// The checkpoint.
    pub entry: &'a Entry,
    /// What the user wants.
    pub options: Options,
}

/// Checks whether a checkpoint can be restored here, and says what is to be known of it.
///
/// # Errors
/// [`CheckpointError`] with what stands in the way; nothing is touched.
pub fn check(entry: &Entry, hypervisor: &dyn Hypervisor, expired: bool) -> Result<Vec<String>, Error> {
    suitable::check_files(entry)?;
    let host = suitable::check_host(&entry.manifest, hypervisor.facts())?;
    let certificates = match suitable::check_certificates(&entry.manifest, Timestamp::now()) {
        Err(Error::Checkpoint(CheckpointError::Expired { expired: at, .. })) if expired => {
            Some(format!("the certificates of its cluster ended at {at}"))
        }
        result => result?,
    };
    Ok(host.into_iter().chain(certificates).collect())
}

/// Says so if the lab is suspended, and will not be what it was then any more when it is taken back to this checkpoint.
///
/// # Errors
/// [`Error::File`] where the checkpoints cannot be read.
pub fn given_up(folder: &LabFolder, state: &State, entry: &Entry) -> Result<Option<String>, Error> {
    let Some(pending) = state.pending.as_ref().filter(|id| *id != entry.folder.id()) else { return Ok(None) };
    let is_suspension = Catalogue::read(folder)?.named(SUSPENDED).any(|entry| entry.folder.id() == pending);
    let note = || format!("lab {} is suspended: what its nodes had in their memory then is lost", folder.lab());
    Ok(is_suspension.then(note))
}

impl Restore<'_> {
    /// Takes the lab, of which `state` exists, back. A checkpoint of a suspended lab is used up by it.
    ///
    /// # Errors
    /// [`CheckpointError`] before anything is touched; after any other failure the same command, or `clone up`, goes on.
    pub async fn run(self, state: &mut State) -> Result<Times, Error> {
        let begin = Instant::now();
        for note in check(self.entry, self.hypervisor, self.options.expired)? {
            tracing::warn!("{note}");
        }
        if let Some(note) = given_up(self.folder, state, self.entry)? {
            tracing::warn!("{note}");
        }
        let running = self.running().await?;
        let freed = running.iter().filter_map(|name| state.nodes.iter().find(|(node, _)| node.as_str() == name));
        let freed: Vec<_> = freed.map(|(_, node)| node).collect();
        refuse_taken_ports(&self.entry.manifest, &freed)?;
        if !self.options.overcommit {
            check_memory(self.entry.manifest.memory_mib(), freed.iter().map(|node| node.memory_mib).sum())?;
        }
        self.prepare().await?;
        state.pending = Some(self.entry.folder.id().clone());
        save_state(self.folder, state)?;
        crash::at(Point::RestoreBegun);
        let machines = running.iter().map(|name| nameless(self.folder, name));
        kill(self.world, self.hypervisor, machines, "kill").await?;
        crash::at(Point::RestoreKilled);
        self.take_back(state).await?;
        crash::at(Point::RestoreTaken);
        self.load(state).await?;
        let running = begin.elapsed();
        // One that was made to be restored once; or the lab has gone elsewhere.
        operation::retain(self.folder, SUSPENDED, 0)
            .unwrap_or_else(|error| tracing::warn!("what the lab does not need any more stays: {error}"));
        if self.options.no_wait {
            return Ok(Times { running, up: None });
        }
        self.wait(state).await?;
        Ok(Times { running, up: Some(begin.elapsed()) })
    }

    /// Waits until the lab, whose machines go on, is ready.
    ///
    /// # Errors
    /// As [`Waiting::until_restored`].
    pub(super) async fn wait(self, state: &mut State) -> Result<(), Error> {
        let lab = applied(self.folder, state)?;
        let keys = files::keys(self.folder, state)?;
        let names: Vec<_> = state.nodes.keys().cloned().collect();
        let Self { world, folder, hypervisor, options, .. } = self;
        let waiting =
            Waiting { world, lab: &lab, folder, names: &names, hypervisor, keys: &keys, limit: options.limit };
        let known = self.entry.manifest.cluster.as_ref().map(|cluster| cluster.heartbeats.clone()).unwrap_or_default();
        waiting.until_restored(state, &known).await?;
        if std::mem::take(&mut state.awaited) {
            save_state(folder, state)?;
        }
        Ok(())
    }

    /// The nodes whose machines are there, whatever is known of them.
    async fn running(&self) -> Result<Vec<String>, Error> {
        let look = async |name: String| {
            let state = self.hypervisor.state(&nameless(self.folder, &name)).await;
            // One whose monitor does not answer is there.
            Ok::<_, Error>((!matches!(state, Ok(kiln_machines::State::Stopped))).then_some(name))
        };
        Ok(try_join_all(self.folder.node_folders()?.into_iter().map(look)).await?.into_iter().flatten().collect())
    }

    /// Makes all disks while what runs goes on: a disk that cannot be made costs nobody his lab.
    async fn prepare(&self) -> Result<(), Error> {
        let prepare = async |name: &NodeName| {
            let prepared = self.folder.prepared_disk(name);
            create_folder(&self.folder.node(name))?;
            remove_file(&prepared)?;
            keep::overlay(&prepared, &self.entry.folder.disk(name)).await
        };
        try_join_all(self.entry.manifest.lab.nodes.keys().map(prepare)).await.map(drop)
    }

    /// Makes the lab on the disk what it was.
    async fn take_back(&self, state: &mut State) -> Result<(), Error> {
        let task = self.world.console.reporter().start(self.folder.lab().as_str(), "disks");
        let before = as_saved(&self.entry.manifest, state);
        let take_back = async {
            for name in self.folder.node_folders()? {
                if before.nodes.keys().all(|node| node.as_str() != name) {
                    remove_folder(&self.folder.nodes().join(name))?;
                }
            }
            keep::put_back(&self.entry.folder, &before, self.folder)?;
            before.nodes.keys().try_for_each(|name| self.give_disk(name))?;
            if before.nodes.values().all(|node| node.joined.is_none()) {
                pki::discard(self.folder)?;
            }
            create_folder(&self.folder.logs())?;
            write_atomically(&self.folder.lab_file(), before.file.as_bytes(), PRIVATE)?;
            save_state(self.folder, &before)
        };
        task.finish(take_back.await)?;
        // Nothing was synced: a disk that a power cut takes away is made anew, for the lab is still on its way.
        *state = before;
        Ok(())
    }

    /// Has the node's disk be the one that was prepared.
    fn give_disk(&self, name: &NodeName) -> Result<(), FileError> {
        let (prepared, disk) = (self.folder.prepared_disk(name), self.folder.disk(name));
        remove_file(&self.folder.next_disk(name))?;
        fs::rename(&prepared, &disk).at("writing", &disk)
    }

    /// Loads all machines, and lets them go on together.
    async fn load(&self, state: &mut State) -> Result<(), Error> {
        let keys = files::keys(self.folder, state)?;
        files::write(self.folder, state, &keys)?;
        let names: Vec<_> = state.nodes.keys().cloned().collect();
        let from = Beginning::Load(self.entry);
        bring(self.world, self.hypervisor, self.folder, state, &names, &keys, from).await?;
        crash::at(Point::RestoreLoaded);
        let machines: Vec<_> = machines(self.folder, state).collect();
        let task = self.world.console.reporter().start(self.folder.lab().as_str(), "go-on");
        task.finish(try_join_all(machines.iter().map(|(_, machine)| self.hypervisor.resume(machine))).await)?;
        crash::at(Point::RestoreResumed);
        state.awaited = !self.options.no_wait && fork::is_unfinished(state);
        state.pending = None;
        save_state(self.folder, state)
    }
}

/// Refuses to take back nodes to which ports lead that others have by now. Those of the nodes that are ended are free then.
fn refuse_taken_ports(manifest: &Manifest, freed: &[&NodeState]) -> Result<(), Error> {
    let given_back: BTreeSet<_> = freed.iter().flat_map(|node| node.ports()).collect();
    for (name, node) in &manifest.lab.nodes {
        let mut wanted = node.forwards.iter().map(|forward| forward.host_port);
        if let Some(port) = wanted.find(|port| !given_back.contains(port) && !ports::is_free(*port)) {
            return Err(Error::PortTaken { node: name.clone(), port, holder: ports::holder(port) });
        }
    }
    Ok(())
}

/// What existed when the checkpoint was made. A node that is still there keeps the ports it has now: those it had then
/// can be somebody else's by now.
fn as_saved(manifest: &Manifest, now: &State) -> State {
    let (pending, origin) = (now.pending.clone(), now.origin.clone());
    let mut state = State { pending, origin, ..manifest.lab.clone() };
    for (name, node) in &mut state.nodes {
        if let Some(now) = now.nodes.get(name) {
            node.ssh_port = now.ssh_port;
            node.api_port = node.api_port.map(|port| now.api_port.unwrap_or(port));
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::manifest::tests::manifest;
    use crate::checkpoint::{CheckpointId, manifest};
    use crate::state::tests::{node, state};

    #[test]
    fn a_lab_becomes_what_it_was_but_for_its_ports() {
        let with = |generation, ssh_port, api_port| NodeState { generation, ssh_port, api_port, ..node() };
        let lab = state([("node1", with(1, 20_001, Some(20_002))), ("node2", with(1, 20_003, None))]);
        let saved: manifest::Manifest = Manifest { lab, ..manifest("ready") };
        let pending = Some(CheckpointId::draw());
        let now = state([("node1", with(4, 30_001, Some(30_002))), ("node3", with(0, 30_003, None))]);
        let before = as_saved(&saved, &State { pending: pending.clone(), ..now });
        let ports: Vec<_> = before.nodes.values().map(|node| (node.generation, node.ssh_port, node.api_port)).collect();
        assert_eq!(ports, [(1, 30_001, Some(30_002)), (1, 20_003, None)]);
        assert_eq!(before.pending, pending);
    }
}
