//! What makes a checkpoint of what was saved: its files are read-only from then on, their digests are made, everything is
//! synced, and the manifest comes last. The nodes run again while this is done, or are held if they are to end.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_images::name::Name;
use kiln_images::{At, FileError, durable, header, size};
use kiln_machines::SavedMemory;

use super::cluster::SavedCluster;
use super::ending::Then;
use super::manifest::{Maker, Manifest, SavedFile, SavedNode};
use super::save::Save;
use super::{CheckpointFolder, keep, suitable, verify};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::tasks::try_join_all;

/// What a frozen file is: nobody may write to it by mistake.
const FROZEN: u32 = 0o444;

/// Makes a file read-only.
pub(super) fn freeze(path: &Utf8Path) -> Result<(), FileError> {
    fs::set_permissions(path, Permissions::from_mode(FROZEN)).at("making read-only", path)
}

/// Says what is in a file.
pub(super) async fn measured(path: Utf8PathBuf) -> Result<SavedFile, FileError> {
    let metadata = fs::metadata(&path).at("looking at", &path)?;
    let (bytes, used_bytes) = (metadata.len(), size::on_disk(&metadata));
    let pages = verify::digest(path.clone()).await?;
    Ok(SavedFile { path, bytes, used_bytes, pages })
}

impl Save<'_> {
    /// Makes it a checkpoint.
    pub(super) async fn seal(
        &self,
        name: &Name,
        created: Timestamp,
        (saved, cluster): (Vec<SavedMemory>, Option<SavedCluster>),
        held: Duration,
    ) -> Result<Manifest, Error> {
        let (folder, facts) = (self.folder, self.scene.hypervisor.facts());
        let names = self.machines.iter().map(|(name, _)| *name);
        let nodes = names.zip(saved).map(async |(name, memory)| {
            let task = self.scene.world.console.reporter().start(name.as_str(), "digest");
            let node = task.finish(self.look_at(name, memory).await)?;
            Ok::<_, Error>((name.clone(), node))
        });
        let nodes = try_join_all(nodes).await?.into_iter().collect();
        let others = try_join_all(keep::others(folder)?.into_iter().map(measured)).await?;
        keep::sync_file_system(folder.root())?;
        let processor = suitable::processor(self.scene.state, facts)?;
        let manifest = Manifest {
            id: folder.id().clone(),
            name: name.clone(),
            created,
            kiln: env!("CARGO_PKG_VERSION").to_owned(),
            hypervisor: Maker { version: facts.hypervisor.clone(), accelerator: facts.accelerator, processor },
            lab: self.scene.state.clone(),
            nodes,
            others,
            cluster,
            held_ms: u64::try_from(held.as_millis()).unwrap_or(u64::MAX),
        };
        crash::at(Point::SaveSealing);
        durable::save(&folder.manifest(), &manifest)?;
        crash::at(Point::SaveListed);
        if self.then == Then::GoOn {
            durable::remove_file(&folder.begun())?;
        }
        Ok(manifest)
    }

    /// Makes the node's files read-only, and says what is in them and in those that its disk stands on.
    async fn look_at(&self, name: &NodeName, memory: SavedMemory) -> Result<SavedNode, Error> {
        let folder = self.folder;
        let mut paths = vec![folder.state(name)];
        paths.extend((memory == SavedMemory::Copied).then(|| folder.memory(name)));
        for disk in header::chain(&folder.disk(name)) {
            let disk = disk?;
            // Below the checkpoints there is the golden image.
            if CheckpointFolder::holding(&disk).is_none() {
                break;
            }
            paths.push(disk);
        }
        let look = async |path: Utf8PathBuf| {
            freeze(&path)?;
            measured(path).await
        };
        let mut files = try_join_all(paths.into_iter().map(look)).await?;
        // The seed is the node's, too, and its key is nobody else's to read.
        files.extend(try_join_all([folder.seed(name), folder.host_key(name)].map(measured)).await?);
        Ok(SavedNode { memory, files })
    }
}
