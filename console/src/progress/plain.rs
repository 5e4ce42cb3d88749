//! Events as lines, for files and for terminals that cannot draw.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::Duration;

use super::event::progress;
use super::{Event, State};
use crate::human;
use crate::term::{Colour, one_line};

/// How often a line about progress is worth reading.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(10);

/// Writes events as lines.
#[derive(Debug)]
pub(super) struct Plain<W> {
    /// Nothing once the reader has gone: the work goes on without it.
    to: Option<W>,
    colour: Colour,
    throttle: Throttle,
}

impl<W: Write> Plain<W> {
    pub fn new(to: W, colour: Colour) -> Self {
        Self { to: Some(to), colour, throttle: Throttle::new(PROGRESS_INTERVAL) }
    }
}

impl<W: Write + Send> super::Show for Plain<W> {
    fn event(&mut self, event: &Event) {
        let Some(to) = self.to.as_mut().filter(|_| self.throttle.lets_pass(event)) else { return };
        if write(to, event, self.colour).is_err() {
            self.to = None;
        }
    }
}

fn write(to: &mut impl Write, event: &Event, colour: Colour) -> io::Result<()> {
    writeln!(to, "{}", line(event, colour))?;
    to.flush()
}

fn line(event: &Event, colour: Colour) -> String {
    let what = match &event.state {
        State::Started => "started".to_owned(),
        State::Progress { done, total, unit } => progress(*done, *total, *unit),
        State::Note { text } => one_line(text),
        State::Done => colour.green(&format!("done in {}", human::duration(event.elapsed))),
        State::Skipped { reason } => format!("skipped: {}", one_line(reason)),
        State::Failed { message } => {
            let after = format!("failed after {}:", human::duration(event.elapsed));
            format!("{} {}", colour.red(&after), one_line(message))
        }
        State::Aborted => colour.yellow(&format!("aborted after {}", human::duration(event.elapsed))),
    };
    format!("{}: {}: {what}", one_line(&event.subject), one_line(&event.phase))
}

/// Holds back progress that comes too often. All other events pass.
#[derive(Debug)]
pub(super) struct Throttle {
    interval: Duration,
    /// For every running task how long it had run when its progress last passed.
    passed: HashMap<(String, String), Duration>,
}

impl Throttle {
    pub fn new(interval: Duration) -> Self {
        Self { interval, passed: HashMap::new() }
    }

    pub fn lets_pass(&mut self, event: &Event) -> bool {
        let task = || (event.subject.clone(), event.phase.clone());
        match &event.state {
            State::Started => {
                self.passed.insert(task(), Duration::ZERO);
            }
            State::Progress { .. } => {
                let passed = self.passed.entry(task()).or_default();
                if event.elapsed < *passed + self.interval {
                    return false;
                }
                *passed = event.elapsed;
            }
            state if state.is_end() => {
                self.passed.remove(&task());
            }
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::Unit;
    use super::*;

    fn event(state: State, seconds: u64) -> Event {
        let time = jiff::Timestamp::UNIX_EPOCH;
        Event { time, subject: "node1".into(), phase: "join".into(), state, elapsed: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_line_for_every_state() {
        let states = [
            State::Started,
            State::Progress { done: 3, total: Some(12), unit: Unit::Steps },
            State::Note { text: "waiting\nfor the \x1b[31mtoken".into() },
            State::Done,
            State::Skipped { reason: "it has joined".into() },
            State::Failed { message: "no answer".into() },
            State::Aborted,
        ];
        let lines: Vec<_> = states.into_iter().map(|state| line(&event(state, 92), Colour::OFF)).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        node1: join: started
        node1: join: 3 of 12
        node1: join: waiting for the [31mtoken
        node1: join: done in 1 min 32 s
        node1: join: skipped: it has joined
        node1: join: failed after 1 min 32 s: no answer
        node1: join: aborted after 1 min 32 s
        ");
    }

    #[test]
    fn progress_is_held_back() {
        let mut throttle = Throttle::new(Duration::from_secs(10));
        let at = |done| event(State::Progress { done, total: None, unit: Unit::Bytes }, done);
        let passed: Vec<bool> =
            [1, 9, 10, 11, 19, 20, 25, 31].into_iter().map(|s| throttle.lets_pass(&at(s))).collect();
        assert_eq!(passed, [false, false, true, false, false, true, false, true]);
        assert!(throttle.lets_pass(&event(State::Note { text: "always".into() }, 32)));
    }
}
