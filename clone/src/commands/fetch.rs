//! `clone fetch`.

use std::sync::Arc;

use camino::Utf8PathBuf;
use kiln_console::{Column, Failure};
use kiln_images::bundle::Bundle;
use kiln_images::digest::Digest;
use kiln_images::download::{Downloader, Routes, Source};
use serde::Serialize;

use super::WhichLab;
use crate::error::Error;
use crate::fetch::{FetchError, Wanted, fetch_by, source};
use crate::folder::LabFolder;
use crate::golden::GoldenImages;
use crate::lab::{Lab, select};
use crate::mesh;
use crate::world::World;

/// Fetch what a lab takes from elsewhere, so that `up` needs no network
///
/// That is the manifest of flannel and the archive that a mesh is from. They are
/// verified, and kept in KILN_HOME; from then on they are taken from there. What
/// `bake` has fetched already is there, too.
///
/// With --bundle it is put into a folder, too, which can be the one that `bake
/// fetch --bundle` has filled. Where there is no network, --offline takes all of
/// it from there, and `clone up` needs no more.
///
/// Examples:
///   clone fetch mesh
///   clone fetch ./lab.yaml --bundle ./bundle
///   clone fetch ./lab.yaml --bundle ./bundle --offline
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,

    /// A folder to put all of it into, or, with --offline, to take it from
    #[arg(long, short, env = "KILN_BUNDLE", value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    bundle: Option<Utf8PathBuf>,

    /// Take nothing from a network: all comes from the bundle
    #[arg(long, env = "KILN_OFFLINE", requires = "bundle")]
    offline: bool,
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
    let lab = select::read(&world.home, args.lab.given()?)?;
    let rows = fetch_all(&args, &lab, world).await.map_err(Error::from)?;
    look_through(&lab, world).await?;
    world.console.reporter().finish();
    world.console.table(&rows, &COLUMNS, "the lab takes nothing from elsewhere")
}

/// Warns of what the nodes will fetch themselves, where the golden images are there that could hold it.
async fn look_through(lab: &Lab, world: &World) -> Result<(), Error> {
    let images = GoldenImages::named(&world.store()?, lab)?;
    let folder = LabFolder::new(&world.home, &lab.name);
    let bundle = mesh::Bundle::gather(&world.home, world.console.reporter(), &folder, lab).await;
    let bundle = bundle.inspect_err(|error| tracing::debug!(%error, "the mesh is not looked at")).ok().flatten();
    mesh::images::warn(&world.home, &folder, lab, &images, bundle.as_ref());
    Ok(())
}

async fn fetch_all(args: &Args, lab: &Lab, world: &World) -> Result<Vec<Row>, FetchError> {
    let home = &world.home;
    let (downloader, filled) = match (&args.bundle, args.offline) {
        (Some(folder), true) => {
            let bundle = Arc::new(Bundle::open(folder, home)?);
            (Downloader::new(home.clone()).by(Routes::Offline(bundle)), None)
        }
        (Some(folder), false) => (Downloader::of_user(home.clone())?, Some(Bundle::create(folder, None)?)),
        (None, _) => (Downloader::of_user(home.clone())?, None),
    };
    let mut rows = Vec::new();
    for wanted in Wanted::of(lab) {
        let fetched = fetch_by(&downloader, home, world.console.reporter(), lab, &wanted).await?;
        // What lies beside the lab file goes where that goes.
        if let (Some(bundle), Source::Url(url)) = (&filled, source(lab, wanted.source)?) {
            bundle.keep(&url, &fetched.path)?;
        }
        let source = wanted.source.to_owned();
        rows.push(Row { what: wanted.what, source, digest: fetched.digest, path: fetched.path });
    }
    filled.map_or(Ok(()), |bundle| bundle.finish())?;
    Ok(rows)
}
