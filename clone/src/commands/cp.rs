//! `clone cp`.

use std::process::ExitCode;

use kiln_console::Failure;

use super::ssh::exit_code;
use super::{OfLab, open_node};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::ssh::Ssh;
use crate::state::State;
use crate::world::World;

/// Copy files to or from a node
///
/// A place in a node is NODE:PATH; a path that is not absolute is one in the home
/// folder of its user. Folders are copied with all that is in them.
///
/// Examples:
///   clone cp ./app node1:/tmp/
///   clone cp node1:/var/log/messages .
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to copy
    from: String,
    /// Where to
    to: String,
    #[command(flatten)]
    lab: OfLab,
}

/// Runs the command, and returns the exit code of `scp`.
///
/// # Errors
/// Where there is no such node, or `scp` is not installed.
pub async fn run(args: Args, world: &World) -> Result<ExitCode, Failure> {
    let (folder, state) = args.lab.open(world)?;
    let (from, to) = (place(&folder, &state, &args.from)?, place(&folder, &state, &args.to)?);
    if !from.in_node && !to.in_node {
        return Err(Error::Usage("neither place is in a node: write NODE:PATH".to_owned()).into());
    }
    let copy = Ssh::new(&folder.ssh_config()).copy(&from.text, &to.text).map_err(Error::from)?;
    Ok(exit_code(copy.interactive().await.map_err(Error::from)?))
}

/// One end of a copy, as `scp` takes it.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    text: String,
    in_node: bool,
}

/// `NODE:PATH` is in a node, unless a slash comes first: `./a:b` is a file here.
fn place(folder: &LabFolder, state: &State, text: &str) -> Result<Place, Error> {
    match text.split_once(':') {
        Some((node, _)) if !node.is_empty() && !node.contains('/') => {
            open_node(folder, state, node)?;
            Ok(Place { text: text.to_owned(), in_node: true })
        }
        // scp would take a colon in the name for one of its own.
        _ if text.contains(':') && !text.starts_with(['/', '.']) => {
            Ok(Place { text: format!("./{text}"), in_node: false })
        }
        _ => Ok(Place { text: text.to_owned(), in_node: false }),
    }
}
