//! The artifacts that a layer reads: from the cache, or built.

use std::collections::BTreeSet;
use std::time::Instant;

use camino::Utf8Path;
use kiln_images::durable;
use kiln_images::scratch::Scratch;

use super::inputs::Inputs;
use super::plan::PlannedLayer;
use super::{Baker, BuildError};
use crate::artifacts::{Artifact, Artifacts, Workshop};
use crate::steps::Asset;

impl Baker<'_> {
    /// Builds the artifacts that the steps of a layer read, unless they were built before, and looks whether there is in
    /// them what the steps name.
    pub(super) async fn artifacts(&self, layer: &PlannedLayer, inputs: &Inputs) -> Result<(), BuildError> {
        for artifact in inputs.artifacts_of(layer) {
            if !artifact.is_built() {
                self.build_artifact(artifact).await?;
            }
        }
        for asset in &layer.assets {
            if let Asset::Artifact { name, path } = asset
                && let Some(artifact) = inputs.artifact(name)
            {
                look_into(artifact, path)?;
            }
        }
        Ok(())
    }

    async fn build_artifact(&self, artifact: &Artifact) -> Result<(), BuildError> {
        let started = Instant::now();
        let scratch = Scratch::new(self.home)?;
        let task = self.reporter.start(format!("artifact {}", artifact.name), "make");
        let workshop = Workshop::new(artifact, scratch.path(), self.log);
        let ran = workshop.run(|line| task.note(line)).await;
        let kept = match ran {
            Ok(()) => {
                let folder = scratch.path().join("artifact");
                durable::create_folder(&folder)?;
                Artifacts::new(self.home).keep(artifact, &workshop.out(), &folder, started.elapsed())
            }
            Err(source) => Err(BuildError::Artifact { name: artifact.name.clone(), source: Box::new(source) }),
        };
        let removed = workshop.remove().await.map_err(BuildError::Tool);
        task.finish(kept.and(removed))
    }
}

impl Inputs {
    /// The artifacts that the steps of a layer read, each once.
    pub(super) fn artifacts_of(&self, layer: &PlannedLayer) -> impl Iterator<Item = &Artifact> {
        let names: BTreeSet<_> = layer.assets.iter().filter_map(Asset::artifact).collect();
        self.artifacts.iter().filter(move |artifact| names.contains(&artifact.name))
    }
}

fn look_into(artifact: &Artifact, path: &Utf8Path) -> Result<(), BuildError> {
    let whole = artifact.content.join(path);
    if whole.exists() {
        return Ok(());
    }
    let fail = |source| BuildError::File { path: artifact.content.clone(), source };
    let entries = artifact.content.read_dir_utf8().map_err(fail)?;
    let mut found =
        entries.map(|entry| Ok(entry?.file_name().to_owned())).collect::<Result<Vec<_>, _>>().map_err(fail)?;
    found.sort();
    Err(BuildError::NotInArtifact {
        name: artifact.name.clone(),
        path: path.to_owned(),
        found: found.join(", "),
        folder: artifact.content.clone(),
    })
}
