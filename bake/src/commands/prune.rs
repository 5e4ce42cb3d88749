//! `bake prune`.

use camino::Utf8Path;
use kiln_console::{Console, Failure, human};
use kiln_images::store::Pruned;
use serde_json::json;

use crate::artifacts::Artifacts;
use crate::base;
use crate::context::Context;
use crate::errors::IntoFailure;

/// Remove images, layers, artifacts and leftovers that nothing needs
///
/// What stays: images with a name, images that a lab stands on, the layers of
/// both, and the artifacts that those were made with.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Say what would be removed, and remove nothing
    #[arg(long, short = 'n', env = "KILN_DRY_RUN")]
    dry_run: bool,
}

/// Runs the command.
pub async fn run(args: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let context = Context::open(home)?;
    let artifacts = Artifacts::new(&context.home);
    let artifacts_of = |layer: &str| artifacts.of_layer(layer);
    let pruned = if args.dry_run {
        context.store.prunable(artifacts_of).map_err(IntoFailure::into_failure)?
    } else {
        let log = context.home.logs().join("prune.log");
        base::remove_leftovers(&context.home, &log).await.map_err(IntoFailure::into_failure)?;
        context.store.prune(artifacts_of).await.map_err(IntoFailure::into_failure)?
    };
    print(&pruned, args.dry_run, console)
}

fn print(pruned: &Pruned, dry_run: bool, console: &Console) -> Result<(), Failure> {
    let images: Vec<_> = pruned.images.iter().map(|(digest, _)| digest.to_string()).collect();
    let layers: Vec<_> = pruned.layers.iter().map(|(key, _)| key.clone()).collect();
    let artifacts: Vec<_> = pruned.artifacts.iter().map(|(key, _)| key.clone()).collect();
    let result = json!({
        "images": images, "layers": layers, "artifacts": artifacts,
        "leftovers": pruned.scratch.len(), "bytes": pruned.bytes()
    });
    console.value(&result, |_| {
        let verb = if dry_run { "would remove" } else { "removed" };
        format!(
            "{verb} {} images, {} layers, {} artifacts, {} leftovers: {}",
            images.len(),
            layers.len(),
            artifacts.len(),
            pruned.scratch.len(),
            human::bytes(pruned.bytes())
        )
    })
}
