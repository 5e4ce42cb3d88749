//! The log: what tracing events say, on standard error, around the live table.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::Class;
use crate::failure::Failure;
use crate::global::{Format, Global};
use crate::progress::Reporter;
use crate::term::Colour;

/// Begins logging.
///
/// # Errors
/// The filter of `--log` cannot be understood.
pub(crate) fn start(global: &Global, reporter: &Reporter, colour: Colour) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(global.log_filter()).map_err(|error| {
        Failure::new(Class::Usage, format!("the log filter `{}` cannot be understood", global.log_filter()))
            .caused_by(&error)
            .hint("write for example: --log kiln_images=debug,warn")
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colour.is_on())
        .with_writer(AroundTable(reporter.clone()));
    let result = match global.output {
        Format::Text | Format::Svg => subscriber.try_init(),
        Format::Json => subscriber.json().try_init(),
    };
    result.map_err(|error| Failure::new(Class::Unexpected, "the log was begun twice").caused_by(&*error))
}

/// Writes a line to standard error while the table is off the screen.
#[derive(Debug, Clone)]
struct AroundTable(Reporter);

impl<'a> MakeWriter<'a> for AroundTable {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for AroundTable {
    /// The subscriber writes one whole event at a time.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write_all(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
