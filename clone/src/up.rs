//! `clone up`: from the lab file to nodes that answer.
//!
//! Every step looks at what is there: run again after a crash at any point, it goes on; run on a lab that is up, it
//! changes nothing. What is about to be made is written down before, what was made after it is complete.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_images::At;
use kiln_images::durable::{create_folder, write_atomically};
use kiln_images::size::human;
use kiln_images::store::Image;
use kiln_machines::{Hypervisor, Started};

use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::Lab;
use crate::machine::machine;
use crate::make::{disks_and_seeds, hosts_digest};
use crate::pace::Pace;
use crate::plan::{Action, Permissions, Plan, Seen};
use crate::register::{Source, register};
use crate::ssh::files;
use crate::start::{check_memory, start};
use crate::state::State;
use crate::survey::survey;
use crate::tasks::try_join_all;
use crate::wait::Waiting;
use crate::world::{World, load_state, lock, save_state};

/// How long a guest that is started anew may take to shut down, on a quick host.
const STOP_LIMIT: Duration = Duration::from_secs(20);

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
}

/// What `up` would do: the plan, with nothing changed and nothing locked.
///
/// # Errors
/// Where the image is not there, or the state cannot be read.
pub async fn plan(world: &World, lab: &Lab) -> Result<Plan, Error> {
    let folder = LabFolder::new(&world.home, &lab.name);
    let image = world.store()?.resolve(&lab.image)?;
    let state = load_state(&folder)?;
    let seen = match &state {
        Some(state) => survey(&world.hypervisor().await?, &folder, state).await?,
        None => BTreeMap::new(),
    };
    check(lab, &image, state.as_ref())?;
    Ok(Plan::new(lab, &image.digest, state.as_ref(), &seen))
}

/// Brings the lab up, and returns what it did.
///
/// # Errors
/// [`Error`]; what was done stays, and the next run goes on from there.
pub async fn up(world: &World, lab: &Lab, options: Options) -> Result<Plan, Error> {
    let folder = LabFolder::new(&world.home, &lab.name);
    let store = world.store()?;
    let image = store.resolve(&lab.image)?;
    let hypervisor = world.hypervisor().await?;
    let _lock = lock(&folder)?;
    let existing = load_state(&folder)?;
    check(lab, &image, existing.as_ref())?;
    let seen = match &existing {
        Some(state) => look(&hypervisor, &folder, state).await?,
        None => BTreeMap::new(),
    };
    let plan = Plan::new(lab, &image.digest, existing.as_ref(), &seen).allowed(options.permissions)?;
    let mut state = existing.unwrap_or_else(|| State::new(lab.name.clone(), lab.network));
    let up = Up { world, lab, folder: &folder, hypervisor: &hypervisor, options };
    if plan.is_done() {
        up.look_again(&mut state).await?;
        return Ok(plan);
    }
    up.refuse_taken_addresses(&state, &plan)?;
    up.remove(&mut state, names(&plan, &[Action::Remove])).await?;
    up.stop(&state, &plan).await?;
    create_folder(&folder.logs())?;
    write_atomically(&folder.lab_file(), lab.text.as_bytes(), 0o600)?;
    let source = Source { lab, image: &image, board: &hypervisor.facts().board };
    register(world, &folder, &mut state, &plan, source).await?;
    crash::at(Point::Registered);
    let starting = names(&plan, &[Action::Create, Action::Start, Action::Restart, Action::Replace]);
    if !options.no_start && !options.overcommit {
        check_memory(&state, &starting)?;
    }
    let keys = files::keys(&folder, &state)?;
    files::write(&folder, &state, &keys)?;
    let made = names(&plan, &[Action::Create, Action::Replace]);
    if !made.is_empty() {
        let task = world.console.reporter().start(lab.name.as_str(), "disks");
        task.finish(disks_and_seeds(&folder, &state, &made, &lab.extra, &keys, &store).await)?;
    }
    crash::at(Point::DisksMade);
    made.iter().for_each(|name| drop(state.nodes.entry(name.clone()).and_modify(|node| node.made = true)));
    save_state(&folder, &state)?;
    if options.no_start {
        return Ok(plan);
    }
    start(&hypervisor, &folder, &mut state, &starting, world.console.reporter()).await?;
    crash::at(Point::Started);
    if !options.no_wait {
        up.waiting(&keys).until_up(&mut state).await?;
    }
    Ok(plan)
}

/// Looks at the machines. Those that run are plugged into the lab's network, or else held to be cut off from it: a new
/// switch is not the one they are plugged into.
async fn look(
    hypervisor: &dyn Hypervisor,
    folder: &LabFolder,
    state: &State,
) -> Result<BTreeMap<NodeName, Seen>, Error> {
    let mut seen = survey(hypervisor, folder, state).await?;
    let any = seen.values().any(|seen| *seen == Seen::Running);
    if any && hypervisor.segment_up(&folder.segment()).await? == Started::Now {
        for seen in seen.values_mut().filter(|seen| **seen == Seen::Running) {
            *seen = Seen::Held("cut off: the network of the lab had ended".to_owned());
        }
    }
    Ok(seen)
}

/// Checks what only the image and the state can tell to be wrong.
fn check(lab: &Lab, image: &Image, state: Option<&State>) -> Result<(), Error> {
    let needed = image.manifest.virtual_size_bytes;
    for node in &lab.nodes {
        if let Some(disk) = node.disk.filter(|disk| disk.bytes() < needed) {
            let (node, image) = (node.name.clone(), lab.image.clone());
            return Err(Error::DiskTooSmall { node, wanted: disk.to_string(), image, needed: human(needed) });
        }
    }
    match state.filter(|state| state.network != lab.network && !state.nodes.is_empty()) {
        Some(state) => Err(Error::NetworkChanged { lab: lab.name.clone(), from: state.network, to: lab.network }),
        None => Ok(()),
    }
}

fn names(plan: &Plan, actions: &[Action]) -> Vec<NodeName> {
    plan.steps.iter().filter(|step| actions.contains(&step.action)).map(|step| step.node.clone()).collect()
}

/// One run of `up`.
struct Up<'a> {
    world: &'a World,
    lab: &'a Lab,
    folder: &'a LabFolder,
    hypervisor: &'a dyn Hypervisor,
    options: Options,
}

impl Up<'_> {
    fn waiting<'b>(&'b self, keys: &'b files::Keys) -> Waiting<'b> {
        Waiting {
            lab: self.lab,
            folder: self.folder,
            hypervisor: self.hypervisor,
            keys,
            reporter: self.world.console.reporter(),
            limit: self.options.limit,
        }
    }

    /// Looks whether a lab that should be up is: its servers answer. One that does not is waited for.
    async fn look_again(&self, state: &mut State) -> Result<(), Error> {
        let keys = files::keys(self.folder, state)?;
        files::write(self.folder, state, &keys)?;
        let waiting = self.waiting(&keys);
        let silent = waiting.silent(state).await;
        let hosts = hosts_digest(state);
        if silent.is_empty() && state.nodes.values().all(|node| node.hosts == hosts) {
            return Ok(());
        }
        for (_, node) in state.nodes.iter_mut().filter(|(name, _)| silent.contains(name)) {
            if let Some(boot) = &mut node.boot {
                boot.answered = None;
            }
        }
        waiting.until_up(state).await
    }

    /// A node that the lab file does not have any more, and that stays, keeps its address.
    fn refuse_taken_addresses(&self, state: &State, plan: &Plan) -> Result<(), Error> {
        let stays = |name: &NodeName| plan.with(Action::Remove).all(|step| step.node != *name);
        for (other, known) in state.nodes.iter().filter(|(name, _)| stays(name)) {
            let taken = self.lab.nodes.iter().find(|node| node.ip == known.ip && node.name != *other);
            let moves = self.lab.nodes.iter().any(|node| node.name == *other);
            if let Some(node) = taken.filter(|_| !moves) {
                let (node, ip, other) = (node.name.clone(), known.ip, other.clone());
                return Err(Error::AddressTaken { node, ip, other });
            }
        }
        Ok(())
    }

    /// Ends and removes nodes, with all they had.
    async fn remove(&self, state: &mut State, names: Vec<NodeName>) -> Result<(), Error> {
        let machines: Vec<_> =
            names.iter().map(|name| machine(self.folder, state.uuid, name, &state.nodes[name])).collect();
        try_join_all(machines.iter().map(|machine| self.hypervisor.kill(machine))).await?;
        for name in names {
            let (folder, host_key) = (self.folder.node(&name), self.folder.host_key(&name));
            missing_is_fine(fs::remove_dir_all(&folder)).at("removing", &folder)?;
            missing_is_fine(fs::remove_file(&host_key)).at("removing", &host_key)?;
            state.nodes.remove(&name);
            save_state(self.folder, state)?;
        }
        Ok(())
    }

    /// Ends the machines that are to be started anew: those that keep their disks are asked, the others are not. A node
    /// that is to be created can run: a reset that was interrupted has not come to killing it.
    async fn stop(&self, state: &State, plan: &Plan) -> Result<(), Error> {
        let pace = Pace::of_host(self.hypervisor.facts().accelerator, state.nodes.values().map(|node| node.cpus).sum());
        let end = async |name: &NodeName, limit: Duration| {
            let task = self.world.console.reporter().start(name.as_str(), "stop");
            let machine = machine(self.folder, state.uuid, name, &state.nodes[name]);
            task.finish(self.hypervisor.stop(&machine, limit).await.map(drop))
        };
        let asked = plan.with(Action::Restart).map(|step| (&step.node, pace.scale(STOP_LIMIT)));
        let lost = plan.with(Action::Replace).chain(plan.with(Action::Create));
        let killed = lost.filter(|step| state.nodes.contains_key(&step.node)).map(|step| (&step.node, Duration::ZERO));
        try_join_all(asked.chain(killed).map(|(name, limit)| end(name, limit))).await?;
        Ok(())
    }
}

fn missing_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
