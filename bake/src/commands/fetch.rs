//! `bake fetch`.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_console::{Console, Failure, human};
use kiln_images::config::Config;
use serde_json::json;

use super::kitchen::Kitchen;
use crate::build::inputs::{BaseInput, Finder};
use crate::context::Context;
use crate::errors::IntoFailure;
use crate::recipe::{self, Loaded};
use crate::supply::Supply;
use kiln_images::bundle::Bundle;

/// Get and verify everything that a recipe takes from elsewhere
///
/// Downloads are kept, and are resumed where they stopped. Something without a
/// digest in the recipe is pinned in `kiln.lock` beside it when it is seen first.
///
/// With --bundle it also gets what the image's own package manager installs. That
/// is known when it has done it: the recipe is baked, and all that goes through
/// is put into the folder. `bake build --offline --bundle` then needs no network.
/// Layers that were baked before are baked again for that: the image has what the
/// bundle has. Those in the cache stay as they are.
///
/// Examples:
///   bake fetch centos-7.5-k8s-1.12                     the downloads
///   bake fetch centos-7.5-k8s-1.12 --bundle ./bundle   everything, and bake it
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// A recipe file, or the name of one that is built in [default: ./recipe.yaml]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    recipe: Option<String>,

    /// The folder to put everything into
    #[arg(long, short, env = "KILN_BUNDLE", value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    bundle: Option<Utf8PathBuf>,
}

/// Runs the command.
pub async fn run(args: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let loaded = recipe::load_or_default(args.recipe.as_deref()).map_err(IntoFailure::into_failure)?;
    let config = Config::of_user().map_err(IntoFailure::into_failure)?;
    let context = Context::open(home)?;
    let loaded = loaded.unpacked(&context.home).map_err(IntoFailure::into_failure)?;
    let supply = Supply::online(&context.home, config);
    match &args.bundle {
        Some(folder) => fill(folder, supply, &loaded, &context, console).await,
        None => fetch(&supply, &loaded, &context, console).await,
    }
}

/// Gets what the host itself downloads.
async fn fetch(supply: &Supply, loaded: &Loaded, context: &Context, console: &Console) -> Result<(), Failure> {
    let (home, store, qemu_img) = (&context.home, &context.store, &context.qemu_img);
    let finder = Finder { home, store, qemu_img, console, supply };
    let inputs = finder.find(loaded).await.map_err(IntoFailure::into_failure)?;
    let (what, digest) = match &inputs.base {
        BaseInput::Debootstrap(what) => {
            (format!("Debian {} from packages, fetched while it is built", what.suite), None)
        }
        BaseInput::Disk { what, digest, .. } => (what.clone(), Some(*digest)),
        BaseInput::Image { digest, .. } => ("a golden image of the store".to_owned(), Some(*digest)),
    };
    let result = json!({"base": what, "digest": digest.map(|digest| digest.to_string())});
    console.value(&result, |_| match digest {
        Some(digest) => format!("base: {what} ({digest})"),
        None => format!("base: {what}"),
    })
}

/// Bakes, and puts everything that is taken from elsewhere into a bundle.
async fn fill(
    folder: &Utf8Path,
    supply: Supply,
    loaded: &Loaded,
    context: &Context,
    console: &Console,
) -> Result<(), Failure> {
    let bundle = Bundle::create(folder, Some(&loaded.recipe.name)).map_err(IntoFailure::into_failure)?;
    let bundle = Arc::new(bundle);
    let supply = supply.recording(Arc::clone(&bundle));
    let kitchen = Kitchen::open(context, &supply, loaded, console).await?;
    let relay = kitchen.relay(loaded).await?;
    let built = kitchen.build(&kitchen.baker(relay.as_ref()), loaded).await?;
    bundle.finish().map_err(IntoFailure::into_failure)?;
    let (files, bytes) = bundle.size();
    let result = json!({
        "bundle": bundle.folder(), "files": files, "size-bytes": bytes, "digest": built.image.digest.to_string(),
        "not-kept": built.not_kept,
    });
    console.value(&result, |_| {
        let (image, size) = (built.image.digest.short(), human::bytes(bytes));
        format!("{}: {files} files, {size}, for {} ({image})", bundle.folder(), loaded.recipe.name)
    })
}
