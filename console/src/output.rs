//! What a command is given to talk to its user.

use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal, Read, Write};

use serde::Serialize;

use crate::Class;
use crate::failure::Failure;
use crate::global::{Format, Global};
use crate::progress::Reporter;
use crate::table::{self, Column};
use crate::term::{Colour, can_redraw};

/// How much of a line of others is printed at a time, in bytes.
const LONGEST_LINE: u64 = 64 << 10;

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

    /// Prints what others have written, however much that is: byte by byte, or on a terminal as the text that `plain` makes
    /// of a line. There, the last line is ended.
    ///
    /// # Errors
    /// Standard output is closed, or it cannot be read.
    pub fn pass(&self, from: impl Read, plain: impl Fn(&str) -> String) -> Result<(), Failure> {
        let (mut from, is_terminal) = (BufReader::new(from), io::stdout().is_terminal());
        let mut line = Vec::new();
        loop {
            let is_open = line.last().is_some_and(|byte| *byte != b'\n');
            line.clear();
            let read = from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
            let read = read.map_err(|error| Failure::new(Class::Host, "it cannot be read").caused_by(&error))?;
            match read {
                0 if is_terminal && is_open => return self.print(b"\n"),
                0 => return Ok(()),
                _ if is_terminal => self.print(plain(&String::from_utf8_lossy(&line)).as_bytes())?,
                _ => self.print(&line)?,
            }
        }
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
        self.print(format!("{}\n", text.strip_suffix('\n').unwrap_or(text)).as_bytes())
    }

    fn print(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.reporter.settle();
        let written = self.reporter.suspend(|| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes).and_then(|()| stdout.flush())
        });
        written.map_err(|error| {
            let closed = error.kind() == ErrorKind::BrokenPipe;
            let class = if closed { Class::OutputClosed } else { Class::Host };
            Failure::new(class, "the result could not be printed").caused_by(&error)
        })
    }
}
