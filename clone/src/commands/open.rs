//! `clone open`.

use std::process::ExitCode;

use kiln_console::Failure;

use super::OfLab;
use super::kubeconfig::existing;
use crate::error::Error;
use crate::kubernetes::kubectl::Kubectl;
use crate::lab::mesh::{Door, Mesh, ObjectName, or_default};
use crate::lab::{LabName, select};
use crate::world::World;

/// How `kubectl port-forward` begins what it says when the port leads somewhere (kubectl, `portforward.go`).
const READY: &str = "Forwarding from 127.0.0.1:";

/// Lead a port of 127.0.0.1 to a page of the mesh, until Ctrl-C
///
/// The lab file names what can be opened, in the section `open` under `mesh`:
/// grafana, productpage. The address of the page is printed when it can be asked
/// for.
///
/// Examples:
///   clone open productpage
///   clone open grafana --port 3000
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to open
    name: String,
    #[command(flatten)]
    lab: OfLab,
    /// The port of 127.0.0.1 [default: one that is free]
    #[arg(long, env = "KILN_PORT")]
    port: Option<u16>,
}

/// Runs the command.
///
/// # Errors
/// Where there is nothing of that name, or the cluster does not lead there.
pub async fn run(args: Args, world: &World) -> Result<ExitCode, Failure> {
    let (folder, state) = args.lab.open(world)?;
    let lab = select::applied(&folder, &state)?;
    let mesh = lab.mesh.as_ref().ok_or_else(|| Error::NoMesh { lab: lab.name.clone() })?;
    let door = find(&lab.name, mesh, &args.name)?;
    let (namespace, service) = (or_default(door.namespace.as_ref()), door.service.as_str());
    let kubectl = Kubectl::new(&existing(&folder)?);
    let forward = kubectl.forward(namespace, service, (args.port, door.port)).map_err(Error::from)?;
    let mut is_told = false;
    let forwarding = forward.stream(|line| {
        let Some(url) = url(line, &door.path).filter(|_| !is_told) else { return };
        is_told = true;
        // Whoever closes our output is told nothing more; the port leads on.
        if let Err(failure) = world.console.line(&format!("{url}\n")) {
            tracing::debug!(failure = failure.message(), "the address was not printed");
        }
        world.console.say("Ctrl-C ends this");
    });
    forwarding.await.map_err(Error::from)?;
    Ok(ExitCode::SUCCESS)
}

fn find<'a>(lab: &LabName, mesh: &'a Mesh, name: &str) -> Result<&'a Door, Error> {
    let known = || mesh.open.keys().map(ObjectName::to_string).collect();
    let door = mesh.open.iter().find(|(known, _)| known.as_str() == name).map(|(_, door)| door);
    door.ok_or_else(|| Error::NoDoor { lab: lab.clone(), name: name.to_owned(), known: known() })
}

/// The address of the page, from the line that says which port leads to it.
fn url(line: &str, path: &str) -> Option<String> {
    let port = line.strip_prefix(READY)?.split(' ').next()?;
    Some(format!("http://127.0.0.1:{port}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_where_kubectl_says_it_listens() {
        assert_eq!(
            url("Forwarding from 127.0.0.1:40123 -> 9080", "/productpage").unwrap(),
            "http://127.0.0.1:40123/productpage"
        );
        assert_eq!(url("Handling connection for 40123", "/"), None);
    }
}
