//! What is saved of a machine, and what can stand in the way of saving or loading it.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::FileError;
use serde::{Deserialize, Serialize};

use crate::qemu::qmp;

/// The files with the parts of a saved machine. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The state of its devices and processors, in the hypervisor's own format.
    pub state: Utf8PathBuf,
    /// Its memory, where that is a file of its own: byte N of the file is byte N of the machine's memory.
    pub memory: Option<Utf8PathBuf>,
}

/// What a machine does whose memory was written ahead of its save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// It runs on.
    Runs,
    /// It is held: it did next to nothing, and so nothing was left to be written.
    IsHeld,
}

/// Where the memory of a saved machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SavedMemory {
    /// In a file of its own, [`Saved::memory`].
    Copied,
    /// In the file with the state, [`Saved::state`].
    Streamed,
}

/// Why a machine could not be saved or restored.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointProblem {
    /// It executes, so that what would be saved of it does not belong together.
    #[error("it is not held: QEMU calls it {state:?}\n  pause it first")]
    NotHeld {
        /// QEMU's word for what it does.
        state: String,
    },
    /// It was halted while it was to run.
    #[error(
        "QEMU has halted it, and calls that {state:?}\n  is the disk of this host full? make room, then save it again"
    )]
    Halted {
        /// QEMU's word for it.
        state: String,
    },
    /// It runs, so that nothing can be loaded into it.
    #[error("it runs\n  kill it first")]
    Runs,
    /// The hypervisor could not write or read the state.
    #[error("QEMU could not finish with {state}\n  it said: {said}\n  {advice}")]
    Refused {
        /// The file with the state.
        state: Utf8PathBuf,
        /// The hypervisor's own words.
        said: String,
        /// What to do.
        advice: &'static str,
    },
    /// The hypervisor ended in the midst of it.
    #[error("QEMU ended while it was at {state}\n  it said: {said}\n  log: {log}\n  {advice}")]
    Died {
        /// The file with the state.
        state: Utf8PathBuf,
        /// The hypervisor's last words.
        said: String,
        /// The file that has everything it said.
        log: Utf8PathBuf,
        /// What to do.
        advice: &'static str,
    },
    /// The hypervisor did not get on.
    #[error("QEMU was not done with {state} within {seconds} s\n  is the disk that slow, or the host that busy?")]
    Slow {
        /// The file with the state.
        state: Utf8PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A file is no state of a machine.
    #[error("{file} is not the state of a machine: it does not begin as QEMU begins one\n  restore another checkpoint")]
    NoState {
        /// The file.
        file: Utf8PathBuf,
    },
    /// The state says that the memory is elsewhere.
    #[error("the memory is not in {state}, and no memory file is named\n  restore another checkpoint")]
    NoMemory {
        /// The file with the state.
        state: Utf8PathBuf,
    },
    /// The memory file belongs to a machine of another size.
    #[error("{file} has {found_bytes} bytes, but the machine has {expected_bytes} bytes of memory")]
    MemorySize {
        /// The file.
        file: Utf8PathBuf,
        /// Its length.
        found_bytes: u64,
        /// What it must be.
        expected_bytes: u64,
    },
    /// A disk does not stand on the file that it is to stand on directly.
    #[error("{disk} does not stand on {base}: neither directly nor by other files")]
    NotBelow {
        /// The disk.
        disk: Utf8PathBuf,
        /// The file.
        base: Utf8PathBuf,
    },
    /// The hypervisor has other files open than those that a disk stands on.
    #[error(
        "the disk {disk} is to stand on the file {expected} below it, but QEMU counts {found} in all\n  end the machine and start it again: it opens them anew"
    )]
    OtherChain {
        /// QEMU's name of the disk.
        disk: String,
        /// How far below it the file is.
        expected: usize,
        /// How many files QEMU has open below it.
        found: usize,
    },
    /// The monitor did not do what it was asked to.
    #[error(transparent)]
    Monitor(#[from] qmp::Error),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The hypervisor cannot do this.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
}

impl CheckpointProblem {
    /// Names the file in which an I/O error happened, for `map_err`.
    pub(crate) fn io(doing: &'static str, path: &Utf8Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| FileError::new(doing, path, source).into()
    }
}
