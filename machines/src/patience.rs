//! Waiting for something that sends no event: looking again, soon at first and then less often, until a deadline.

use std::time::Duration;

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
}
