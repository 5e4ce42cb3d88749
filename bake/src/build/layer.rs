//! One layer: an overlay of the layer below, and one start of the appliance, or one boot, on it.

use std::time::Instant;

use camino::Utf8Path;
use kiln_images::scratch::Scratch;

use super::inputs::Inputs;
use super::layers::Layers;
use super::plan::PlannedLayer;
use super::stack::{Made, Stack};
use super::{Baker, BuildError, space};
use crate::actions::Action;
use crate::recipe::Loaded;
use crate::supply::Relay;
use crate::virt_customize::Run;

impl Baker<'_> {
    /// Puts a layer on top: from the cache, or made.
    pub(super) async fn layer(
        &self,
        loaded: &Loaded,
        layer: &PlannedLayer,
        inputs: &Inputs,
        stack: &mut Stack,
    ) -> Result<(), BuildError> {
        if self.cached(layer, stack) {
            return Ok(());
        }
        self.artifacts(layer, inputs).await?;
        let started = Instant::now();
        let folder = Scratch::new(self.home)?;
        let disk = folder.path().join("disk.qcow2");
        self.overlay(&stack.disk, None, &disk).await?;
        let container_images = if layer.boot {
            self.boot(&loaded.recipe, layer, &disk).await?
        } else {
            self.customize(layer, &disk, None).await?;
            Vec::new()
        };
        layer.check_inputs(loaded, inputs)?;
        stack.keep(layer, Made { folder, disk, container_images, took: started.elapsed() }, &Layers::new(self.home))
    }

    /// Puts a layer on top if the cache has it.
    pub(super) fn cached(&self, layer: &PlannedLayer, stack: &mut Stack) -> bool {
        let taken = stack.take(layer, &Layers::new(self.home));
        if taken {
            self.reporter.skip(&layer.name, "make", "cached");
        }
        taken
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
