//! Writing down when each task began and ended, while a command is at work.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use jiff::Timestamp;
use kiln_console::Reporter;
use kiln_console::progress::{Event, State};
use kiln_images::durable;

use super::{Outcome, Share, Span, Timings};
use crate::checkpoint::save::HELD;

/// The file is written at most this often, and at the end: each time is a sync of the disk.
const INTERVAL: Duration = Duration::from_secs(2);

/// Records all tasks of a command until it is dropped, however the command ends. A command that reports nothing has
/// done nothing, and leaves what an earlier one wrote.
#[must_use = "nothing is recorded after it was dropped"]
pub struct Recording(Arc<Mutex<Recorder>>);

impl Recording {
    /// Records what is reported to `reporter` in `file`. Its folder has to be there when the first task ends.
    pub fn begin(operation: &str, file: Utf8PathBuf, reporter: &Reporter) -> Self {
        let recorder = Recorder {
            file,
            timings: Timings { operation: operation.to_owned(), began: Timestamp::now(), spans: Vec::new() },
            written: Instant::now(),
            ended: false,
        };
        let shared = Arc::new(Mutex::new(recorder));
        let listener = Arc::clone(&shared);
        reporter.listen(move |event| lock(&listener).take(event));
        Self(shared)
    }

    /// Ends it, and says how long each phase took: what the file says, too.
    pub fn end(self) -> Vec<Share> {
        let mut recorder = lock(&self.0);
        recorder.end();
        recorder.timings.shares()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        lock(&self.0).end();
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recording")
    }
}

fn lock(recorder: &Mutex<Recorder>) -> MutexGuard<'_, Recorder> {
    recorder.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Recorder {
    file: Utf8PathBuf,
    timings: Timings,
    /// When the file was written last.
    written: Instant,
    ended: bool,
}

impl Recorder {
    fn take(&mut self, event: &Event) {
        if self.ended {
            return;
        }
        let outcome = match event.state {
            State::Started => Outcome::Running,
            State::Done => Outcome::Done,
            State::Skipped { .. } => Outcome::Skipped,
            State::Failed { .. } => Outcome::Failed,
            State::Aborted => Outcome::Aborted,
            State::Note { .. } | State::Progress { .. } => return self.write_now_and_then(),
        };
        if self.timings.spans.is_empty() {
            self.timings.began = event.time;
        }
        let now = self.milliseconds(event.time);
        match outcome {
            Outcome::Running => {
                let (subject, phase) = (event.subject.clone(), event.phase.clone());
                self.timings.spans.push(Span { subject, phase, begin_ms: now, end_ms: now, outcome });
            }
            _ => {
                let is_it = |span: &&mut Span| {
                    span.outcome == Outcome::Running && (&span.subject, &span.phase) == (&event.subject, &event.phase)
                };
                if let Some(span) = self.timings.spans.iter_mut().find(is_it) {
                    (span.end_ms, span.outcome) = (now, outcome);
                }
            }
        }
        self.write_now_and_then();
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            self.write();
        }
    }

    /// Not while nodes are held, who would wait for the disk: everything here is done on one thread.
    fn write_now_and_then(&mut self) {
        let is_hold = |span: &Span| span.phase == HELD && span.outcome == Outcome::Running;
        if self.written.elapsed() >= INTERVAL && !self.timings.spans.iter().any(is_hold) {
            self.write();
        }
    }

    fn milliseconds(&self, time: Timestamp) -> u64 {
        // A clock that was set back makes a task short, not the lab fail.
        u64::try_from(time.duration_since(self.timings.began).as_millis()).unwrap_or_default()
    }

    /// Writes the file. How long things took is not worth failing for.
    fn write(&mut self) {
        if self.timings.spans.is_empty() {
            return;
        }
        self.written = Instant::now();
        let now = self.milliseconds(Timestamp::now());
        let running = self.timings.spans.iter_mut().filter(|span| span.outcome == Outcome::Running);
        running.for_each(|span| span.end_ms = now);
        if let Err(error) = durable::save(&self.file, &self.timings) {
            tracing::warn!("how long the phases took cannot be written down: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;

    #[test]
    fn every_task_is_recorded_until_the_end_of_the_command() {
        let folder = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(folder.path()).unwrap().join("timings.json");
        let reporter = Reporter::silent();
        let recording = Recording::begin("up", file.clone(), &reporter);
        let task = reporter.start("node1", "reachable");
        task.note("waiting");
        let never_ended = reporter.start("node2", "reachable");
        task.done();
        reporter.skip("node1", "hosts", "they are in its seed");
        drop(reporter.start("node1", "identity"));
        reporter.start("node1", "join").failed("no");
        let shares = recording.end();
        reporter.start("node1", "too-late").done();
        drop(never_ended);

        let timings: Timings = durable::load(&file).unwrap();
        let found: Vec<_> = timings.spans.iter().map(|span| (span.phase.as_str(), span.outcome)).collect();
        let expected = [
            ("reachable", Outcome::Done),
            ("reachable", Outcome::Running),
            ("hosts", Outcome::Skipped),
            ("identity", Outcome::Aborted),
            ("join", Outcome::Failed),
        ];
        assert_eq!(found, expected);
        assert!(timings.spans.iter().all(|span| span.begin_ms <= span.end_ms));
        assert_eq!(timings.spans[0].begin_ms, 0);
        assert_eq!(shares, timings.shares());
        assert_eq!(shares.len(), 3);
    }

    #[test]
    fn nothing_is_written_while_nodes_are_held() {
        let folder = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(folder.path()).unwrap().join("timings.json");
        let reporter = Reporter::silent();
        let recording = Recording::begin("up", file.clone(), &reporter);
        let hold = reporter.start("lab", HELD);
        lock(&recording.0).written = Instant::now().checked_sub(INTERVAL).unwrap();
        reporter.start("node1", "save").done();
        assert!(!file.exists());
        hold.done();
        assert!(file.exists());
    }

    #[test]
    fn a_command_that_did_nothing_leaves_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(folder.path()).unwrap().join("timings.json");
        drop(Recording::begin("up", file.clone(), &Reporter::silent()));
        assert!(!file.exists());
    }
}
