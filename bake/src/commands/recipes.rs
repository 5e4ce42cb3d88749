//! `bake recipes`.

use kiln_console::{Class, Column, Console, Failure};
use serde::Serialize;

use crate::errors::IntoFailure;
use crate::recipe::{self, gallery};

/// List the recipes that are built in, or print one
///
/// Examples:
///   bake recipes
///   bake recipes debian-12 > mine.yaml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The recipe to print
    name: Option<String>,
}

/// A line of the list.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    description: String,
}

const COLUMNS: [Column<Row>; 2] =
    [Column::new("name", |row| row.name.clone()), Column::new("description", |row| row.description.clone())];

/// Runs the command.
pub fn run(args: Args, console: &Console) -> Result<(), Failure> {
    if let Some(name) = args.name {
        let recipe = gallery::find(&name).ok_or_else(|| {
            Failure::new(Class::NotFound, format!("no recipe `{name}` is built in"))
                .hint(format!("there are: {}", gallery::names().join(", ")))
        })?;
        let loaded = recipe::load(&name).map_err(IntoFailure::into_failure)?;
        return console.value(&loaded.recipe, |_| recipe.text.to_owned());
    }
    let mut rows = Vec::new();
    for name in gallery::names() {
        let recipe = recipe::load(name).map_err(IntoFailure::into_failure)?.recipe;
        rows.push(Row { name: recipe.name.to_string(), description: recipe.description });
    }
    console.table(&rows, &COLUMNS, "there are none")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    #[test]
    fn what_is_printed_for_programs_is_the_recipe() {
        for name in gallery::names() {
            let recipe = recipe::load(name).unwrap().recipe;
            let json = serde_json::to_string(&recipe).unwrap();
            let read = kiln_document::read::<Recipe>(name, &json).unwrap_or_else(|problems| panic!("{problems}"));
            assert_eq!(read.value, recipe, "{name}");
        }
    }
}
