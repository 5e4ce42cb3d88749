//! `clone labs`.

use kiln_console::{Class, Column, Console, Failure};
use serde::Serialize;

use crate::lab::check;
use crate::lab::gallery::{self, GALLERY};

/// List the labs that are built in, or print the file of one
///
/// Those that exist here are listed by `clone list`.
///
/// Examples:
///   clone labs
///   clone labs debian-k8s > lab.yaml    to be changed, its name first
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The lab to print
    name: Option<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    image: String,
    nodes: usize,
    description: &'static str,
}

const COLUMNS: [Column<Row>; 4] = [
    Column::new("name", |row| row.name.to_owned()),
    Column::new("image", |row| row.image.clone()),
    Column::new("nodes", |row| row.nodes.to_string()),
    Column::new("description", |row| row.description.to_owned()),
];

/// A file as a program reads it.
#[derive(Debug, Serialize)]
struct File {
    name: &'static str,
    text: &'static str,
}

/// Runs the command.
///
/// # Errors
/// Where no such lab is built in, or standard output is closed.
pub fn run(args: Args, console: &Console) -> Result<(), Failure> {
    let Some(name) = args.name else {
        return console.table(&rows()?, &COLUMNS, "there are none");
    };
    let entry = gallery::find(&name).ok_or_else(|| {
        let known = GALLERY.map(|entry| entry.name).join(", ");
        Failure::new(Class::NotFound, format!("no lab `{name}` is built in")).hint(format!("there are: {known}"))
    })?;
    console.value(&File { name: entry.name, text: entry.text }, |file| file.text.trim_end().to_owned())
}

fn rows() -> Result<Vec<Row>, Failure> {
    let row = |entry: gallery::Entry| {
        let lab = check::parse(entry.name, entry.text).map_err(crate::error::Error::from)?;
        Ok(Row { name: entry.name, image: lab.image, nodes: lab.nodes.len(), description: entry.description() })
    };
    GALLERY.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_built_in_lab_is_listed_with_what_it_is() {
        let rows = rows().unwrap();
        let three = rows.iter().find(|row| row.name == "three-nodes").unwrap();
        assert_eq!((three.image.as_str(), three.nodes), ("debian-12", 3));
        assert!(rows.iter().all(|row| row.description.ends_with('.')), "{rows:?}");
    }
}
