//! Hooks for tests: they end the program at a named point as `kill -9` would, so that what the next run makes of the rest
//! can be tested at the points where it is hardest; or stop it there, until somebody has it go on.
//!
//! `KILN_TEST_CRASH_AT=disks-made clone up three-nodes` dies there, and with `save-next:2` it does so where it comes to that
//! point for the second time. `KILN_TEST_STOP_AT` stops it. Without the variables nothing happens.

use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::ValueEnum;
use rustix::process::{Signal, getpid, kill_process};

static CRASH: Hook = Hook::new("KILN_TEST_CRASH_AT");
static STOP: Hook = Hook::new("KILN_TEST_STOP_AT");

/// The points at which the program can be made to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Point {
    /// `up`: the nodes are written down, nothing of them is made.
    Registered,
    /// `up`, `reset`: disks and seeds are made, but not yet written down as complete.
    DisksMade,
    /// `up`, `reset`: everything is ready to be started, and written down as started.
    Starting,
    /// `up`, `reset`: the machines run, nobody has waited for them.
    Started,
    /// `up`, `reset`: `kubeadm init` has ended, which is not yet written down.
    Formed,
    /// `up`, `reset`: a node is a member of the cluster, which is not yet written down.
    Joined,
    /// `up`: all nodes answered, which is not yet written down.
    Answered,
    /// `reset`: it is written down that the nodes are made anew; they still run on their old disks.
    ResetBegun,
    /// `reset`: the machines are dead, their disks still there.
    ResetKilled,
    /// `checkpoint save`: links and overlays are made, the machines run.
    SavePrepared,
    /// … what can be written of their memory while they run is.
    SaveAhead,
    /// … they are held.
    SaveHeld,
    /// … the next disk of a node is there, which still writes to its old one.
    SaveNext,
    /// … it writes to the next one.
    SaveFrozen,
    /// … its state and its memory are written.
    SaveWritten,
    /// … all nodes have their next disk as their disk, and are still held.
    SaveSwitched,
    /// … they run again.
    SaveResumed,
    /// … everything is there but the manifest.
    SaveSealing,
    /// … it is a checkpoint; the mark that it is being made is still there.
    SaveListed,
    /// … what it replaces is still there.
    SaveReplacing,
    /// `suspend`, `checkpoint save --stop`: the machines are dead, which is not yet written down.
    SaveEnded,
    /// `reset --to`: it is written down where the lab is on its way to; it still runs.
    RestoreBegun,
    /// … its machines are dead.
    RestoreKilled,
    /// … its disks, seeds and keys are those of the checkpoint.
    RestoreTaken,
    /// … a machine has loaded, and is held.
    RestoreNode,
    /// … all of them have.
    RestoreLoaded,
    /// … they run, which is not yet written down.
    RestoreResumed,
    /// `checkpoint flatten`, `checkpoint save`: the disks stand on fewer files; the others are still there.
    Flattened,
    /// `fork`: what it will be is written down, and nothing of it is made.
    ForkBegun,
    /// `checkpoint import`: everything is unpacked and found to be good, and nothing of the lab is there.
    ImportUnpacked,
    /// … it is a lab's checkpoint; the lab is not written down.
    ImportPlaced,
    /// `checkpoint rm`: it is no checkpoint any more; its files are there.
    CheckpointUnlisted,
    /// `destroy`: the machines are dead.
    DestroyKilled,
    /// `destroy`: the folder is out of the way, but not removed.
    DestroyMoved,
}

/// Something that is done at one point.
struct Hook {
    /// The variable that names it.
    variable: &'static str,
    /// How often the program has come there.
    times: AtomicUsize,
}

impl Hook {
    const fn new(variable: &'static str) -> Self {
        Self { variable, times: AtomicUsize::new(0) }
    }

    /// Whether it is this point, and this time.
    fn is_due(&self, point: Point) -> bool {
        let Ok(wanted) = env::var(self.variable) else { return false };
        let (name, time) = wanted.split_once(':').unwrap_or((&wanted, "1"));
        let is_it = point.to_possible_value().is_some_and(|point| point.matches(name, false));
        is_it && time == (self.times.fetch_add(1, Ordering::Relaxed) + 1).to_string()
    }
}

/// Ends the program here, or stops it, if a variable says so.
pub fn at(point: Point) {
    if CRASH.is_due(point) {
        // abort(3) runs no destructors and flushes nothing: to the files on the disk it is the same as SIGKILL.
        std::process::abort();
    }
    if STOP.is_due(point) {
        // Nobody can be forbidden to stop himself.
        kill_process(getpid(), Signal::STOP).ok();
    }
}
