//! `bake fetch`.

use camino::Utf8Path;
use kiln_console::{Console, Failure};
use serde_json::json;

use crate::build::inputs::{BaseInput, Finder};
use crate::context::Context;
use crate::errors::IntoFailure;
use crate::recipe;

/// Get and verify everything that a recipe downloads, without baking
///
/// Downloads are kept, and are resumed where they stopped. Something without a digest in the recipe is pinned in
/// `kiln.lock` beside it when it is seen first.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A recipe file, or the name of one that is built in
    #[arg(value_hint = clap::ValueHint::FilePath)]
    recipe: String,
}

/// Runs the command.
pub async fn run(args: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let loaded = recipe::load(&args.recipe).map_err(IntoFailure::into_failure)?;
    let context = Context::open(home)?;
    let loaded = loaded.unpacked(&context.home).map_err(IntoFailure::into_failure)?;
    let finder = Finder { home: &context.home, store: &context.store, qemu_img: &context.qemu_img, console };
    let inputs = finder.find(&loaded).await.map_err(IntoFailure::into_failure)?;
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
