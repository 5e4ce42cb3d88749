//! A file that was read well: its value, and where everything stood.

use std::sync::Arc;

use crate::node::Node;
use crate::path::{Path, Step};
use crate::problem::Problems;
use crate::source::{Source, Span};

/// A file's text and the tree it was parsed into.
#[derive(Debug)]
pub(crate) struct Contents {
    pub source: Source,
    pub root: Node,
}

impl Contents {
    /// The place of the value at `path`, or of the nearest value around it that is there.
    pub fn locate(&self, path: &Path) -> Span {
        let mut node = &self.root;
        for step in path.steps() {
            let inner = match step {
                Step::Key(key) => node.entry(key).map(|entry| &entry.value),
                Step::Index(index) => node.element(*index),
            };
            match inner {
                Some(inner) => node = inner,
                None => break,
            }
        }
        node.span
    }
}

/// The value of a file, with the positions of everything in it.
#[derive(Debug, Clone)]
pub struct Document<T> {
    /// What was read.
    pub value: T,
    pub(crate) contents: Arc<Contents>,
}

impl<T> Document<T> {
    /// The name that the file was read under.
    pub fn file_name(&self) -> &str {
        &self.contents.source.file_name
    }

    /// The text as it was read.
    pub fn text(&self) -> &str {
        &self.contents.source.text
    }

    /// The line and column, both from 1, of the value at `path`, or of the nearest value around it that is written.
    pub fn at(&self, path: impl Into<Path>) -> (usize, usize) {
        let start = self.contents.locate(&path.into()).start;
        (start.line, start.column)
    }

    /// An empty list of problems of this file, for checks of what the types cannot say.
    pub fn problems(&self) -> Problems {
        Problems::new(Arc::clone(&self.contents), Vec::new())
    }
}
