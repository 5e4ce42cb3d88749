//! Why a layer has to be made: what differs from the layer of the same name in the image that has the recipe's name now.

use kiln_images::home::Home;
use kiln_images::manifest::Manifest;

use super::ingredients::{self, Ingredients};
use super::inputs::Inputs;
use super::layers::{Layers, Why};
use super::plan::Plan;
use crate::artifacts::{Artifact, Artifacts};

/// What happens to one layer or artifact, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explanation {
    /// The layer; an artifact's name comes after the word `artifact`.
    pub layer: String,
    /// Its key, shortened.
    pub key: String,
    /// Whether it is in the cache.
    pub cached: bool,
    /// The reasons for making it; none when it is cached.
    pub reasons: Vec<String>,
}

/// Explains each layer of a plan, the lowest first, and before a layer that is made the artifacts that it reads. `before`
/// is the image that has the name now; `finished` says whether the image that the plan leads to is in the store already.
pub fn explain(
    plan: &Plan,
    inputs: &Inputs,
    home: &Home,
    before: Option<&Manifest>,
    finished: bool,
) -> Vec<Explanation> {
    let layers = Layers::new(home);
    let mut explained: Vec<Explanation> = Vec::new();
    let mut cached = true;
    for layer in plan.all() {
        let is_last = layer.key == plan.last.key;
        let is_there = !is_last && layers.disk(&layer.key).is_some();
        // One above a layer that is made stood on another one.
        cached = finished || (cached && is_there);
        let old = before.and_then(|before| before.layers.iter().find(|old| old.name.as_str() == layer.name));
        let why = old.and_then(|old| layers.why(&old.key.parse().ok()?));
        for artifact in inputs.artifacts_of(layer).filter(|_| !cached) {
            let explanation = artifact_explained(artifact, why.as_ref(), home);
            if !explained.contains(&explanation) {
                explained.push(explanation);
            }
        }
        let reasons = || match (before, old) {
            _ if is_there => vec!["the layer below it is no longer in the cache".to_owned()],
            (None, _) => vec!["it was never made here".to_owned()],
            (_, None) => vec!["it is new in the recipe".to_owned()],
            (_, Some(_)) => changes(&layer.ingredients, why.as_ref()),
        };
        let reasons = if cached { Vec::new() } else { reasons() };
        explained.push(Explanation { layer: layer.name.clone(), key: layer.key.short(), cached, reasons });
    }
    explained
}

/// Explains an artifact by what it was made of when the layer that reads it was made last.
fn artifact_explained(artifact: &Artifact, layer: Option<&Why>, home: &Home) -> Explanation {
    let cached = artifact.is_built();
    let input = ingredients::artifact(&artifact.name);
    let old = layer.and_then(|layer| layer.ingredients.inputs.get(&input));
    let why = old.and_then(|old| Artifacts::new(home).why(&old.parse().ok()?));
    let reasons = match old {
        _ if cached => Vec::new(),
        None => vec!["it was never made here".to_owned()],
        Some(_) => changes(&artifact.ingredients, why.as_ref()),
    };
    Explanation { layer: format!("artifact {}", artifact.name), key: artifact.key.short(), cached, reasons }
}

fn changes(now: &Ingredients, before: Option<&Why>) -> Vec<String> {
    let changes = before.map(|why| now.changes_since(&why.ingredients)).unwrap_or_default();
    if changes.is_empty() { vec!["it is no longer in the cache".to_owned()] } else { changes }
}
