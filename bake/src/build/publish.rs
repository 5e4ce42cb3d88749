//! The end of a build: the last run, and what makes a golden image of its result.

use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use kiln_images::digest::Digest;
use kiln_images::manifest::{self, ContainerImage, Manifest};
use kiln_images::qemu_img::{Conversion, Format};
use kiln_images::scratch::Scratch;
use kiln_images::store::Image;

use super::inputs::{BaseInput, Inputs};
use super::layers::Layers;
use super::plan::Plan;
use super::stack::Stack;
use super::{Baker, BuildError, report};
use crate::recipe::Loaded;

impl Baker<'_> {
    /// The last run, and what makes an image of its result.
    pub(super) async fn finish(
        &self,
        loaded: &Loaded,
        inputs: &Inputs,
        plan: &Plan,
        stack: &mut Stack,
    ) -> Result<Image, BuildError> {
        self.artifacts(&plan.last, inputs).await?;
        let started = Instant::now();
        let scratch = Scratch::new(self.home)?;
        let (overlay, report_disk, _) = work_paths(scratch.path());
        self.qemu_img.fine_overlay_command(&overlay, &stack.disk)?.run().await?;
        report::make_disk(&report_disk).map_err(|source| BuildError::File { path: report_disk.clone(), source })?;
        self.customize(&plan.last, &overlay, Some(&report_disk)).await?;
        plan.last.check_inputs(loaded, inputs).await?;
        stack.seconds.push(started.elapsed().as_secs());
        let said = std::fs::read(&report_disk).map_err(|source| BuildError::File { path: report_disk, source })?;
        let said = report::parse(&said)?;
        said.node.check(&loaded.recipe)?;

        let task = self.reporter.start(loaded.recipe.name.as_str(), "publish");
        let published = self.publish(loaded, inputs, plan, scratch.path(), said, stack).await;
        let image = task.finish(published)?;
        Layers::new(self.home).remember(&plan.last.key, &plan.last.ingredients, started.elapsed())?;
        Ok(image)
    }

    async fn publish(
        &self,
        loaded: &Loaded,
        inputs: &Inputs,
        plan: &Plan,
        folder: &Utf8Path,
        said: report::Report,
        stack: &Stack,
    ) -> Result<Image, BuildError> {
        let (overlay, _, flat) = work_paths(folder);
        self.qemu_img.convert(&flat_copy(&overlay, Format::Qcow2, &flat)).await?;
        let disk = self.store.measure(&flat).await?;
        let recipe = &loaded.recipe;
        let manifest = Manifest {
            digest: disk.digest,
            virtual_size_bytes: disk.virtual_size_bytes,
            file_size_bytes: disk.file_size_bytes,
            name: recipe.name.clone(),
            recipe: recipe.name.clone(),
            created: Timestamp::now(),
            kiln: env!("CARGO_PKG_VERSION").to_owned(),
            os: said.os,
            user: recipe.user.to_string(),
            nics: vec![recipe.nics.nat.to_string(), recipe.nics.service.to_string()],
            kubernetes: said.node.kubernetes.map(|version| version.to_string()),
            container_runtime: said.node.container_runtime,
            cgroup_driver: said.node.cgroup_driver,
            container_images: self.container_images(inputs, stack)?,
            base: manifest_base(inputs, &plan.base.key),
            layers: manifest_layers(plan, &stack.seconds),
            checks: recipe.checks.iter().map(|check| manifest::PassedCheck { command: check.clone() }).collect(),
            packages: said.packages,
        };
        Ok(self.store.publish(disk, &manifest, &recipe.name).await?)
    }

    /// The container images of the base and of every layer, by name; the uppermost of a name counts.
    fn container_images(&self, inputs: &Inputs, stack: &Stack) -> Result<Vec<ContainerImage>, BuildError> {
        let mut images = match &inputs.base {
            BaseInput::Image { digest, .. } => self.store.resolve(&digest.to_string())?.manifest.container_images,
            _ => Vec::new(),
        };
        for loaded in &stack.container_images {
            images.retain(|image| image.name != loaded.name);
            images.push(loaded.clone());
        }
        images.sort();
        Ok(images)
    }
}

/// Where the last run works: its disk, the scratch disk of the report, and the flat copy that is published.
pub(super) fn work_paths(folder: &Utf8Path) -> (Utf8PathBuf, Utf8PathBuf, Utf8PathBuf) {
    (folder.join("overlay.qcow2"), folder.join("report.raw"), folder.join("flat.qcow2"))
}

/// A copy without a backing file.
pub(super) fn flat_copy<'a>(source: &'a Utf8Path, source_format: Format, target: &'a Utf8Path) -> Conversion<'a> {
    Conversion { source, source_format, target, target_format: Format::Qcow2, compressed: false, options: &[] }
}

fn manifest_base(inputs: &Inputs, key: &Digest) -> manifest::Base {
    match &inputs.base {
        BaseInput::Debootstrap(what) => {
            manifest::Base { what: format!("Debian {} from packages", what.suite), digest: *key }
        }
        BaseInput::Disk { what, digest, .. } => manifest::Base { what: what.clone(), digest: *digest },
        BaseInput::Image { digest, .. } => {
            manifest::Base { what: format!("golden image {}", digest.short()), digest: *digest }
        }
    }
}

fn manifest_layers(plan: &Plan, seconds: &[u64]) -> Vec<manifest::Layer> {
    let named = plan.all().zip(seconds.iter().copied()).filter_map(|(layer, seconds)| {
        let name = layer.name.parse().ok()?;
        let steps = u32::try_from(layer.steps.len()).unwrap_or(u32::MAX);
        Some(manifest::Layer { name, key: layer.key.to_string(), steps, seconds })
    });
    named.collect()
}
