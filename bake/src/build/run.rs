//! Making what is missing, and publishing the result.

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use kiln_console::Reporter;
use kiln_images::digest::Digest;
use kiln_images::durable::Lock;
use kiln_images::home::Home;
use kiln_images::manifest::{self, Manifest};
use kiln_images::qemu_img::{Conversion, Format, QemuImg};
use kiln_images::scratch::Scratch;
use kiln_images::store::{Image, Store};

use super::BuildError;
use super::inputs::{BaseInput, Inputs};
use super::layers::{Layers, Why};
use super::plan::{Plan, PlannedLayer};
use super::report;
use crate::actions::Action;
use crate::base::{self, debootstrap::Site};
use crate::recipe::{Loaded, Recipe};
use crate::virt_customize::{Run, VirtCustomize};

/// The programs and places of a build.
#[derive(Debug)]
pub struct Baker<'a> {
    /// Where everything is kept.
    pub home: &'a Home,
    /// The golden images in it.
    pub store: &'a Store,
    /// The disks' tool.
    pub qemu_img: &'a QemuImg,
    /// The appliance.
    pub customize: &'a VirtCustomize,
    /// Who hears of the progress.
    pub reporter: &'a Reporter,
    /// Where everything that is run says what it says.
    pub log: &'a Utf8Path,
}

/// What a build came to.
#[derive(Debug)]
pub struct Built {
    /// The golden image.
    pub image: Image,
    /// Whether anything had to be made.
    pub changed: bool,
}

impl Baker<'_> {
    /// The image that a plan leads to, if it is in the store already.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn finished(&self, plan: &Plan, recipe: &Recipe) -> Result<Option<Image>, BuildError> {
        let key = plan.last.key.to_string();
        let fits = |image: &Image| {
            image.manifest.recipe == recipe.name && image.manifest.layers.last().is_some_and(|last| last.key == key)
        };
        Ok(self.store.list()?.into_iter().find(fits))
    }

    /// Builds what the plan says, from the lowest layer that is missing.
    ///
    /// # Errors
    /// When a program fails; everything that was finished before is kept for the next time.
    pub async fn build(&self, loaded: &Loaded, inputs: &Inputs, plan: &Plan) -> Result<Built, BuildError> {
        let recipe = &loaded.recipe;
        let _one_at_a_time = Lock::exclusive(&self.home.bake_lock(&recipe.name))?;
        if let Some(image) = self.finished(plan, recipe)? {
            let changed = !image.names.contains(&recipe.name);
            let image = if changed { self.store.tag(&image.digest, &recipe.name).await? } else { image };
            return Ok(Built { image, changed });
        }
        let _kept = self.store.share().await?;
        base::remove_leftovers(self.home, self.log).await?;
        let mut seconds = Vec::new();
        let mut disk = self.base(loaded, inputs, &plan.base, &mut seconds).await?;
        for layer in &plan.layers {
            disk = self.layer(layer, &disk, &mut seconds).await?;
        }
        let image = self.finish(loaded, inputs, plan, &disk, seconds).await?;
        Ok(Built { image, changed: true })
    }

    async fn base(
        &self,
        loaded: &Loaded,
        inputs: &Inputs,
        layer: &PlannedLayer,
        seconds: &mut Vec<u64>,
    ) -> Result<Utf8PathBuf, BuildError> {
        if let Some(disk) = self.cached(layer, seconds) {
            return Ok(disk);
        }
        let started = Instant::now();
        let scratch = Scratch::new(self.home)?;
        let task = self.reporter.start("base", "make");
        let disk = scratch.path().join("disk.qcow2");
        let made = match &inputs.base {
            BaseInput::Debootstrap(what) => self.debootstrap(what, loaded, layer, scratch.path(), &disk, &task).await,
            BaseInput::Disk { path, info, .. } => self.copy(path, info.format, loaded, &disk).await,
            BaseInput::Image { disk: image, .. } => self.overlay(image, Some(loaded), &disk).await,
        };
        task.finish(made)?;
        self.keep(layer, &disk, started.elapsed(), seconds)
    }

    async fn debootstrap(
        &self,
        what: &crate::recipe::Debootstrap,
        loaded: &Loaded,
        layer: &PlannedLayer,
        folder: &Utf8Path,
        disk: &Utf8Path,
        task: &kiln_console::Task,
    ) -> Result<(), BuildError> {
        let raw = folder.join("disk.raw");
        let site = self.site(loaded, layer, folder, &raw);
        base::debootstrap::build(what, site, |line| task.note(line)).await?;
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

    async fn overlay(&self, on: &Utf8Path, sized: Option<&Loaded>, overlay: &Utf8Path) -> Result<(), BuildError> {
        let size = sized.map(|loaded| loaded.recipe.disk);
        Ok(self.qemu_img.create_overlay(overlay, on, Format::Qcow2, size).await?)
    }

    async fn layer(
        &self,
        layer: &PlannedLayer,
        below: &Utf8Path,
        seconds: &mut Vec<u64>,
    ) -> Result<Utf8PathBuf, BuildError> {
        if let Some(disk) = self.cached(layer, seconds) {
            return Ok(disk);
        }
        let started = Instant::now();
        let scratch = Scratch::new(self.home)?;
        let disk = scratch.path().join("disk.qcow2");
        self.overlay(below, None, &disk).await?;
        self.customize(layer, &disk, None).await?;
        self.keep(layer, &disk, started.elapsed(), seconds)
    }

    fn cached(&self, layer: &PlannedLayer, seconds: &mut Vec<u64>) -> Option<Utf8PathBuf> {
        let layers = Layers::new(self.home);
        let disk = layers.disk(&layer.key)?;
        seconds.push(layers.why(&layer.key).map(|why| why.seconds).unwrap_or_default());
        self.reporter.skip(&layer.name, "make", "cached");
        Some(disk)
    }

    fn keep(
        &self,
        layer: &PlannedLayer,
        disk: &Utf8Path,
        took: Duration,
        seconds: &mut Vec<u64>,
    ) -> Result<Utf8PathBuf, BuildError> {
        seconds.push(took.as_secs());
        let why = Why { ingredients: layer.ingredients.clone(), seconds: took.as_secs() };
        Layers::new(self.home).keep(&layer.key, disk, &why)
    }

    /// Runs the steps of a layer on a disk: one start of the appliance.
    async fn customize(
        &self,
        layer: &PlannedLayer,
        disk: &Utf8Path,
        report: Option<&Utf8Path>,
    ) -> Result<(), BuildError> {
        let actions: Vec<Action> = layer.steps.iter().flat_map(|step| step.actions.clone()).collect();
        let step_of: Vec<usize> =
            layer.steps.iter().enumerate().flat_map(|(number, step)| step.actions.iter().map(move |_| number)).collect();
        let title = format!("running the steps of the layer {}", layer.name);
        let run = Run { step: &title, disk, report, actions: &actions, log: self.log };
        let task = self.reporter.start(&layer.name, "make");
        task.note("starting the appliance");
        let mut current = None;
        let ran = self.customize.run(run, |action| {
            let step = step_of.get(action).copied();
            if step != current
                && let Some(number) = step
            {
                task.note(format!("{}/{} {}", number + 1, layer.steps.len(), layer.steps[number].summary));
                current = step;
            }
        });
        let ran = ran.await.map_err(|source| BuildError::Step {
            layer: layer.name.clone(),
            step: match current {
                Some(number) => format!("step {} of {} ({})", number + 1, layer.steps.len(), layer.steps[number].summary),
                None => "before its first step".to_owned(),
            },
            source,
        });
        task.finish(ran)
    }

    /// The last run, and what makes an image of its result.
    async fn finish(
        &self,
        loaded: &Loaded,
        inputs: &Inputs,
        plan: &Plan,
        below: &Utf8Path,
        mut seconds: Vec<u64>,
    ) -> Result<Image, BuildError> {
        let started = Instant::now();
        let scratch = Scratch::new(self.home)?;
        let (overlay, report_disk, _) = work_paths(scratch.path());
        self.overlay(below, None, &overlay).await?;
        report::make_disk(&report_disk).map_err(|source| BuildError::File { path: report_disk.clone(), source })?;
        self.customize(&plan.last, &overlay, Some(&report_disk)).await?;
        seconds.push(started.elapsed().as_secs());
        let said = std::fs::read(&report_disk).map_err(|source| BuildError::File { path: report_disk, source })?;
        let said = report::parse(&said)?;

        let task = self.reporter.start(loaded.recipe.name.as_str(), "publish");
        let published = self.publish(loaded, inputs, plan, scratch.path(), said, &seconds).await;
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
        seconds: &[u64],
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
            kubernetes: None,
            container_runtime: None,
            base: manifest_base(inputs, &plan.base.key),
            layers: manifest_layers(plan, seconds),
            checks: recipe.checks.iter().map(|check| manifest::PassedCheck { command: check.clone() }).collect(),
            packages: said.packages,
        };
        Ok(self.store.publish(disk, &manifest, &recipe.name).await?)
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
    let all = std::iter::once(&plan.base).chain(&plan.layers).chain([&plan.last]);
    let named = all.zip(seconds.iter().copied()).filter_map(|(layer, seconds)| {
        let name = layer.name.parse().ok()?;
        let steps = u32::try_from(layer.steps.len()).unwrap_or(u32::MAX);
        Some(manifest::Layer { name, key: layer.key.to_string(), steps, seconds })
    });
    named.collect()
}
