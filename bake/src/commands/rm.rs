//! `bake rm`.

use camino::Utf8Path;
use kiln_console::{Console, Failure, human};
use serde_json::json;

use crate::context::Context;
use crate::errors::IntoFailure;

/// Remove a name, and its image if nothing else needs it
///
/// Refused while a lab's disk stands on the image. Nothing is asked: the recipe
/// bakes it again.
///
/// Example:
///   bake rm debian-12
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Images, by name or by the first digits of a digest
    #[arg(required = true)]
    images: Vec<String>,
}

/// Runs the command.
pub async fn run(args: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let store = Context::open(home)?.store;
    for reference in &args.images {
        let removed = store.remove(reference).await.map_err(IntoFailure::into_failure)?;
        let result = json!({"digest": removed.digest.to_string(), "freed-bytes": removed.freed_bytes});
        console.value(&result, |_| match removed.freed_bytes {
            0 => format!("removed the name {reference}; another name keeps the image"),
            bytes => format!("removed {reference} ({}), {} freed", removed.digest.short(), human::bytes(bytes)),
        })?;
    }
    Ok(())
}
