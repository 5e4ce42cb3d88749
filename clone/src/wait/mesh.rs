//! The last thing that is waited for: what the lab installs on its cluster.

use super::Waiting;
use crate::cluster::Assembly;
use crate::error::Error;
use crate::mesh::goal::goals;
use crate::mesh::record::Record;
use crate::mesh::view::Seen;
use crate::mesh::{Bundle, MeshError};
use crate::phases::mesh::Install;
use crate::phases::{self, Node};
use crate::world::World;

/// Installs the mesh of the lab, if it has one and the node runs that the cluster began with.
///
/// # Errors
/// [`Error::Phase`] where it does not come to be.
pub async fn install(waiting: &Waiting<'_>, assembly: &Assembly<'_>, nodes: &[Node<'_>]) -> Result<(), Error> {
    let (Some(mesh), Some(bundle)) = (&waiting.lab.mesh, bundle(waiting).await?) else { return Ok(()) };
    let Some(node) = nodes.iter().find(|node| *node.name == assembly.leader) else { return Ok(()) };
    Ok(phases::run(node, &Install::new(assembly, mesh, &bundle)).await?)
}

/// What is missing of the mesh, with one look. The pages are not asked for.
///
/// # Errors
/// Where its manifests cannot be read.
pub async fn trouble(waiting: &Waiting<'_>, assembly: &Assembly<'_>) -> Result<Option<String>, Error> {
    let (Some(mesh), Some(bundle)) = (&waiting.lab.mesh, bundle(waiting).await?) else { return Ok(None) };
    let (kubectl, version) = (assembly.view.kubectl(), assembly.cluster.version);
    let parcels: Vec<_> = mesh.all_groups().filter_map(|group| Some((group, bundle.parcel(group)?))).collect();
    let all: Vec<_> = parcels.iter().flat_map(|(group, parcel)| goals(group, &parcel.objects(group))).collect();
    match tokio::try_join!(Record::read(kubectl), Seen::look(kubectl, version, &all)) {
        Ok((record, seen)) => {
            let undone = parcels.iter().find(|(group, parcel)| !record.has(&parcel.group, &parcel.digest(group)));
            let undone =
                undone.map(|(group, _)| format!("the group {} of the mesh was not applied as it is", group.name));
            Ok(undone.or_else(|| all.iter().find_map(|goal| Some(goal.check(&seen, version).err()?.reason))))
        }
        Err(error) => {
            tracing::debug!(%error, "the API does not answer");
            Ok(Some("the API does not answer".to_owned()))
        }
    }
}

/// The manifests: the copy that the lab keeps; where another version of this program made the lab, they are gathered.
async fn bundle(waiting: &Waiting<'_>) -> Result<Option<Bundle>, MeshError> {
    match Bundle::kept(waiting.folder)? {
        Some(bundle) => Ok(Some(bundle)),
        None => {
            let World { home, console } = waiting.world;
            Bundle::gather(home, console.reporter(), waiting.folder, waiting.lab).await
        }
    }
}
