//! `bake import`.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_console::{Console, Failure};
use kiln_images::name::Name;
use kiln_machines::Hypervisor;
use serde_json::json;

use crate::build::{Imported, Importer};
use crate::commands::kitchen::hypervisor;
use crate::context::Context;
use crate::errors::IntoFailure;
use crate::steps::UserName;
use crate::virt_customize::VirtCustomize;

/// Put a disk image that was sealed elsewhere into the store
///
/// The image is copied, and asked for its release and its packages; it is not
/// changed. What it lacks is not added: its cloud-init must take a NoCloud seed.
///
/// Example:
///   bake import debian-12.qcow2 --name debian-12 --user debian
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The disk image: qcow2, raw or vmdk
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: Utf8PathBuf,

    /// The name it gets
    #[arg(long, env = "KILN_NAME")]
    name: Name,

    /// The login that a clone's cloud-init gives the lab's key to
    #[arg(long, env = "KILN_USER")]
    user: UserName,
}

/// Runs the command.
pub async fn run(args: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let context = Context::open(home)?;
    let accelerator = hypervisor(&context).await?.facts().accelerator;
    let customize = VirtCustomize::find(accelerator, &context.home).map_err(IntoFailure::into_failure)?;
    let importer =
        Importer { home: &context.home, store: &context.store, qemu_img: &context.qemu_img, customize: &customize };
    let task = console.reporter().start(args.name.as_str(), "import");
    let wanted = Imported { file: &args.file, name: &args.name, user: &args.user };
    let imported = importer.import(wanted, &task).await;
    let image = task.finish(imported).map_err(IntoFailure::into_failure)?;
    let result = json!({"name": args.name, "digest": image.digest.to_string(), "os": image.manifest.os.name});
    console.value(&result, |_| format!("imported {} ({}, {})", args.name, image.digest.short(), image.manifest.os.name))
}
