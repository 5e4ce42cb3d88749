//! Container images from registries: fetched before the first layer is made, each once.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use kiln_images::At;
use kiln_images::digest::Digest;
use kiln_images::pins::{Pin, Pins};

use super::BuildError;
use super::inputs::Finder;
use crate::recipe::Loaded;
use crate::skopeo::Skopeo;
use crate::steps::{RegistryImage, Step};

/// An image that was fetched.
#[derive(Debug)]
pub struct FetchedImage {
    /// What it is called.
    pub name: RegistryImage,
    /// The digest of its manifest in the registry, which is pinned.
    pub digest: Digest,
    /// The archive with it.
    pub archive: Utf8PathBuf,
}

impl Finder<'_> {
    /// Fetches the images that the steps of a recipe name. One that was fetched before is not asked for again: its digest
    /// is in `kiln.lock`, and its archive is among the downloads.
    pub(super) async fn registry_images(&self, loaded: &Loaded) -> Result<Vec<FetchedImage>, BuildError> {
        let steps = loaded.recipe.layers.iter().flat_map(|layer| &layer.steps);
        let mut images: Vec<FetchedImage> = Vec::new();
        for name in steps.flat_map(Step::registry_images) {
            if !images.iter().any(|image| image.name == *name) {
                images.push(self.registry_image(name, loaded).await?);
            }
        }
        Ok(images)
    }

    async fn registry_image(&self, name: &RegistryImage, loaded: &Loaded) -> Result<FetchedImage, BuildError> {
        let mut pins = Pins::open(&self.lock_file(loaded))?;
        let key = format!("docker://{name}");
        let pinned = pins.get(&key).map(|pin| pin.sha256);
        let digest = match pinned {
            Some(digest) => digest,
            None => Skopeo::find()?.digest(name).await?,
        };
        let archive = self.home.container_archive(&digest);
        if !archive.exists() {
            let task = self.console.reporter().start(name.as_str(), "fetch");
            task.finish(self.fetch_image(name, &digest, &archive).await)?;
        }
        if pinned.is_none() {
            let size_bytes = fs::metadata(&archive).at("looking at", &archive)?.len();
            pins.add(&key, Pin { sha256: digest, size_bytes, first_seen: Timestamp::now() })?;
            self.say_pinned(&key, &digest, pins.path());
        }
        Ok(FetchedImage { name: name.clone(), digest, archive })
    }

    /// skopeo writes only into a file that is not there.
    async fn fetch_image(&self, name: &RegistryImage, digest: &Digest, archive: &Utf8Path) -> Result<(), BuildError> {
        let part = archive.with_extension("part");
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).at("removing", &part)?,
            _ => {}
        }
        let file = part.file_name().unwrap_or_default();
        Skopeo::find()?.copy(name, digest, &self.home.downloads(), file).await?;
        fs::File::open(&part).and_then(|file| file.sync_all()).at("syncing", &part)?;
        Ok(fs::rename(&part, archive).at("renaming", &part)?)
    }
}
