//! What can go wrong with machines, in a form that a user can act on.

use std::io;

use camino::Utf8PathBuf;
use kiln_images::FileError;
use kiln_images::durable::{DocumentError, LockError};
use kiln_images::home::SocketPathTooLong;

use crate::CheckpointProblem;
use crate::ports::Holder;
use crate::qemu::{agent, qmp};

/// Something that was asked of a hypervisor could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An external program is missing or failed.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
    /// A machine could not be started.
    #[error("starting {machine}: {problem}")]
    Start {
        /// The machine's title.
        machine: String,
        /// What stood in the way.
        problem: Box<StartProblem>,
    },
    /// Something was asked of a machine that does not run.
    #[error("{doing}: {machine} is not running\n  start it first")]
    NotRunning {
        /// What was to be done.
        doing: &'static str,
        /// The machine's title.
        machine: String,
    },
    /// The hypervisor did not do what it was asked to.
    #[error("{doing} of {machine} failed")]
    Monitor {
        /// What was to be done.
        doing: &'static str,
        /// The machine's title.
        machine: String,
        /// What the monitor said.
        source: qmp::Error,
    },
    /// The agent in the machine did not do what it was asked to.
    #[error("{doing} of {machine} failed")]
    Agent {
        /// What was to be done.
        doing: &'static str,
        /// The machine's title.
        machine: String,
        /// What the agent said.
        source: agent::Error,
    },
    /// A machine could not be saved or restored.
    #[error("{doing} of {machine} failed")]
    Checkpoint {
        /// What was to be done.
        doing: &'static str,
        /// The machine's title.
        machine: String,
        /// What stood in the way.
        source: Box<CheckpointProblem>,
    },
    /// A process that had been killed was still there.
    #[error(
        "{what} (process {pid}) did not end within {seconds} s of being killed\n  look at /proc/{pid}/stack and at the disk it waits for"
    )]
    Unkillable {
        /// Which process.
        what: String,
        /// Its process id.
        pid: i32,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The path of a socket is too long for the kernel.
    #[error(transparent)]
    SocketPath(#[from] SocketPathTooLong),
    /// The segment of a lab could not be brought up or ended.
    #[error("the network of lab {lab} ({folder}): {problem}")]
    Segment {
        /// The lab.
        lab: String,
        /// The segment's folder.
        folder: Utf8PathBuf,
        /// What happened, and what to do.
        problem: String,
    },
    /// `KILN_ACCEL` holds something else than an accelerator.
    #[error(
        "KILN_ACCEL is {value:?}, which is no accelerator: set it to `kvm` or `tcg`, or unset it to have it probed"
    )]
    AcceleratorName {
        /// What it holds.
        value: String,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file of Kiln's own could not be written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Another process kept a lock too long.
    #[error(transparent)]
    Lock(#[from] LockError),
}

impl Error {
    /// Names the file in which an I/O error happened, for `map_err`.
    pub(crate) fn io(doing: &'static str, path: impl Into<Utf8PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| FileError::new(doing, &path, source).into()
    }
}

/// Why a machine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartProblem {
    /// A port of the host that is to lead into the machine is in use.
    #[error("port {port} of 127.0.0.1 is in use{}\n  end what uses it, or let another port be chosen", held_by(.holder.as_ref()))]
    PortTaken {
        /// The port.
        port: u16,
        /// Who has it, where that can be seen.
        holder: Option<Holder>,
    },
    /// Another process has the machine's disk open.
    #[error(
        "its disk {disk} is in use by another process\n  a QEMU or qemu-img that still runs? see: fuser -v {disk}\n  QEMU said: {said}"
    )]
    DiskLocked {
        /// The disk.
        disk: Utf8PathBuf,
        /// The hypervisor's own words.
        said: String,
    },
    /// The accelerator does not work.
    #[error("KVM does not work\n  set KILN_ACCEL=tcg to do without it\n  QEMU said: {said}")]
    Accelerator {
        /// The hypervisor's own words.
        said: String,
    },
    /// The host has not that much memory.
    #[error(
        "the host cannot give it {memory_mib} MiB of memory\n  stop other machines, or give this one less\n  QEMU said: {said}"
    )]
    OutOfMemory {
        /// How much was asked for, in MiB.
        memory_mib: u64,
        /// The hypervisor's own words.
        said: String,
    },
    /// The segment it is to be plugged into is not up.
    #[error("the network of the lab is not up ({folder})\n  bring it up first")]
    SegmentDown {
        /// The segment's folder.
        folder: Utf8PathBuf,
    },
    /// The hypervisor ended, for a reason not told apart here.
    #[error("QEMU {ending}\n  it said: {said}\n  command: {command}\n  log: {log}")]
    Ended {
        /// How it ended.
        ending: kiln_tool::Ending,
        /// The hypervisor's own words.
        said: String,
        /// The command line, quoted so that it can be pasted into a shell.
        command: String,
        /// The file that has everything it said.
        log: Utf8PathBuf,
    },
    /// The hypervisor did not answer in time and was ended.
    #[error(
        "QEMU did not answer on its monitor within {seconds} s and was ended\n  it said: {said}\n  command: {command}\n  log: {log}"
    )]
    Silent {
        /// How long it was waited for.
        seconds: u64,
        /// The hypervisor's own words.
        said: String,
        /// The command line, quoted so that it can be pasted into a shell.
        command: String,
        /// The file that has everything it said.
        log: Utf8PathBuf,
    },
}

fn held_by(holder: Option<&Holder>) -> String {
    holder.map(|holder| format!(" by {holder}")).unwrap_or_default()
}
