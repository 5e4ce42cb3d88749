//! `clone kubeconfig`.

use std::fs;

use camino::Utf8PathBuf;
use kiln_console::Failure;
use serde::Serialize;

use super::WhichLab;
use crate::error::Error;
use crate::folder::LabFolder;
use crate::kubernetes::kubeconfig::users;
use crate::world::World;

/// Print where the kubeconfig of a lab is, or add it to your own
///
/// Its context has the name of the lab. It holds a key with which everything may
/// be done in the cluster: it is readable for you only.
///
/// With --merge, it is added to the kubeconfig that kubectl uses ($KUBECONFIG, or
/// ~/.kube/config), of which a copy is kept beside it. Entries that are not this
/// lab's are never changed, and neither is the current context.
///
/// Examples:
///   export KUBECONFIG=$(clone kubeconfig debian-k8s)
///   clone kubeconfig --merge && kubectl --context debian-k8s get nodes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
    /// Add it to the kubeconfig that kubectl uses
    #[arg(long, env = "KILN_MERGE")]
    merge: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Answer {
    kubeconfig: Utf8PathBuf,
    context: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<Utf8PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup: Option<Utf8PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where the lab has no cluster; with `--merge`, where the user's file has entries of the same name.
pub fn run(args: Args, world: &World) -> Result<(), Failure> {
    let (folder, _) = args.lab.open(world)?;
    let kubeconfig = existing(&folder)?;
    let mut answer = Answer { kubeconfig, context: folder.lab().to_string(), merged_into: None, backup: None };
    if args.merge {
        let merged = users::merge_into_users(&answer.kubeconfig, folder.root()).map_err(Error::from)?;
        (answer.merged_into, answer.backup) = (Some(merged.file), merged.backup);
    }
    world.console.value(&answer, |answer| match (&answer.merged_into, &answer.backup) {
        (None, _) => answer.kubeconfig.to_string(),
        (Some(file), None) => format!("{file} has the context {} now", answer.context),
        (Some(file), Some(backup)) => {
            format!("{file} has the context {} now; as it was before, it is in {backup}", answer.context)
        }
    })
}

/// The kubeconfig of a lab that has one.
///
/// # Errors
/// [`Error::NoCluster`]
pub(super) fn existing(folder: &LabFolder) -> Result<Utf8PathBuf, Error> {
    let path = folder.kubeconfig();
    match fs::exists(&path) {
        Ok(true) => Ok(path),
        _ => Err(Error::NoCluster { lab: folder.lab().clone() }),
    }
}
