//! How long each phase of each node took, in the last operation that brought the lab up: `logs/timings.json`.
//!
//! Whatever is reported as a task is recorded ([`Recording`]), so that nothing has to be measured twice: the phases, the
//! start of the machines, the making of disks. [`bars`] and [`picture`] draw it. Format 1:
//!
//! ```json
//! { "format": 1, "operation": "up", "began": "2026-01-31T12:00:00Z",
//!   "spans": [ { "subject": "node1", "phase": "reachable", "begin-ms": 310, "end-ms": 43210, "outcome": "done" } ] }
//! ```

pub mod bars;
pub mod picture;
mod recording;

use jiff::Timestamp;
use kiln_images::durable::Document;
use serde::{Deserialize, Serialize};

pub use recording::Recording;

/// What an operation did, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Timings {
    /// The command: `up`, `reset`.
    pub operation: String,
    /// When its first task began; all times are counted from here.
    pub began: Timestamp,
    /// The tasks, in the order in which they began.
    pub spans: Vec<Span>,
}

/// One task: a phase of a node, or of the lab as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Span {
    /// The node, or the lab.
    pub subject: String,
    /// What was done with it.
    pub phase: String,
    /// When it began, in milliseconds since the operation did.
    pub begin_ms: u64,
    /// When it ended; of one that has not, when this was written down.
    pub end_ms: u64,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It has not.
    Running,
    /// It did what it should.
    Done,
    /// There was nothing to do.
    Skipped,
    /// It failed.
    Failed,
    /// It was given up.
    Aborted,
}

/// All tasks of one subject and phase: what is drawn in one line.
#[derive(Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The node, or the lab.
    pub subject: &'a str,
    /// The phase.
    pub phase: &'a str,
    /// Its tasks, one after the other; at least one.
    pub spans: Vec<&'a Span>,
}

/// How long a phase took of an operation: as long as where it took longest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Share {
    /// The phase.
    pub phase: String,
    /// The node, or the lab, where it took longest.
    pub subject: String,
    /// How long, in milliseconds.
    pub took_ms: u64,
}

impl Document for Timings {
    const FORMAT: u32 = 1;
    const MAX_BYTES: u64 = 64 << 20;
}

impl Timings {
    /// How long it all took, in milliseconds.
    pub fn total_ms(&self) -> u64 {
        self.spans.iter().map(|span| span.end_ms).max().unwrap_or_default()
    }

    /// The lines to draw: subjects and their phases in the order in which they began. What was skipped took no time.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: Vec<Row<'_>> = Vec::new();
        for span in self.spans.iter().filter(|span| span.outcome != Outcome::Skipped) {
            let (subject, phase) = (span.subject.as_str(), span.phase.as_str());
            if let Some(row) = rows.iter_mut().find(|row| (row.subject, row.phase) == (subject, phase)) {
                row.spans.push(span);
                continue;
            }
            let after = rows.iter().rposition(|row| row.subject == subject).map_or(rows.len(), |last| last + 1);
            rows.insert(after, Row { subject, phase, spans: vec![span] });
        }
        rows
    }

    /// The phases, in the order in which the first of each began. Some may have gone on at once.
    pub fn shares(&self) -> Vec<Share> {
        let mut rows = self.rows();
        rows.sort_by_key(|row| row.spans[0].begin_ms);
        let mut shares: Vec<Share> = Vec::new();
        for row in rows {
            let (phase, subject, took_ms) = (row.phase.to_owned(), row.subject.to_owned(), row.took_ms());
            match shares.iter_mut().find(|share| share.phase == phase) {
                Some(share) if share.took_ms >= took_ms => {}
                Some(share) => *share = Share { phase, subject, took_ms },
                None => shares.push(Share { phase, subject, took_ms }),
            }
        }
        shares
    }
}

impl Row<'_> {
    /// How long its tasks took together, in milliseconds.
    pub fn took_ms(&self) -> u64 {
        self.spans.iter().map(|span| span.end_ms.saturating_sub(span.begin_ms)).sum()
    }

    /// What the last of its tasks came to, where that is worth a word.
    pub fn remark(&self) -> &'static str {
        match self.spans.last().map(|span| span.outcome) {
            Some(Outcome::Failed) => " failed",
            Some(Outcome::Aborted) => " aborted",
            Some(Outcome::Running) => " so far",
            Some(Outcome::Done | Outcome::Skipped) | None => "",
        }
    }
}

/// The distance of the marks on the axis, in milliseconds, so that there are `most` of them at most.
fn tick_ms(total_ms: u64, most: u64) -> u64 {
    const STEPS: [u64; 16] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];
    let enough = STEPS.iter().map(|step| step * 1000).find(|step| total_ms / step < most.max(1));
    enough.unwrap_or(total_ms)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn span(subject: &str, phase: &str, times: std::ops::Range<u64>, outcome: Outcome) -> Span {
        let (subject, phase) = (subject.to_owned(), phase.to_owned());
        Span { subject, phase, begin_ms: times.start, end_ms: times.end, outcome }
    }

    /// A lab of two nodes, whose second fails.
    pub(crate) fn timings() -> Timings {
        use Outcome::{Done, Failed, Running, Skipped};
        let spans = vec![
            span("lab", "disks", 0..310, Done),
            span("node1", "start", 310..700, Done),
            span("node2", "start", 310..900, Done),
            span("node1", "reachable", 700..60_000, Done),
            span("node2", "reachable", 900..70_000, Done),
            span("node1", "hosts", 60_000..60_000, Skipped),
            span("node1", "control-plane", 61_000..240_000, Running),
            span("node2", "join", 180_000..200_000, Failed),
            span("node2", "join", 205_000..240_000, Failed),
        ];
        Timings { operation: "up".to_owned(), began: Timestamp::UNIX_EPOCH, spans }
    }

    #[test]
    fn there_is_a_line_for_each_phase_of_each_node() {
        let timings = timings();
        let rows = timings.rows();
        let names: Vec<_> = rows.iter().map(|row| format!("{} {}", row.subject, row.phase)).collect();
        let expected = [
            "lab disks",
            "node1 start",
            "node1 reachable",
            "node1 control-plane",
            "node2 start",
            "node2 reachable",
            "node2 join",
        ];
        assert_eq!(names, expected);
        assert_eq!((rows[6].spans.len(), rows[6].took_ms(), rows[6].remark()), (2, 55_000, " failed"));
        assert_eq!((rows[3].remark(), timings.total_ms()), (" so far", 240_000));
    }

    #[test]
    fn a_share_is_as_long_as_its_slowest_node() {
        let shares = timings().shares();
        let found: Vec<_> =
            shares.iter().map(|share| (share.phase.as_str(), share.subject.as_str(), share.took_ms)).collect();
        let expected = [
            ("disks", "lab", 310),
            ("start", "node2", 590),
            ("reachable", "node2", 69_100),
            ("control-plane", "node1", 179_000),
            ("join", "node2", 55_000),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_axis_has_as_many_marks_as_there_is_room_for() {
        for (total, most, expected) in
            [(900, 5, 1000), (240_000, 5, 60_000), (240_000, 20, 15_000), (0, 0, 1000), (u64::MAX, 5, u64::MAX)]
        {
            assert_eq!(tick_ms(total, most), expected, "{total} {most}");
        }
    }
}
