//! Why a run ended.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::Field;
use crate::node::{Node, NodeId};
use crate::problem::Problem;
use crate::source::Span;
use crate::suggest::{listed, nearest};

/// What is wrong, without the place.
#[derive(Debug)]
pub(crate) struct Complaint {
    message: String,
    hint: Option<String>,
}

impl Complaint {
    /// One without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// The same with a hint.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// A name that is none of those that are known.
    pub fn unknown(what: &str, name: &str, known: &[&str]) -> Self {
        let complaint = Self::new(format!("unknown {what} {}", crate::render::quoted(name)));
        match (nearest(name, known.iter().copied()), known) {
            (Some(near), _) => complaint.hint(format!("did you mean `{near}`?")),
            (None, []) => complaint.hint("nothing can be written here"),
            (None, _) => complaint.hint(format!("known here: {}", listed(known.iter().copied()))),
        }
    }

    /// The problem that this is at a place.
    pub fn at(self, span: Span) -> Problem {
        Problem { span, message: self.message, hint: self.hint }
    }
}

/// What ended a run, as serde passes it on.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Somebody complained who does not know where the value stands.
    Unplaced(Complaint),
    /// A derived `Deserialize` misses a field and does not know of which node.
    MissingField(&'static str),
    /// A fault on its way up to the root.
    Placed(Finding),
}

/// What ended a run, and where.
#[derive(Debug)]
pub(crate) enum Finding {
    /// A value is wrong.
    Value { node: NodeId, last: NodeId, span: Span, complaint: Complaint },
    /// The key `node` of the map `within` is no field of the struct; it may have been `meant` as one.
    UnknownField { node: NodeId, span: Span, within: NodeId, complaint: Complaint, meant: Option<&'static str> },
    /// A required field is missing; it is `present` if it is there and was left out for being wrong.
    MissingField { node: NodeId, span: Span, field: &'static str, present: bool },
    /// What stood in for a missing field does not fit its type.
    StandIn(Field),
    /// A value cannot be made because a part of it was left out.
    Incomplete(NodeId),
}

impl Finding {
    /// A complaint about a node.
    pub fn about(node: &Node, complaint: Complaint) -> Self {
        Self::Value { node: node.id, last: node.last, span: node.span, complaint }
    }

    /// A complaint about a node that is shown at a part of it.
    pub fn about_part(node: &Node, part: &Node, complaint: Complaint) -> Self {
        Self::Value { node: node.id, last: node.id, span: part.span, complaint }
    }
}

impl Fault {
    /// What was found, at the place of `node` if it has no place yet.
    pub fn at(self, node: &Node) -> Finding {
        match self {
            Self::Unplaced(complaint) => Finding::about(node, complaint),
            Self::MissingField(field) => {
                Finding::MissingField { node: node.id, span: node.span, field, present: node.entry(field).is_some() }
            }
            Self::Placed(finding) => finding,
        }
    }
}

impl From<Complaint> for Fault {
    fn from(complaint: Complaint) -> Self {
        Self::Unplaced(complaint)
    }
}

impl From<Finding> for Fault {
    fn from(finding: Finding) -> Self {
        Self::Placed(finding)
    }
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Complaint::new(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}, found {found}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}, found {length}"))
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Complaint::unknown("name", variant, known).into()
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Complaint::unknown("field", field, known).into()
    }

    fn missing_field(field: &'static str) -> Self {
        Self::MissingField(field)
    }
}

impl std::error::Error for Fault {}

/// Only for serde, which wants every error to be printable: what users see are the problems made of it.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
