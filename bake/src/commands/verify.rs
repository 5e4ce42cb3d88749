//! `bake verify`.

use camino::Utf8Path;
use kiln_console::{Class, Console, Failure};
use serde::Serialize;

use crate::context::Context;
use crate::errors::IntoFailure;

/// Check that images are, byte for byte, what they were when they were baked
///
/// Examples:
///   bake verify              all of them
///   bake verify debian-12
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Images, by name or by the first digits of a digest; all of them if none is named
    images: Vec<String>,
}

/// An image that was verified.
#[derive(Debug, Serialize)]
struct Verified {
    digest: String,
    verified: bool,
}

/// Runs the command.
pub async fn run(args: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let store = Context::open(home)?.store;
    let images = if args.images.is_empty() {
        store.list().map_err(IntoFailure::into_failure)?
    } else {
        let found = args.images.iter().map(|reference| store.resolve(reference));
        found.collect::<Result<_, _>>().map_err(IntoFailure::into_failure)?
    };
    let (mut verified, mut failures) = (Vec::new(), Vec::new());
    for image in &images {
        let task = console.reporter().start(image.digest.short(), "verify");
        let result = store.verify(image).await;
        match task.finish(result) {
            Ok(()) => verified.push(Verified { digest: image.digest.to_string(), verified: true }),
            Err(error) => failures.push(error.into_failure()),
        }
    }
    if failures.len() > 1 {
        let all: String = failures.iter().map(|failure| format!("\n{}", failure.message())).collect();
        return Err(Failure::new(Class::Image, format!("{} of {} images:{all}", failures.len(), images.len())));
    }
    if let Some(failure) = failures.pop() {
        return Err(failure);
    }
    console.value(&verified, |verified| match verified.as_slice() {
        [_] => "1 image is what it was".to_owned(),
        all => format!("{} images are what they were", all.len()),
    })
}
