//! A hook for tests: ends the program at a named point as `kill -9` would, so that what the next run makes of the rest
//! can be tested at the points where it is hardest.
//!
//! `KILN_TEST_CRASH_AT=disks-made clone up three-nodes` dies there. Without the variable nothing happens.

/// The variable that names the point.
const VARIABLE: &str = "KILN_TEST_CRASH_AT";

/// The points at which the program can be made to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// `suspend`: it is written down that the lab is suspended; its machines are held.
    Suspending,
    /// `reset --to`: it is written down where the lab is on its way to; it still runs.
    RestoreBegun,
    /// … its machines are dead.
    RestoreKilled,
    /// … its disks, seeds and keys are those of the checkpoint.
    RestoreTaken,
    /// … its machines have loaded, and are held.
    RestoreLoaded,
    /// … they run, which is not yet written down.
    RestoreResumed,
    /// `checkpoint rm`: it is no checkpoint any more; its files are there.
    CheckpointUnlisted,
    /// `destroy`: the machines are dead.
    DestroyKilled,
    /// `destroy`: the folder is out of the way, but not removed.
    DestroyMoved,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::Registered,
        Self::DisksMade,
        Self::Starting,
        Self::Started,
        Self::Formed,
        Self::Joined,
        Self::Answered,
        Self::ResetBegun,
        Self::ResetKilled,
        Self::SavePrepared,
        Self::SaveHeld,
        Self::SaveNext,
        Self::SaveFrozen,
        Self::SaveWritten,
        Self::SaveSwitched,
        Self::SaveResumed,
        Self::SaveSealing,
        Self::SaveListed,
        Self::Suspending,
        Self::RestoreBegun,
        Self::RestoreKilled,
        Self::RestoreTaken,
        Self::RestoreLoaded,
        Self::RestoreResumed,
        Self::CheckpointUnlisted,
        Self::DestroyKilled,
        Self::DestroyMoved,
    ];

    /// Its name in the variable.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::DisksMade => "disks-made",
            Self::Starting => "starting",
            Self::Started => "started",
            Self::Formed => "formed",
            Self::Joined => "joined",
            Self::Answered => "answered",
            Self::ResetBegun => "reset-begun",
            Self::ResetKilled => "reset-killed",
            Self::SavePrepared => "save-prepared",
            Self::SaveHeld => "save-held",
            Self::SaveNext => "save-next",
            Self::SaveFrozen => "save-frozen",
            Self::SaveWritten => "save-written",
            Self::SaveSwitched => "save-switched",
            Self::SaveResumed => "save-resumed",
            Self::SaveSealing => "save-sealing",
            Self::SaveListed => "save-listed",
            Self::Suspending => "suspending",
            Self::RestoreBegun => "restore-begun",
            Self::RestoreKilled => "restore-killed",
            Self::RestoreTaken => "restore-taken",
            Self::RestoreLoaded => "restore-loaded",
            Self::RestoreResumed => "restore-resumed",
            Self::CheckpointUnlisted => "checkpoint-unlisted",
            Self::DestroyKilled => "destroy-killed",
            Self::DestroyMoved => "destroy-moved",
        }
    }
}

/// Ends the program here if the variable says so.
pub fn at(point: Point) {
    if std::env::var_os(VARIABLE).is_some_and(|name| name == point.name()) {
        // abort(3) runs no destructors and flushes nothing: to the files on the disk it is the same as SIGKILL.
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_point_has_a_name_of_its_own() {
        let names: BTreeSet<_> = Point::ALL.map(Point::name).into();
        assert_eq!(names.len(), Point::ALL.len());
    }
}
