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
///
/// Examples:
///   bake prune --dry-run   what it would remove, and how much that is
///   bake prune
///   bake prune --downloads
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Say what would be removed, and remove nothing
    #[arg(long, short = 'n', env = "KILN_DRY_RUN")]
    dry_run: bool,

    /// Remove all downloads, too: what a bake needs again is fetched again
    #[arg(long, env = "KILN_DOWNLOADS")]
    downloads: bool,
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
    let downloads = match (args.downloads, args.dry_run) {
        (true, false) => context.store.remove_downloads().await,
        (true, true) | (false, _) => context.store.downloads(),
    };
    print(&pruned, &downloads.map_err(IntoFailure::into_failure)?, &args, console)
}

/// Says what is gone, and of the downloads, where they stay, what they take.
fn print(pruned: &Pruned, downloads: &[(String, u64)], args: &Args, console: &Console) -> Result<(), Failure> {
    let images: Vec<_> = pruned.images.iter().map(|(digest, _)| digest.to_string()).collect();
    let layers: Vec<_> = pruned.layers.iter().map(|(key, _)| key.clone()).collect();
    let artifacts: Vec<_> = pruned.artifacts.iter().map(|(key, _)| key.clone()).collect();
    let download_bytes: u64 = downloads.iter().map(|(_, bytes)| bytes).sum();
    let (gone, kept) = if args.downloads { (downloads.len(), 0) } else { (0, download_bytes) };
    let bytes = pruned.bytes() + download_bytes - kept;
    let result = json!({
        "images": images, "layers": layers, "artifacts": artifacts, "leftovers": pruned.scratch.len(),
        "appliances": pruned.appliances.len(),
        "downloads": gone, "bytes": bytes, "kept-download-bytes": kept,
    });
    console.value(&result, |_| {
        let verb = if args.dry_run { "would remove" } else { "removed" };
        let mut things = vec![
            (images.len(), "image"),
            (layers.len(), "layer"),
            (artifacts.len(), "artifact"),
            (pruned.appliances.len(), "appliance"),
            (pruned.scratch.len(), "leftover"),
        ];
        things.extend(args.downloads.then_some((gone, "download")));
        let things: Vec<_> = things.into_iter().map(|(number, thing)| human::count(number, thing)).collect();
        let mut text = format!("{verb} {}: {}", things.join(", "), human::bytes(bytes));
        if kept > 0 {
            text += &format!("\ndownloads stay: {}; remove them too: bake prune --downloads", human::bytes(kept));
        }
        text
    })
}
