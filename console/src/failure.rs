//! Why a command failed, as its user is told.

use std::error::Error;
use std::fmt;

use serde::Serialize;

use crate::exit::Class;
use crate::term::{self, Colour};

/// The failure of a command: what kind, what happened, why, and what to do about it.
///
/// Each program turns its libraries' errors into this with one map.
#[derive(Debug)]
pub struct Failure(Box<Story>);

/// In a box, so that a `Result` stays small where nothing fails.
#[derive(Debug)]
struct Story {
    class: Class,
    message: String,
    /// The message as it is shown, without and with colours, if it has a form of its own.
    report: Option<[String; 2]>,
    causes: Vec<String>,
    hints: Vec<String>,
    details: Option<serde_json::Value>,
}

impl Failure {
    /// A failure with this message, a fragment in lower case; it may have several lines.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        let (message, causes, hints) = (message.into(), Vec::new(), Vec::new());
        Self(Box::new(Story { class, message, report: None, causes, hints, details: None }))
    }

    /// The failure that an error is: its message, and its sources as the causes.
    pub fn of(class: Class, error: &dyn Error) -> Self {
        let mut failure = Self::new(class, error.to_string());
        failure.add_sources(error);
        failure
    }

    /// A failure that prints itself, such as the problems of a file: `render` is asked for it without and with colours.
    pub fn report(class: Class, render: impl Fn(bool) -> String) -> Self {
        let [plain, coloured] = [false, true].map(render);
        let mut failure = Self::new(class, plain.clone());
        failure.0.report = Some([plain, coloured]);
        failure
    }

    /// Adds an error, and its sources, as the cause.
    #[must_use]
    pub fn caused_by(mut self, error: &dyn Error) -> Self {
        self.add_cause(error.to_string());
        self.add_sources(error);
        self
    }

    /// Says what was being done; what the message was so far becomes the first cause.
    #[must_use]
    pub fn context(mut self, doing: impl Into<String>) -> Self {
        let message = std::mem::replace(&mut self.0.message, doing.into());
        self.0.causes.insert(0, message);
        self.0.report = None;
        self
    }

    /// Adds what the user can do about it, as a sentence without a period.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Adds what a program can make use of; it is part of the JSON form only.
    #[must_use]
    pub fn details(mut self, details: &impl Serialize) -> Self {
        // The details only repeat what the message says: a value that is no JSON is no reason to lose the message.
        self.0.details = serde_json::to_value(details).ok();
        self
    }

    /// The kind of failure, which decides on the exit code.
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What led to it, the last of them first.
    pub(crate) fn causes(&self) -> impl Iterator<Item = &str> {
        self.0.causes.iter().map(String::as_str)
    }

    /// What the user can do about it.
    pub(crate) fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// What users see, without a last line break. What others have said, guests for instance, is in it as text that a
    /// terminal only shows.
    pub fn render(&self, colour: Colour) -> String {
        let mut lines = vec![match &self.0.report {
            Some([plain, coloured]) => if colour.is_on() { coloured } else { plain }.clone(),
            None => format!("{} {}", colour.red("error:"), term::lines(&self.0.message)),
        }];
        if !self.0.causes.is_empty() {
            lines.push("Caused by:".to_owned());
            let causes = self.0.causes.iter().map(|cause| term::lines(cause).replace('\n', "\n  "));
            lines.extend(causes.map(|cause| format!("  {cause}")));
        }
        let hints = self.0.hints.iter().map(|hint| term::lines(hint).replace('\n', "\n      "));
        lines.extend(hints.map(|hint| format!("{} {hint}", colour.blue("hint:"))));
        lines.join("\n")
    }

    /// The same as JSON in one line: `{"error": {"class", "code", "message", "notes", "causes", "hints", "details"}}`. The
    /// message is its first line, and the notes are what stands below that; a failure that prints itself is a message as a
    /// whole, with what programs need of it in the details.
    pub fn to_json(&self) -> String {
        let (message, notes) = match self.0.report {
            Some(_) => (self.0.message.as_str(), Vec::new()),
            None => with_notes(&self.0.message),
        };
        serde_json::json!({ "error": {
            "class": self.0.class,
            "code": self.0.class.code(),
            "message": message,
            "notes": notes,
            "causes": self.0.causes,
            "hints": self.0.hints,
            "details": self.0.details,
        }})
        .to_string()
    }

    fn add_sources(&mut self, error: &dyn Error) {
        let mut error = error;
        while let Some(source) = error.source() {
            self.add_cause(source.to_string());
            error = source;
        }
    }

    /// Libraries that repeat the message of the source in their own are common: what was said is not said again.
    fn add_cause(&mut self, cause: String) {
        let before = self.0.causes.last().unwrap_or(&self.0.message);
        if !before.contains(&cause) {
            self.0.causes.push(cause);
        }
    }
}

/// The first line of a message, and what the lines below it say: what there is instead, the last words of a command, what to
/// do. A line that is indented more than the others belongs to the one before it.
fn with_notes(message: &str) -> (&str, Vec<String>) {
    let (first, below) = message.split_once('\n').unwrap_or((message, ""));
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lines = || below.lines().filter(|line| !line.trim().is_empty());
    let margin = lines().map(indent).min().unwrap_or_default();
    let mut notes: Vec<String> = Vec::new();
    for line in lines() {
        match notes.last_mut() {
            Some(note) if indent(line) > margin => note.extend(["\n", &line[margin..]]),
            _ => notes.push(line.trim_start_matches(' ').to_owned()),
        }
    }
    (first, notes)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Fake {
        #[error("the disk `node1.qcow2` could not be made")]
        Disk(#[source] std::io::Error),
        #[error("opening the store: {0}")]
        Repeats(#[source] std::io::Error),
    }

    fn full() -> std::io::Error {
        std::io::Error::other("no space left on device")
    }

    #[test]
    fn a_failure_with_everything() {
        let failure = Failure::of(Class::Host, &Fake::Disk(full()))
            .context("bringing up the lab `three-nodes`")
            .hint("remove what is not used any more: bake prune")
            .hint("or move the store:\n--home FOLDER");
        insta::assert_snapshot!(failure.render(Colour::OFF), @"
        error: bringing up the lab `three-nodes`
        Caused by:
          the disk `node1.qcow2` could not be made
          no space left on device
        hint: remove what is not used any more: bake prune
        hint: or move the store:
              --home FOLDER
        ");
        insta::assert_snapshot!(failure.to_json(), @r#"{"error":{"causes":["the disk `node1.qcow2` could not be made","no space left on device"],"class":"host","code":4,"details":null,"hints":["remove what is not used any more: bake prune","or move the store:\n--home FOLDER"],"message":"bringing up the lab `three-nodes`","notes":[]}}"#);
    }

    #[test]
    fn what_stands_below_a_message_is_apart_from_it_for_programs_alone() {
        let said = "making the disk: status 1\n  command: mkfs\n  it said:\n    no room\n\n    at all\n  log: /x";
        let failure = Failure::new(Class::Host, said);
        assert_eq!(failure.render(Colour::OFF), format!("error: {said}"));
        let json: serde_json::Value = serde_json::from_str(&failure.to_json()).unwrap();
        let notes = serde_json::json!(["command: mkfs", "it said:\n  no room\n  at all", "log: /x"]);
        assert_eq!((&json["error"]["message"], &json["error"]["notes"]), (&"making the disk: status 1".into(), &notes));
        for (message, first, notes) in [
            ("it is gone", "it is gone", &[][..]),
            ("2 images:\na was changed:\n  now x\nb is gone", "2 images:", &["a was changed:\n  now x", "b is gone"]),
            ("a is down\n  start it\nb is down\n  start it", "a is down", &["start it", "b is down\n  start it"]),
        ] {
            assert_eq!(with_notes(message), (first, notes.iter().map(ToString::to_string).collect()));
        }
    }

    #[test]
    fn what_was_said_is_not_said_again() {
        let failure = Failure::of(Class::Image, &Fake::Repeats(full()));
        assert_eq!(failure.render(Colour::OFF), "error: opening the store: no space left on device");
        let failure = Failure::new(Class::Image, "the image is gone").caused_by(&Fake::Repeats(full()));
        let expected = "error: the image is gone\nCaused by:\n  opening the store: no space left on device";
        assert_eq!(failure.render(Colour::OFF), expected);
    }

    #[test]
    fn a_report_prints_itself() {
        let failure = Failure::report(Class::File, |colour| format!("colour: {colour}")).details(&["x"]);
        assert_eq!(failure.render(Colour::OFF), "colour: false");
        assert_eq!(failure.render(Colour::ON), "colour: true");
        let json: serde_json::Value = serde_json::from_str(&failure.to_json()).unwrap();
        assert_eq!(json["error"]["details"], serde_json::json!(["x"]));
        assert_eq!(json["error"]["message"], "colour: false");
    }

    #[test]
    fn what_others_have_said_is_not_obeyed_by_the_terminal() {
        let said = "one\x1b]0;title\x07\n\x1b[2Jtwo\u{9b}31m";
        let failure = Failure::new(Class::Guest, said).caused_by(&std::io::Error::other("x\x1bc")).hint(said);
        insta::assert_snapshot!(failure.render(Colour::OFF), @"
        error: one]0;title
        [2Jtwo31m
        Caused by:
          xc
        hint: one]0;title
              [2Jtwo31m
        ");
    }

    #[test]
    fn colours_only_if_wanted() {
        assert_eq!(Failure::new(Class::Busy, "busy").render(Colour::ON), "\x1b[1;31merror:\x1b[0m busy");
    }
}
