//! `bake images`.

use camino::Utf8Path;
use jiff::Timestamp;
use kiln_console::{Column, Console, Failure, human};
use kiln_images::store::{Image, References};
use serde::Serialize;

use crate::context::Context;
use crate::errors::IntoFailure;

/// List the golden images in the store
///
/// Examples:
///   bake images
///   bake images --output json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {}

/// A line of the list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    names: Vec<String>,
    digest: String,
    os: String,
    virtual_size_bytes: u64,
    file_size_bytes: u64,
    created: Timestamp,
    used_by: Vec<String>,
}

const COLUMNS: [Column<Row>; 7] = [
    Column::new("name", |row| if row.names.is_empty() { "-".to_owned() } else { row.names.join(", ") }),
    Column::new("digest", |row| row.digest.chars().skip("sha256:".len()).take(12).collect()),
    Column::new("os", |row| row.os.clone()),
    Column::new("disk", |row| human::bytes(row.virtual_size_bytes)),
    Column::new("file", |row| human::bytes(row.file_size_bytes)),
    Column::new("created", |row| human::moment(row.created)),
    Column::new("used by", |row| row.used_by.join(", ")),
];

/// Runs the command.
pub fn run(_: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let context = Context::open(home)?;
    let images = context.store.list().map_err(IntoFailure::into_failure)?;
    let references = References::read(&context.home).map_err(IntoFailure::into_failure)?;
    let rows: Vec<Row> = images.iter().map(|image| row(image, &references)).collect();
    console.table(&rows, &COLUMNS, "the store is empty; bake an image: bake build debian-12")
}

fn row(image: &Image, references: &References) -> Row {
    let manifest = &image.manifest;
    Row {
        names: image.names.iter().map(ToString::to_string).collect(),
        digest: image.digest.to_string(),
        os: manifest.os.name.clone(),
        virtual_size_bytes: manifest.virtual_size_bytes,
        file_size_bytes: manifest.file_size_bytes,
        created: manifest.created,
        used_by: references.of_image(&image.digest).iter().map(ToString::to_string).collect(),
    }
}
