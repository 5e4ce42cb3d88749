//! What the steps of a layer read, which is part of its key.

use camino::Utf8Path;

use super::PlannedStep;
use crate::actions::Action;
use crate::build::BuildError;
use crate::build::ingredients::{self, Ingredients};
use crate::build::inputs::Inputs;
use crate::links::Links;
use crate::recipe::Loaded;
use crate::steps::Asset;

/// What becomes of the links at this path of the host's: they stay links where it is only copied as it is.
pub(in crate::build) fn links_at(steps: &[PlannedStep], path: &Utf8Path) -> Links {
    let copied = |wanted| {
        let is =
            |action: &Action| matches!(action, Action::CopyIn { from, links, .. } if from == path && *links == wanted);
        steps.iter().flat_map(|step| &step.actions).any(is)
    };
    // An archive of container images is read by its name.
    let is_archive = steps.iter().flat_map(|step| &step.archives).any(|archive| archive == path);
    if copied(Links::Kept) && !copied(Links::Followed) && !is_archive { Links::Kept } else { Links::Followed }
}

/// Adds what these assets hold, which these steps read.
pub(super) fn add_inputs(
    ingredients: &mut Ingredients,
    loaded: &Loaded,
    inputs: &Inputs,
    (assets, steps): (&[Asset], &[PlannedStep]),
) -> Result<(), BuildError> {
    // What is read through links is added last: of a path that is read both ways, by itself and in a folder, those are the
    // bytes that count.
    for wanted in [Links::Kept, Links::Followed] {
        for path in assets.iter().filter_map(Asset::file) {
            let whole = loaded.folder.join(path);
            if links_at(steps, &whole) == wanted {
                let added = ingredients.add_path(path.as_str(), &whole, wanted);
                added.map_err(|source| BuildError::Input { path: whole, source })?;
            }
        }
    }
    for asset in assets {
        match asset {
            Asset::Artifact { name, .. } => {
                if let Some(artifact) = inputs.artifact(name) {
                    ingredients.add_digest(&ingredients::artifact(name), &artifact.key);
                }
            }
            // A file was added above; the digest of a download is in the step, which is an ingredient already.
            Asset::File(_) | Asset::Url { .. } => {}
        }
    }
    Ok(())
}
