//! `bake schema`.

use kiln_console::{Class, Console, Failure};

use crate::recipe::Recipe;

/// Print the JSON schema of recipes, for editors
///
/// Examples:
///   bake schema > recipe.schema.json
///   and in the recipe's first line: # yaml-language-server: $schema=recipe.schema.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {}

/// Runs the command.
pub fn run(_: Args, console: &Console) -> Result<(), Failure> {
    let schema = schemars::schema_for!(Recipe);
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Failure::new(Class::Unexpected, "writing the schema").caused_by(&error))?;
    console.line(&text)
}
