//! `bake init`.

use camino::Utf8PathBuf;
use kiln_console::{Console, Failure, template};

/// Write a recipe to start from
///
/// Examples:
///   bake init                  writes recipe.yaml
///   bake init recipes/mine.yaml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Where to write it
    #[arg(default_value = "recipe.yaml", value_hint = clap::ValueHint::FilePath)]
    file: Utf8PathBuf,
}

/// The recipe that is written. A test bakes nothing of it, but reads it.
const TEMPLATE: &str = include_str!("init.yaml");

/// Runs the command.
pub fn run(args: Args, console: &Console) -> Result<(), Failure> {
    template::write(console, &args.file, TEMPLATE, "bake build")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{Base, Recipe};

    #[test]
    fn the_template_is_a_valid_recipe_that_needs_no_image_to_be_baked_before() {
        let document = kiln_document::read::<Recipe>("init.yaml", TEMPLATE).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(document.value.name.as_str(), "mine");
        assert!(matches!(document.value.base, Base::Debootstrap(_)), "{:?}", document.value.base);
    }
}
