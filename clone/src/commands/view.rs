//! `clone view`.

use kiln_console::{Class, Failure};
use kiln_machines::qemu::screen_socket;
use kiln_machines::{Hypervisor, State};
use kiln_tool::Program;

use super::{OfLab, open_node};
use crate::error::Error;
use crate::world::World;

/// The program that shows a screen: TigerVNC's, which takes the path of a socket for the name of a server.
const VIEWER: Program = Program::new("vncviewer", "tigervnc-viewer");

/// Show the screen of a node in a window, with its keyboard and mouse
///
/// The screen is served with VNC, on a UNIX socket in the node's folder that only you may enter. Any other viewer that takes
/// such a socket does as well: --print says where it is.
#[derive(Debug, clap::Args)]
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
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let (folder, state) = args.lab.open(world)?;
    let (node, machine) = open_node(&folder, &state, &args.node)?;
    if world.hypervisor().await?.state(&machine).await.map_err(Error::from)? == State::Stopped {
        return Err(Failure::new(Class::Machine, format!("{node} does not run")).hint("start it: clone up"));
    }
    let socket = screen_socket(&machine);
    if !socket.exists() {
        let failure = Failure::new(Class::Machine, format!("{node} was started by a version that served no screen"));
        return Err(failure.hint("start it anew: clone down, then clone up"));
    }
    if args.print {
        return world.console.value(&socket, ToString::to_string);
    }
    let viewer = VIEWER.find().map_err(Error::from)?.invoke(format!("showing the screen of {node}")).arg(&socket);
    viewer.interactive().await.map_err(Error::from)?;
    Ok(())
}
