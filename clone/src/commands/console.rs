//! `clone console`.

use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Write};

use kiln_console::Failure;
use kiln_images::At;
use kiln_machines::console_log::plain;
use kiln_machines::{Console as Serial, Hypervisor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{OfLab, down, open_node, open_running};
use crate::error::Error;
use crate::terminal::RawTerminal;
use crate::world::World;

/// What leaves the console: Ctrl-], as in telnet and `virsh console`.
const ESCAPE: u8 = 0x1d;

/// Sit at the serial console of a node, or print what it has said
///
/// Ctrl-] leaves. The passwords of an image's users are locked, so that this is
/// for looking on; a lab can set one through cloud-init.
///
/// What was said is printed byte by byte into a file or a pipe, and on a terminal
/// as plain text: a guest has no say in what yours does. Sitting at the console is
/// something else: it does all that the guest asks of it.
///
/// Examples:
///   clone console node1          sit at it
///   clone console node1 --dump   what it has said so far
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The node
    node: String,
    #[command(flatten)]
    lab: OfLab,
    /// Print everything it has said so far, and end
    #[arg(long, env = "KILN_DUMP")]
    dump: bool,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such node, or it does not run.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let (folder, state) = args.lab.open(world)?;
    let hypervisor = world.hypervisor().await?;
    if args.dump {
        let (node, machine) = open_node(&folder, &state, &args.node)?;
        let path = hypervisor.console_log(&machine);
        let said = match File::open(&path) {
            // It was never started.
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(down(&folder, &state, node).into()),
            said => said.at("reading", &path).map_err(Error::from)?,
        };
        return world.console.pass(said, plain);
    }
    let (node, machine) = open_running(&hypervisor, &folder, &state, &args.node).await?;
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Error::Usage(
            "a console needs a terminal\n  to print what was said: clone console NODE --dump".to_owned(),
        )
        .into());
    }
    let serial = hypervisor.console(&machine).await.map_err(Error::from)?;
    world.console.say(&format!("the console of {node}; Ctrl-] leaves, Enter shows a prompt"));
    let mut terminal = RawTerminal::open().map_err(failed)?;
    let result = attend(serial, &mut terminal).await;
    drop(terminal);
    // The guest's cursor may stand anywhere in a line.
    world.console.say("");
    Ok(result.map_err(failed)?)
}

/// Passes bytes both ways until Ctrl-] or the end of the machine.
async fn attend(mut serial: Serial, terminal: &mut RawTerminal) -> std::io::Result<()> {
    let (mut typed, mut said) = ([0; 256], [0; 4096]);
    loop {
        tokio::select! {
            count = terminal.read(&mut typed) => {
                let bytes = &typed[..count?];
                let end = bytes.iter().position(|byte| *byte == ESCAPE);
                serial.write_all(&bytes[..end.unwrap_or(bytes.len())]).await?;
                if end.is_some() || bytes.is_empty() {
                    return Ok(());
                }
            }
            count = serial.read(&mut said) => match count? {
                0 => return Ok(()),
                count => {
                    let mut stdout = std::io::stdout().lock();
                    stdout.write_all(&said[..count])?;
                    stdout.flush()?;
                }
            }
        }
    }
}

fn failed(source: std::io::Error) -> Error {
    Error::UserFile { doing: "using the terminal", path: "/dev/tty".into(), source }
}
