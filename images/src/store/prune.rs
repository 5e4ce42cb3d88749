//! How images and layers leave the store: never while something stands on them.

use std::collections::BTreeSet;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::{References, Store, StoreError, User, entries, manifest_path};
use crate::digest::Digest;
use crate::manifest::Manifest;
use crate::name::Name;
use crate::{At, FileError, durable, scratch};

/// What [`Store::remove`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The image that was meant.
    pub digest: Digest,
    /// The names that are gone.
    pub names: Vec<Name>,
    /// How many bytes of the disk became free; zero when another name keeps the image.
    pub freed_bytes: u64,
}

/// What nobody needs: each with the bytes it takes on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Images without a name that no lab and no kept layer stands on.
    pub images: Vec<(Digest, u64)>,
    /// Layers, by key, that belong to no kept image.
    pub layers: Vec<(String, u64)>,
    /// Artifacts, by key, that no kept layer was made with.
    pub artifacts: Vec<(String, u64)>,
    /// Appliances of libguestfs, all but the latest.
    pub appliances: Vec<(Utf8PathBuf, u64)>,
    /// Half-made things of processes that have ended.
    pub scratch: Vec<(Utf8PathBuf, u64)>,
}

impl Pruned {
    /// The sum of all bytes.
    pub fn bytes(&self) -> u64 {
        let images = self.images.iter().map(|(_, bytes)| bytes);
        let cached = self.layers.iter().chain(&self.artifacts).map(|(_, bytes)| bytes);
        images.chain(cached).chain(self.appliances.iter().chain(&self.scratch).map(|(_, bytes)| bytes)).sum()
    }
}

impl Store {
    /// Removes a name, and its image with the last name; or, given the first digits of a digest, the image and all its
    /// names.
    ///
    /// # Errors
    /// [`StoreError::InUse`] naming the labs and layers whose disks stand on the image; [`StoreError::Unknown`]; or a
    /// file cannot be removed.
    pub async fn remove(&self, reference: &str) -> Result<Removed, StoreError> {
        let _alone = self.alone().await?;
        let all = self.names()?;
        let named = all.iter().find(|(name, _)| name.as_str() == reference);
        let digest = named.map_or_else(|| self.by_prefix(reference, &all), |(_, digest)| Ok(*digest))?;
        let (mut going, mut staying) = (Vec::new(), Vec::new());
        for (name, _) in all.iter().filter(|(_, other)| *other == digest) {
            let goes = named.is_none_or(|(this, _)| this == name);
            if goes { going.push(name.clone()) } else { staying.push(name) }
        }
        let is_last = staying.is_empty();
        if is_last {
            self.refuse_used(digest)?;
        }
        for name in &going {
            self.remove_name(name)?;
        }
        durable::sync_folder(&self.home.names())?;
        let freed_bytes = if is_last { self.take_away(&self.home.image(&digest))? } else { 0 };
        Ok(Removed { digest, names: going, freed_bytes })
    }

    /// What [`Store::prune`] would remove now. `artifacts_of` says which artifacts a layer was made with: keys, all of them.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be told what is needed.
    pub fn prunable(&self, artifacts_of: impl Fn(&str) -> BTreeSet<String>) -> Result<Pruned, StoreError> {
        let kept = self.kept()?;
        let mut prunable = Pruned::default();
        for digest in self.digests()?.into_iter().filter(|digest| !kept.images.contains(digest)) {
            prunable.images.push((digest, disk_usage(&self.home.image(&digest))?));
        }
        for key in entries(&self.home.layers())?.into_iter().filter(|key| !kept.layers.contains(key)) {
            let bytes = disk_usage(&self.home.layers().join(&key))?;
            prunable.layers.push((key, bytes));
        }
        let needed: BTreeSet<_> = kept.layers.iter().flat_map(|layer| artifacts_of(layer)).collect();
        for key in entries(&self.home.artifacts())?.into_iter().filter(|key| !needed.contains(key)) {
            let bytes = disk_usage(&self.home.artifacts().join(&key))?;
            prunable.artifacts.push((key, bytes));
        }
        for path in self.old_appliances()? {
            let bytes = disk_usage(&path)?;
            prunable.appliances.push((path, bytes));
        }
        for path in scratch::leftovers(&self.home)?.into_iter().chain(self.half_written()?) {
            // Parts of it may be closed to us.
            let bytes = disk_usage(&path).unwrap_or_default();
            prunable.scratch.push((path, bytes));
        }
        Ok(prunable)
    }

    /// Removes what nobody needs: images without a name that nothing stands on, layers that belong to no kept image,
    /// artifacts that no kept layer was made with, and what dead processes left half-made. Returns what it removed.
    ///
    /// # Errors
    /// [`StoreError::Lock`] while overlays are made or an image is baked; otherwise as [`Store::prunable`], or something
    /// cannot be removed.
    pub async fn prune(&self, artifacts_of: impl Fn(&str) -> BTreeSet<String>) -> Result<Pruned, StoreError> {
        let _alone = self.alone().await?;
        let mut prunable = self.prunable(artifacts_of)?;
        // Whoever is killed meanwhile leaves nothing that stands on something else than it was made on, once that is made
        // again at the same place.
        for key in self.upper_first(&prunable.layers)? {
            self.take_away(&self.home.layers().join(key))?;
        }
        for (digest, _) in &prunable.images {
            self.take_away(&self.home.image(digest))?;
        }
        for (key, _) in &prunable.artifacts {
            self.take_away(&self.home.artifacts().join(key))?;
        }
        for (path, _) in &prunable.appliances {
            self.take_away(path)?;
        }
        // What is not ours to remove keeps nothing else.
        prunable.scratch.retain(|(path, _)| match scratch::discard(&self.home, path) {
            Ok(_) => true,
            Err(error) => {
                tracing::debug!(%error, "{path} stays");
                false
            }
        });
        Ok(prunable)
    }

    /// The keys of these layers: each comes before what it stands on. What stands on one that nobody needs is not needed
    /// either.
    pub(super) fn upper_first(&self, layers: &[(String, u64)]) -> Result<Vec<String>, FileError> {
        let references = References::of_layers(&self.home)?;
        let mut keys = Vec::new();
        for (key, _) in layers {
            for key in references.layers_above(key).into_iter().chain([key.clone()]) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        Ok(keys)
    }

    /// Those of earlier versions of libguestfs or of this program. No bake is under way that could use one, when they are
    /// removed.
    fn old_appliances(&self) -> Result<Vec<Utf8PathBuf>, StoreError> {
        let folder = self.home.appliances();
        let mut found = Vec::new();
        for path in entries(&folder)?.into_iter().map(|name| folder.join(name)) {
            found.push((path.metadata().and_then(|it| it.modified()).at("looking at", &path)?, path));
        }
        found.sort();
        found.pop();
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }

    /// What processes have left in the store that were killed over a name or a manifest.
    fn half_written(&self) -> Result<Vec<Utf8PathBuf>, StoreError> {
        let images = self.digests()?.into_iter().map(|digest| self.home.image(&digest));
        let mut found = Vec::new();
        for folder in images.chain([self.home.names()]) {
            let names = entries(&folder)?.into_iter().filter(|name| durable::is_half_written(name));
            found.extend(names.map(|name| folder.join(name)));
        }
        Ok(found)
    }

    fn refuse_used(&self, digest: Digest) -> Result<(), StoreError> {
        match References::read(&self.home)?.of_image(&digest) {
            users if users.is_empty() => Ok(()),
            users => Err(StoreError::InUse { digest, users }),
        }
    }

    /// Removes a file or folder so that it is there whole or not at all, and returns the bytes it took. It may be gone.
    fn take_away(&self, path: &Utf8Path) -> Result<u64, FileError> {
        let bytes = disk_usage(path)?;
        Ok(if scratch::discard(&self.home, path)? { bytes } else { 0 })
    }

    fn kept(&self) -> Result<Kept, StoreError> {
        let references = References::read(&self.home)?;
        let by_lab = |users: &BTreeSet<User>| users.iter().any(|user| matches!(user, User::Lab(_)));
        let mut kept = Kept::default();
        for (_, digest) in self.names()? {
            self.keep_image(digest, &references, &mut kept)?;
        }
        for (digest, _) in references.images.iter().filter(|(_, users)| by_lab(users)) {
            self.keep_image(*digest, &references, &mut kept)?;
        }
        for (key, _) in references.layers.iter().filter(|(_, users)| by_lab(users)) {
            self.keep_layer(key, &references, &mut kept)?;
        }
        Ok(kept)
    }

    /// Keeps an image and the layers it was made of, which the next bake of its recipe begins with.
    fn keep_image(&self, digest: Digest, references: &References, kept: &mut Kept) -> Result<(), StoreError> {
        let path = manifest_path(&self.home.image(&digest));
        if !kept.images.insert(digest) || !path.exists() {
            return Ok(());
        }
        let manifest: Manifest = durable::load(&path)?;
        // The folder of a layer is called by the digits of its key alone.
        let folder = |key: &str| key.strip_prefix("sha256:").unwrap_or(key).to_owned();
        manifest.layers.iter().try_for_each(|layer| self.keep_layer(&folder(&layer.key), references, kept))
    }

    /// Keeps a layer and what it stands on.
    fn keep_layer(&self, key: &str, references: &References, kept: &mut Kept) -> Result<(), StoreError> {
        if !kept.layers.insert(key.to_owned()) {
            return Ok(());
        }
        let user = User::Layer(key.to_owned());
        for (digest, _) in references.images.iter().filter(|(_, users)| users.contains(&user)) {
            self.keep_image(*digest, references, kept)?;
        }
        for (below, _) in references.layers.iter().filter(|(_, users)| users.contains(&user)) {
            self.keep_layer(below, references, kept)?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Kept {
    images: BTreeSet<Digest>,
    layers: BTreeSet<String>,
}

/// What a file or folder takes on the disk, in bytes. Zero where there is none.
pub(super) fn disk_usage(path: &Utf8Path) -> Result<u64, FileError> {
    let mut bytes = 0;
    for entry in WalkDir::new(path).follow_links(false) {
        match entry.and_then(|entry| entry.metadata()) {
            Ok(metadata) => bytes += crate::size::on_disk(&metadata),
            Err(error) if error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound) => {}
            Err(error) => return Err(FileError::new("measuring", path, error.into())),
        }
    }
    Ok(bytes)
}
