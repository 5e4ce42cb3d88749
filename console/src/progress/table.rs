//! The live table: a line for every subject.

use std::time::Instant;

use super::Event;
use super::row::Row;
use crate::term::{Colour, one_line};

/// All subjects, in the order in which they first appeared.
#[derive(Debug)]
pub(super) struct Table {
    rows: Vec<Row>,
    colour: Colour,
}

impl Table {
    /// An empty one.
    pub fn new(colour: Colour) -> Self {
        Self { rows: Vec::new(), colour }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether anything is worked on.
    pub fn is_running(&self) -> bool {
        self.rows.iter().any(Row::is_running)
    }

    /// Forgets all subjects.
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// Takes in an event that happened now.
    pub fn take(&mut self, event: &Event, now: Instant) {
        let subject = one_line(&event.subject);
        let index = self.rows.iter().position(|row| row.subject == subject).unwrap_or_else(|| {
            self.rows.push(Row::new(&subject));
            self.rows.len() - 1
        });
        self.rows[index].take(event, now);
    }

    /// The lines, none wider than `width` characters. If there are more than `height`, those that are worked on come
    /// first.
    pub fn render(&self, width: usize, height: usize, now: Instant) -> Vec<String> {
        let subject_width = self.rows.iter().map(|row| row.subject.chars().count()).max().unwrap_or_default();
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        let left_out = rows.len().saturating_sub(height);
        if left_out > 0 {
            rows.sort_by_key(|row| !row.is_running());
            rows.truncate(height.saturating_sub(1));
        }
        let lines = rows.iter().map(|row| row.render(subject_width, width, now, self.colour));
        let more = (left_out > 0).then(|| format!("  … and {} more", self.rows.len() - rows.len()));
        lines.chain(more).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::State;
    use super::*;

    fn table(subjects: usize, running: &[usize]) -> (Table, Instant) {
        let (mut table, now) = (Table::new(Colour::OFF), Instant::now());
        let mut event = |number: usize, state| {
            let (time, subject) = (jiff::Timestamp::UNIX_EPOCH, format!("node{number}"));
            table.take(&Event { time, subject, phase: "boot".into(), state, elapsed: Duration::from_secs(43) }, now);
        };
        for number in 1..=subjects {
            event(number, State::Started);
            if !running.contains(&number) {
                event(number, State::Done);
            }
        }
        (table, now)
    }

    #[test]
    fn rows_keep_their_order() {
        let (table, now) = table(3, &[2]);
        insta::assert_snapshot!(table.render(80, 10, now).join("\n"), @"
        ✓ node1  boot 43 s
        ⠋ node2  boot 0 s
        ✓ node3  boot 43 s
        ");
    }

    #[test]
    fn a_table_that_is_too_high_shows_what_is_worked_on() {
        let (table, now) = table(100, &[50, 99]);
        insta::assert_snapshot!(table.render(80, 4, now).join("\n"), @"
        ⠋ node50   boot 0 s
        ⠋ node99   boot 0 s
        ✓ node1    boot 43 s
          … and 97 more
        ");
        assert_eq!(table.render(80, 100, now).len(), 100);
    }
}
