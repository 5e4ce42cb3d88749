//! What is going on, for everything that takes longer than a second.
//!
//! Work is reported as tasks: a *phase* (`reachable`, `join`, `download`) of a *subject* (`node1`, `layer tools`). Every
//! change of a task is an [`Event`], and there are three ways to show events: a table that is drawn again and again on
//! a terminal, lines on standard error elsewhere, and JSON on standard output for programs.
//!
//! ```
//! # let reporter = kiln_console::Reporter::silent();
//! let task = reporter.start("node1", "reachable");
//! task.note("waiting for SSH");
//! task.done();
//! ```

mod event;
mod json;
mod live;
mod plain;
mod row;
mod table;
mod task;

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use event::{Event, State, Unit};
pub use task::Task;

use crate::term::Colour;

/// One way of showing events.
trait Show: Send {
    /// Shows one event.
    fn event(&mut self, event: &Event);

    /// Takes what is drawn off the screen, because somebody else is about to write to it.
    fn hide(&mut self) {}

    /// Draws it again.
    fn reveal(&mut self) {}

    /// Leaves what is drawn where it is, if nothing is worked on: a result is about to be printed below it.
    fn settle(&mut self) {}

    /// Shows the last state for good. Afterwards nothing is drawn any more.
    fn finish(&mut self) {}
}

/// Where work is reported to. Clones report to the same place, from any thread.
#[derive(Clone)]
pub struct Reporter(Arc<Mutex<Inner>>);

struct Inner {
    show: Option<Box<dyn Show>>,
    listener: Option<Listener>,
    finished: bool,
}

/// Somebody who hears of every event, whether it is shown or not.
type Listener = Box<dyn FnMut(&Event) + Send>;

impl Reporter {
    /// Shows nothing.
    pub fn silent() -> Self {
        Self::new(None)
    }

    /// Writes a line for every event but progress, which is written now and then.
    pub fn plain(to: impl Write + Send + 'static, colour: Colour) -> Self {
        Self::new(Some(Box::new(plain::Plain::new(to, colour))))
    }

    /// Writes a JSON object in one line for every event; progress at most every second.
    pub fn json(to: impl Write + Send + 'static) -> Self {
        Self::new(Some(Box::new(json::Json::new(to))))
    }

    /// Draws a table on standard error, which is a terminal.
    pub fn live(colour: Colour) -> Self {
        Self::new(Some(Box::new(live::Live::new(colour))))
    }

    fn new(show: Option<Box<dyn Show>>) -> Self {
        Self(Arc::new(Mutex::new(Inner { show, listener: None, finished: false })))
    }

    /// Lets `listener` hear of every event from now on, whether events are shown or not, in the place of an earlier one.
    /// It must not report anything itself.
    pub fn listen(&self, listener: impl FnMut(&Event) + Send + 'static) {
        self.lock().listener = Some(Box::new(listener));
    }

    /// Begins a phase of a subject. The task ends as aborted if it is dropped before it is told how it ended.
    pub fn start(&self, subject: impl Into<String>, phase: impl Into<String>) -> Task {
        Task::start(self.clone(), subject.into(), phase.into())
    }

    /// Says that a phase need not be done, and why.
    pub fn skip(&self, subject: impl Into<String>, phase: impl Into<String>, reason: impl Into<String>) {
        self.start(subject, phase).skipped(reason);
    }

    /// Leaves what has been done on the screen if nothing is worked on any more: a result is about to be printed.
    pub(crate) fn settle(&self) {
        if let Some(show) = &mut self.lock().show {
            show.settle();
        }
    }

    /// Runs something that writes to the terminal itself, a log line or another program, without the table on it.
    pub fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        let mut inner = self.lock();
        if let Some(show) = &mut inner.show {
            show.hide();
        }
        let result = write();
        if let Some(show) = &mut inner.show {
            show.reveal();
        }
        result
    }

    /// Shows the last state for good; later events are not shown. Happens by itself when the last clone is dropped.
    pub fn finish(&self) {
        self.lock().finish();
    }

    fn send(&self, event: &Event) {
        let mut inner = self.lock();
        if inner.finished {
            return;
        }
        if let Some(listener) = &mut inner.listener {
            listener(event);
        }
        if let Some(show) = &mut inner.show {
            show.event(event);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // What is shown may be half an event behind after a panic elsewhere, which is no reason for another one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn finish(&mut self) {
        if !std::mem::replace(&mut self.finished, true)
            && let Some(show) = &mut self.show
        {
            show.finish();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.finish();
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reporter")
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// A file in memory that the test can look into while a reporter holds it.
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Page {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A reader that has gone.
    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_task_that_is_dropped_is_aborted() {
        let page = Page::default();
        let reporter = Reporter::plain(page.clone(), Colour::OFF);
        drop(reporter.start("node1", "boot"));
        reporter.skip("node2", "boot", "it runs");
        assert_eq!(
            page.text(),
            "node1: boot: started\nnode1: boot: aborted after 0.0 s\nnode2: boot: started\nnode2: boot: skipped: it runs\n"
        );
    }

    #[test]
    fn a_result_ends_a_task() {
        let page = Page::default();
        let reporter = Reporter::plain(page.clone(), Colour::OFF);
        let result: Result<u8, &str> = reporter.start("a", "b").finish(Ok(1));
        assert_eq!(result, Ok(1));
        let result: Result<u8, &str> = reporter.start("c", "d").finish(Err("no space"));
        assert_eq!(result, Err("no space"));
        let text = page.text();
        assert!(
            text.contains("a: b: done in 0.0 s\n") && text.contains("c: d: failed after 0.0 s: no space\n"),
            "{text}"
        );
    }

    #[test]
    fn nothing_is_shown_after_the_end() {
        let page = Page::default();
        let reporter = Reporter::plain(page.clone(), Colour::OFF);
        let task = reporter.start("node1", "boot");
        reporter.finish();
        task.note("too late");
        drop(task);
        assert_eq!(page.text(), "node1: boot: started\n");
    }

    #[test]
    fn events_are_json_lines() {
        let page = Page::default();
        let reporter = Reporter::json(page.clone());
        let task = reporter.start("node1", "download");
        for done in 0..=1000 {
            task.bytes(done, Some(1000));
        }
        task.note("a \"note\"\nof two lines");
        task.failed("altered");
        let lines: Vec<serde_json::Value> =
            page.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let states: Vec<_> = lines.iter().map(|line| line["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["started", "note", "failed"], "progress of less than a second is held back");
        assert_eq!(lines[1]["text"], "a \"note\"\nof two lines");
        assert_eq!(lines[2]["message"], "altered");
        for line in &lines {
            assert_eq!((&line["subject"], &line["phase"]), (&"node1".into(), &"download".into()));
            assert!(line["seconds"].is_f64() && line["time"].as_str().unwrap().ends_with('Z'), "{line}");
        }
    }

    #[test]
    fn a_listener_hears_what_nobody_is_shown() {
        let reporter = Reporter::silent();
        let (sender, receiver) = std::sync::mpsc::channel();
        reporter.listen(move |event| sender.send((event.phase.clone(), event.state.clone())).unwrap());
        reporter.start("node1", "boot").done();
        let boot = "boot".to_owned();
        assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [(boot.clone(), State::Started), (boot, State::Done)]);
    }

    #[test]
    fn work_goes_on_when_the_reader_has_gone() {
        for reporter in [Reporter::json(Closed), Reporter::plain(Closed, Colour::OFF)] {
            let task = reporter.start("node1", "boot");
            task.note("nobody reads this");
            task.done();
            assert_eq!(reporter.suspend(|| 42), 42);
        }
    }

    #[test]
    fn a_reporter_can_be_used_from_any_thread() {
        fn check<T: Send + Sync>(_: &T) {}
        let reporter = Reporter::silent();
        check(&reporter);
        check(&reporter.start("a", "b"));
    }
}
