//! `clone schema`.

use kiln_console::{Class, Console, Failure};

use crate::lab::file::LabFile;

/// Print the JSON schema of lab files, for editors
///
/// An editor uses it for a lab file whose first line is
///   # yaml-language-server: $schema=lab.schema.json
///
/// Example:
///   clone schema > lab.schema.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// Where standard output is closed.
pub fn run(_: Args, console: &Console) -> Result<(), Failure> {
    let schema = schemars::schema_for!(LabFile);
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Failure::new(Class::Unexpected, "writing the schema").caused_by(&error))?;
    console.line(&text)
}
