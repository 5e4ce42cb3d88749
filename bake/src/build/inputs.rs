//! Everything a build reads, found and verified before the first layer is made.

use camino::Utf8PathBuf;
use kiln_console::Console;
use kiln_images::base::{DiskInfo, inspect_base};
use kiln_images::digest::{Digest, FileDigests};
use kiln_images::home::Home;
use kiln_images::qemu_img::QemuImg;
use kiln_images::size::human;
use kiln_images::store::Store;

use super::BuildError;
use crate::recipe::{Base, Debootstrap, File, Loaded};

/// The verified inputs of a recipe.
#[derive(Debug)]
pub struct Inputs {
    /// What the base is made from.
    pub base: BaseInput,
    /// The folder of verified downloads, with those that the steps name in it.
    pub downloads: Utf8PathBuf,
}

/// The source of a base.
#[derive(Debug)]
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
}

impl Finder<'_> {
    /// Finds everything.
    ///
    /// # Errors
    /// When something is missing, is not what the recipe says, or is no disk image.
    pub async fn find(&self, loaded: &Loaded, console: &Console) -> Result<Inputs, BuildError> {
        let base = match &loaded.recipe.base {
            Base::Debootstrap(what) => BaseInput::Debootstrap(what.clone()),
            Base::File(file) => self.file(file, loaded).await?,
            Base::Url(_) => todo!(),
            Base::Image(name) => self.image(name.as_str(), loaded)?,
        };
        Ok(Inputs { base, downloads: self.home.downloads() })
    }

    async fn file(&self, file: &File, loaded: &Loaded) -> Result<BaseInput, BuildError> {
        let path = loaded.folder.join(&file.path);
        let info = inspect_base(self.qemu_img, &path).await?;
        let digest = self.digest(path.clone()).await?;
        if let Some(expected) = &file.sha256
            && *expected != digest
        {
            return Err(BuildError::Digest {
                path,
                authority: loaded.origin.clone(),
                expected: expected.hex(),
                found: digest.hex(),
            });
        }
        self.disk(path, info, digest, file.path.to_string(), loaded)
    }

    fn disk(
        &self,
        path: Utf8PathBuf,
        info: DiskInfo,
        digest: Digest,
        what: String,
        loaded: &Loaded,
    ) -> Result<BaseInput, BuildError> {
        fits(info.virtual_size_bytes, loaded)?;
        Ok(BaseInput::Disk { path, info, digest, what })
    }

    fn image(&self, name: &str, loaded: &Loaded) -> Result<BaseInput, BuildError> {
        let image = self.store.resolve(name)?;
        fits(image.manifest.virtual_size_bytes, loaded)?;
        Ok(BaseInput::Image { disk: image.disk, digest: image.digest })
    }

    /// The digest of a file; known from before if the file was not touched.
    async fn digest(&self, path: Utf8PathBuf) -> Result<Digest, BuildError> {
        let cache = self.home.digests();
        let digest = tokio::task::spawn_blocking(move || {
            let mut known = FileDigests::open(cache);
            let digest = known.of_file(&path)?;
            known.save()?;
            Ok::<_, BuildError>(digest)
        });
        digest.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }
}

fn fits(base_bytes: u64, loaded: &Loaded) -> Result<(), BuildError> {
    let disk = loaded.recipe.disk;
    if base_bytes > disk.bytes() {
        return Err(BuildError::TooSmall { disk: disk.to_string(), base: human(base_bytes) });
    }
    Ok(())
}
