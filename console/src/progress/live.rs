//! Events as a table that is drawn again and again.
//!
//! The table stands above the line of the cursor: whatever else is written to the terminal, such as the `^C` of an
//! interrupt, comes below it and is drawn over. Every frame is one write, from the first line of the table down.

use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use console::Term;

use super::Event;
use super::table::Table;
use crate::term::Colour;

/// How often the table is drawn: often enough for a spinner that turns.
const FRAME: Duration = Duration::from_millis(100);

/// Draws events on standard error.
#[derive(Debug)]
pub(super) struct Live {
    screen: Arc<Mutex<Screen>>,
    /// What draws a frame now and then, as long as this is held.
    ticker: Option<Sender<()>>,
}

impl Live {
    pub fn new(colour: Colour) -> Self {
        let screen = Screen { table: Table::new(colour), drawn: None };
        Self { screen: Arc::new(Mutex::new(screen)), ticker: None }
    }
}

impl super::Show for Live {
    fn event(&mut self, event: &Event) {
        let mut screen = lock(&self.screen);
        screen.table.take(event, Instant::now());
        screen.draw();
        if self.ticker.is_none() {
            self.ticker = Some(tick(Arc::clone(&self.screen)));
        }
    }

    fn hide(&mut self) {
        lock(&self.screen).erase();
    }

    fn reveal(&mut self) {
        lock(&self.screen).draw();
    }

    fn settle(&mut self) {
        let mut screen = lock(&self.screen);
        if !screen.table.is_running() {
            screen.leave();
        }
    }

    fn finish(&mut self) {
        self.ticker = None;
        lock(&self.screen).leave();
    }
}

fn lock(screen: &Mutex<Screen>) -> MutexGuard<'_, Screen> {
    screen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws frames until the sender is dropped. A thread of its own turns the spinner also while the others are at work.
fn tick(screen: Arc<Mutex<Screen>>) -> Sender<()> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        while receiver.recv_timeout(FRAME) == Err(RecvTimeoutError::Timeout) {
            let mut screen = lock(&screen);
            // While the table is off the screen somebody else writes there.
            if screen.drawn.is_some() {
                screen.draw();
            }
        }
    });
    sender
}

/// The table, and how much of the terminal it takes.
#[derive(Debug)]
struct Screen {
    table: Table,
    /// How many lines were drawn, if the table is on the screen.
    drawn: Option<usize>,
}

impl Screen {
    /// Draws the table over the last frame.
    fn draw(&mut self) {
        if self.table.is_empty() {
            return;
        }
        let (height, width) = Term::stderr().size();
        // The last column stays free, where some terminals begin a new line; the last line is the cursor's.
        let (width, height) = (usize::from(width).saturating_sub(1), usize::from(height).saturating_sub(1));
        self.write(&self.table.render(width, height, Instant::now()), false);
    }

    /// Takes the table off the screen.
    fn erase(&mut self) {
        if self.drawn.is_some() {
            self.write(&[], true);
        }
    }

    /// Leaves the table on the screen for good, with everything that did not fit into a frame, and begins a new one.
    fn leave(&mut self) {
        if !self.table.is_empty() {
            self.write(&self.table.render(usize::MAX, usize::MAX, Instant::now()), true);
            self.table.clear();
        }
    }

    fn write(&mut self, lines: &[String], last: bool) {
        let frame = frame(self.drawn.unwrap_or_default(), lines, last);
        self.drawn = (!last).then_some(lines.len());
        // If the terminal has gone there is nobody left to tell.
        std::io::stderr().write_all(frame.as_bytes()).unwrap_or_default();
    }
}

/// What draws `lines` over as many lines as were drawn before. The cursor, which would jump about, is hidden until the
/// `last` frame.
///
/// The sequences are those of ECMA-48: CUU (cursor up), EL (erase to the end of the line) and ED (erase to the end of
/// the page); hiding the cursor is DEC's DECTCEM, which every terminal in use knows.
fn frame(drawn: usize, lines: &[String], last: bool) -> String {
    let up = if drawn > 0 { format!("\x1b[{drawn}A") } else { String::new() };
    let lines: String = lines.iter().map(|line| format!("{line}\x1b[K\n")).collect();
    let cursor = if last { "\x1b[?25h" } else { "\x1b[?25l" };
    format!("\r{up}{lines}\x1b[J{cursor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_drawn_over_the_one_before() {
        let lines = ["one".to_owned(), "two".to_owned()];
        assert_eq!(frame(0, &lines, false), "\rone\x1b[K\ntwo\x1b[K\n\x1b[J\x1b[?25l");
        assert_eq!(frame(2, &lines[..1], false), "\r\x1b[2Aone\x1b[K\n\x1b[J\x1b[?25l");
        assert_eq!(frame(1, &[], true), "\r\x1b[1A\x1b[J\x1b[?25h", "erased, and the cursor is back");
    }
}
