//! What runs in the mesh of a lab, after what its nodes do.

use std::time::Duration;

use kiln_console::Failure;
use tokio::time::timeout;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::kubernetes::kubectl::Kubectl;
use crate::lab::select;
use crate::mesh::Bundle;
use crate::mesh::report::{PODS, PodRow, SERVICES, ServiceRow, look, namespaces};
use crate::state::State;
use crate::world::World;

/// How long the API is waited for: what it does not say in this time is not shown.
const LIMIT: Duration = Duration::from_secs(5);

/// The pods and the services of a mesh.
pub(super) type Found = (Vec<PodRow>, Vec<ServiceRow>);

/// The pods and services of the mesh, if the lab has one and its cluster answers.
///
/// # Errors
/// Where the manifests cannot be read.
pub(super) async fn find(folder: &LabFolder, state: &State) -> Result<Option<Found>, Error> {
    // A text that only another version of this program understands says nothing.
    let Some(mesh) = select::applied(folder, state).ok().and_then(|lab| lab.mesh) else { return Ok(None) };
    let is_started = state.nodes.values().any(|node| node.boot.is_some());
    let Some(bundle) = Bundle::kept(folder)? else { return Ok(None) };
    if !is_started || !folder.kubeconfig().exists() {
        return Ok(None);
    }
    let kubectl = Kubectl::new(&folder.kubeconfig()).with_limit(LIMIT);
    match timeout(LIMIT, look(&kubectl, &namespaces(&mesh, &bundle))).await {
        Ok(Ok(found)) => return Ok(Some(found)),
        Ok(Err(error)) => tracing::debug!(%error, "the API does not answer"),
        Err(_) => tracing::debug!("the API does not answer in time"),
    }
    Ok(None)
}

/// Prints them.
///
/// # Errors
/// Where standard output is closed.
pub(super) fn show(world: &World, (pods, services): &Found) -> Result<(), Failure> {
    if !pods.is_empty() {
        world.console.table(pods, &PODS, "")?;
    }
    if !services.is_empty() {
        world.console.table(services, &SERVICES, "")?;
    }
    Ok(())
}
