//! The one trait behind which every backend stands.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::qemu::processor;
use crate::{Ahead, Error, GuestCommand, GuestOutput, Machine, Saved, SavedMemory, Segment};

/// What to do where guests are emulated.
const NO_KVM: &str = "guests are some ten times slower; switch on virtualisation in the firmware, or nested \
                      virtualisation on the host of this machine, and let your user open /dev/kvm (group kvm)";

/// The future a [`Hypervisor`] method returns: boxed, so that the trait can be used as `dyn Hypervisor`. It need not be
/// `Send`: both programs run on one thread.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// Runs machines and the segments between them.
///
/// Every method looks at what is there first: starting what runs, stopping what does not run, and bringing up a segment
/// that is up are no errors. No method remembers anything between calls.
pub trait Hypervisor: fmt::Debug {
    /// What is known of this hypervisor on this host.
    fn facts(&self) -> &Facts;

    /// Checks that the folder of a machine and that of its segment have paths that the hypervisor can use. To be asked
    /// before anything is made: a lab with longer names would come up to the point where its machines are started.
    ///
    /// # Errors
    /// [`Error::SocketPath`].
    fn check_paths(&self, machine: &Utf8Path, segment: &Segment) -> Result<(), Error>;

    /// Checks that this hypervisor can save machines with their memory, and load them again. To be asked before they are
    /// held.
    ///
    /// # Errors
    /// [`Error::Tool`] with the version that is needed.
    fn check_saving(&self) -> Result<(), Error>;

    /// Makes sure that the segment exists and can be plugged into. A machine that runs while this says
    /// [`Started::Now`] was plugged into an earlier one, and has no link until it is started again.
    fn segment_up<'a>(&'a self, segment: &'a Segment) -> Answer<'a, Started>;

    /// What tells the segment that is up from those that were up before it; nothing where none is up. A machine that was
    /// plugged into another one has no link.
    fn segment_id<'a>(&'a self, segment: &'a Segment) -> Answer<'a, Option<String>>;

    /// Ends the segment. Machines that are still plugged into it lose their link.
    fn segment_down<'a>(&'a self, segment: &'a Segment) -> Answer<'a, ()>;

    /// The command that [`Hypervisor::start`] would run, as it could be typed into a shell: for people.
    fn start_command(&self, machine: &Machine) -> String;

    /// Starts the machine and returns when the hypervisor answers for it; the guest has only begun to boot.
    ///
    /// # Errors
    /// [`Error::Start`], whose [`crate::StartProblem`] tells apart what a caller can do something about.
    fn start<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Started>;

    /// Says what the machine does at this moment.
    fn state<'a>(&'a self, machine: &'a Machine) -> Answer<'a, State>;

    /// Stops the machine: the guest is asked to shut down and has until `deadline` (counted from now) to do so; after
    /// that it is ended without being asked. Says which way it was.
    fn stop<'a>(&'a self, machine: &'a Machine, deadline: Duration) -> Answer<'a, Ending>;

    /// Ends the machine at once, as if its power was cut.
    fn kill<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Ending>;

    /// Holds the machine's processors; nothing of it is written to any more when this returns.
    fn pause<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()>;

    /// Lets the machine's processors go on, and wakes its guest if that sleeps.
    fn resume<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()>;

    /// Has a held machine write to `overlay` from now on, a qcow2 file whose backing file is, under whatever name, the file
    /// that it writes to now. Neither is read or changed by the name it has now: both may be renamed afterwards.
    fn switch_disk<'a>(&'a self, machine: &'a Machine, overlay: &'a Utf8Path) -> Answer<'a, ()>;

    /// Copies what the files have that are between the disk of a running machine and `base`, which it stands on, into that
    /// disk, and has it stand on `base` alone: the others are not needed by it any more, not even after a power cut. The
    /// machine goes on meanwhile. A disk that stands on `base` already is left as it is.
    ///
    /// # Errors
    /// [`Error::Checkpoint`]. The disk stands on what it stood on then, and is as good as before.
    fn pull_disk<'a>(&'a self, machine: &'a Machine, base: &'a Utf8Path) -> Answer<'a, ()>;

    /// Waits until the disk of a running machine is not being pulled together any more: what a program has begun that was
    /// killed goes on without it.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] where it goes on for too long.
    fn settle_disk<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()>;

    /// The file that the machine writes to, by the name that it has now in the folder of the machine's disk; nothing if the
    /// machine does not run.
    fn disk_in_use<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Option<Utf8PathBuf>>;

    /// How much the memory part of a [`Hypervisor::save`] takes on a disk at most, in bytes.
    fn memory_in_use<'a>(&'a self, machine: &'a Machine) -> Answer<'a, u64>;

    /// Writes what it can of a running machine's memory to the files `to`, which do not exist, ahead of the
    /// [`Hypervisor::save`] to them: it finds less to do then, and the machine is held for less time. Nothing where the
    /// memory is copied, which is as quick. Says whether the machine still runs. It comes to an end with that save, or with
    /// [`Hypervisor::resume`], which gives it up.
    ///
    /// # Errors
    /// [`Error::Checkpoint`]. What there is of the files is of no use then.
    fn save_ahead<'a>(&'a self, machine: &'a Machine, to: &'a Saved) -> Answer<'a, Ahead>;

    /// Writes the state of a held machine to the files `to`, which do not exist but for what [`Hypervisor::save_ahead`]
    /// wrote: the memory to a file of its own if it can be copied, else with the state. Says which it was. The machine stays
    /// held, and [`Hypervisor::resume`] lets it go on whether or not this succeeded. Nothing is synced: that can wait until
    /// the machine runs again.
    ///
    /// # Errors
    /// [`Error::Checkpoint`]. What there is of the files is of no use then.
    fn save<'a>(&'a self, machine: &'a Machine, to: &'a Saved) -> Answer<'a, SavedMemory>;

    /// Starts the machine with what was saved of it, and leaves it held. Its memory file, if there is one, is mapped:
    /// it is read when the machine touches it, may serve any number of machines at a time, and must not change or go
    /// while one of them runs.
    ///
    /// # Errors
    /// [`Error::Start`] and [`Error::Checkpoint`]. The machine does not run then.
    fn restore<'a>(&'a self, machine: &'a Machine, from: &'a Saved) -> Answer<'a, ()>;

    /// Writes what the machine's screen shows to `file`, a PNG.
    fn screenshot<'a>(&'a self, machine: &'a Machine, file: &'a Utf8Path) -> Answer<'a, ()>;

    /// The file that has everything the machine ever wrote to its serial console.
    fn console_log(&self, machine: &Machine) -> Utf8PathBuf;

    /// The last lines that the hypervisor itself said of the machine since it was started; nothing where it said nothing, or
    /// what it said cannot be read.
    fn last_words(&self, machine: &Machine) -> Vec<String>;

    /// Connects to the machine's serial console. One connection at a time.
    fn console<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Console>;

    /// Asks the agent in the machine whether it is there; waits for `limit` at most.
    fn guest_ping<'a>(&'a self, machine: &'a Machine, limit: Duration) -> Answer<'a, ()>;

    /// Runs a command in the machine and waits for its end.
    fn guest_run<'a>(&'a self, machine: &'a Machine, command: &'a GuestCommand) -> Answer<'a, GuestOutput>;

    /// Sets the machine's clock to that of the host.
    fn guest_set_clock<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()>;
}

/// What is known of a hypervisor on this host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Facts {
    /// The hypervisor's name and version, such as `QEMU 10.0.2`.
    pub hypervisor: String,
    /// The versioned name of the newest board it can emulate, such as `pc-q35-10.0`.
    pub board: String,
    /// Every board it can emulate, by its versioned name. The oldest are dropped in time.
    pub boards: Vec<String>,
    /// What executes the guests' instructions.
    pub accelerator: Accelerator,
    /// Why it is that accelerator, in words for the user.
    pub reason: String,
    /// What the host's processor can be for a guest, the best first: models with a version, such as `Haswell-v4`. Nothing
    /// where guests are emulated.
    pub processors: Vec<String>,
}

impl Facts {
    /// What would make guests faster here; nothing where there is nothing to be had.
    pub fn advice(&self) -> Option<&'static str> {
        (self.accelerator == Accelerator::Tcg).then_some(NO_KVM)
    }

    /// The processor model that machines made now are given.
    pub fn cpu(&self) -> String {
        processor::model(self.accelerator, &self.processors)
    }

    /// Whether machines here can have the processor `cpu`, which a machine was given somewhere. What is emulated depends on
    /// QEMU's version alone.
    pub fn can_be(&self, cpu: &str) -> bool {
        let model = cpu.split(',').next().unwrap_or_default();
        self.accelerator == Accelerator::Tcg
            || model == processor::HOST
            || self.processors.iter().any(|processor| processor == model)
    }
}

/// What executes the guests' instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accelerator {
    /// The processor itself, through Linux' KVM.
    Kvm,
    /// QEMU's translator. Some ten times slower.
    Tcg,
}

impl Accelerator {
    /// What `LIBGUESTFS_BACKEND_SETTINGS` must be for libguestfs to use this accelerator; nothing if it will by itself
    /// (guestfs(3), "FORCE_TCG"). Without it libguestfs fails after some seconds on a host whose KVM does not work.
    pub fn libguestfs_settings(self) -> Option<&'static str> {
        match self {
            Self::Kvm => None,
            Self::Tcg => Some("force_tcg"),
        }
    }
}

/// Whether [`Hypervisor::start`] had anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It runs since now.
    Now,
    /// It ran already.
    Already,
}

/// What a machine does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It does not run.
    Stopped,
    /// Its processors execute.
    Running,
    /// It is held, or its guest has gone to sleep, with all its memory.
    Paused,
    /// The hypervisor halted it because of trouble, which it calls by this word (QEMU: [`DISK_FULL`], `internal-error`,
    /// `guest-panicked`).
    Halted(String),
}

/// The word for a machine that is halted because the host's disk is full. It is whole: [`Hypervisor::resume`] has what could
/// not be written tried again (qemu-system(1), `werror=enospc`, the default of QEMU's disks).
pub const DISK_FULL: &str = "io-error";

/// The way a machine ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It was not running.
    NotRunning,
    /// The guest shut itself down when it was asked to.
    ShutDown,
    /// The deadline passed and the hypervisor ended it: its disks are written, but the guest was not asked.
    Ended,
    /// It was killed.
    Killed,
}

/// A connection to a serial console.
pub type Console = Box<dyn Terminal>;

/// Bytes from and to a console.
pub trait Terminal: AsyncRead + AsyncWrite + Unpin + fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Unpin + fmt::Debug> Terminal for T {}
