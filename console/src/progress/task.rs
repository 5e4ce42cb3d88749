//! A phase of a subject while it is worked on.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Event, Reporter, State, Unit};

/// Progress is passed on at most this often: whoever reports it may call for every few bytes.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// A phase of a subject while it is worked on; see [`Reporter::start`].
#[derive(Debug)]
#[must_use = "a task that is dropped at once ends as aborted"]
pub struct Task {
    reporter: Reporter,
    subject: String,
    phase: String,
    started: Instant,
    last_progress: Mutex<Option<Instant>>,
    last_note: Mutex<Option<String>>,
    ended: bool,
}

impl Task {
    pub(super) fn start(reporter: Reporter, subject: String, phase: String) -> Self {
        let started = Instant::now();
        let (last_progress, last_note) = (Mutex::default(), Mutex::default());
        let task = Self { reporter, subject, phase, started, last_progress, last_note, ended: false };
        task.send(State::Started);
        task
    }

    /// Says something about how it is going; one short line.
    pub fn note(&self, text: impl Into<String>) {
        let text = text.into();
        self.remember(text.clone());
        self.send(State::Note { text });
    }

    /// Keeps what was tried or seen last, for whoever has to say why it failed; nobody is shown it now.
    pub fn remember(&self, text: impl Into<String>) {
        *self.last_note.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.into());
    }

    /// What was said or remembered last of how it is going.
    pub fn last_note(&self) -> Option<String> {
        self.last_note.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says how many steps are done, of how many.
    pub fn progress(&self, done: u64, total: u64) {
        self.send_progress(done, Some(total), Unit::Steps);
    }

    /// Says how many bytes are done, and of how many if that is known. May be called as often as one likes.
    pub fn bytes(&self, done: u64, total: Option<u64>) {
        self.send_progress(done, total, Unit::Bytes);
    }

    /// It ended well.
    pub fn done(self) {
        self.end(State::Done);
    }

    /// There was nothing to do, because of this.
    pub fn skipped(self, reason: impl Into<String>) {
        self.end(State::Skipped { reason: reason.into() });
    }

    /// It failed, because of this. The whole story belongs into the command's failure; here it is one line.
    pub fn failed(self, message: impl Into<String>) {
        self.end(State::Failed { message: message.into() });
    }

    /// Ends with what a result says, and passes it on.
    ///
    /// # Errors
    /// The error that was given.
    pub fn finish<T, E: std::fmt::Display>(self, result: Result<T, E>) -> Result<T, E> {
        match &result {
            Ok(_) => self.done(),
            // The whole story is the command's failure, which is printed at its end.
            Err(error) => self.failed(error.to_string().lines().next().unwrap_or_default()),
        }
        result
    }

    fn send_progress(&self, done: u64, total: Option<u64>, unit: Unit) {
        let mut last = self.last_progress.lock().unwrap_or_else(PoisonError::into_inner);
        if total == Some(done) || last.is_none_or(|last| last.elapsed() >= PROGRESS_INTERVAL) {
            *last = Some(Instant::now());
            self.send(State::Progress { done, total, unit });
        }
    }

    fn end(mut self, state: State) {
        self.ended = true;
        self.send(state);
    }

    fn send(&self, state: State) {
        let (subject, phase) = (self.subject.clone(), self.phase.clone());
        self.reporter.send(&Event { time: Timestamp::now(), subject, phase, state, elapsed: self.started.elapsed() });
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if !self.ended {
            self.send(State::Aborted);
        }
    }
}
