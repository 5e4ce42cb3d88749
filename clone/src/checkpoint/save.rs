//! Saving a lab: all nodes are held at once, each is saved and given a fresh disk on top of the one it had, and all go on.
//!
//! What can be done before is: the overlays are there when the nodes are held, and so is memory that takes long to write.
//! What can wait does: see [`super::seal`].

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use kiln_cloud_init::NodeName;
use kiln_images::At;
use kiln_images::durable::{create_folder, remove_file};
use kiln_images::name::Name;
use kiln_machines::{Ahead, Hypervisor, Machine, SavedMemory};

use super::cluster::SavedCluster;
use super::ending::{self, Then};
use super::interrupt::Guard;
use super::space::Space;
use super::{
    Catalogue, CheckpointError, CheckpointFolder, CheckpointId, Entry, GOLDEN, Manifest, SUSPENDED, flatten, repair,
};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::Lab;
use crate::machine::machines;
use crate::plan::{DISK_FULL, Seen};
use crate::state::State;
use crate::survey::survey;
use crate::tasks::{join_all, try_join_all};
use crate::world::World;

/// The task that lasts as long as the nodes are held.
pub const HELD: &str = "held";

/// A lab that is saved or restored. Whoever has one has the lab's lock.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Where images are, and where it is reported to.
    pub world: &'a World,
    /// The lab's folder.
    pub folder: &'a LabFolder,
    /// The lab as it was asked for last.
    pub lab: &'a Lab,
    /// What exists of it.
    pub state: &'a State,
    /// What runs its machines.
    pub hypervisor: &'a dyn Hypervisor,
}

/// Checks whether a user may give a checkpoint this name.
///
/// # Errors
/// [`CheckpointError::Reserved`]
pub fn check_name(name: &Name) -> Result<(), Error> {
    match [GOLDEN, SUSPENDED].contains(&name.as_str()) {
        true => Err(CheckpointError::Reserved(name.clone()).into()),
        false => Ok(()),
    }
}

/// Saves the lab under this name, beside those that have it already, and has its machines go on or end. No disk needs to
/// stand on the checkpoints `outdated`, which go when this one, or a later one, is there.
///
/// # Errors
/// [`CheckpointError`] where it cannot be saved now; the hypervisor's where it fails. The lab runs on then, and there is
/// no checkpoint. [`Error::Machines`] where the checkpoint is made, and a machine could not be ended.
pub async fn save(
    scene: Scene<'_>,
    name: &Name,
    then: Then,
    outdated: &BTreeSet<CheckpointId>,
) -> Result<Entry, Error> {
    scene.hypervisor.check_saving()?;
    refuse_stopped(scene).await?;
    let machines: Vec<_> = machines(scene.folder, scene.state).collect();
    // One more file below a disk is no reason not to save it.
    let (lab, limit) = ((scene.state, scene.hypervisor), (flatten::MOST, outdated));
    if let Err(error) = flatten::flatten(scene.world, scene.folder, lab, limit).await {
        tracing::warn!("the disks still stand on many files: {error}");
    }
    // Not while the nodes are held: how long it takes, nobody knows.
    let settle =
        async |(_, machine): &(&NodeName, Machine)| Ok::<_, Error>(scene.hypervisor.settle_disk(machine).await?);
    flatten::and_go_on(scene.world, scene.folder, lab, machines.iter().map(settle)).await?;
    check_space(scene, &machines).await?;
    let cluster = SavedCluster::look(&scene).await?;
    let folder = CheckpointFolder::new(scene.folder, CheckpointId::draw());
    let save = Save { scene, folder: &folder, machines: &machines, then };
    let guard = Guard::new(scene.world, scene.folder, scene.state, Some(&folder));
    let manifest = match save.run(name, cluster).await {
        Ok(manifest) => manifest,
        Err(error) => {
            match save.undo().await {
                Ok(()) => guard.disarm(),
                Err(problem) => {
                    tracing::warn!("what is left of the checkpoint stays until the next command: {problem}");
                }
            }
            return Err(error);
        }
    };
    // From here on there is a checkpoint, and no way back.
    guard.disarm();
    if then != Then::GoOn {
        let Scene { world, folder: lab, state, hypervisor, .. } = scene;
        ending::end(world, hypervisor, lab, state, (&folder, then)).await?;
    }
    Ok(Entry { folder, manifest })
}

/// Only what runs has a memory.
async fn refuse_stopped(scene: Scene<'_>) -> Result<(), Error> {
    for (node, seen) in survey(scene.hypervisor, scene.folder, scene.state).await? {
        let why = match seen {
            Seen::Running => continue,
            Seen::Paused => "is paused".to_owned(),
            Seen::DiskFull => format!("is {DISK_FULL}"),
            Seen::Held(why) => format!("is {why}"),
            Seen::Stopped | Seen::Lost => "does not run".to_owned(),
        };
        return Err(CheckpointError::NotRunning { lab: scene.folder.lab().clone(), node, why }.into());
    }
    Ok(())
}

async fn check_space(scene: Scene<'_>, machines: &[(&NodeName, Machine)]) -> Result<(), Error> {
    let memory = machines.iter().map(|(_, machine)| scene.hypervisor.memory_in_use(machine));
    let space = Space::look(scene.folder.root(), &try_join_all(memory).await?)?;
    space.check(scene.folder.root())?;
    let human = kiln_images::size::human;
    let (needed, free) = (human(space.needed_bytes), human(space.free_bytes));
    scene.world.console.say(&format!("the checkpoint takes up to {needed}; {free} are free"));
    Ok(())
}

/// One checkpoint that is made.
pub(super) struct Save<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) folder: &'a CheckpointFolder,
    pub(super) machines: &'a [(&'a NodeName, Machine)],
    pub(super) then: Then,
}

impl Save<'_> {
    async fn run(&self, name: &Name, mut cluster: Option<SavedCluster>) -> Result<Manifest, Error> {
        self.prepare().await?;
        crash::at(Point::SavePrepared);
        self.save_ahead().await?;
        crash::at(Point::SaveAhead);
        let (created, begin) = (self.moment()?, Instant::now());
        let saved = self.hold().await?;
        let held = begin.elapsed();
        crash::at(Point::SaveResumed);
        match (&mut cluster, self.then) {
            (Some(cluster), Then::GoOn) => cluster.look_again(&self.scene).await,
            (Some(cluster), _) => cluster.heartbeats.clear(),
            (None, _) => {}
        }
        self.seal(name, created, (saved, cluster), held).await
    }

    /// What time it is, but later than the checkpoints that there are: the latest of a name is the one that stays, and the
    /// host's clock may have been set back.
    fn moment(&self) -> Result<Timestamp, Error> {
        let (now, step) = (Timestamp::now(), SignedDuration::from_nanos(1));
        let latest = Catalogue::read(self.scene.folder)?.entries.first().map(|entry| entry.manifest.created);
        Ok(latest.map_or(now, |latest| now.max(latest.saturating_add(step).unwrap_or(latest))))
    }

    /// Holds all nodes, saves them, and lets them go on if they are to.
    async fn hold(&self) -> Result<Vec<SavedMemory>, Error> {
        let hypervisor = self.scene.hypervisor;
        let task = self.scene.world.console.reporter().start(self.scene.folder.lab().as_str(), HELD);
        // All are waited for: one that is in the midst of it could not be put right.
        let paused = join_all(self.machines.iter().map(|(_, machine)| hypervisor.pause(machine))).await;
        paused.into_iter().collect::<Result<(), _>>()?;
        crash::at(Point::SaveHeld);
        let saved = join_all(self.machines.iter().map(|(name, machine)| self.save_node(name, machine))).await;
        let saved: Vec<_> = saved.into_iter().collect::<Result<_, Error>>()?;
        crash::at(Point::SaveSwitched);
        if self.then == Then::GoOn {
            try_join_all(self.machines.iter().map(|(_, machine)| hypervisor.resume(machine))).await?;
        }
        task.done();
        Ok(saved)
    }

    /// Makes everything that can be made while the nodes run.
    async fn prepare(&self) -> Result<(), Error> {
        let (lab, folder) = (self.scene.folder, self.folder);
        create_folder(folder.root())?;
        self.then.begin(folder)?;
        let prepare = async |name: &NodeName| {
            let (disk, frozen) = (lab.disk(name), folder.disk(name));
            fs::hard_link(&disk, &frozen).at("making a link to the disk at", &frozen)?;
            let prepared = lab.prepared_disk(name);
            super::keep::overlay(&prepared, &frozen).await?;
            // The node will run on it long before everything is synced.
            Ok::<_, Error>(super::keep::sync(&prepared)?)
        };
        try_join_all(self.machines.iter().map(|(name, _)| prepare(name))).await?;
        Ok(super::keep::keep(lab, self.scene.state, folder)?)
    }

    /// Writes what can be written while the nodes run. As soon as QEMU holds one, because nothing is left of it, that is over:
    /// all are to be saved as they are at one moment.
    async fn save_ahead(&self) -> Result<(), Error> {
        let Scene { world, folder: lab, hypervisor, .. } = self.scene;
        let task = world.console.reporter().start(lab.lab().as_str(), "memory");
        let save = async |(name, machine): &(&NodeName, Machine)| {
            let files = self.folder.to_save(name);
            match hypervisor.save_ahead(machine, &files).await {
                Ok(Ahead::Runs) => Ok(()),
                Ok(Ahead::IsHeld) => Err(None),
                Err(error) => Err(Some(error)),
            }
        };
        let failed = try_join_all(self.machines.iter().map(save)).await.err().flatten();
        Ok(task.finish(failed.map_or(Ok(()), Err))?)
    }

    /// Saves a node that is held, and has it write to its next disk.
    async fn save_node(&self, name: &NodeName, machine: &Machine) -> Result<SavedMemory, Error> {
        let (lab, hypervisor) = (self.scene.folder, self.scene.hypervisor);
        let task = self.scene.world.console.reporter().start(name.as_str(), "save");
        let save = async {
            let (prepared, next, disk) = (lab.prepared_disk(name), lab.next_disk(name), lab.disk(name));
            fs::rename(&prepared, &next).at("writing", &next)?;
            crash::at(Point::SaveNext);
            hypervisor.switch_disk(machine, &next).await?;
            crash::at(Point::SaveFrozen);
            let memory = hypervisor.save(machine, &self.folder.to_save(name)).await?;
            crash::at(Point::SaveWritten);
            fs::rename(&next, &disk).at("writing", &disk)?;
            Ok(memory)
        };
        task.finish(save.await)
    }

    /// Has the lab run on as if nobody had tried.
    async fn undo(&self) -> Result<(), Error> {
        let Scene { hypervisor, folder, state, .. } = self.scene;
        repair::undo(hypervisor, folder, state, self.folder).await?;
        for (name, _) in self.machines {
            remove_file(&folder.prepared_disk(name))?;
        }
        repair::discard(folder, self.folder)?;
        // A node that was halted for want of room has it now.
        repair::go_on(hypervisor, folder, state).await
    }
}
