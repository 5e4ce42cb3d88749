//! `bake build`.

use camino::Utf8Path;
use kiln_console::{Console, Failure, human};
use kiln_machines::Hypervisor;
use kiln_machines::qemu::Qemu;
use serde::Serialize;

use crate::build::inputs::{Finder, Inputs};
use crate::build::plan::Plan;
use crate::build::{Baker, Built, Explanation, explain};
use crate::context::Context;
use crate::errors::IntoFailure;
use crate::recipe::{self, Loaded};
use crate::virt_customize::VirtCustomize;

/// Bake a recipe: make the layers that are missing, check, seal, publish
///
/// A layer is made again when anything it is made of changed: a step, a byte or
/// mode of a file that a step reads, or the layer below. A build that failed or
/// was interrupted goes on where it stopped.
///
/// Examples:
///   bake build debian-12               a recipe that is built in
///   bake build ./mine.yaml             a file
///   bake build ./mine.yaml --explain   what would be made, and why
///   bake build ./mine.yaml --dry-run   the exact commands
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// A recipe file, or the name of one that is built in
    #[arg(value_hint = clap::ValueHint::FilePath)]
    recipe: String,

    /// Say what would be made and why, and make nothing
    #[arg(long, env = "KILN_EXPLAIN", conflicts_with = "dry_run")]
    explain: bool,

    /// Print the commands that would be run, and run none. What the recipe downloads is fetched, because they depend on it
    #[arg(long, short = 'n', env = "KILN_DRY_RUN")]
    dry_run: bool,
}

/// What a build prints with `-o json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Result {
    name: String,
    digest: String,
    changed: bool,
    file_size_bytes: u64,
}

/// Runs the command.
pub async fn run(args: Args, home: Option<&Utf8Path>, console: &Console) -> std::result::Result<(), Failure> {
    let loaded = recipe::load(&args.recipe).map_err(IntoFailure::into_failure)?;
    let context = Context::open(home)?;
    let loaded = loaded.unpacked(&context.home).map_err(IntoFailure::into_failure)?;
    let finder = Finder { home: &context.home, store: &context.store, qemu_img: &context.qemu_img, console };
    let inputs = finder.find(&loaded).await.map_err(IntoFailure::into_failure)?;
    let plan = Plan::new(&loaded, &inputs).map_err(IntoFailure::into_failure)?;
    let qemu = hypervisor(&context).await?;
    let customize = VirtCustomize::find(qemu.facts().accelerator).map_err(IntoFailure::into_failure)?;
    let log = context.home.bake_log(&loaded.recipe.name);
    let baker = Baker {
        home: &context.home,
        store: &context.store,
        qemu_img: &context.qemu_img,
        customize: &customize,
        hypervisor: &qemu,
        reporter: console.reporter(),
        log: &log,
    };
    if args.explain {
        return print_explanation(&explanation(&baker, &loaded, &inputs, &plan)?, console);
    }
    if args.dry_run {
        return print_commands(&baker, &loaded, &inputs, &plan, console).await;
    }
    let built = baker.build(&loaded, &inputs, &plan).await.map_err(|error| {
        let failure = error.into_failure();
        failure.hint(format!("everything that was said: {log}"))
    })?;
    print_result(&built, &loaded, console)
}

/// What boots images, and knows what executes the appliance: libguestfs by itself would try KVM and fail.
pub(super) async fn hypervisor(context: &Context) -> std::result::Result<Qemu, Failure> {
    Qemu::open(&context.home.hypervisor_facts()).await.map_err(IntoFailure::into_failure)
}

fn explanation(
    baker: &Baker<'_>,
    loaded: &Loaded,
    inputs: &Inputs,
    plan: &Plan,
) -> std::result::Result<Vec<Explanation>, Failure> {
    let recipe = &loaded.recipe;
    let finished = baker.finished(plan, recipe).map_err(IntoFailure::into_failure)?.is_some();
    let images = baker.store.list().map_err(IntoFailure::into_failure)?;
    let before = images.iter().find(|image| image.names.contains(&recipe.name)).map(|image| &image.manifest);
    Ok(explain(plan, inputs, baker.home, before, finished))
}

fn print_explanation(layers: &[Explanation], console: &Console) -> std::result::Result<(), Failure> {
    console.value(&layers, |layers| {
        let text = |layer: &Explanation| {
            let reasons = layer.reasons.iter().map(|reason| format!("\n    {reason}")).collect::<String>();
            let state = if layer.cached { "cached" } else { "make" };
            format!("{state:<7} {:<12} {}{reasons}", layer.key, layer.layer)
        };
        layers.iter().map(text).collect::<Vec<_>>().join("\n")
    })
}

async fn print_commands(
    baker: &Baker<'_>,
    loaded: &Loaded,
    inputs: &Inputs,
    plan: &Plan,
    console: &Console,
) -> std::result::Result<(), Failure> {
    let commands = baker.commands(loaded, inputs, plan).await.map_err(IntoFailure::into_failure)?;
    if commands.is_empty() {
        console.say("nothing would be run: the image is in the store");
    }
    console.value(&commands, |commands| commands.join("\n"))
}

fn print_result(built: &Built, loaded: &Loaded, console: &Console) -> std::result::Result<(), Failure> {
    let result = Result {
        name: loaded.recipe.name.to_string(),
        digest: built.image.digest.to_string(),
        changed: built.changed,
        file_size_bytes: built.image.manifest.file_size_bytes,
    };
    console.value(&result, |result| {
        let state = if result.changed { "baked" } else { "nothing changed:" };
        let size = human::bytes(result.file_size_bytes);
        format!("{state} {} ({}, {size})", result.name, built.image.digest.short())
    })
}
