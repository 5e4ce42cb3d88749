//! `bake schema`.

use kiln_console::{Class, Console, Failure};
use kiln_images::config::Config;

use crate::recipe::Recipe;

/// Print a JSON schema, for editors: of recipes, or of the configuration file
///
/// An editor uses it for a recipe whose first line is
///   # yaml-language-server: $schema=recipe.schema.json
///
/// Examples:
///   bake schema > recipe.schema.json
///   bake schema config > config.schema.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Of what
    #[arg(value_enum, default_value_t)]
    of: Kind,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Kind {
    /// Recipes
    #[default]
    Recipe,
    /// The user's config.yaml
    Config,
}

/// Runs the command.
pub fn run(args: Args, console: &Console) -> Result<(), Failure> {
    let schema = match args.of {
        Kind::Recipe => schemars::schema_for!(Recipe),
        Kind::Config => schemars::schema_for!(Config),
    };
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Failure::new(Class::Unexpected, "writing the schema").caused_by(&error))?;
    console.line(&text)
}
