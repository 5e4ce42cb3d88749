//! `bake build`.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_console::{Console, Failure, human};
use kiln_images::blocking;
use kiln_images::config::Config;
use serde::Serialize;

use super::kitchen::Kitchen;
use crate::build::inputs::Inputs;
use crate::build::plan::Plan;
use crate::build::{Baker, Built, Explanation, explain};
use crate::context::Context;
use crate::errors::IntoFailure;
use crate::recipe::{self, Loaded};
use crate::supply::Supply;
use kiln_images::bundle::Bundle;

/// Bake a recipe: make the layers that are missing, check, seal, publish
///
/// A layer is made again when anything it is made of changed: a step, a byte or
/// mode of a file that a step reads, or the layer below. A build that failed or
/// was interrupted goes on where it stopped.
///
/// Examples:
///   bake build debian-12               a recipe that is built in
///   bake build                         ./recipe.yaml
///   bake build ./mine.yaml             another file
///   bake build ./mine.yaml --explain   what would be made, and why
///   bake build ./mine.yaml --dry-run   the exact commands
///   bake build ./mine.yaml --offline --bundle ./bundle
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// A recipe file, or the name of one that is built in [default: ./recipe.yaml]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    recipe: Option<String>,

    /// Say what would be made and why, and make nothing. What the recipe downloads is fetched and pinned first, because
    /// layers are known by it
    #[arg(long, env = "KILN_EXPLAIN", conflicts_with = "dry_run")]
    explain: bool,

    /// Print the commands that would be run, and run none. What the recipe downloads is fetched and pinned in kiln.lock
    /// first, because they depend on it
    #[arg(long, short = 'n', env = "KILN_DRY_RUN")]
    dry_run: bool,

    /// Take nothing from a network: all comes from the bundle. A step of the recipe whose image has no ip(8) is not hindered
    /// from taking a way of its own
    #[arg(long, env = "KILN_OFFLINE", requires = "bundle")]
    offline: bool,

    /// The folder that `bake fetch --bundle` has filled
    #[arg(long, short, env = "KILN_BUNDLE", value_name = "FOLDER", requires = "offline", value_hint = clap::ValueHint::DirPath)]
    bundle: Option<Utf8PathBuf>,
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
    let loaded = recipe::load_or_default(args.recipe.as_deref()).map_err(IntoFailure::into_failure)?;
    let context = Context::open(home)?;
    let loaded = loaded.unpacked(&context.home).map_err(IntoFailure::into_failure)?;
    let supply = match &args.bundle {
        Some(bundle) => {
            let (bundle, home) = (bundle.clone(), context.home.clone());
            let bundle = blocking(move || Bundle::open(&bundle, &home)).await.map_err(IntoFailure::into_failure)?;
            Supply::offline(&context.home, bundle)
        }
        None => Supply::online(&context.home, Config::of_user().map_err(IntoFailure::into_failure)?),
    };
    let kitchen = Kitchen::open(&context, &supply, &loaded, console).await?;
    let relay = if args.explain || args.dry_run { None } else { kitchen.relay(&loaded).await? };
    let (inputs, plan) = (&kitchen.inputs, &kitchen.plan);
    let baker = kitchen.baker(relay.as_ref());
    if args.explain {
        return print_explanation(&explanation(&baker, &loaded, inputs, plan)?, console);
    }
    if args.dry_run {
        let commands = baker.commands(&loaded, inputs, plan, kitchen.is_relayed(&loaded)).await;
        return print_commands(&commands.map_err(IntoFailure::into_failure)?, console);
    }
    let built = kitchen.build(&baker, &loaded).await?;
    print_result(&built, &loaded, console)
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

fn print_commands(commands: &[String], console: &Console) -> std::result::Result<(), Failure> {
    if commands.is_empty() {
        console.say("nothing would be run: the image is in the store");
    }
    console.value(&commands, |commands| commands.join("\n"))
}

pub(super) fn print_result(built: &Built, loaded: &Loaded, console: &Console) -> std::result::Result<(), Failure> {
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
