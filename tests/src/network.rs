//! A network that leads nowhere: what runs in it reaches itself and nobody else.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::geteuid;

/// A network namespace (network_namespaces(7)) with nothing but its own loopback. It is there as long as this is.
#[derive(Debug)]
pub struct Nowhere {
    holder: Child,
}

impl Nowhere {
    /// Makes one.
    ///
    /// # Panics
    /// When the kernel does not let us.
    pub fn new() -> Self {
        let mut command = Command::new("unshare");
        if !geteuid().is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        command.args(["--net", "--", "sh", "-c", "ip link set lo up && echo ready && exec cat"]);
        let mut holder = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "ready\n", "no network namespace could be made (programs unshare, ip)");
        Self { holder }
    }

    /// The same command, run in there.
    pub(crate) fn command(&self, program: &std::ffi::OsStr) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.holder.id()));
        if !geteuid().is_root() {
            command.arg(format!("--user=/proc/{}/ns/user", self.holder.id())).arg("--preserve-credentials");
        }
        command.arg("--").arg(program);
        command
    }
}

impl Default for Nowhere {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Nowhere {
    fn drop(&mut self) {
        self.holder.kill().unwrap();
        self.holder.wait().unwrap();
    }
}
