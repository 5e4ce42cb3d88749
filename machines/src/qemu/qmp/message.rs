//! What the monitor sends: events, answers, and whatever a later QEMU may think of.

use std::fmt;

use serde_json::{Map, Value};

/// Something that happened in the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its name, such as `SHUTDOWN`.
    pub name: String,
    /// What it tells; null if nothing.
    pub data: Value,
}

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
    Event(Event),
    Answer { id: Option<u64>, answer: Result<Value, Refusal> },
    Unknown,
}

impl Message {
    pub(super) fn read(line: Value) -> Self {
        let Value::Object(mut members) = line else { return Self::Unknown };
        if let Some(Value::String(name)) = members.remove("event") {
            let data = members.remove("data").unwrap_or(Value::Null);
            return Self::Event(Event { name, data });
        }
        let id = members.get("id").and_then(Value::as_u64);
        read_answer(&mut members).map_or(Self::Unknown, |answer| Self::Answer { id, answer })
    }
}

fn read_answer(members: &mut Map<String, Value>) -> Option<Result<Value, Refusal>> {
    match (members.remove("return"), members.get("error")) {
        (Some(value), _) => Some(Ok(value)),
        (None, Some(error)) => Some(Err(Refusal::read(error))),
        (None, None) => None,
    }
}
