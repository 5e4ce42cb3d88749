//! `clone timings`.

use kiln_console::{Failure, Format};
use kiln_images::durable::{self, DocumentError};
use rustix::termios::tcgetwinsize;
use serde::Serialize;

use super::WhichLab;
use crate::error::Error;
use crate::timings::{Timings, bars, picture};
use crate::world::World;

/// What is drawn for where nobody says how wide it is.
const DEFAULT_WIDTH: u16 = 100;

/// Show how long each phase of each node took when the lab came up last
///
/// Bars on the terminal, a picture with `-o svg`, numbers with `-o json`. It is
/// the last `clone up` or `clone reset` that did something.
///
/// Examples:
///   clone timings
///   clone timings --output svg > timings.svg
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Summary<'a> {
    lab: &'a str,
    total_ms: u64,
    #[serde(flatten)]
    timings: &'a Timings,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such lab, or nothing is known of its times.
pub fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let lab = folder.lab().as_str();
    let timings: Timings = durable::load(&folder.timings()).map_err(|error| match error {
        DocumentError::File(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Error::Usage(format!("lab {lab} never came up\n  bring it up: clone up"))
        }
        error => error.into(),
    })?;
    if world.console.format() == Format::Svg {
        return world.console.line(&picture::render(lab, &timings));
    }
    let summary = Summary { lab, total_ms: timings.total_ms(), timings: &timings };
    world.console.value(&summary, |_| bars::render(lab, &timings, usize::from(width())))
}

/// The width of the terminal, in columns.
fn width() -> u16 {
    tcgetwinsize(std::io::stdout()).map(|size| size.ws_col).ok().filter(|columns| *columns > 0).unwrap_or(DEFAULT_WIDTH)
}
