//! Container images from registries: fetched before the first layer is made, each once.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::bundle::Bundle;
use kiln_images::digest::{Digest, FileDigests};
use kiln_images::download::{Mirrored, Url, first_that_answers};
use kiln_images::pins::{Pin, Pins};
use kiln_images::scratch::Scratch;
use kiln_images::{At as _, blocking};

use super::BuildError;
use super::inputs::Finder;
use crate::recipe::Loaded;
use crate::skopeo::{At, Skopeo};
use crate::steps::{Archive, ContainerImages, RegistryImage, Step};

/// What an archive is called until it is whole.
const ARCHIVE: &str = "image.tar";

/// An image that was fetched.
#[derive(Debug, Clone)]
pub struct FetchedImage {
    /// What it is called.
    pub name: RegistryImage,
    /// The digest of its manifest in the registry, which is pinned.
    pub digest: Digest,
    /// The archive with it.
    pub archive: Utf8PathBuf,
    /// The digest of that where it is in a folder of the user's, and may be changed while it is used.
    pub archive_digest: Option<Digest>,
}

impl Finder<'_> {
    /// Fetches the images that the steps of a recipe name, each once.
    pub(super) async fn registry_images(&self, loaded: &Loaded) -> Result<Vec<FetchedImage>, BuildError> {
        let steps = loaded.recipe.layers.iter().flat_map(|layer| &layer.steps);
        let mut images: Vec<FetchedImage> = Vec::new();
        for step in steps.filter_map(Step::container_images) {
            for name in &step.registry {
                if !images.iter().any(|image| image.name == *name) {
                    images.push(self.registry_image(step, name, loaded).await?);
                }
            }
        }
        Ok(images)
    }

    async fn registry_image(
        &self,
        step: &ContainerImages,
        name: &RegistryImage,
        loaded: &Loaded,
    ) -> Result<FetchedImage, BuildError> {
        let image = match self.supply.bundle() {
            Some(bundle) => self.image_of_bundle(name, bundle, loaded).await?,
            None => self.first_that_has(name, &step.other_names_of(name), loaded).await?,
        };
        self.supply.record_image(name, image.digest, &image.archive).await?;
        Ok(image)
    }

    /// An archive of a bundle. It has the digest there that it was pinned by where the bundle was made.
    async fn image_of_bundle(
        &self,
        name: &RegistryImage,
        bundle: &Bundle,
        loaded: &Loaded,
    ) -> Result<FetchedImage, BuildError> {
        let (archive, digest) = bundle
            .image(name.as_str())
            .ok_or_else(|| BuildError::ImageNotInBundle { name: name.clone(), bundle: bundle.folder().to_owned() })?;
        let archive_digest = self.digest_of(&archive).await?;
        let key = if archive_digest == digest { archive_key(name) } else { registry_key(name) };
        self.compare_image(name, (&key, digest), &archive, loaded).await?;
        Ok(FetchedImage { name: name.clone(), digest, archive, archive_digest: Some(archive_digest) })
    }

    /// Takes an image from where its own name leads, or else from where the first of `others` does that has it.
    async fn first_that_has(
        &self,
        name: &RegistryImage,
        others: &[RegistryImage],
        loaded: &Loaded,
    ) -> Result<FetchedImage, BuildError> {
        let is_no_answer = |error: &BuildError| {
            matches!(error, BuildError::NotInRegistry { .. } | BuildError::ImageNotInFolder { .. })
        };
        let take = async |there: &RegistryImage| match self.supply.image_mirror(there) {
            Some(Mirrored::File(folder)) => self.image_of_folder(name, there, &folder, loaded).await,
            Some(Mirrored::Web(url)) => self.image_of_registry(name, &in_mirror(there, url)?, loaded).await,
            None => self.image_of_registry(name, &At { image: there.clone(), plain: false }, loaded).await,
        };
        let (image, number) = first_that_answers(name, others, is_no_answer, take).await?;
        if let Some(other) = number.checked_sub(1).and_then(|number| others.get(number)) {
            self.console.say(&format!("{name} came from {other}"));
        }
        Ok(image)
    }

    /// The archive that a mirror's folder has of `there`, taken as `name`. It is pinned by its own digest: that of the
    /// registry is not in it.
    async fn image_of_folder(
        &self,
        name: &RegistryImage,
        there: &RegistryImage,
        folder: &Utf8Path,
        loaded: &Loaded,
    ) -> Result<FetchedImage, BuildError> {
        let archive = folder.join(format!("{}.tar", there.tag()));
        if !archive.is_file() {
            return Err(BuildError::ImageNotInFolder { name: there.clone(), archive });
        }
        let digest = self.digest_of(&archive).await?;
        self.compare_image(name, (&archive_key(name), digest), &archive, loaded).await?;
        Ok(FetchedImage { name: name.clone(), digest, archive, archive_digest: Some(digest) })
    }

    async fn digest_of(&self, archive: &Utf8Path) -> Result<Digest, BuildError> {
        let (home, archive) = (self.home.clone(), archive.to_owned());
        Ok(blocking(move || FileDigests::remembered(&home, &archive)).await?)
    }

    /// One that was fetched before is not asked for again: its digest is in `kiln.lock`, and its archive is among the
    /// downloads.
    async fn image_of_registry(
        &self,
        name: &RegistryImage,
        at: &At,
        loaded: &Loaded,
    ) -> Result<FetchedImage, BuildError> {
        let key = registry_key(name);
        let pin = Pins::open(&self.lock_file(loaded))?.get(&key).cloned();
        let known = pin.as_ref().map(|pin| (pin.sha256, self.home.container_archive(&pin.sha256, name.as_str())));
        let (digest, archive) = match known {
            Some((digest, archive)) if archive.exists() => (digest, archive),
            known => {
                let task = self.console.reporter().start(name.as_str(), "fetch");
                let fetched = self.fetch_image(at, name, known.map(|(digest, _)| digest)).await;
                task.finish(fetched)?
            }
        };
        if pin.is_none_or(|pin| pin.configuration.is_none()) {
            self.compare_image(name, (&key, digest), &archive, loaded).await?;
        }
        Ok(FetchedImage { name: name.clone(), digest, archive, archive_digest: None })
    }

    /// An image is what it was when it was used first, wherever it came from then, or it is refused. By the key it has a digest,
    /// which may be of what is not in the archive; its configuration is in every archive of it.
    async fn compare_image(
        &self,
        name: &RegistryImage,
        (key, digest): (&str, Digest),
        archive: &Utf8Path,
        loaded: &Loaded,
    ) -> Result<(), BuildError> {
        let found = Archive::read(archive).await?.configuration_of(name)?;
        let pins = Pins::open(&self.lock_file(loaded))?;
        let keys = [registry_key(name), archive_key(name)];
        let mut pinned = keys.iter().filter_map(|key| pins.get(key)?.configuration);
        if let Some(expected) = pinned.find(|expected| *expected != found) {
            let (path, lock) = (archive.to_owned(), pins.path().to_owned());
            return Err(BuildError::Pinned { path, lock, expected, found });
        }
        let size_bytes = fs::metadata(archive).at("looking at", archive)?.len();
        let pin = Pin { configuration: Some(found), ..Pin::first(digest, size_bytes) };
        self.compare_with_pin(key, &pin, archive, loaded)
    }

    /// skopeo writes only into a file that is not there, and another build may be fetching the same image: each fetches
    /// into a folder of its own, and whoever is last leaves the archive.
    async fn fetch_image(
        &self,
        at: &At,
        name: &RegistryImage,
        pinned: Option<Digest>,
    ) -> Result<(Digest, Utf8PathBuf), BuildError> {
        let not_there = |error| match error {
            kiln_tool::Error::Failed(_) => BuildError::NotInRegistry { name: name.clone(), source: Box::new(error) },
            other => BuildError::Tool(other),
        };
        let skopeo = Skopeo::find()?;
        let digest = match pinned {
            Some(digest) => digest,
            None => skopeo.digest(at).await.map_err(not_there)?,
        };
        let archive = self.home.container_archive(&digest, name.as_str());
        if archive.exists() {
            return Ok((digest, archive));
        }
        let scratch = Scratch::new(self.home)?;
        let part = scratch.path().join(ARCHIVE);
        skopeo.copy(at, &digest, (scratch.path(), ARCHIVE), name).await.map_err(not_there)?;
        fs::File::open(&part).and_then(|file| file.sync_all()).at("syncing", &part)?;
        fs::rename(&part, &archive).at("renaming", &part)?;
        Ok((digest, archive))
    }
}

/// Where an image is in the mirror of its registry.
fn in_mirror(image: &RegistryImage, mirror: Url) -> Result<At, BuildError> {
    let (scheme, repository) = mirror.as_str().split_once("://").unwrap_or(("https", mirror.as_str()));
    let plain = scheme == "http";
    let there = format!("{repository}:{}", image.tag()).parse().ok().filter(|_| !plain || mirror.is_secure());
    there.map(|image| At { image, plain }).ok_or_else(|| BuildError::NoRegistry { name: image.clone(), mirror })
}

/// What an image is called in `kiln.lock` whose digest is that of its manifest in the registry.
fn registry_key(name: &RegistryImage) -> String {
    format!("docker://{name}")
}

/// The same where it is that of its archive.
fn archive_key(name: &RegistryImage) -> String {
    format!("docker-archive://{name}")
}

#[cfg(test)]
mod tests;
