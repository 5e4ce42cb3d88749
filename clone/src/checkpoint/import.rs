//! A lab from a checkpoint that was exported: it is there as if it had been suspended at that moment.

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::durable::{self, Document, PRIVATE, create_folder, remove_file, remove_folder, write_atomically};
use kiln_images::scratch::Scratch;
use kiln_images::{At, header};
use kiln_machines::{Facts, Hypervisor, SavedMemory};
use walkdir::WalkDir;

use super::export::{IDENTITY, MANIFEST};
use super::space::Space;
use super::tar::Tar;
use super::{CheckpointError, CheckpointFolder, Entry, Manifest, keep, suitable, twin, verify};
use crate::crash::{self, Point};
use crate::error::Error;
use crate::errors::NO_SPACE;
use crate::folder::LabFolder;
use crate::lab::LabName;
use crate::state::State;
use crate::world::{World, load_state, lock};

/// Makes the lab `name`, or one of the name that it had, of the checkpoint in `file`. Nothing is started.
///
/// # Errors
/// [`CheckpointError::OtherHost`] where this host cannot run it, before the file is read as a whole;
/// [`CheckpointError::Taken`], [`CheckpointError::Foreign`], [`CheckpointError::Damaged`]. Nothing is left then.
pub async fn import(
    world: &World,
    hypervisor: &dyn Hypervisor,
    file: &Utf8Path,
    name: Option<LabName>,
) -> Result<(LabFolder, Entry), Error> {
    let tar = Tar::find()?;
    let staged = Scratch::new(&world.home)?;
    let manifest = read_manifest(&tar, file, staged.path()).await?;
    let folder = LabFolder::new(&world.home, &name.unwrap_or_else(|| manifest.lab.lab.clone()));
    check(&manifest, hypervisor.facts(), staged.path())?;
    for node in manifest.lab.nodes.keys() {
        hypervisor.check_paths(&folder.node(node), &folder.segment())?;
    }
    // A lock makes the folder that it is in.
    refuse_taken(&folder)?;
    let unpacked = CheckpointFolder::apart(staged.path().join("unpacked"), manifest.id.clone());
    create_folder(unpacked.root())?;
    let task = world.console.reporter().start(folder.lab().as_str(), "unpack");
    let done = tar.unpack(file, unpacked.root()).await;
    task.finish(done.map_err(|error| foreign(file, "it cannot be unpacked", error)))?;
    refuse_foreign(file, &manifest, &unpacked)?;
    check_digests(world, &placed(&manifest, &unpacked)).await?;
    crash::at(Point::ImportUnpacked);

    let _lock = lock(&folder).await?;
    refuse_taken(&folder)?;
    match settle(world, &folder, &manifest, &unpacked).await {
        Ok(entry) => Ok((folder, entry)),
        Err(error) => {
            remove_folder(folder.root())?;
            Err(error)
        }
    }
}

/// Reads what the file begins with.
async fn read_manifest(tar: &Tar, file: &Utf8Path, scratch: &Utf8Path) -> Result<Manifest, Error> {
    fs::File::open(file).map_err(|source| Error::UserFile { doing: "reading", path: file.to_owned(), source })?;
    let path = scratch.join(MANIFEST);
    let first = tar.first(file, MANIFEST, Manifest::MAX_BYTES).await;
    let first = first.map_err(|error| foreign(file, "it is no archive that begins with a manifest.json", error))?;
    write_atomically(&path, &first, PRIVATE)?;
    Ok(durable::load(&path)?)
}

/// The error of a file that tar does not understand. A disk that is full is not the file's fault.
fn foreign(file: &Utf8Path, why: &str, error: kiln_tool::Error) -> Error {
    match error {
        kiln_tool::Error::Failed(failure) if failure.code().is_some() && !failure.said.contains(NO_SPACE) => {
            let said = failure.said.trim().replace('\n', "\n    ");
            let why = format!("{why}: {} said\n    {said}", failure.program);
            CheckpointError::Foreign { file: file.to_owned(), why }.into()
        }
        error => error.into(),
    }
}

/// Checks whether this host can run what is in the file, and has room for it.
fn check(manifest: &Manifest, facts: &Facts, home: &Utf8Path) -> Result<(), Error> {
    if let Some(note) = suitable::check_host(manifest, facts)? {
        tracing::warn!("{note}");
    }
    let used = manifest.files().values().fold(0, |sum: u64, file| sum.saturating_add(file.used_bytes));
    Space::look(home, &[used])?.check(home)
}

fn refuse_taken(folder: &LabFolder) -> Result<(), Error> {
    match load_state(folder)?.is_some() || !folder.node_folders()?.is_empty() {
        true => Err(CheckpointError::Taken(folder.lab().clone()).into()),
        false => Ok(()),
    }
}

/// Refuses a file in which there is anything but a whole checkpoint. A disk that leads to other files would show those to
/// the guest.
fn refuse_foreign(file: &Utf8Path, manifest: &Manifest, unpacked: &CheckpointFolder) -> Result<(), Error> {
    let refuse = |why: String| Err(CheckpointError::Foreign { file: file.to_owned(), why }.into());
    if manifest.lab.nodes.keys().ne(manifest.nodes.keys()) {
        return refuse("its nodes are not those of its lab".to_owned());
    }
    let own = [MANIFEST, IDENTITY].map(|name| unpacked.root().join(name));
    let nodes = manifest.nodes.iter();
    let parts: Vec<_> = nodes.clone().flat_map(|(node, saved)| parts(unpacked, node, saved.memory)).collect();
    let seeds: Vec<_> = nodes.flat_map(|(node, _)| [unpacked.seed(node), unpacked.host_key(node)]).collect();
    let others = keep::others(unpacked)?;
    let known: BTreeSet<_> = own.iter().chain(&parts).chain(&seeds).chain(&others).collect();
    let mut found = BTreeSet::new();
    for entry in WalkDir::new(unpacked.root()) {
        let entry = entry.map_err(std::io::Error::from).at("walking through", unpacked.root())?;
        let path = Utf8PathBuf::from(entry.path().to_string_lossy().into_owned());
        let is_known = match entry.file_type().is_dir() {
            true => known.iter().any(|file| file.starts_with(&path)),
            false => entry.file_type().is_file() && known.contains(&path),
        };
        if !is_known {
            return refuse(format!("{} in it is no file of a checkpoint", path.file_name().unwrap_or_default()));
        }
        found.insert(path);
    }
    let listed: BTreeSet<_> = manifest.files().into_keys().map(|name| unpacked.root().join(name)).collect();
    // Nothing that is listed is anywhere else.
    if let Some(missing) = listed.iter().chain(&seeds).find(|part| !found.contains(*part)) {
        return refuse(format!("{} is missing in it", missing.file_name().unwrap_or_default()));
    }
    // Earlier versions listed none of the seeds and keys, or none of the others.
    let seeds = seeds.iter().filter(|_| seeds.iter().any(|seed| listed.contains(seed)));
    let others = others.iter().filter(|_| !manifest.others.is_empty());
    if let Some(unlisted) = parts.iter().chain(seeds).chain(others).find(|part| !listed.contains(*part)) {
        return refuse(format!("its manifest does not list {}", unlisted.file_name().unwrap_or_default()));
    }
    for node in manifest.nodes.keys() {
        match header::read(&unpacked.disk(node))? {
            Some(disk) if disk.backing_file.is_none() && !disk.external_data && !disk.encrypted => {}
            _ => return refuse(format!("the disk of {node} does not stand alone")),
        }
    }
    Ok(())
}

/// The files of a node that are frozen.
fn parts(folder: &CheckpointFolder, node: &kiln_cloud_init::NodeName, memory: SavedMemory) -> Vec<Utf8PathBuf> {
    let memory = (memory == SavedMemory::Copied).then(|| folder.memory(node));
    [folder.state(node), folder.disk(node)].into_iter().chain(memory).collect()
}

/// The manifest of a checkpoint whose files are in `folder`.
fn placed(manifest: &Manifest, folder: &CheckpointFolder) -> Manifest {
    let mut manifest = manifest.clone();
    let of_nodes = manifest.nodes.values_mut().flat_map(|node| &mut node.files);
    for file in of_nodes.chain(&mut manifest.others) {
        file.path = folder.root().join(&file.path);
    }
    manifest
}

async fn check_digests(world: &World, manifest: &Manifest) -> Result<(), Error> {
    let verdicts = verify::verify(&[manifest], world.console.reporter()).await?;
    match verdicts.iter().filter(|verdict| verdict.problem.is_some()).count() {
        0 => Ok(()),
        count => Err(CheckpointError::Damaged { count, of: verdicts.len() }.into()),
    }
}

/// Moves the checkpoint to where it belongs, and writes down that the lab is on its way to it.
async fn settle(
    world: &World,
    folder: &LabFolder,
    manifest: &Manifest,
    unpacked: &CheckpointFolder,
) -> Result<Entry, Error> {
    create_folder(&folder.ssh())?;
    let identity = unpacked.root().join(IDENTITY);
    write_atomically(&folder.identity(), &fs::read(&identity).at("reading", &identity)?, PRIVATE)?;
    remove_file(&identity)?;
    let settled = CheckpointFolder::new(folder, manifest.id.clone());
    create_folder(&folder.checkpoints())?;
    remove_folder(settled.root())?;
    let mut frozen = manifest.nodes.iter().flat_map(|(node, saved)| parts(unpacked, node, saved.memory));
    frozen.try_for_each(|path| super::seal::freeze(&path))?;
    // The manifest comes last, and must not be there without what it speaks of.
    keep::sync_file_system(unpacked.root())?;
    fs::rename(unpacked.root(), settled.root()).at("writing", settled.root())?;
    durable::sync_folder(&folder.checkpoints())?;
    crash::at(Point::ImportPlaced);
    let mut own = placed(manifest, &settled);
    let write_manifest = |state: &State| {
        own.lab = State { pending: None, ..state.clone() };
        Ok(durable::save(&settled.manifest(), &own)?)
    };
    let state = twin::write_down(world, folder, manifest, None, write_manifest).await?;
    write_atomically(&folder.lab_file(), state.file.as_bytes(), PRIVATE)?;
    Ok(Entry { folder: settled, manifest: own })
}
