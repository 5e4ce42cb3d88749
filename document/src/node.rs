//! The tree that a file is read into: what was written, and where.

use crate::source::Span;

/// The number of a node. Nodes are counted in the order of the text, so that those inside a node follow it.
pub(crate) type NodeId = usize;

/// One value of the file.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Its number.
    pub id: NodeId,
    /// The number of the last node inside it; its own number if there is none.
    pub last: NodeId,
    /// What is underlined when something is wrong with it.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// The three kinds of YAML values.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Text, a number, a truth value or nothing: which one is decided by the type that it is read as.
    Scalar {
        /// The text, without quotes and with escapes resolved.
        text: String,
        /// Whether it was written without quotes.
        plain: bool,
    },
    /// A list.
    Seq(Vec<Node>),
    /// A map, in the order of the text; its keys are scalars, no two of them alike.
    Map(Vec<Entry>),
}

/// One line of a map.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The key, always a scalar.
    pub key: Node,
    /// What it stands for.
    pub value: Node,
}

impl Node {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The entry of a map with this key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key.text() == Some(key)),
            _ => None,
        }
    }

    /// The element of a list at this index, counted from zero.
    pub fn element(&self, index: usize) -> Option<&Node> {
        match &self.kind {
            Kind::Seq(elements) => elements.get(index),
            _ => None,
        }
    }

    /// Whether nothing is written here: `key:`, `~` or `null`.
    pub fn is_null(&self) -> bool {
        match &self.kind {
            Kind::Scalar { text, plain } => *plain && crate::scalar::is_null(text),
            _ => false,
        }
    }

    /// Whether a word for nothing is written here: `~` or `null`. Who leaves the place after `key:` empty may have meant
    /// to write something there, or has commented it out.
    pub fn says_none(&self) -> bool {
        self.is_null() && !matches!(&self.kind, Kind::Scalar { text, .. } if text.is_empty())
    }

    /// What stands here, for the second half of "expected a list, found …".
    pub fn found(&self) -> String {
        match &self.kind {
            Kind::Scalar { .. } if self.is_null() => "nothing".to_owned(),
            Kind::Scalar { text, .. } => crate::render::quoted(text),
            Kind::Seq(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
        }
    }
}
