//! What can be asked of the agent inside a machine.

use std::net::IpAddr;
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

/// A network interface as the machine itself sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestInterface {
    /// Its name in the machine.
    pub name: String,
    /// Its MAC address, where it has one.
    pub mac: Option<String>,
    /// Its addresses.
    pub addresses: Vec<GuestAddress>,
}

/// An address of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuestAddress {
    /// The address.
    pub ip: IpAddr,
    /// The length of the network prefix, in bits.
    pub prefix: u8,
}
