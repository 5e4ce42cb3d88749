//! `clone ssh-config`.

use kiln_console::Failure;

use super::WhichLab;
use crate::ssh::files::configuration;
use crate::world::World;

/// Print the OpenSSH configuration of a lab, for other programs
///
/// For plain ssh, scp, rsync and ansible: put it into a file, and `Include` that
/// at the top of ~/.ssh/config. The nodes are called NODE.LAB there, so that
/// several labs do not get in each other's way. Its checks are as strict as ours.
///
/// Example:
///   clone ssh-config three-nodes > ~/.ssh/three-nodes && ssh node1.three-nodes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such lab.
pub fn run(args: Args, world: &World) -> Result<(), Failure> {
    let (folder, state) = args.lab.open(world)?;
    world.console.line(&configuration(&folder, &state, false))
}
