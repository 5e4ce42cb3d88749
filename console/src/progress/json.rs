//! Events for programs: a JSON object a line.

use std::io::{self, Write};
use std::time::Duration;

use super::Event;
use super::plain::Throttle;

/// How often a program wants to hear of progress.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);

/// Writes events as lines of JSON.
#[derive(Debug)]
pub(super) struct Json<W> {
    /// Nothing once the reader has gone: the work goes on without it.
    to: Option<W>,
    throttle: Throttle,
}

impl<W: Write> Json<W> {
    pub fn new(to: W) -> Self {
        Self { to: Some(to), throttle: Throttle::new(PROGRESS_INTERVAL) }
    }
}

impl<W: Write + Send> super::Show for Json<W> {
    fn event(&mut self, event: &Event) {
        let Some(to) = self.to.as_mut().filter(|_| self.throttle.lets_pass(event)) else { return };
        if write(to, event).is_err() {
            self.to = None;
        }
    }
}

fn write(to: &mut impl Write, event: &Event) -> io::Result<()> {
    let line = serde_json::to_string(event)?;
    writeln!(to, "{line}")?;
    to.flush()
}
