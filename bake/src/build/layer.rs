//! One layer: an overlay of the layer below, and one start of the appliance, or one boot, on it.

use std::time::Instant;

use camino::Utf8Path;
use kiln_images::scratch::Scratch;

use super::inputs::Inputs;
use super::layers::Layers;
use super::plan::PlannedLayer;
use super::stack::{Made, Stack};
use super::{Baker, BuildError, space, staged};
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
        if self.cached(layer, stack)? {
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
        layer.check_inputs(loaded, inputs).await?;
        stack.keep(layer, Made { folder, disk, container_images, took: started.elapsed() }, &Layers::new(self.home))
    }

    /// Puts a layer on top if the cache has it.
    pub(super) fn cached(&self, layer: &PlannedLayer, stack: &mut Stack) -> Result<bool, BuildError> {
        let taken = stack.take(layer, &Layers::new(self.home))?;
        if taken {
            self.reporter.skip(&layer.name, "make", "cached");
        }
        Ok(taken)
    }

    /// Runs the steps of a layer on a disk: one start of the appliance.
    pub(super) async fn customize(
        &self,
        layer: &PlannedLayer,
        disk: &Utf8Path,
        report: Option<&Utf8Path>,
    ) -> Result<(), BuildError> {
        let detour = self.relay.map(Relay::for_appliance);
        let (step_of, actions) = layer.actions_by(detour.as_ref());
        let actions = staged::without_links(actions, &disk.with_file_name("staged"))?;
        let title = format!("running the steps of the layer {}", layer.name);
        let (network, relabel) = (layer.has_network(self.offline), layer.ingredients.labels);
        let run = Run { step: &title, disk, report, actions: &actions, network, relabel, log: self.log };
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
        let unmet = || self.relay.map(Relay::unmet).unwrap_or_default();
        task.finish(ran.and_then(|ran| ran.map_err(|source| step_failed(layer, current, unmet(), source))))
    }
}

/// The failure of a run in which the step of that number had begun.
fn step_failed(
    layer: &PlannedLayer,
    number: Option<usize>,
    unmet: Vec<String>,
    source: kiln_tool::Error,
) -> BuildError {
    let said_full = match &source {
        kiln_tool::Error::Failed(failure) => space::is_missing_in_the_image(&failure.said),
        _ => false,
    };
    let begun = number.and_then(|number| Some((number, layer.steps.get(number)?)));
    let step = match begun {
        Some((number, step)) => format!("step {} of {} ({})", number + 1, layer.steps.len(), step.summary),
        None => "before its first step".to_owned(),
    };
    let error = BuildError::Step { layer: layer.name.clone(), step, unmet, source: Box::new(source) };
    // Before that it is this machine whose words these are, which makes the appliance.
    if said_full && begun.is_some() { BuildError::ImageFull(Box::new(error)) } else { error }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use kiln_tool::{Ending, Failure};

    use super::*;
    use crate::build::ingredients::Ingredients;
    use crate::build::plan::PlannedStep;

    #[test]
    fn no_room_is_in_the_image_once_a_step_has_begun() {
        let step = PlannedStep {
            summary: "install: nginx".to_owned(),
            actions: Vec::new(),
            fetches: true,
            archives: Vec::new(),
            images: Vec::new(),
        };
        let ingredients = Ingredients::new(None, Vec::new());
        let (name, key) = ("web".to_owned(), ingredients.key());
        let layer = PlannedLayer { name, ingredients, key, boot: false, steps: vec![step], assets: Vec::new() };
        let failed = |number, said: &str| {
            let ending = Ending::Status(Command::new("false").status().unwrap());
            let (step, command, said) = ("running the steps".to_owned(), "virt-customize".to_owned(), said.to_owned());
            let failure = Failure { step, program: "virt-customize", command, ending, said, log: None };
            step_failed(&layer, number, Vec::new(), kiln_tool::Error::Failed(Box::new(failure)))
        };
        let full = "cp: error writing '/x': No space left on device";
        let error = failed(Some(0), full);
        assert!(
            matches!(&error, BuildError::ImageFull(step) if step.to_string().contains("install: nginx")),
            "{error:?}"
        );
        let said = error.to_string();
        for words in ["`boot: true`", "larger `disk:`", "in memory"] {
            assert!(said.contains(words), "{said}");
        }
        // Nobody has looked at that.
        assert!(!said.contains("this machine"), "{said}");
        assert!(matches!(failed(None, full), BuildError::Step { step, .. } if step == "before its first step"));
        assert!(matches!(failed(Some(0), "exit status 7"), BuildError::Step { .. }));
    }
}
