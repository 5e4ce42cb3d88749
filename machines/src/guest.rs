//! What can be asked of the agent inside a machine.

use std::time::Duration;

/// A command to run inside a machine, as root.
#[derive(Debug, Clone)]
pub struct GuestCommand {
    /// The program: an absolute path, or a name on the agent's PATH.
    pub program: String,
    /// Its arguments, passed as they are; no shell is involved.
    pub arguments: Vec<String>,
    /// What it reads from standard input.
    pub stdin: Vec<u8>,
    /// How long it may run.
    pub limit: Duration,
}

/// How a command inside a machine ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestOutput {
    /// Its exit code; nothing if a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// True if the agent kept only the first part of either.
    pub truncated: bool,
}
