//! `clone up`: from the lab file to nodes that answer.
//!
//! Every step looks at what is there: run again after a crash at any point, it goes on; run on a lab that is up, it
//! changes nothing. What is about to be made is written down before, what was made after it is complete.

mod checkpoints;
mod clear;
mod refuse;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_images::digest::Digest;
use kiln_images::durable::{PRIVATE, create_folder, write_atomically};
use kiln_images::store::Store;
use kiln_images::{At, FileError};
use kiln_machines::Hypervisor;

use crate::checkpoint::repair;
use crate::cluster;
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::golden::GoldenImages;
use crate::kubernetes;
use crate::kubernetes::cni::manifest;
use crate::lab::{self, Lab};
use crate::make::{disks_and_seeds, hosts_digest};
use crate::mesh::{self, Bundle};
use crate::plan::{Action, Permissions, Plan};
use crate::register::{Source, register};
use crate::ssh::files;
use crate::start::start;
use crate::state::State;
use crate::survey::survey;
use crate::timings::Recording;
use crate::wait::Waiting;
use crate::world::{World, load_state, lock, save_state};

/// The actions after which a machine is started.
const STARTING: [Action; 4] = [Action::Create, Action::Start, Action::Restart, Action::Replace];

/// What the user wants of `up`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// What may be lost.
    pub permissions: Permissions,
    /// Make disks and seeds, start nothing.
    pub no_start: bool,
    /// Start, and do not wait for the nodes to answer.
    pub no_wait: bool,
    /// Start although the host has not that much memory.
    pub overcommit: bool,
    /// The time limit of every phase.
    pub limit: Option<Duration>,
    /// The text that the lab had when this one was made from it, as a digest: if it has another by now, nothing is done.
    pub changes: Option<Digest>,
}

/// What `up` would do: the plan, with nothing changed and nothing locked.
///
/// # Errors
/// Where an image is not there, or the state cannot be read.
pub async fn plan(world: &World, lab: &Lab) -> Result<Plan, Error> {
    let folder = LabFolder::new(&world.home, &lab.name);
    let state = load_state(&folder)?;
    let seen = match &state {
        Some(state) => survey(&world.hypervisor().await?, &folder, state).await?,
        None => BTreeMap::new(),
    };
    check_network(lab, state.as_ref())?;
    let (plan, images) = GoldenImages::plan(&world.store()?, lab, state.as_ref(), &seen)?;
    let bundle = Bundle::at_hand(&world.home, world.console.reporter(), &folder, lab).await;
    bundle.iter().for_each(|bundle| bundle.warn_of_leftovers(lab.mesh.as_ref()));
    mesh::images::warn(&world.home, &folder, lab, &images, bundle.as_ref());
    Ok(plan)
}

/// Brings the lab up, and returns what it did.
///
/// # Errors
/// [`Error`]; what was done stays, and the next run goes on from there.
pub async fn up(world: &World, lab: &Lab, options: Options) -> Result<Plan, Error> {
    let folder = LabFolder::new(&world.home, &lab.name);
    let store = world.store()?;
    let hypervisor = world.hypervisor().await?;
    let _lock = lock(&folder).await?;
    repair::settle(world, &folder).await?;
    let existing = load_state(&folder)?;
    if existing.is_none() && !folder.node_folders()?.is_empty() {
        return Err(Error::NoState { lab: lab.name.clone(), state: folder.state() });
    }
    let text = existing.as_ref().map(State::file_digest);
    if options.changes.is_some() && text != options.changes {
        return Err(Error::Changed { lab: lab.name.clone() });
    }
    let _recording = Recording::begin("up", folder.timings(), world.console.reporter());
    let up = Up { world, lab, store: &store, folder: &folder, hypervisor: &hypervisor, options };
    let result = up.run(existing).await;
    if result.is_err() && !folder.state().exists() {
        remove_if_unused(&folder)?;
    }
    result
}

/// Removes the folder of a lab that has nothing but the lock in it.
fn remove_if_unused(folder: &LabFolder) -> Result<(), FileError> {
    let entries = folder.root().read_dir_utf8().and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.at("reading", folder.root())?;
    if entries.iter().any(|entry| entry.path() != folder.lock()) {
        return Ok(());
    }
    fs::remove_dir_all(folder.root()).at("removing", folder.root())
}

/// Checks what only the state can tell to be wrong.
fn check_network(lab: &Lab, state: Option<&State>) -> Result<(), Error> {
    let Some(state) = state.filter(|state| !state.nodes.is_empty()) else { return Ok(()) };
    if state.network != lab.network {
        return Err(Error::NetworkChanged { lab: lab.name.clone(), from: state.network, to: lab.network });
    }
    // A text that only another version of this program understands says nothing.
    let was = lab::check::parse("the lab as it is", &state.file);
    Ok(was.map_or(Ok(()), |was| kubernetes::suitable::check_change(&was, lab))?)
}

fn names(plan: &Plan, actions: &[Action]) -> Vec<NodeName> {
    plan.steps.iter().filter(|step| actions.contains(&step.action)).map(|step| step.node.clone()).collect()
}

/// One run of `up`.
struct Up<'a> {
    world: &'a World,
    lab: &'a Lab,
    store: &'a Store,
    folder: &'a LabFolder,
    hypervisor: &'a dyn Hypervisor,
    options: Options,
}

impl Up<'_> {
    async fn run(&self, mut existing: Option<State>) -> Result<Plan, Error> {
        check_network(self.lab, existing.as_ref())?;
        if let Some(state) = &mut existing {
            self.resume(state).await?;
        }
        let seen = match &existing {
            Some(state) => survey(self.hypervisor, self.folder, state).await?,
            None => BTreeMap::new(),
        };
        let (plan, images) = GoldenImages::plan(self.store, self.lab, existing.as_ref(), &seen)?;
        let plan = plan.allowed(self.options.permissions)?;
        let mut plan = if self.options.no_start { plan.without_restarts() } else { plan };
        let bundle = Bundle::gather(&self.world.home, self.world.console.reporter(), self.folder, self.lab).await?;
        if let Some(bundle) = &bundle {
            mesh::memory::check(self.lab, bundle)?;
            bundle.warn_of_leftovers(self.lab.mesh.as_ref());
        }
        let mut state = existing.unwrap_or_else(|| State::new(self.lab));
        for (name, seen) in &seen {
            state.nodes.entry(name.clone()).and_modify(|node| node.correct(seen));
        }
        // It is this run that waits for a fork now.
        if std::mem::take(&mut state.awaited) {
            save_state(self.folder, &state)?;
        }
        if plan.is_done() {
            if state.file != self.lab.text {
                self.warn(&images, bundle.as_ref());
                state.file.clone_from(&self.lab.text);
                save_state(self.folder, &state)?;
                self.copy_lab_file()?;
            }
            self.keep(bundle.as_ref()).await?;
            if !self.options.no_start {
                self.look_again(&mut state, &mut plan).await?;
                self.save_ready(&mut state).await;
            }
            return Ok(plan);
        }
        self.refuse(&state, &plan, &seen)?;
        state.unsaved |= checkpoints::is_changed_by(&plan);
        self.clear(&mut state, &plan).await?;
        let keys = self.make(&mut state, &plan, (&images, bundle.as_ref())).await?;
        self.warn(&images, bundle.as_ref());
        if self.options.no_start {
            return Ok(plan);
        }
        let starting = names(&plan, &STARTING);
        start(self.world, self.hypervisor, self.folder, &mut state, &starting, &keys).await?;
        crash::at(Point::Started);
        if !self.options.no_wait {
            self.waiting(&keys, &self.names()).until_up(&mut state).await?;
            self.save_ready(&mut state).await;
        }
        Ok(plan)
    }

    /// Writes down what will be, and makes the disks and seeds that are missing.
    async fn make(
        &self,
        state: &mut State,
        plan: &Plan,
        (images, bundle): (&GoldenImages, Option<&Bundle>),
    ) -> Result<files::Keys, Error> {
        let board = &self.hypervisor.facts().board;
        let source = Source { lab: self.lab, images, store: self.store, board };
        register(self.world, self.folder, state, plan, source).await?;
        self.copy_lab_file()?;
        self.keep(bundle).await?;
        cluster::discard_lost(self.folder, state)?;
        create_folder(&self.folder.logs())?;
        crash::at(Point::Registered);
        let keys = files::keys(self.folder, state)?;
        files::write(self.folder, state, &keys)?;
        let made = names(plan, &[Action::Create, Action::Replace]);
        if !made.is_empty() {
            let task = self.world.console.reporter().start(self.lab.name.as_str(), "disks");
            let result = disks_and_seeds(self.world, self.folder, state, &made, &self.lab.extra, &keys).await;
            task.finish(result)?;
        }
        crash::at(Point::DisksMade);
        for (_, node) in state.nodes.iter_mut().filter(|(name, _)| made.contains(name)) {
            node.made = true;
        }
        save_state(self.folder, state)?;
        Ok(keys)
    }

    /// Keeps the manifests of the pod network and of the mesh with the lab, and where they are read again.
    async fn keep(&self, bundle: Option<&Bundle>) -> Result<(), Error> {
        lab::base::keep(self.folder, self.lab)?;
        manifest::keep(&self.world.home, self.world.console.reporter(), self.folder, self.lab).await?;
        Ok(bundle.map_or(Ok(()), |bundle| bundle.keep(self.folder))?)
    }

    /// Tells what the nodes will ask a registry for.
    fn warn(&self, images: &GoldenImages, bundle: Option<&Bundle>) {
        mesh::images::warn(&self.world.home, self.folder, self.lab, images, bundle);
    }

    /// Writes the lab file beside the state, for people to read: what counts is the text in the state.
    fn copy_lab_file(&self) -> Result<(), FileError> {
        write_atomically(&self.folder.lab_file(), self.lab.text.as_bytes(), PRIVATE)
    }

    /// The nodes of the lab file.
    fn names(&self) -> Vec<NodeName> {
        self.lab.nodes.iter().map(|node| node.name.clone()).collect()
    }

    fn waiting<'b>(&'b self, keys: &'b files::Keys, names: &'b [NodeName]) -> Waiting<'b> {
        Waiting {
            world: self.world,
            names,
            lab: self.lab,
            folder: self.folder,
            hypervisor: self.hypervisor,
            keys,
            limit: self.options.limit,
        }
    }

    /// A node of a cluster that was never seen to do its work since it was started.
    fn untried(&self, state: &State) -> Option<String> {
        self.lab.kubernetes.as_ref()?;
        let ready = |name: &NodeName| state.nodes[name].boot.as_ref().is_some_and(|boot| boot.ready.is_some());
        let node = self.lab.nodes.iter().find(|node| !ready(&node.name))?;
        Some(format!("the network between the pods of {} and those of the others was not seen to work", node.name))
    }

    /// Looks whether a lab that should be up is: its servers answer, and the nodes do their work in the cluster. What does
    /// not is waited for, and the plan says so.
    async fn look_again(&self, state: &mut State, plan: &mut Plan) -> Result<(), Error> {
        let keys = files::keys(self.folder, state)?;
        files::write(self.folder, state, &keys)?;
        let names = self.names();
        let waiting = self.waiting(&keys, &names);
        let (silent, trouble) = tokio::join!(waiting.silent(state), waiting.cluster_trouble(state));
        let (trouble, hosts) = (trouble?.or_else(|| self.untried(state)), hosts_digest(state));
        if silent.is_empty() && trouble.is_none() && names.iter().all(|name| state.nodes[name].hosts == hosts) {
            return Ok(());
        }
        plan.wait_for(&silent, "it does not answer");
        if let Some(trouble) = trouble {
            plan.wait_for(&names, &format!("the cluster is not ready: {trouble}"));
        }
        for (_, node) in state.nodes.iter_mut().filter(|(name, _)| silent.contains(name)) {
            if let Some(boot) = &mut node.boot {
                boot.answered = None;
            }
        }
        waiting.until_up(state).await
    }
}
