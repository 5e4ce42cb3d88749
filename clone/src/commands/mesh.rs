//! `clone mesh`.

use clap::Subcommand;
use kiln_console::{Failure, Format};
use kiln_images::digest::Digest;
use serde::Serialize;

use super::WhichLab;
use super::kubeconfig::existing;
use crate::error::Error;
use crate::folder::LabFolder;
use crate::kubernetes::kubectl::Kubectl;
use crate::lab::{Lab, Mesh, select};
use crate::mesh::record::Record;
use crate::mesh::report::{self, PODS, PodRow, SERVICES, ServiceRow};
use crate::mesh::{Bundle, remove};
use crate::up::{self, Options};
use crate::world::{World, lock};

/// Look at what a lab has installed on its cluster, do it again, or take it away
///
/// Examples:
///   clone mesh status
///   clone mesh reapply mesh
///   clone mesh remove mesh
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// What is done with a mesh.
#[derive(Debug, Subcommand)]
enum Command {
    /// Say which groups are done, and show the pods and services
    ///
    /// Example:
    ///   clone mesh status mesh
    #[command(verbatim_doc_comment)]
    Status(WhichLab),
    /// Apply all groups again, and wait for them
    ///
    /// Example:
    ///   clone mesh reapply mesh
    #[command(verbatim_doc_comment)]
    Reapply(WhichLab),
    /// Remove what the groups have made, the last first; `clone up` makes it again
    ///
    /// Groups that were taken out of the lab file since are removed, too.
    ///
    /// Example:
    ///   clone mesh remove mesh
    #[command(verbatim_doc_comment)]
    Remove(WhichLab),
}

/// How far a group has come.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct GroupRow {
    group: String,
    is_done: bool,
}

/// What there is of a mesh.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Status {
    groups: Vec<GroupRow>,
    pods: Vec<PodRow>,
    services: Vec<ServiceRow>,
}

/// A mesh that may be on a cluster.
struct Opened {
    folder: LabFolder,
    lab: Lab,
    bundle: Bundle,
    kubectl: Kubectl,
}

impl Opened {
    fn new(world: &World, of: &WhichLab) -> Result<Self, Error> {
        let (folder, state) = of.open(world)?;
        let lab = select::applied(&folder, &state)?;
        let is_left = |bundle: &Bundle| bundle.leftovers(lab.mesh.as_ref()).next().is_some();
        let bundle = Bundle::kept(&folder)?.filter(|bundle| lab.mesh.is_some() || is_left(bundle));
        let bundle = bundle.ok_or_else(|| Error::NoMesh { lab: lab.name.clone() })?;
        let kubectl = Kubectl::new(&existing(&folder)?);
        Ok(Self { folder, lab, bundle, kubectl })
    }

    fn mesh(&self) -> Result<&Mesh, Error> {
        self.lab.mesh.as_ref().ok_or_else(|| Error::NoMesh { lab: self.lab.name.clone() })
    }
}

/// Runs the command.
///
/// # Errors
/// Where the lab has no mesh, or its cluster does not answer.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    match args.command {
        Command::Status(of) => status(&Opened::new(world, &of)?, world).await,
        Command::Reapply(of) => reapply(Opened::new(world, &of)?, world).await,
        Command::Remove(of) => {
            let _lock = lock(&of.open(world)?.0).await?;
            take_away(Opened::new(world, &of)?, world).await
        }
    }
}

async fn take_away(opened: Opened, world: &World) -> Result<(), Failure> {
    let Opened { folder, lab, bundle, kubectl } = opened;
    let mesh = lab.mesh.as_ref();
    remove::remove(&kubectl, mesh, &bundle).await.map_err(Error::from)?;
    bundle.without_leftovers(mesh).keep(&folder).map_err(Error::from)?;
    let again = mesh.map(|_| format!("\nmake it again: clone up {}", lab.name)).unwrap_or_default();
    world.console.say(&format!("the mesh of lab {} is removed{again}", lab.name));
    Ok(())
}

async fn status(opened: &Opened, world: &World) -> Result<(), Failure> {
    let mesh = opened.mesh()?;
    let record = Record::read(&opened.kubectl).await.map_err(Error::from)?;
    let parcels = mesh.all_groups().filter_map(|group| Some((group, opened.bundle.parcel(group)?)));
    let groups = parcels.map(|(group, parcel)| GroupRow {
        group: parcel.group.clone(),
        is_done: record.has(&parcel.group, &parcel.digest(group)),
    });
    let groups = groups.collect();
    let namespaces = report::namespaces(mesh, &opened.bundle);
    let (pods, services) = report::look(&opened.kubectl, &namespaces).await.map_err(Error::from)?;
    let status = Status { groups, pods, services };
    if world.console.format() == Format::Json {
        return world.console.value(&status, |_| String::new());
    }
    for row in &status.groups {
        world.console.line(&format!("{}: {}\n", row.group, if row.is_done { "done" } else { "not done" }))?;
    }
    world.console.table(&status.pods, &PODS, "there are no pods of it")?;
    world.console.table(&status.services, &SERVICES, "there are no services of it")
}

async fn reapply(opened: Opened, world: &World) -> Result<(), Failure> {
    opened.mesh()?;
    let lock = lock(&opened.folder).await?;
    Record::forget(&opened.kubectl).await.map_err(Error::from)?;
    // `up` takes it, too.
    drop(lock);
    let lab = opened.lab;
    // Others may have changed the lab since it was read.
    let changes = Some(Digest::of_bytes(lab.text.as_bytes()));
    up::up(world, &lab, Options { changes, ..Options::default() }).await?;
    world.console.reporter().finish();
    world.console.say(&format!("the mesh of lab {} was applied again", lab.name));
    Ok(())
}
