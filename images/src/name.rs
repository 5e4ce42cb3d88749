//! Names that users give: of images, recipes, layers, labs, nodes, checkpoints.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The longest name, in characters: a DNS label (RFC 1035, 2.3.4), so that a name can be a host name too.
pub const MAX_LENGTH: usize = 63;

/// A name that is safe as a file name, an argument and a label: 1 to 63 of `a-z`, `0-9`, `-` and `.`, with a letter or
/// digit at both ends and no `..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// A text is no [`Name`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a name: {why}")]
pub struct InvalidName {
    text: String,
    why: &'static str,
}

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match problem(text) {
            None => Ok(Self(text.to_owned())),
            Some(why) => Err(InvalidName { text: text.to_owned(), why }),
        }
    }
}

fn problem(text: &str) -> Option<&'static str> {
    let is_end = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        Some("it is empty")
    } else if bytes.len() > MAX_LENGTH {
        Some("it has more than 63 characters")
    } else if !bytes.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')) {
        Some("only a-z, 0-9, `-` and `.` may be in it")
    } else if !is_end(bytes.first()) || !is_end(bytes.last()) {
        Some("it must begin and end with a letter or a digit")
    } else if text.contains("..") {
        Some("two dots may not follow each other")
    } else {
        None
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A name: a-z, 0-9, inner `-` and `.`; at most 63 characters.",
            "minLength": 1,
            "maxLength": MAX_LENGTH,
            "pattern": r"^[a-z0-9](\.?(-+\.)*-*[a-z0-9])*$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names() {
        for text in ["a", "7", "debian-12", "centos-7.5", "a--b", &"x".repeat(63)] {
            assert_eq!(text.parse::<Name>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn bad_names_say_why() {
        let long = "x".repeat(64);
        for (text, why) in [
            ("", "empty"),
            (long.as_str(), "63"),
            ("Debian", "a-z"),
            ("a/b", "a-z"),
            ("a b", "a-z"),
            ("ä", "a-z"),
            ("..", "begin"),
            ("-a", "begin"),
            ("a.", "begin"),
            ("a..b", "dots"),
        ] {
            let error = text.parse::<Name>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn json_is_checked_too() {
        assert!(serde_json::from_str::<Name>("\"../etc\"").is_err());
        assert_eq!(serde_json::to_string(&"ok".parse::<Name>().unwrap()).unwrap(), "\"ok\"");
    }
}
