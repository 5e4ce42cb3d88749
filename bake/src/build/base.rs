//! The lowest layer: a disk of the recipe's size, with whatever the image is made from on it.

use std::time::Instant;

use camino::Utf8Path;
use kiln_console::Task;
use kiln_images::qemu_img::Format;
use kiln_images::scratch::Scratch;

use super::inputs::{BaseInput, Inputs};
use super::layers::Layers;
use super::plan::PlannedLayer;
use super::publish::flat_copy;
use super::stack::{Made, Stack};
use super::{Baker, BuildError};
use crate::base::debootstrap::{self, Site};
use crate::recipe::{Debootstrap, Loaded};

impl Baker<'_> {
    /// Puts the base below everything: from the cache, or made.
    pub(super) async fn base(
        &self,
        loaded: &Loaded,
        inputs: &Inputs,
        layer: &PlannedLayer,
        stack: &mut Stack,
    ) -> Result<(), BuildError> {
        if self.cached(layer, stack)? {
            return Ok(());
        }
        let started = Instant::now();
        let folder = Scratch::new(self.home)?;
        let task = self.reporter.start("base", "make");
        let disk = folder.path().join("disk.qcow2");
        let made = match &inputs.base {
            BaseInput::Debootstrap(what) => self.debootstrap(what, loaded, layer, folder.path(), &disk, &task).await,
            BaseInput::Disk { path, info, .. } => self.copy(path, info.format, loaded, &disk).await,
            BaseInput::Image { disk: image, .. } => self.overlay(image, Some(loaded), &disk).await,
        };
        task.finish(made)?;
        let made = Made { folder, disk, container_images: Vec::new(), took: started.elapsed() };
        stack.keep(layer, made, &Layers::new(self.home))
    }

    async fn debootstrap(
        &self,
        what: &Debootstrap,
        loaded: &Loaded,
        layer: &PlannedLayer,
        folder: &Utf8Path,
        disk: &Utf8Path,
        task: &Task,
    ) -> Result<(), BuildError> {
        let raw = folder.join("disk.raw");
        let site = self.site(loaded, layer, folder, &raw);
        debootstrap::build(what, site, |line| task.note(line)).await?;
        task.note("packing the disk image");
        self.copy(&raw, Format::Raw, loaded, disk).await
    }

    /// Where Debian is built.
    pub(super) fn site<'a>(
        &'a self,
        loaded: &Loaded,
        layer: &PlannedLayer,
        folder: &'a Utf8Path,
        disk: &'a Utf8Path,
    ) -> Site<'a> {
        // The same packages in the same layer get the same file system.
        let root_uuid = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, layer.key.hex().as_bytes());
        Site { folder, disk, disk_bytes: loaded.recipe.disk.bytes(), root_uuid, log: self.log }
    }

    /// Copies a whole disk into a qcow2 file of the recipe's size.
    async fn copy(&self, from: &Utf8Path, format: Format, loaded: &Loaded, to: &Utf8Path) -> Result<(), BuildError> {
        self.qemu_img.convert(&flat_copy(from, format, to)).await?;
        Ok(self.qemu_img.resize(to, loaded.recipe.disk).await?)
    }

    /// An overlay of the disk `on`, of the recipe's size if it is a base.
    pub(super) async fn overlay(
        &self,
        on: &Utf8Path,
        sized: Option<&Loaded>,
        overlay: &Utf8Path,
    ) -> Result<(), BuildError> {
        let size = sized.map(|loaded| loaded.recipe.disk);
        Ok(self.qemu_img.create_overlay(overlay, on, Format::Qcow2, size).await?)
    }
}
