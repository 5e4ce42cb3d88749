//! What passes through the relay: into a file, and out of that to whoever asks for it, as far as it has come.
//!
//! A package manager that has heard nothing for a while asks again (yum.conf(5), `timeout`: 30 s). It gets the file that is
//! on its way, and not another one from the beginning.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Weak};

use camino::Utf8PathBuf;
use kiln_images::download::Progress;
use tokio::sync::watch;

/// How far a file has come.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// How many bytes are there, and of how many, if the server says.
    pub come: Progress,
    /// How it ended, when it did.
    pub end: Option<Result<(), Refusal>>,
}

/// That it cannot be had, as HTTP says it.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub status: u16,
    pub why: String,
}

impl State {
    /// How many bytes may be passed on. The last one waits for the end: what has come only half, or could not be kept for
    /// a bundle, must not look whole.
    pub(super) fn ready(&self) -> u64 {
        if self.is_whole() { self.come.bytes } else { self.come.bytes.saturating_sub(1) }
    }

    /// How long the whole is, once that is known.
    pub(super) fn length(&self) -> Option<u64> {
        if self.is_whole() { Some(self.come.bytes) } else { self.come.total }
    }

    fn is_whole(&self) -> bool {
        matches!(self.end, Some(Ok(())))
    }
}

/// A file on its way. It goes when nobody needs it any more.
#[derive(Debug)]
pub(super) struct Passing {
    pub file: Utf8PathBuf,
    pub state: watch::Receiver<State>,
}

impl Drop for Passing {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.file) {
            // What could not be had has none.
            tracing::debug!(%error, "{} is not removed", self.file);
        }
    }
}

/// The files that are on their way, by their URLs.
#[derive(Debug, Default)]
pub(super) struct AllPassing(HashMap<String, Weak<Passing>>);

impl AllPassing {
    /// The one of this URL. If there is none, or it has failed, `begin` begins one.
    pub(super) fn of(&mut self, url: &str, begin: impl FnOnce() -> Arc<Passing>) -> Arc<Passing> {
        self.0.retain(|_, passing| passing.strong_count() > 0);
        let passing = self.0.get(url).and_then(Weak::upgrade);
        if let Some(passing) = passing.filter(|one| !matches!(one.state.borrow().end, Some(Err(_)))) {
            return passing;
        }
        let begun = begin();
        self.0.insert(url.to_owned(), Arc::downgrade(&begun));
        begun
    }
}
