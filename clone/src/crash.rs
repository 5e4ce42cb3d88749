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
    /// `destroy`: the machines are dead.
    DestroyKilled,
    /// `destroy`: the folder is out of the way, but not removed.
    DestroyMoved,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Registered,
        Self::DisksMade,
        Self::Starting,
        Self::Started,
        Self::Formed,
        Self::Joined,
        Self::Answered,
        Self::ResetBegun,
        Self::ResetKilled,
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
