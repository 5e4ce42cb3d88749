//! `bake validate`.

use kiln_console::human::count;
use kiln_console::{Console, Failure};

use crate::errors::IntoFailure;
use crate::recipe;

/// Check a recipe and say everything that is wrong with it
///
/// Examples:
///   bake validate               ./recipe.yaml
///   bake validate ./mine.yaml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// A recipe file, or the name of one that is built in [default: ./recipe.yaml]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    recipe: Option<String>,
}

/// Runs the command.
pub fn run(args: Args, console: &Console) -> Result<(), Failure> {
    let loaded = recipe::load_or_default(args.recipe.as_deref()).map_err(IntoFailure::into_failure)?;
    loaded.warn();
    console.value(&loaded.recipe, |recipe| {
        let steps: usize = recipe.layers.iter().map(|layer| layer.steps.len()).sum();
        let things = [(recipe.layers.len(), "layer"), (steps, "step"), (recipe.checks.len(), "check")];
        format!("{}: {}", loaded.origin, things.map(|(number, thing)| count(number, thing)).join(", "))
    })
}
