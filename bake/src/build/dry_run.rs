//! The commands of a build, to be shown instead of run.

use std::collections::BTreeSet;

use camino::Utf8Path;
use kiln_images::digest::Digest;
use kiln_images::qemu_img::Format;

use super::inputs::{BaseInput, Inputs};
use super::layers::Layers;
use super::plan::{Plan, PlannedLayer};
use super::publish::{flat_copy, work_paths};
use super::staged::{self, Staged};
use super::{Baker, BuildError};
use crate::artifacts::Workshop;
use crate::base::debootstrap;
use crate::recipe::Loaded;
use crate::supply::Detour;
use crate::virt_customize::Run;

impl Baker<'_> {
    /// The command lines that [`Baker::build`] would run, in order; none if the image is in the store. A build works in
    /// a folder with a name of its own, which is called `work` here. With `relayed`, the image's packages go through a relay.
    ///
    /// # Errors
    /// When the store cannot be read, or a program is missing.
    pub async fn commands(
        &self,
        loaded: &Loaded,
        inputs: &Inputs,
        plan: &Plan,
        relayed: bool,
    ) -> Result<Vec<String>, BuildError> {
        if self.finished(plan, &loaded.recipe)?.is_some() {
            return Ok(Vec::new());
        }
        let work = self.home.scratch().join("work");
        let detour = relayed.then(|| Detour::new(work.join("detour.sh")));
        let detour = detour.as_ref();
        let layers = Layers::new(self.home);
        let mut commands = Vec::new();
        let mut below = layers.path(&plan.base.key);
        let mut cached = layers.disk(&plan.base.key).is_some();
        if !cached {
            commands.extend(self.base_commands(loaded, inputs, &plan.base, &work).await?);
        }
        let mut made = BTreeSet::new();
        for layer in &plan.layers {
            // One above a layer that is made stood on another one.
            cached = cached && layers.disk(&layer.key).is_some();
            if !cached {
                commands.extend(self.artifact_commands(inputs, layer, &work, &mut made).await?);
                let disk = work.join("disk.qcow2");
                if layer.boot {
                    commands.push(self.qemu_img.overlay_command(&disk, &below, Format::Qcow2, None)?.command_line());
                    commands.extend(self.boot_commands(&loaded.recipe, layer, &disk, detour).await?);
                } else {
                    commands.extend(self.layer_commands(layer, (&below, &disk), detour, None)?);
                }
            }
            below = layers.path(&layer.key);
        }
        let (overlay, report, flat) = work_paths(&work);
        commands.extend(self.artifact_commands(inputs, &plan.last, &work, &mut made).await?);
        commands.extend(self.layer_commands(&plan.last, (&below, &overlay), detour, Some(&report))?);
        commands.push(self.qemu_img.convert_command(&flat_copy(&overlay, Format::Qcow2, &flat))?.command_line());
        Ok(commands)
    }

    /// The commands that build what a layer reads and what is not in `made` yet.
    async fn artifact_commands(
        &self,
        inputs: &Inputs,
        layer: &PlannedLayer,
        work: &Utf8Path,
        made: &mut BTreeSet<Digest>,
    ) -> Result<Vec<String>, BuildError> {
        let mut commands = Vec::new();
        for artifact in inputs.artifacts_of(layer) {
            if !artifact.is_built() && made.insert(artifact.key) {
                commands.extend(Workshop::new(artifact, work, self.log).commands().await?);
            }
        }
        Ok(commands)
    }

    async fn base_commands(
        &self,
        loaded: &Loaded,
        inputs: &Inputs,
        layer: &PlannedLayer,
        work: &Utf8Path,
    ) -> Result<Vec<String>, BuildError> {
        let disk = work.join("disk.qcow2");
        let copy = |from: &Utf8Path, format| self.qemu_img.convert_command(&flat_copy(from, format, &disk));
        Ok(match &inputs.base {
            BaseInput::Debootstrap(what) => {
                let raw = work.join("disk.raw");
                let mut commands = debootstrap::commands(what, self.site(loaded, layer, work, &raw)).await?;
                commands.push(copy(&raw, Format::Raw)?.command_line());
                commands
            }
            BaseInput::Disk { path, info, .. } => vec![copy(path, info.format)?.command_line()],
            BaseInput::Image { disk: image, .. } => {
                let size = Some(loaded.recipe.disk);
                vec![self.qemu_img.overlay_command(&disk, image, Format::Qcow2, size)?.command_line()]
            }
        })
    }

    fn layer_commands(
        &self,
        layer: &PlannedLayer,
        (below, disk): (&Utf8Path, &Utf8Path),
        detour: Option<&Detour>,
        report: Option<&Utf8Path>,
    ) -> Result<Vec<String>, BuildError> {
        let (_, mut actions) = layer.actions_by(detour);
        let copies = staged::redirect(&mut actions, &disk.with_file_name("staged"))?;
        let run = Run {
            step: &layer.name,
            disk,
            report,
            actions: &actions,
            network: layer.has_network(self.offline),
            relabel: layer.ingredients.labels,
            log: self.log,
        };
        let overlay = match report {
            Some(_) => self.qemu_img.fine_overlay_command(disk, below)?,
            None => self.qemu_img.overlay_command(disk, below, Format::Qcow2, None)?,
        };
        let copies = copies.iter().map(Staged::command_line);
        let customize = self.customize.command(run).command_line();
        Ok(std::iter::once(overlay.command_line()).chain(copies).chain([customize]).collect())
    }
}
