//! Waiting for something that sends no event: looking again, soon at first and then less often, until a deadline.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use camino::Utf8Path;
use tokio::time::{Instant, sleep_until};

/// The first pause. What is waited for mostly takes a few milliseconds.
const FIRST: Duration = Duration::from_millis(1);

/// Pauses that double, up to a deadline.
#[derive(Debug)]
pub(crate) struct Patience {
    deadline: Instant,
    next: Duration,
    longest: Duration,
}

impl Patience {
    /// Patience until `deadline`, with pauses of at most `longest`.
    pub(crate) fn until(deadline: Instant, longest: Duration) -> Self {
        Self { deadline, next: FIRST, longest }
    }

    /// Pauses and returns true; at the deadline returns false. So what is waited for is looked at once more after the
    /// last pause.
    pub(crate) async fn pause(&mut self) -> bool {
        let now = Instant::now();
        if now >= self.deadline {
            return false;
        }
        sleep_until((now + self.next).min(self.deadline)).await;
        self.next = (self.next * 2).min(self.longest);
        true
    }
}

/// Opens the lock file `path`, creating it if needed, and waits for the lock on it, for `limit` at most. Nothing if
/// somebody else kept it for all that time. The lock ends with the file that is returned.
pub(crate) async fn lock(path: &Utf8Path, limit: Duration) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    let mut patience = Patience::until(Instant::now() + limit, Duration::from_millis(50));
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if patience.pause().await => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_last_look_is_at_the_deadline() {
        let begin = Instant::now();
        let mut patience = Patience::until(begin + Duration::from_secs(1), Duration::from_millis(300));
        let mut looks = 0;
        while patience.pause().await {
            looks += 1;
        }
        assert_eq!(begin.elapsed(), Duration::from_secs(1));
        assert!((8..20).contains(&looks), "{looks}");
    }

    #[tokio::test]
    async fn a_lock_that_is_kept_is_not_given() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("lock");
        let limit = Duration::from_millis(20);
        let first = lock(&path, limit).await.unwrap();
        assert!(first.is_some());
        assert!(lock(&path, limit).await.unwrap().is_none());
        drop(first);
        assert!(lock(&path, limit).await.unwrap().is_some());
    }
}
