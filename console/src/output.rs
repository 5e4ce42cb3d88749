//! What a command is given to talk to its user.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use crate::Class;
use crate::failure::Failure;
use crate::global::{Format, Global};
use crate::progress::Reporter;
use crate::table::{self, Column};
use crate::term::{Colour, can_redraw};

/// What a command is given to talk to its user.
#[derive(Debug, Clone)]
pub struct Console {
    format: Format,
    colour: Colour,
    reporter: Reporter,
}

impl Console {
    /// The console that the global options ask for.
    pub fn new(global: &Global) -> Self {
        let colour = Colour::on_stderr(global.color);
        let reporter = match (global.quiet, global.output) {
            (true, _) => Reporter::silent(),
            (false, Format::Json) => Reporter::json(io::stdout()),
            (false, Format::Text | Format::Svg) if can_redraw() => Reporter::live(colour),
            (false, Format::Text | Format::Svg) => Reporter::plain(io::stderr(), colour),
        };
        Self { format: global.output, colour, reporter }
    }

    /// How results are printed.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Refuses to draw a picture: for every command that has none.
    ///
    /// # Errors
    /// Where one was asked for.
    pub fn refuse_picture(&self) -> Result<(), Failure> {
        match self.format {
            Format::Text | Format::Json => Ok(()),
            Format::Svg => {
                Err(Failure::new(Class::Usage, "this command draws no picture").hint("say -o text or -o json"))
            }
        }
    }

    /// Whether text on standard error is coloured.
    pub fn colour(&self) -> Colour {
        self.colour
    }

    /// Where work is reported to.
    pub fn reporter(&self) -> &Reporter {
        &self.reporter
    }

    /// Prints a list: as a table, or as a JSON list in one line. `none` is said on standard error if it is empty.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn table<T: Serialize>(&self, rows: &[T], columns: &[Column<T>], none: &str) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.json(&rows),
            Format::Text | Format::Svg if rows.is_empty() => {
                self.say(none);
                Ok(())
            }
            Format::Text | Format::Svg => self.write(&table::render(rows, columns)),
        }
    }

    /// Prints one result: the text for people, or the value as JSON in one line.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn value<T: Serialize>(&self, value: &T, text: impl FnOnce(&T) -> String) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.json(value),
            Format::Text | Format::Svg => self.write(&text(value)),
        }
    }

    /// Prints text that is the result itself, whatever the format is: a file's content, a completion script.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        self.write(text)
    }

    /// Says something that is no result, on standard error and for people only: what to do next, for example.
    pub fn say(&self, text: &str) {
        if self.format != Format::Json {
            self.to_stderr(text);
        }
    }

    /// Prints a failure.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.to_stderr(&match self.format {
            Format::Json => failure.to_json(),
            Format::Text | Format::Svg => failure.render(self.colour),
        });
    }

    fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value)
            .map_err(|error| Failure::new(Class::Unexpected, "a result cannot be written as JSON").caused_by(&error))?;
        self.write(&text)
    }

    /// If standard error is closed nobody wants to know, and there is no other place to say so.
    fn to_stderr(&self, text: &str) {
        self.reporter.suspend(|| writeln!(io::stderr(), "{text}")).unwrap_or_default();
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        self.reporter.settle();
        let written = self.reporter.suspend(|| {
            let mut stdout = io::stdout().lock();
            writeln!(stdout, "{}", text.strip_suffix('\n').unwrap_or(text)).and_then(|()| stdout.flush())
        });
        written.map_err(|error| {
            let closed = error.kind() == ErrorKind::BrokenPipe;
            let class = if closed { Class::OutputClosed } else { Class::Host };
            Failure::new(class, "the result could not be printed").caused_by(&error)
        })
    }
}
