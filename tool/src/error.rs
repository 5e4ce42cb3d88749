//! What can go wrong when a program is run, in a form that a user can act on.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use crate::Program;

/// A program could not be run, or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program is not installed, or not where its variable says.
    #[error(
        "the program `{}` was not found\n  install it: apt-get install {}\n  or say where it is: {}=/path/to/{}",
        program.name, program.package, program.variable(), program.name
    )]
    Missing {
        /// Which one.
        program: Program,
    },
    /// The program is there, but too old for what is asked of it.
    #[error("`{}` is version {found}, but {minimum} or later is needed: {why}\n  its package: {}", program.name, program.package)]
    TooOld {
        /// Which one.
        program: Program,
        /// The version that is installed.
        found: String,
        /// The first version that will do.
        minimum: String,
        /// What the newer version is needed for.
        why: &'static str,
    },
    /// The program ran and did not do what it was asked to.
    #[error(transparent)]
    Failed(Box<Failure>),
}

/// One failed run of a program.
#[derive(Debug)]
pub struct Failure {
    /// What the run was for, in words.
    pub step: String,
    /// The name of the program.
    pub program: &'static str,
    /// The command line, quoted so that it can be pasted into a shell.
    pub command: String,
    /// How it ended.
    pub ending: Ending,
    /// The last lines of its standard error (with [`crate::Invocation::stream`] of both streams); where its output is
    /// not what it should be, the beginning of that.
    pub said: String,
    /// The file that has everything it said.
    pub log: Option<PathBuf>,
}

/// How a failed run ended.
#[derive(Debug)]
pub enum Ending {
    /// It could not be started, or its streams could not be served.
    Io(io::Error),
    /// It ended by itself, or by a signal.
    Status(ExitStatus),
    /// It was ended because it took longer than this.
    TimedOut(Duration),
    /// It was ended because it wrote more than so many bytes to its standard output.
    TooMuch(usize),
    /// It ended well, but its output was not what it should be.
    Output(String),
}

impl Failure {
    /// The exit code, if the program ended with one.
    pub fn code(&self) -> Option<i32> {
        match self.ending {
            Ending::Status(status) => status.code(),
            _ => None,
        }
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.step, self.program, self.ending)?;
        write!(f, "\n  command: {}", self.command)?;
        if !self.said.is_empty() {
            write!(f, "\n  it said:")?;
            for line in self.said.lines() {
                write!(f, "\n    {line}")?;
            }
        }
        if let Some(log) = &self.log {
            write!(f, "\n  log: {}", log.display())?;
        }
        Ok(())
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "could not be run: {error}"),
            Self::Status(status) => match status.code() {
                Some(code) => write!(f, "ended with status {code}"),
                // std writes it as "signal: 9 (SIGKILL)".
                None => write!(f, "was killed, {status}"),
            },
            Self::TimedOut(limit) => write!(f, "did not end within {} s and was stopped", limit.as_secs()),
            Self::TooMuch(bytes) => write!(f, "wrote more than {bytes} bytes and was stopped"),
            Self::Output(problem) => write!(f, "printed something unexpected: {problem}"),
        }
    }
}

/// The run of a program, as a [`Failure`] describes it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) step: String,
    pub(crate) program: &'static str,
    pub(crate) command: String,
    pub(crate) log: Option<PathBuf>,
}

impl Run {
    /// The failure that ends it this way.
    pub(crate) fn with(self, ending: Ending, said: String) -> Error {
        let Self { step, program, command, log } = self;
        Error::Failed(Box::new(Failure { step, program, command, ending, said, log }))
    }

    /// The failure that ends it with this status.
    pub(crate) fn status(self, status: ExitStatus, said: String) -> Error {
        self.with(Ending::Status(status), said)
    }
}

/// Quotes a word so that it can be pasted into a shell.
pub(crate) fn quote(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    shlex::try_quote(&word).map_or_else(|_| format!("{word:?}"), std::borrow::Cow::into_owned)
}
