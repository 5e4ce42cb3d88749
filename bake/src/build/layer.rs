//! One layer: an overlay of the layer below, and one start of the appliance, or one boot, on it.

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::manifest::ContainerImage;
use kiln_images::scratch::Scratch;

use super::inputs::Inputs;
use super::layers::{Layers, Why};
use super::plan::PlannedLayer;
use super::{Baker, BuildError, space};
use crate::actions::Action;
use crate::recipe::Loaded;
use crate::supply::Relay;
use crate::virt_customize::Run;

impl Baker<'_> {
    /// The disk of a layer: from the cache, or made on top of the disk `below`.
    pub(super) async fn layer(
        &self,
        loaded: &Loaded,
        layer: &PlannedLayer,
        below: &Utf8Path,
        inputs: &Inputs,
        seconds: &mut Vec<u64>,
    ) -> Result<Utf8PathBuf, BuildError> {
        // What is not fetched again is not recorded.
        if !(self.record && layer.fetches())
            && let Some(disk) = self.cached(layer, seconds)
        {
            return Ok(disk);
        }
        self.artifacts(layer, inputs).await?;
        let started = Instant::now();
        let scratch = Scratch::new(self.home)?;
        let disk = scratch.path().join("disk.qcow2");
        self.overlay(below, None, &disk).await?;
        let images = if layer.boot {
            self.boot(&loaded.recipe, layer, &disk).await?
        } else {
            self.customize(layer, &disk, None).await?;
            Vec::new()
        };
        layer.check_inputs(loaded, inputs)?;
        self.keep(layer, &disk, images, started.elapsed(), seconds)
    }

    pub(super) fn cached(&self, layer: &PlannedLayer, seconds: &mut Vec<u64>) -> Option<Utf8PathBuf> {
        let layers = Layers::new(self.home);
        let disk = layers.disk(&layer.key)?;
        seconds.push(layers.why(&layer.key).map(|why| why.seconds).unwrap_or_default());
        self.reporter.skip(&layer.name, "make", "cached");
        Some(disk)
    }

    pub(super) fn keep(
        &self,
        layer: &PlannedLayer,
        disk: &Utf8Path,
        container_images: Vec<ContainerImage>,
        took: Duration,
        seconds: &mut Vec<u64>,
    ) -> Result<Utf8PathBuf, BuildError> {
        seconds.push(took.as_secs());
        let why = Why { ingredients: layer.ingredients.clone(), seconds: took.as_secs(), container_images };
        Layers::new(self.home).keep(&layer.key, disk, &why)
    }

    /// Runs the steps of a layer on a disk: one start of the appliance.
    pub(super) async fn customize(
        &self,
        layer: &PlannedLayer,
        disk: &Utf8Path,
        report: Option<&Utf8Path>,
    ) -> Result<(), BuildError> {
        let detour = self.relay.map(Relay::for_appliance);
        let numbered = layer.steps.iter().enumerate();
        let (step_of, actions): (Vec<usize>, Vec<Action>) = numbered
            .flat_map(|(number, step)| step.actions_by(detour.as_ref()).into_iter().map(move |action| (number, action)))
            .unzip();
        let title = format!("running the steps of the layer {}", layer.name);
        let run =
            Run { step: &title, disk, report, actions: &actions, relabel: layer.ingredients.labels, log: self.log };
        let task = self.reporter.start(&layer.name, "make");
        task.note("starting the appliance");
        let mut current = None;
        let running = self.customize.run(run, |action| {
            let step = step_of.get(action).copied();
            if step != current
                && let Some(number) = step
            {
                task.note(format!("{}/{} {}", number + 1, layer.steps.len(), layer.steps[number].summary));
                current = step;
            }
        });
        // What is not waited for any more is killed, with all its children.
        let ran = tokio::select! {
            ran = running => Ok(ran),
            full = space::full(disk.parent().unwrap_or(disk)) => Err(full),
        };
        let ran = ran.and_then(|ran| {
            ran.map_err(|source| BuildError::Step {
                layer: layer.name.clone(),
                unmet: self.relay.map(Relay::unmet).unwrap_or_default(),
                step: match current.and_then(|number| Some((number, layer.steps.get(number)?))) {
                    Some((number, step)) => format!("step {} of {} ({})", number + 1, layer.steps.len(), step.summary),
                    None => "before its first step".to_owned(),
                },
                source: Box::new(source),
            })
        });
        task.finish(ran)
    }
}
