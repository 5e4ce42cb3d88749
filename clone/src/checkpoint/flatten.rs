//! Making the chain of files short that a disk stands on.
//!
//! Each save puts a file between a disk and its golden image, which stays when the checkpoint is removed: the disk stands on
//! it. A lab that is suspended every evening gets one more every day, and so does one whose checkpoint is replaced. What no
//! checkpoint needs any more is pulled into the disk here, down to the first file that one does need: by command, and
//! before a save where there are too many.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_cloud_init::NodeName;
use kiln_images::durable::half_made;
use kiln_images::qemu_img::{Format, QemuImg, Rebase};
use kiln_images::{At, FileError, header, size};
use kiln_machines::{Hypervisor, State as MachineState};
use serde::Serialize;

use super::interrupt::Guard;
use super::space::Space;
use super::{CheckpointFolder, CheckpointId, keep, remove, repair};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::machine::machine;
use crate::state::State;
use crate::tasks::join_all;
use crate::world::World;

/// Before a save a disk may stand on so many files of no checkpoint. Each costs QEMU a cache, and each read that finds
/// nothing in it a look at the next.
pub(super) const MOST: usize = 8;

/// What became of the disk of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Flattened {
    /// The node.
    pub node: NodeName,
    /// How many files were pulled into its disk.
    pub files: usize,
    /// What it stands on now: a checkpoint's disk, or the golden image.
    pub base: Utf8PathBuf,
}

/// What a disk stands on.
#[derive(Debug, PartialEq, Eq)]
struct Chain {
    /// Those files that belong to no checkpoint any more, from the top.
    left: Vec<Utf8PathBuf>,
    /// The first one below that does, or that never did.
    base: Utf8PathBuf,
}

impl Chain {
    /// Looks at a disk; nothing if it stands on nothing. Those of `outdated` are as good as none: they will go, and
    /// stay whole until then.
    fn below(disk: &Utf8Path, outdated: &BTreeSet<CheckpointId>) -> Result<Option<Self>, FileError> {
        let is_needed = |folder: CheckpointFolder| folder.manifest().exists() && !outdated.contains(folder.id());
        let (mut left, mut next) = (Vec::new(), header::backing_file(disk)?);
        while let Some(file) = next {
            if CheckpointFolder::holding(&file).is_none_or(is_needed) {
                return Ok(Some(Self { left, base: file }));
            }
            next = header::backing_file(&file)?;
            left.push(file);
        }
        Ok(None)
    }
}

/// Has every disk of a lab that stands on more than `most` files of no checkpoint, or of one that is outdated, stand on
/// none of them. Machines that run go on meanwhile. Whoever calls this has the lab's lock.
///
/// # Errors
/// [`super::CheckpointError::NoSpace`] before anything is done; the hypervisor's, or that of `qemu-img`, for a disk that
/// stays what it was. The others are pulled together to their end, and all machines go on.
pub(super) async fn flatten(
    world: &World,
    folder: &LabFolder,
    (state, hypervisor): (&State, &dyn Hypervisor),
    (most, outdated): (usize, &BTreeSet<CheckpointId>),
) -> Result<Vec<Flattened>, Error> {
    let mut chains = Vec::new();
    for name in state.nodes.keys() {
        let chain = Chain::below(&folder.disk(name), outdated)?;
        chains.extend(chain.filter(|chain| chain.left.len() > most).map(|chain| (name, chain)));
    }
    check_space(folder, &chains)?;
    let flatten = async |(name, chain): (&NodeName, Chain)| {
        let task = world.console.reporter().start(name.as_str(), "flatten");
        task.note(format!("{} files", chain.left.len()));
        let machine = machine(folder, state.uuid, name, &state.nodes[name]);
        let flatten = async {
            match hypervisor.state(&machine).await? {
                MachineState::Stopped => rebase(folder, name, &chain.base).await,
                _ => Ok(hypervisor.pull_disk(&machine, &chain.base).await?),
            }
        };
        task.finish(flatten.await)?;
        Ok::<_, Error>(Flattened { node: name.clone(), files: chain.left.len(), base: chain.base })
    };
    let flattened = and_go_on(world, folder, (state, hypervisor), chains.into_iter().map(flatten)).await;
    crash::at(Point::Flattened);
    let swept = remove::sweep(folder);
    let flattened = flattened?;
    Ok(swept.map(|()| flattened)?)
}

/// Has pulls come to their end. A machine is held for a moment then: none is left alone before that, and none is left held,
/// by whomever.
///
/// # Errors
/// That of the first pull that fails; that of the first machine that does not go on.
pub(super) async fn and_go_on<T>(
    world: &World,
    folder: &LabFolder,
    (state, hypervisor): (&State, &dyn Hypervisor),
    pulls: impl IntoIterator<Item: Future<Output = Result<T, Error>>>,
) -> Result<Vec<T>, Error> {
    let guard = Guard::new(world, folder, state, None);
    let pulled: Result<Vec<_>, _> = join_all(pulls).await.into_iter().collect();
    let gone_on = repair::go_on(hypervisor, folder, state).await;
    guard.disarm();
    if let (Err(_), Err(error)) = (&pulled, &gone_on) {
        tracing::warn!("not every node goes on: {error}");
    }
    let pulled = pulled?;
    gone_on.map(|()| pulled)
}

/// At most, everything of those files is in the disks afterwards.
fn check_space(folder: &LabFolder, chains: &[(&NodeName, Chain)]) -> Result<(), Error> {
    let files = chains.iter().flat_map(|(_, chain)| &chain.left);
    let used = |file: &Utf8PathBuf| Ok(size::on_disk(&file.metadata().at("looking at", file)?));
    let bytes = files.map(used).collect::<Result<Vec<_>, FileError>>()?;
    Space::look(folder.root(), &bytes)?.check(folder.root())
}

/// Does so with the disk of a machine that does not run, in another file: a crash in the midst of it leaves the disk alone.
async fn rebase(folder: &LabFolder, name: &NodeName, base: &Utf8Path) -> Result<(), Error> {
    let (disk, new) = (folder.disk(name), half_made(&folder.node(name))?);
    keep::overlay(new.path(), &disk).await?;
    QemuImg::find()?.rebase(new.path(), base, Format::Qcow2, Rebase::KeepContent).await?;
    Ok(new.persist(&disk)?)
}
