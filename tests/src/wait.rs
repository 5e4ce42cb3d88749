//! Waiting for something that another process does.

use std::thread;
use std::time::{Duration, Instant};

/// Waits until `condition` holds, no longer than `limit`.
///
/// # Panics
/// When the time is over, saying what was waited for.
#[track_caller]
pub fn until(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !condition() {
        assert!(Instant::now() < deadline, "{what} did not happen within {} s", limit.as_secs());
        thread::sleep(Duration::from_millis(20));
    }
}
