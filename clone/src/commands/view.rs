//! `clone view`.

use std::process::ExitCode;

use camino::Utf8Path;
use kiln_cloud_init::NodeName;
use kiln_console::{Class, Failure};
use kiln_machines::qemu::screen_socket;
use kiln_tool::{Invocation, Program};

use super::ssh::exit_code;
use super::{OfLab, open_running};
use crate::error::Error;
use crate::world::World;

/// The program that shows a screen: TigerVNC's, which takes the path of a socket for the name of a server.
pub(crate) const VIEWER: Program = Program::new("vncviewer", "tigervnc-viewer");

/// Show the screen of a node in a window, with its keyboard and mouse
///
/// The screen is served with VNC, on a UNIX socket in the node's folder that only
/// you may enter. Any other viewer that takes such a socket does as well: --print
/// says where it is.
///
/// Examples:
///   clone view node1
///   clone view node1 --print   the socket, for another viewer
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The node
    node: String,
    #[command(flatten)]
    lab: OfLab,
    /// Only print the path of the socket
    #[arg(long, env = "KILN_VIEW_PRINT")]
    print: bool,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such node, it does not run, or no viewer is installed.
pub async fn run(args: Args, world: &World) -> Result<ExitCode, Failure> {
    let (folder, state) = args.lab.open(world)?;
    let (node, machine) = open_running(&world.hypervisor().await?, &folder, &state, &args.node).await?;
    let socket = screen_socket(&machine);
    if !socket.exists() {
        let failure = Failure::new(Class::Machine, format!("{node} was started by a version that served no screen"));
        return Err(failure.hint("start it anew: clone down, then clone up"));
    }
    if args.print {
        world.console.value(&socket, ToString::to_string)?;
        return Ok(ExitCode::SUCCESS);
    }
    let viewer = viewer(&node, &socket).map_err(Error::from)?;
    Ok(exit_code(viewer.interactive().await.map_err(Error::from)?))
}

fn viewer(node: &NodeName, socket: &Utf8Path) -> Result<Invocation, kiln_tool::Error> {
    Ok(VIEWER.find()?.invoke(format!("showing the screen of {node}")).arg(socket))
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::assert_explains;

    use super::*;

    #[tokio::test]
    async fn a_viewer_that_shows_nothing_is_explained() {
        let show = async || viewer(&"node1".parse().unwrap(), "/lab/vnc.sock".into())?.run().await;
        let doing = ["showing the screen of node1", "/lab/vnc.sock"];
        assert_explains(("vncviewer", "tigervnc-viewer"), &doing, show).await;
    }
}
