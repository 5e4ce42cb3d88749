//! What is wrong with a file.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::document::Contents;
use crate::path::Path;
use crate::source::Span;

/// One mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None }
    }

    /// Says what to do about it; a short hint is shown beside the underlined text, a long one below.
    pub fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = Some(hint.into());
        self
    }

    /// The line it is on, counted from 1.
    pub fn line(&self) -> usize {
        self.span.start.line
    }

    /// The column it begins at, counted in characters from 1.
    pub fn column(&self) -> usize {
        self.span.start.column
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Everything that is wrong with one file.
///
/// Printed with `{}` it is plain text; [`Problems::render`] can also colour it. Serialized it is the file's name and a
/// list of `{line, column, message, hint}`.
#[derive(Debug, Clone)]
pub struct Problems {
    pub(crate) contents: Arc<Contents>,
    pub(crate) list: Vec<Problem>,
}

impl Problems {
    pub(crate) fn new(contents: Arc<Contents>, list: Vec<Problem>) -> Self {
        let mut problems = Self { contents, list };
        problems.sort();
        problems
    }

    /// Adds a problem with the value at `path`; where nothing is written there, it is shown at the value around it.
    pub fn add(&mut self, path: impl Into<Path>, message: impl Into<String>) -> &mut Problem {
        let span = self.contents.locate(&path.into());
        self.list.push(Problem::new(span, message));
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    /// Ends a check: an error if anything was added.
    ///
    /// # Errors
    /// The problems themselves, in the order of the text.
    pub fn finish(mut self) -> Result<(), Self> {
        self.sort();
        if self.list.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The file they are in.
    pub fn file_name(&self) -> &str {
        &self.contents.source.file_name
    }

    /// Each of them; in the order of the text once the check is finished.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// All of them as a text of many lines without a last line break, with colours (ANSI sequences) if `colour`.
    pub fn render(&self, colour: bool) -> String {
        crate::render::problems(&self.contents.source, &self.list, colour)
    }

    fn sort(&mut self) {
        self.list.sort_by_key(|problem| problem.span.start);
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

impl Serialize for Problems {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct File<'a> {
            file: &'a str,
            problems: Vec<Line<'a>>,
        }
        #[derive(Serialize)]
        struct Line<'a> {
            line: usize,
            column: usize,
            message: &'a str,
            hint: Option<&'a str>,
        }
        let problems = self.list.iter().map(|problem| Line {
            line: problem.line(),
            column: problem.column(),
            message: &problem.message,
            hint: problem.hint.as_deref(),
        });
        File { file: self.file_name(), problems: problems.collect() }.serialize(serializer)
    }
}
