//! Why a layer has to be made: what differs from the layer of the same name in the image that has the recipe's name now.

use kiln_images::manifest::Manifest;

use super::layers::Layers;
use super::plan::{Plan, PlannedLayer};

/// What happens to one layer, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explanation {
    /// The layer.
    pub layer: String,
    /// Its key, shortened.
    pub key: String,
    /// Whether it is in the cache.
    pub cached: bool,
    /// The reasons for making it; none when it is cached.
    pub reasons: Vec<String>,
}

/// Explains each layer of a plan, the lowest first. `before` is the image that has the name now; `finished` says whether
/// the image that the plan leads to is in the store already.
pub fn explain(plan: &Plan, layers: &Layers<'_>, before: Option<&Manifest>, finished: bool) -> Vec<Explanation> {
    let one = |layer: &PlannedLayer, cached: bool| Explanation {
        layer: layer.name.clone(),
        key: layer.key.short(),
        cached,
        reasons: if cached { Vec::new() } else { reasons(layer, layers, before) },
    };
    let cached = |layer: &PlannedLayer| finished || layers.disk(&layer.key).is_some();
    let lower = std::iter::once(&plan.base).chain(&plan.layers).map(|layer| one(layer, cached(layer)));
    lower.chain([one(&plan.last, finished)]).collect()
}

fn reasons(layer: &PlannedLayer, layers: &Layers<'_>, before: Option<&Manifest>) -> Vec<String> {
    let Some(before) = before else { return vec!["it was never made here".to_owned()] };
    let Some(old) = before.layers.iter().find(|old| old.name.as_str() == layer.name) else {
        return vec!["it is new in the recipe".to_owned()];
    };
    let why = old.key.parse().ok().and_then(|key| layers.why(&key));
    let changes = why.map(|why| layer.ingredients.changes_since(&why.ingredients)).unwrap_or_default();
    if changes.is_empty() { vec!["it is no longer in the cache".to_owned()] } else { changes }
}
