//! A checkpoint as one file, which stands alone: `tar`, compressed with `zstd`.
//!
//! ```text
//! manifest.json                   first, so that what stands in the way of an import is known before the rest is read
//! <node>.qcow2                    with all that its disk stood on, the golden image too
//! <node>.ram  <node>.state  <node>.iso  <node>.key  pki/  image.json  network.yaml  mesh.json
//! id_ed25519                      what opens the nodes
//! ```
//!
//! The file opens the machines in it to whoever has it: it is made for its owner alone.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_cloud_init::NodeName;
use kiln_images::durable::{self, half_made};
use kiln_images::qemu_img::{Conversion, Format, QemuImg};
use kiln_images::scratch::Scratch;
use kiln_images::{At, FileError, header, size};
use kiln_machines::SavedMemory;

use super::manifest::{SavedFile, SavedNode};
use super::seal::measured;
use super::space::Space;
use super::tar::Tar;
use super::{Catalogue, CheckpointFolder, Entry, Manifest, keep, suitable};
use crate::cluster::assembly::image_manifest;
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::Role;
use crate::tasks::try_join_all;
use crate::world::{World, lock};

/// The entry that comes first.
pub(super) const MANIFEST: &str = "manifest.json";
/// The private key of the lab.
pub(super) const IDENTITY: &str = "id_ed25519";

/// Writes a checkpoint of a lab to `file`, which must not exist.
///
/// # Errors
/// [`super::CheckpointError`] where the checkpoint is not whole; [`Error::UserFile`] where the file is there already or cannot
/// be written; `qemu-img`'s and `tar`'s. Nothing is left then.
pub async fn export(world: &World, lab: &LabFolder, name: &str, file: &Utf8Path) -> Result<Entry, Error> {
    let failed = |source| Error::UserFile { doing: "writing", path: file.to_owned(), source };
    if file.exists() {
        return Err(failed(io::Error::from(io::ErrorKind::AlreadyExists)));
    }
    let tar = Tar::find()?;
    let _lock = lock(lab).await?;
    let entry = Catalogue::read(lab)?.find(name)?;
    suitable::check_files(&entry)?;
    // The disks are made whole on the file system on which labs run, which stop where it is full.
    Space::look(world.home.root(), &whole_disks(&entry)?)?.check(world.home.root())?;
    let staged = Scratch::new(&world.home)?;
    let to = CheckpointFolder::apart(staged.path().to_owned(), entry.manifest.id.clone());
    let entries = stage(world, lab, &entry, &to).await?;
    let parent = file.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or_else(|| Utf8Path::new("."));
    let half = half_made(parent)?;
    let task = world.console.reporter().start(lab.lab().as_str(), "pack");
    task.finish(tar.pack(half.path(), staged.path(), &entries).await)?;
    half.persist_new(file)?;
    Ok(entry)
}

/// Puts everything that goes into the file into one folder, and returns the names there. What is not changed is linked.
async fn stage(world: &World, lab: &LabFolder, entry: &Entry, to: &CheckpointFolder) -> Result<Vec<String>, Error> {
    let from = &entry.folder;
    let nodes = entry.manifest.nodes.iter().map(async |(name, node)| {
        let mut files = vec![(from.state(name), to.state(name))];
        files.extend((node.memory == SavedMemory::Copied).then(|| (from.memory(name), to.memory(name))));
        files.extend([(from.seed(name), to.seed(name)), (from.host_key(name), to.host_key(name))]);
        files.iter().try_for_each(|(from, to)| link(from, to))?;
        let task = world.console.reporter().start(name.as_str(), "flatten");
        let disk = task.finish(flatten(from, to, name).await)?;
        let mut files = try_join_all(files.into_iter().map(|(_, to_file)| as_saved(entry, to, to_file))).await?;
        files.push(named(disk, to));
        Ok::<_, Error>((name.clone(), SavedNode { memory: node.memory, files }))
    });
    let nodes = try_join_all(nodes).await?.into_iter().collect();
    link(&lab.identity(), &to.root().join(IDENTITY))?;
    if let Some(node) = entry.manifest.lab.nodes.values().find(|node| node.role == Some(Role::ControlPlane)) {
        match from.image().exists() {
            true => link(&from.image(), &to.image())?,
            false => durable::save(&to.image(), &image_manifest(world, &lab.image(), &node.image.digest)?)?,
        }
    }
    let manifests = [(from.network_manifest(), to.network_manifest()), (from.mesh(), to.mesh())];
    manifests.iter().filter(|(from, _)| from.exists()).try_for_each(|(from, to)| link(from, to))?;
    keep::copy_all(&from.pki(), &to.pki())?;
    let others = try_join_all(keep::others(to)?.into_iter().map(|file| as_saved(entry, to, file))).await?;
    durable::save(&to.manifest(), &Manifest { nodes, others, ..entry.manifest.clone() })?;
    entries(to.root())
}

/// The bytes that the disk of each node has together with all that it stands on.
fn whole_disks(entry: &Entry) -> Result<Vec<u64>, FileError> {
    let on_disk = |path: Utf8PathBuf| Ok(size::on_disk(&fs::metadata(&path).at("looking at", &path)?));
    let whole = |name| header::chain(&entry.folder.disk(name)).map(|file| file.and_then(on_disk)).sum();
    entry.manifest.nodes.keys().map(whole).collect()
}

/// What is in a file that was staged: what was written down when it was saved, so that damage shows on the other side.
/// Of what was not, what is in it now.
async fn as_saved(entry: &Entry, to: &CheckpointFolder, staged: Utf8PathBuf) -> Result<SavedFile, FileError> {
    let saved = entry.folder.root().join(staged.strip_prefix(to.root()).unwrap_or(&staged));
    match entry.manifest.files().get(&saved) {
        Some(file) => Ok(named(SavedFile { path: staged, ..(*file).clone() }, to)),
        None => Ok(named(measured(staged).await?, to)),
    }
}

/// Makes one disk of that of a node and of all that it stands on.
async fn flatten(from: &CheckpointFolder, to: &CheckpointFolder, name: &NodeName) -> Result<SavedFile, Error> {
    let (source, target) = (&from.disk(name), &to.disk(name));
    let (source_format, target_format) = (Format::Qcow2, Format::Qcow2);
    let conversion = Conversion { source, source_format, target, target_format, compressed: false, options: &[] };
    QemuImg::find()?.convert(&conversion).await?;
    Ok(measured(target.clone()).await?)
}

/// A file by its name in the folder: where that will be is another matter.
fn named(file: SavedFile, folder: &CheckpointFolder) -> SavedFile {
    let path = file.path.strip_prefix(folder.root()).unwrap_or(&file.path).to_owned();
    SavedFile { path, ..file }
}

fn link(from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
    fs::hard_link(from, to).at("making a link at", to)
}

/// The names of all that is in a folder, that of the manifest first.
fn entries(folder: &Utf8Path) -> Result<Vec<String>, Error> {
    let entries = folder.read_dir_utf8().and_then(Iterator::collect::<io::Result<Vec<_>>>).at("reading", folder)?;
    let mut names: Vec<_> = entries.iter().map(|entry| entry.file_name().to_owned()).collect();
    names.sort_by_key(|name| (name != MANIFEST, name.clone()));
    Ok(names)
}
