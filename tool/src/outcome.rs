//! How a run ended whose exit code, or whose output, is for the caller to judge.

use std::fmt::Display;
use std::process::ExitStatus;

use crate::Error;
use crate::error::{Ending, Run};

/// How much of an output that is not understood the error quotes, in bytes.
const QUOTED: usize = 1024;

/// How a run ended that [`crate::Invocation::outcome`] does not judge.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code.
    pub code: i32,
    /// All it wrote to standard output.
    pub stdout: Vec<u8>,
    /// The end of what it wrote to standard error.
    pub stderr: String,
    pub(crate) status: ExitStatus,
    pub(crate) run: Run,
}

impl Outcome {
    /// The error for an exit code that is no answer.
    pub fn failed(self) -> Error {
        self.run.status(self.status, self.stderr)
    }

    /// The error for an output that is no answer. It quotes the beginning of the output or, where there is none, the end
    /// of standard error.
    pub fn not_understood(self, problem: impl Display) -> Error {
        let said = match self.stdout.as_slice() {
            [] => self.stderr,
            output => String::from_utf8_lossy(&output[..output.len().min(QUOTED)]).trim_end().to_owned(),
        };
        self.run.with(Ending::Output(problem.to_string()), said)
    }
}
