//! Whether the parts of a node that a recipe names fit together.

use kiln_document::{Problems, path};

use super::{Layer, Recipe};
use crate::steps::{KubernetesVersion, Step};

/// Adds a problem where the recipe's Kubernetes cannot use the recipe's runtime.
pub(super) fn check(problems: &mut Problems, recipe: &Recipe) {
    let steps = || {
        let numbered = |(number, layer): (usize, &Layer)| {
            layer.steps.iter().enumerate().map(move |(index, step)| (path!["layers", number, "steps", index], step))
        };
        recipe.layers.iter().enumerate().flat_map(numbered)
    };
    let version = steps().find_map(|(_, step)| match step {
        Step::Kubernetes(kubernetes) => Some(kubernetes.version),
        _ => None,
    });
    let Some(version) = version.filter(|version| *version >= KubernetesVersion::WITHOUT_DOCKERSHIM) else { return };
    if steps().any(|(_, step)| matches!(step, Step::Containerd(_))) {
        return;
    }
    if let Some((at, _)) = steps().find(|(_, step)| matches!(step, Step::Docker(_))) {
        let message = format!("Kubernetes {version} cannot run its containers with Docker");
        problems.add(at.at("docker"), message).hint("versions from 1.24 on have no dockershim: use `containerd`");
    }
}
