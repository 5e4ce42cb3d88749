//! `clone fetch`.

use camino::Utf8PathBuf;
use kiln_console::{Column, Failure};
use kiln_images::digest::Digest;
use serde::Serialize;

use crate::error::Error;
use crate::fetch::{Wanted, fetch};
use crate::lab::select;
use crate::world::World;

/// Fetch what a lab takes from elsewhere, so that `up` needs no network
///
/// That is the manifest of flannel and the archive that a mesh is from. They are
/// verified, and kept in KILN_HOME; from then on they are taken from there. What
/// `bake` has fetched already is there, too.
///
/// Examples:
///   clone fetch mesh
///   clone fetch ./lab.yaml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// A lab file, or the name of a lab
    #[arg(env = "KILN_LAB", value_hint = clap::ValueHint::FilePath)]
    lab: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    what: &'static str,
    source: String,
    digest: Digest,
    path: Utf8PathBuf,
}

const COLUMNS: [Column<Row>; 3] = [
    Column::new("what", |row| row.what.to_owned()),
    Column::new("digest", |row| row.digest.short()),
    Column::new("source", |row| row.source.clone()),
];

/// Runs the command.
///
/// # Errors
/// Where something cannot be had, or is something else.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let lab = select::read(&world.home, args.lab.as_deref())?;
    let mut rows = Vec::new();
    for wanted in Wanted::of(&lab) {
        let fetched = fetch(&world.home, world.console.reporter(), &lab, &wanted).await.map_err(Error::from)?;
        let source = wanted.source.to_owned();
        rows.push(Row { what: wanted.what, source, digest: fetched.digest, path: fetched.path });
    }
    world.console.reporter().finish();
    world.console.table(&rows, &COLUMNS, "the lab takes nothing from elsewhere")
}
