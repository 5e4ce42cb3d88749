//! One thing that happened to a task.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::human;

/// One thing that happened to a task. Its JSON form is flat: `{"time", "subject", "phase", "state", …, "seconds"}`.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// When.
    pub time: Timestamp,
    /// What is worked on: a node, a layer, a download.
    pub subject: String,
    /// What is done with it.
    pub phase: String,
    /// What happened.
    #[serde(flatten)]
    pub state: State,
    /// How long the task had run by then.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub elapsed: Duration,
}

/// What happened to a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// It began.
    Started,
    /// It has done a part of its work.
    Progress {
        /// How much.
        done: u64,
        /// Of how much, where that is known.
        total: Option<u64>,
        /// What is counted.
        unit: Unit,
    },
    /// It has something to say.
    Note {
        /// What.
        text: String,
    },
    /// It ended well.
    Done,
    /// It ended before it began.
    Skipped {
        /// Why it was not necessary.
        reason: String,
    },
    /// It failed.
    Failed {
        /// Why.
        message: String,
    },
    /// It was given up, because something else failed or the user ended the command.
    Aborted,
}

/// What is counted by a task's progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Steps, files, nodes: anything that is simply counted.
    Steps,
}

impl State {
    /// Whether the task has ended.
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Done | Self::Skipped { .. } | Self::Failed { .. } | Self::Aborted)
    }
}

/// Progress in words: `120 MiB of 820 MiB (14 %)`, `3 of 12`.
pub(super) fn progress(done: u64, total: Option<u64>, unit: Unit) -> String {
    let number = |number| match unit {
        Unit::Bytes => human::bytes(number),
        Unit::Steps => number.to_string(),
    };
    match (total, unit) {
        (Some(total @ 1..), Unit::Bytes) => {
            let percent = u128::from(done.min(total)) * 100 / u128::from(total);
            format!("{} of {} ({percent} %)", number(done), number(total))
        }
        (Some(total), _) => format!("{} of {}", number(done), number(total)),
        (None, _) => number(done),
    }
}

/// Seconds with milliseconds: more digits than that are noise.
fn seconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((elapsed.as_secs_f64() * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_in_words() {
        let cases = [
            (120 << 20, Some(820 << 20), Unit::Bytes, "120 MiB of 820 MiB (14 %)"),
            (0, Some(0), Unit::Bytes, "0 bytes of 0 bytes"),
            (u64::MAX, Some(u64::MAX), Unit::Bytes, "15 EiB of 15 EiB (100 %)"),
            (2048, None, Unit::Bytes, "2 KiB"),
            (3, Some(12), Unit::Steps, "3 of 12"),
        ];
        for (done, total, unit, expected) in cases {
            assert_eq!(progress(done, total, unit), expected);
        }
    }
}
