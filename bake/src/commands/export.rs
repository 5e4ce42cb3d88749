//! `bake export`.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_console::{Class, Console, Failure};
use kiln_images::export::{self, ExportFormat};
use serde_json::json;

use crate::context::Context;
use crate::errors::IntoFailure;

/// Write an image to a file: qcow2, compressed qcow2, raw or vmdk
///
/// Examples:
///   bake export debian-12 debian-12.qcow2
///   bake export debian-12 debian-12.vmdk
///   bake export debian-12 debian-12.vmdk --format vmdk-sparse
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// An image, by name or by the first digits of its digest
    image: String,

    /// The file to write
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: Utf8PathBuf,

    /// qcow2, qcow2-compressed, raw, vmdk (for import into vSphere) or vmdk-sparse (for Workstation and Fusion) [default: by
    /// the ending .raw, .img or .vmdk, and else qcow2-compressed]
    #[arg(long, short, env = "KILN_FORMAT")]
    format: Option<ExportFormat>,

    /// Replace the file if it is there
    #[arg(long, env = "KILN_FORCE")]
    force: bool,
}

/// Runs the command.
pub async fn run(args: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let format = ExportFormat::of_file(&args.file, args.format).map_err(|error| {
        Failure::of(Class::Usage, &error).hint("leave --format out (and KILN_FORMAT), or give the file another ending")
    })?;
    let context = Context::open(home)?;
    let image = context.store.resolve(&args.image).map_err(IntoFailure::into_failure)?;
    let task = console.reporter().start(&args.image, "export");
    let done = export::export(&context.qemu_img, &image.disk, &args.file, format, args.force).await;
    task.finish(done).map_err(IntoFailure::into_failure)?;
    let result = json!({"file": args.file, "format": format.as_str()});
    console.value(&result, |_| format!("wrote {} ({})", args.file, format.as_str()))
}
