//! What the monitor sends: answers, events, and whatever a later QEMU may think of.

use std::fmt;

use serde_json::{Map, Value};

/// A command was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The class: mostly `GenericError`, else one that is made for programs.
    pub class: String,
    /// The reason, for people.
    pub description: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.description, self.class)
    }
}

impl Refusal {
    /// Reads the member `error` of an answer, of the monitor or of the guest agent.
    pub(crate) fn read(error: &Value) -> Self {
        let text = |name: &str| error[name].as_str().unwrap_or("nothing said").to_owned();
        Self { class: text("class"), description: text("desc") }
    }
}

/// One line of the monitor.
#[derive(Debug)]
pub(super) enum Message {
    Answer {
        id: Option<u64>,
        answer: Result<Value, Refusal>,
    },
    /// Nothing that is asked for: an event mostly.
    Other,
}

impl Message {
    pub(super) fn read(line: Value) -> Self {
        let Value::Object(mut members) = line else { return Self::Other };
        let id = members.get("id").and_then(Value::as_u64);
        read_answer(&mut members).map_or(Self::Other, |answer| Self::Answer { id, answer })
    }
}

fn read_answer(members: &mut Map<String, Value>) -> Option<Result<Value, Refusal>> {
    match (members.remove("return"), members.get("error")) {
        (Some(value), _) => Some(Ok(value)),
        (None, Some(error)) => Some(Err(Refusal::read(error))),
        (None, None) => None,
    }
}
