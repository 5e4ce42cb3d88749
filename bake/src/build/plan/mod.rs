//! What a build consists of: the layers with their keys, and the key of the finished image.

mod reads;
#[cfg(test)]
mod tests;

use camino::Utf8PathBuf;
use kiln_images::blocking;
use kiln_images::digest::Digest;
use serde_json::json;

use super::BuildError;
use super::ingredients::Ingredients;
use super::inputs::{BaseInput, Inputs};
use super::registry::FetchedImage;
use super::{report, seal};
use crate::actions::Action;
use crate::base::debootstrap;
use crate::recipe::{Base, Layer, Loaded};
use crate::steps::{Asset, RegistryImage, Selinux, Sources, Step};
use crate::supply::Detour;

use reads::add_inputs;
pub(super) use reads::links_at;

/// One layer to be had: from the cache, or by making it.
#[derive(Debug, Clone)]
pub struct PlannedLayer {
    /// Its name in the recipe; `base` for the lowest.
    pub name: String,
    /// What it is made of.
    pub ingredients: Ingredients,
    /// The key that follows.
    pub key: Digest,
    /// Whether it is made in the booted image.
    pub boot: bool,
    /// Its steps in words, with the actions of each. A base has none.
    pub steps: Vec<PlannedStep>,
    /// What its steps read.
    pub assets: Vec<Asset>,
}

/// One step of a layer.
#[derive(Debug, Clone)]
pub struct PlannedStep {
    /// The step in a line.
    pub summary: String,
    /// What virt-customize, or the booted image, is told.
    pub actions: Vec<Action>,
    /// Whether it is one of the recipe's, and may fetch something: not the checks and what comes after them.
    pub fetches: bool,
    /// The archives of container images that are loaded, and folders of them. Only a booted image can.
    pub archives: Vec<Utf8PathBuf>,
    /// What images in some of those must be called, whatever they are called there.
    pub images: Vec<(RegistryImage, Utf8PathBuf)>,
}

impl PlannedStep {
    /// Its actions, by the detour if there is one.
    pub fn actions_by(&self, detour: Option<&Detour>) -> Vec<Action> {
        match detour.filter(|_| self.fetches) {
            Some(detour) => detour.around(&self.actions),
            None => self.actions.clone(),
        }
    }
}

impl PlannedLayer {
    /// Refuses it, now that it was made, if what its steps read is no longer what its key says: nobody knows which of both
    /// is in it.
    ///
    /// # Errors
    /// [`BuildError::Changed`], or when something cannot be read any more.
    pub async fn check_inputs(&self, loaded: &Loaded, inputs: &Inputs) -> Result<(), BuildError> {
        let (layer, loaded, inputs) = (self.clone(), loaded.clone(), inputs.clone());
        blocking(move || layer.check_inputs_now(&loaded, &inputs)).await
    }

    fn check_inputs_now(&self, loaded: &Loaded, inputs: &Inputs) -> Result<(), BuildError> {
        let mut now = self.ingredients.clone();
        add_inputs(&mut now, loaded, inputs, (&self.assets, &self.steps))?;
        for (name, archive) in self.steps.iter().flat_map(|step| &step.images) {
            if let Some(before) = inputs.image(name).and_then(|image| image.archive_digest)
                && let found = Digest::of_file(archive)?
                && found != before
            {
                now.add_image(name, &found);
            }
        }
        self.ingredients.check_same(&now, || format!("the layer `{}`", self.name))
    }

    /// What virt-customize is told, by the detour if there is one: each action with the number of its step.
    pub fn actions_by(&self, detour: Option<&Detour>) -> (Vec<usize>, Vec<Action>) {
        let numbered = self.steps.iter().enumerate();
        numbered.flat_map(|(number, step)| step.actions_by(detour).into_iter().map(move |it| (number, it))).unzip()
    }

    /// Whether making it may fetch something.
    pub fn fetches(&self) -> bool {
        self.has_network(true)
    }

    /// Whether making it has a network. Offline it has none for what takes no detour: the checks, and what comes after them.
    pub fn has_network(&self, offline: bool) -> bool {
        let steps = self.steps.iter().filter(|step| step.fetches || !offline);
        steps.flat_map(|step| &step.actions).any(Action::needs_network)
    }
}

/// All of a build.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The lowest layer.
    pub base: PlannedLayer,
    /// The layers that are cached by themselves.
    pub layers: Vec<PlannedLayer>,
    /// The last layer with the checks, the report and the sealing after it: one run, whose result is the golden image.
    /// A layer that was sealed cannot be built upon, so this one is kept as the image only. A last layer that is made in
    /// the booted image is one of `layers`, and this one has the end only.
    pub last: PlannedLayer,
}

impl Plan {
    /// Works out the keys of a recipe. Reads every file that its steps name: blocks.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn new(loaded: &Loaded, inputs: &Inputs) -> Result<Self, BuildError> {
        let base = base(loaded, inputs);
        let mut layers = Vec::new();
        let mut parent = base.key;
        for number in 0..loaded.recipe.layers.len() {
            let planned = planned_layer(loaded, inputs, number, parent)?;
            parent = planned.key;
            layers.push(planned);
        }
        // What comes at the end cannot be done while the image runs.
        let top = layers.pop_if(|top| !top.boot);
        let last = finished(loaded, top, parent);
        Ok(Self { base, layers, last })
    }

    /// Every layer, the lowest first.
    pub fn all(&self) -> impl Iterator<Item = &PlannedLayer> {
        std::iter::once(&self.base).chain(&self.layers).chain([&self.last])
    }
}

/// Whether files have SELinux labels in an image with these layers. Each layer follows what was said up to it, so that its
/// key needs nothing of what is above it; a layer that has SELinux on again labels the whole disk. Where nothing was said,
/// the base decides: a Debian from packages has none, and nothing is done to any other that has no policy.
fn has_labels(base: &Base, layers: &[Layer]) -> bool {
    let mut modes = layers.iter().flat_map(|layer| &layer.steps).rev().filter_map(|step| match step {
        Step::Selinux(mode) => Some(*mode),
        _ => None,
    });
    modes.next().map_or(!matches!(base, Base::Debootstrap(_)), |mode| mode != Selinux::Disabled)
}

fn base(loaded: &Loaded, inputs: &Inputs) -> PlannedLayer {
    let recipe = &loaded.recipe;
    let mut steps = vec![json!({"disk": recipe.disk})];
    let mut ingredients = match &inputs.base {
        BaseInput::Debootstrap(what) => {
            steps.push(json!({"debootstrap": what, "with": debootstrap::version().short()}));
            Ingredients::new(None, steps)
        }
        BaseInput::Disk { .. } | BaseInput::Image { .. } => Ingredients::new(None, steps),
    };
    if let BaseInput::Disk { digest, .. } | BaseInput::Image { digest, .. } = &inputs.base {
        ingredients.add_digest("base", digest);
    }
    PlannedLayer {
        name: "base".to_owned(),
        key: ingredients.key(),
        ingredients,
        boot: false,
        steps: Vec::new(),
        assets: Vec::new(),
    }
}

/// The layer of that number.
fn planned_layer(loaded: &Loaded, inputs: &Inputs, number: usize, parent: Digest) -> Result<PlannedLayer, BuildError> {
    let layer = &loaded.recipe.layers[number];
    let artifacts = inputs.artifacts.iter().map(|artifact| (artifact.name.clone(), artifact.content.clone())).collect();
    let sources = Sources { folder: &loaded.folder, downloads: &inputs.downloads, artifacts: &artifacts };
    // cloud-init makes this user in the image that is booted, and names its NIC.
    let boot = layer.boot.then(|| json!({"user": loaded.recipe.user, "nic": loaded.recipe.nics.nat}));
    let said = layer.steps.iter().map(|step| json!(step)).chain(boot).collect();
    let mut ingredients = Ingredients::new(Some(parent), said);
    ingredients.boot = layer.boot;
    // A booted image gives them by itself.
    ingredients.labels = !layer.boot && has_labels(&loaded.recipe.base, &loaded.recipe.layers[..=number]);
    for image in layer.steps.iter().flat_map(|step| fetched(step, inputs)) {
        ingredients.add_image(&image.name, &image.digest);
    }
    for name in layer.steps.iter().filter_map(Step::taken_whole) {
        ingredients.add_followed(name);
    }
    let steps: Vec<_> = layer
        .steps
        .iter()
        .map(|step| PlannedStep {
            summary: step.summary(),
            actions: step.actions(sources),
            fetches: true,
            archives: archives(step, sources, inputs),
            images: fetched(step, inputs).map(|image| (image.name.clone(), image.archive.clone())).collect(),
        })
        .collect();
    let assets: Vec<_> = layer.steps.iter().flat_map(Step::inputs).collect();
    add_inputs(&mut ingredients, loaded, inputs, (&assets, &steps))?;
    let (name, key) = (layer.name.to_string(), ingredients.key());
    Ok(PlannedLayer { name, key, ingredients, boot: layer.boot, steps, assets })
}

fn fetched<'a>(step: &'a Step, inputs: &'a Inputs) -> impl Iterator<Item = &'a FetchedImage> {
    step.registry_images().iter().filter_map(|name| inputs.image(name))
}

/// Each once: two names may lead to one archive.
fn archives(step: &Step, sources: Sources<'_>, inputs: &Inputs) -> Vec<Utf8PathBuf> {
    let mut archives = step.archives(sources);
    for image in fetched(step, inputs) {
        if !archives.contains(&image.archive) {
            archives.push(image.archive.clone());
        }
    }
    archives
}

/// The topmost layer (or none, where the recipe has no layers) with everything that comes at the very end.
fn finished(loaded: &Loaded, top: Option<PlannedLayer>, parent: Digest) -> PlannedLayer {
    let recipe = &loaded.recipe;
    let mut layer = top.unwrap_or_else(|| {
        let mut ingredients = Ingredients::new(Some(parent), Vec::new());
        ingredients.labels = has_labels(&recipe.base, &recipe.layers);
        PlannedLayer {
            name: "finish".to_owned(),
            key: ingredients.key(),
            ingredients,
            boot: false,
            steps: Vec::new(),
            assets: Vec::new(),
        }
    });
    let mut end = |said: serde_json::Value, summary: String, command: &str| {
        layer.ingredients.steps.push(said);
        layer.steps.push(PlannedStep {
            summary,
            actions: vec![Action::RunCommand(command.to_owned())],
            fetches: false,
            archives: Vec::new(),
            images: Vec::new(),
        });
    };
    for check in &recipe.checks {
        end(json!({"check": check}), format!("check: {check}"), check);
    }
    let version = |script: &str| Digest::of_bytes(script.as_bytes()).short();
    end(json!({"report": version(report::SCRIPT)}), "report: release and packages".to_owned(), report::SCRIPT);
    let seal = format!("{}{}", seal::SCRIPT, seal::TRIM);
    end(json!({"seal": version(&seal)}), "seal: what must differ between clones".to_owned(), &seal);
    layer.ingredients.steps.push(json!({"user": recipe.user, "nics": recipe.nics}));
    layer.key = layer.ingredients.key();
    layer
}
