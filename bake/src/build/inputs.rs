//! Everything a build reads, found and verified before the first layer is made.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_console::Console;
use kiln_images::base::{DiskInfo, inspect_base};
use kiln_images::blocking;
use kiln_images::digest::Digest;
use kiln_images::download::{Expect, Fetched, Request, Source, Trust};
use kiln_images::home::Home;
use kiln_images::name::Name;
use kiln_images::pins::{FILE_NAME, Met, Pin, Pins};
use kiln_images::qemu_img::QemuImg;
use kiln_images::size::{DiskSize, human};
use kiln_images::store::Store;

use super::registry::FetchedImage;
use super::{BuildError, manifests};
use crate::artifacts::Artifact;
use crate::recipe::{self, Base, Debootstrap, Loaded};
use crate::steps::RegistryImage;
use crate::supply::Supply;

/// The verified inputs of a recipe.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// What the base is made from.
    pub base: BaseInput,
    /// The verified downloads that the steps name, by the digits of the checksum that the recipe gives.
    pub downloads: BTreeMap<String, Utf8PathBuf>,
    /// The artifacts that the recipe declares, whether they were built or not.
    pub artifacts: Vec<Artifact>,
    /// The container images that the steps name, each once.
    pub images: Vec<FetchedImage>,
}

impl Inputs {
    /// The container image of that name.
    pub fn image(&self, name: &RegistryImage) -> Option<&FetchedImage> {
        self.images.iter().find(|image| image.name == *name)
    }
}

impl Inputs {
    /// The artifact of that name.
    pub fn artifact(&self, name: &Name) -> Option<&Artifact> {
        self.artifacts.iter().find(|artifact| artifact.name == *name)
    }
}

/// The source of a base.
#[derive(Debug, Clone)]
pub enum BaseInput {
    /// Packages.
    Debootstrap(Debootstrap),
    /// A disk image that was verified.
    Disk {
        /// Where it is.
        path: Utf8PathBuf,
        /// What it is.
        info: DiskInfo,
        /// The digest of its bytes.
        digest: Digest,
        /// Where it came from.
        what: String,
    },
    /// A golden image of the store.
    Image {
        /// Its disk.
        disk: Utf8PathBuf,
        /// Its digest.
        digest: Digest,
    },
}

/// Finds and verifies what a recipe reads.
#[derive(Debug)]
pub struct Finder<'a> {
    /// Where downloads and remembered digests are kept.
    pub home: &'a Home,
    /// Where golden images are found.
    pub store: &'a Store,
    /// What tells a disk image from another file.
    pub qemu_img: &'a QemuImg,
    /// Who hears of downloads, and of what is pinned.
    pub console: &'a Console,
    /// From where things are taken.
    pub supply: &'a Supply,
}

impl Finder<'_> {
    /// Finds everything.
    ///
    /// # Errors
    /// When something is missing, is not what the recipe says, or is no disk image.
    pub async fn find(&self, loaded: &Loaded) -> Result<Inputs, BuildError> {
        if self.supply.is_recording() || self.supply.bundle().is_some() {
            self.refuse_packages_of_this_machine(loaded)?;
        }
        let base = match &loaded.recipe.base {
            Base::Debootstrap(what) => BaseInput::Debootstrap(what.clone()),
            Base::File(file) => self.file(file, loaded).await?,
            Base::Url(url) => {
                let (fetched, source) = self.base_download(url, loaded).await?;
                self.disk(fetched, source, loaded).await?
            }
            Base::Image(name) => self.image(name.as_str(), loaded)?,
        };
        let downloads = self.downloads(loaded).await?;
        let images = self.registry_images(loaded).await?;
        let (declared, folder, home) = (loaded.recipe.artifacts.clone(), loaded.folder.clone(), self.home.clone());
        let plan = move || declared.iter().map(|artifact| Artifact::plan(artifact, &folder, &home)).collect();
        let artifacts = blocking::<Result<_, BuildError>>(plan).await?;
        let inputs = Inputs { base, downloads, artifacts, images };
        manifests::check(loaded, &inputs)?;
        Ok(inputs)
    }

    /// A bundle has what comes by URLs.
    fn refuse_packages_of_this_machine(&self, loaded: &Loaded) -> Result<(), BuildError> {
        let what = match (&loaded.recipe.base, loaded.recipe.artifacts.first()) {
            (Base::Debootstrap(_), _) => "the base".to_owned(),
            (_, Some(artifact)) => format!("the artifact `{}`", artifact.name),
            _ => return Ok(()),
        };
        Err(BuildError::NotForBundle { what })
    }

    async fn file(&self, file: &recipe::File, loaded: &Loaded) -> Result<BaseInput, BuildError> {
        let path = loaded.folder.join(&file.path);
        // Looked at before anything is pinned: a file that is no disk image is no base.
        let expect = file.checksum.clone().map_or(Expect::Nothing, Expect::Checksum);
        if file.path.extension() != Some("xz") {
            inspect_base(self.qemu_img, &path).await?;
        }
        let fetched = self.fetch(&Request { source: Source::File(path), expect }, loaded).await?;
        self.pin_local(file.path.as_str(), &fetched, loaded)?;
        self.disk(fetched, file.path.to_string(), loaded).await
    }

    /// A file without a checksum is what it was when it was used first, or it is refused. `name` is what the recipe calls it.
    pub(super) fn pin_local(&self, name: &str, fetched: &Fetched, loaded: &Loaded) -> Result<(), BuildError> {
        if fetched.trust != Trust::Local {
            return Ok(());
        }
        self.compare_with_pin(name, &Pin::first(fetched.digest, fetched.size_bytes), name.into(), loaded)
    }

    /// What is at `path` is what it was when it was used first, or it is refused. What was not known of it is remembered.
    pub(super) fn compare_with_pin(
        &self,
        name: &str,
        found: &Pin,
        path: &Utf8Path,
        loaded: &Loaded,
    ) -> Result<(), BuildError> {
        let mut pins = Pins::open(&self.lock_file(loaded))?;
        match pins.meet(name, found)? {
            Met::First => self.say_pinned(name, &found.sha256, pins.path()),
            Met::Known => {}
            Met::Other { expected, found } => {
                let (path, lock) = (path.to_owned(), pins.path().to_owned());
                return Err(BuildError::Pinned { path, lock, expected, found });
            }
        }
        Ok(())
    }

    /// Where what was used first is written down: beside the recipe, to be kept with it.
    pub(super) fn lock_file(&self, loaded: &Loaded) -> Utf8PathBuf {
        if loaded.built_in.is_some() { self.home.root().join(FILE_NAME) } else { loaded.folder.join(FILE_NAME) }
    }

    pub(super) fn say_pinned(&self, what: &str, digest: &Digest, lock: &Utf8Path) {
        self.console
            .say(&format!("pinned {what} on first use: {digest}\n  in {lock}; commit that file with the recipe"));
    }

    async fn disk(&self, fetched: Fetched, what: String, loaded: &Loaded) -> Result<BaseInput, BuildError> {
        let path = self.supply.downloader().unpacked(&fetched).await?;
        let info = inspect_base(self.qemu_img, &path).await?;
        fits(info.virtual_size_bytes, loaded)?;
        Ok(BaseInput::Disk { path, info, digest: fetched.digest, what })
    }

    fn image(&self, name: &str, loaded: &Loaded) -> Result<BaseInput, BuildError> {
        let image = self.store.resolve(name)?;
        fits(image.manifest.virtual_size_bytes, loaded)?;
        Ok(BaseInput::Image { disk: image.disk, digest: image.digest })
    }
}

fn fits(base_bytes: u64, loaded: &Loaded) -> Result<(), BuildError> {
    let disk = loaded.recipe.disk;
    if base_bytes > disk.bytes() {
        // A base too large for any disk cannot be named in the form of one.
        let base = DiskSize::holding(base_bytes).map_or_else(|_| human(base_bytes), |size| size.to_string());
        return Err(BuildError::TooSmall { disk: disk.to_string(), base });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_too_small_is_told_in_words_that_a_recipe_takes() {
        let text = "name: x\nbase: {image: y}\nuser: z\ndisk: 1GiB\n";
        let recipe =
            kiln_document::read::<recipe::Recipe>("x.yaml", text).unwrap_or_else(|error| panic!("{error}")).value;
        let loaded =
            Loaded { recipe, origin: "x.yaml".to_owned(), folder: "/".into(), built_in: None, warnings: Vec::new() };
        assert!(fits(1 << 30, &loaded).is_ok());
        let error = fits((2 << 30) + 512, &loaded).unwrap_err().to_string();
        let hint = error.split('`').nth(1).unwrap().strip_prefix("disk: ").unwrap();
        assert_eq!(hint.parse::<DiskSize>().unwrap().bytes(), (2 << 30) + 1024, "{error}");
    }
}
