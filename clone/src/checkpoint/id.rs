//! What a checkpoint is known by, whatever its name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The length of an id: two in a lab are the same once in 2^48.
const LENGTH: usize = 12;

/// Twelve hexadecimal digits: the name of the checkpoint's folder, which never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CheckpointId(String);

/// A text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no id of a checkpoint: it must be {LENGTH} hexadecimal digits")]
pub struct InvalidId(String);

impl CheckpointId {
    /// A new one.
    pub fn draw() -> Self {
        let mut digits = Uuid::new_v4().simple().to_string();
        digits.truncate(LENGTH);
        Self(digits)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CheckpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for CheckpointId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let good = text.len() == LENGTH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if good { Ok(Self(text.to_owned())) } else { Err(InvalidId(text.to_owned())) }
    }
}

impl TryFrom<String> for CheckpointId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<CheckpointId> for String {
    fn from(id: CheckpointId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written_and_nothing_else_is_one() {
        let id = CheckpointId::draw();
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "../../x", "0123456789AB", "0123456789a", "0123456789abc"] {
            assert!(text.parse::<CheckpointId>().is_err(), "{text}");
        }
    }
}
