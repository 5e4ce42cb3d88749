//! One line of the live table: a subject, the phases that it has been through, and those that it is in.

use std::time::{Duration, Instant};

use super::event::progress;
use super::{Event, State};
use crate::human;
use crate::term::{Colour, one_line};

/// What is shown in front of a subject that is worked on; it turns.
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const SPINNER_INTERVAL: Duration = Duration::from_millis(100);

/// A subject.
#[derive(Debug)]
pub(super) struct Row {
    pub subject: String,
    past: Vec<String>,
    running: Vec<Running>,
    outcome: Outcome,
    /// Why it failed.
    message: String,
}

/// A phase that is worked on.
#[derive(Debug)]
struct Running {
    phase: String,
    started: Instant,
    note: String,
    progress: String,
}

/// How the phases of a subject ended so far; the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Done,
    Aborted,
    Failed,
}

impl Row {
    pub fn new(subject: &str) -> Self {
        let (past, running) = (Vec::new(), Vec::new());
        Self { subject: one_line(subject), past, running, outcome: Outcome::Done, message: String::new() }
    }

    /// Whether anything is worked on.
    pub fn is_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Takes in an event that happened now.
    pub fn take(&mut self, event: &Event, now: Instant) {
        let phase = one_line(&event.phase);
        let index = self.running.iter().position(|running| running.phase == phase);
        let elapsed = human::duration(event.elapsed);
        if event.state.is_end()
            && let Some(index) = index
        {
            self.running.remove(index);
        }
        match &event.state {
            State::Started => {
                self.running.push(Running { phase, started: now, note: String::new(), progress: String::new() });
            }
            State::Progress { done, total, unit } => {
                if let Some(index) = index {
                    self.running[index].progress = progress(*done, *total, *unit);
                }
            }
            State::Note { text } => {
                if let Some(index) = index {
                    self.running[index].note = one_line(text);
                }
            }
            State::Done => self.past.push(format!("{phase} {elapsed}")),
            State::Skipped { .. } => self.past.push(format!("{phase} -")),
            State::Failed { message } => {
                self.past.push(format!("{phase} {elapsed}"));
                self.outcome = Outcome::Failed;
                self.message = one_line(message);
            }
            State::Aborted => {
                self.past.push(format!("{phase} {elapsed}"));
                self.outcome = self.outcome.max(Outcome::Aborted);
            }
        }
    }

    /// The line: at most `width` characters wide, the subject padded to `subject_width`.
    ///
    /// Where there is not enough room the oldest phases are left out first, then the end of the line.
    pub fn render(&self, subject_width: usize, width: usize, now: Instant, colour: Colour) -> String {
        let running: Vec<String> = self.running.iter().map(|running| running.render(now)).collect();
        let mut said: Vec<&str> =
            self.running.iter().flat_map(|running| [&*running.progress, &*running.note]).collect();
        said.push(&self.message);
        said.retain(|text| !text.is_empty());
        let said = said.join("  ");

        let head = format!("{:<subject_width$}  ", self.subject);
        let mut first = 0;
        loop {
            let left_out = (first > 0).then_some("…");
            let past = self.past[first..].iter().map(String::as_str);
            let phases: Vec<&str> =
                left_out.into_iter().chain(past).chain(running.iter().map(String::as_str)).collect();
            let text = format!("{head}{}{}{said}", phases.join(" · "), if said.is_empty() { "" } else { "  " });
            // The icon and the blank after it take two columns.
            if text.chars().count() + 2 <= width || first == self.past.len() {
                return format!("{} {}", self.icon(now, colour), cut(&text, width.saturating_sub(2)));
            }
            first += 1;
        }
    }

    fn icon(&self, now: Instant, colour: Colour) -> String {
        match (self.running.first(), self.outcome) {
            (Some(running), _) => {
                let turns = now.duration_since(running.started).as_millis() / SPINNER_INTERVAL.as_millis();
                colour.blue(SPINNER[usize::try_from(turns).unwrap_or_default() % SPINNER.len()])
            }
            (None, Outcome::Done) => colour.green("✓"),
            (None, Outcome::Aborted) => colour.yellow("-"),
            (None, Outcome::Failed) => colour.red("✗"),
        }
    }
}

impl Running {
    fn render(&self, now: Instant) -> String {
        let elapsed = now.duration_since(self.started);
        // Whole seconds, or the line would never stand still.
        let shown = if elapsed < Duration::from_secs(10) {
            format!("{} s", elapsed.as_secs())
        } else {
            human::duration(elapsed)
        };
        format!("{} {shown}", self.phase)
    }
}

/// The beginning of a text, with a sign that it goes on.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.trim_end().to_owned();
    }
    let beginning: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", beginning.trim_end())
}

#[cfg(test)]
mod tests {
    use super::super::Unit;
    use super::*;

    /// A row after these events, each `(phase, state, seconds since the beginning of the phase)`, and its last moment.
    fn row(subject: &str, events: &[(&str, State, u64)]) -> (Row, Instant) {
        let mut row = Row::new(subject);
        let mut now = Instant::now();
        for (phase, state, seconds) in events {
            let elapsed = Duration::from_secs(*seconds);
            now += elapsed;
            let (subject, phase) = (subject.to_owned(), (*phase).to_owned());
            let event = Event { time: jiff::Timestamp::UNIX_EPOCH, subject, phase, state: state.clone(), elapsed };
            row.take(&event, now);
        }
        (row, now)
    }

    fn note(text: &str) -> State {
        State::Note { text: text.to_owned() }
    }

    fn busy() -> (Row, Instant) {
        row(
            "node1",
            &[
                ("start", State::Started, 0),
                ("start", State::Done, 2),
                ("boot", State::Started, 0),
                ("boot", State::Done, 43),
                ("join", State::Started, 0),
                ("join", State::Progress { done: 3, total: Some(12), unit: Unit::Steps }, 12),
                ("join", note("waiting for the token"), 0),
            ],
        )
    }

    #[test]
    fn what_does_not_fit_is_left_out_oldest_first() {
        let (row, now) = busy();
        let cases = [
            (120, "⠋ node1   start 2.0 s · boot 43 s · join 12 s  3 of 12  waiting for the token"),
            (79, "⠋ node1   start 2.0 s · boot 43 s · join 12 s  3 of 12  waiting for the token"),
            (75, "⠋ node1   … · boot 43 s · join 12 s  3 of 12  waiting for the token"),
            (60, "⠋ node1   … · join 12 s  3 of 12  waiting for the token"),
            (40, "⠋ node1   … · join 12 s  3 of 12  waiti…"),
            (3, "⠋ …"),
        ];
        for (width, expected) in cases {
            let line = row.render(6, width, now, Colour::OFF);
            assert_eq!(line, expected);
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }

    #[test]
    fn rows_that_have_ended() {
        let failed = State::Failed { message: "no answer\non port 22".into() };
        let skipped = State::Skipped { reason: "joined".into() };
        let cases = [
            (vec![("boot", State::Started, 0), ("boot", State::Done, 43)], "✓ node1  boot 43 s"),
            (vec![("boot", State::Started, 0), ("boot", skipped, 0)], "✓ node1  boot -"),
            (vec![("boot", State::Started, 0), ("boot", State::Aborted, 3)], "- node1  boot 3.0 s"),
            (
                vec![("boot", State::Started, 0), ("boot", failed, 120), ("boot", State::Aborted, 0)],
                "✗ node1  boot 2 min 0 s · boot 0.0 s  no answer on port 22",
            ),
        ];
        for (events, expected) in cases {
            let (row, now) = row("node1", &events);
            assert!(!row.is_running());
            assert_eq!(row.render(5, usize::MAX, now, Colour::OFF), expected);
        }
    }

    #[test]
    fn phases_of_one_subject_may_overlap() {
        let (row, now) =
            row("image", &[("unpack", State::Started, 0), ("hash", State::Started, 1), ("unpack", State::Done, 2)]);
        assert!(row.is_running());
        assert_eq!(row.render(5, 80, now, Colour::OFF), "⠋ image  unpack 2.0 s · hash 2 s");
    }

    #[test]
    fn the_spinner_turns_and_icons_are_coloured() {
        let (row, now) = busy();
        let later = row.render(5, 80, now + SPINNER_INTERVAL, Colour::ON);
        assert!(later.starts_with("\x1b[1;34m⠙\x1b[0m node1  "), "{later:?}");
    }
}
