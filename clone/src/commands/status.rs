//! `clone status`.

use std::io::{IsTerminal, stdout};
use std::time::Duration;

use kiln_console::{Failure, Format, human};
use tokio::time::sleep;

use super::WhichLab;
use crate::report;
use crate::world::World;

/// How often the table is shown anew with `--watch`.
const INTERVAL: Duration = Duration::from_secs(2);

/// What clears a terminal: the cursor to the first place, and everything after it erased (ECMA-48, CUP and ED).
const CLEAR: &str = "\x1b[H\x1b[J";

/// Show what the nodes of a lab do
///
/// A node is running, stopped, paused, halted by the hypervisor (and why), or
/// crashed: it was started, and has ended without being asked to.
///
/// Examples:
///   clone status
///   clone status three-nodes --watch
///   clone status three-nodes --output json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
    /// Show it again and again, until Ctrl-C
    #[arg(long, short, env = "KILN_WATCH")]
    watch: bool,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such lab, or a machine cannot be asked.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let clears = args.watch && world.console.format() == Format::Text && stdout().is_terminal();
    loop {
        let rows = report::look(world, &folder, report::BRIEFLY).await?;
        if clears {
            world.console.line(CLEAR)?;
        }
        report::show(world, &rows)?;
        if !args.watch {
            return Ok(());
        }
        world.console.say(&format!("every {}; Ctrl-C ends this", human::duration(INTERVAL)));
        sleep(INTERVAL).await;
    }
}
