//! YAML as cloud-init reads it: with PyYAML, which is YAML 1.1, from version 3.10 (CentOS 7) on.
//!
//! A document is never pasted together from templates; values are serialised. serde-saphyr quotes what YAML 1.1 would
//! take for something else than text (`no`, `0644`, `12:34:56`, `=`, MAC addresses of digits only).

use serde::Serialize;
use serde_saphyr::{SerializerOptions, ser_options};

use crate::Error;

/// The last character PyYAML 3.10 takes unescaped (`reader.py`, `NON_PRINTABLE`): a single one above it makes
/// cloud-init drop the whole document, and the node comes up with no identity.
const LAST_CHARACTER: char = '\u{fffd}';

/// Writes `value` as a block mapping that ends in a newline. `what` names the document in errors.
pub(crate) fn render(what: &'static str, value: &impl Serialize) -> Result<String, Error> {
    let text = serde_saphyr::to_string_with_options(value, options())
        .map_err(|source| Error::Yaml { what, source: Box::new(source) })?;
    match text.chars().find(|character| *character > LAST_CHARACTER) {
        Some(character) => Err(Error::Character { what, character }),
        None => Ok(text),
    }
}

/// Whether `text` can be written as it is, by the measure of [`LAST_CHARACTER`].
pub(crate) fn can_hold(text: &str) -> bool {
    text.chars().all(|character| character <= LAST_CHARACTER)
}

fn options() -> SerializerOptions {
    ser_options! {
        // Long lines (SSH keys) stay one line: folding would be right, but nobody could paste them.
        folded_wrap_chars: usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_yaml_1_1_takes_for_something_else_is_quoted() {
        for text in ["no", "on", "y", "~", "=", "<<", "0644", "12:34:56", "52:54:00:12:34:56", "1e3", "2026-11-22", ""]
        {
            let yaml = render("a test", &BTreeMap::from([("key", text)])).unwrap();
            assert!([format!("key: '{text}'\n"), format!("key: \"{text}\"\n")].contains(&yaml), "{yaml}");
        }
    }

    #[test]
    fn lines_stay_as_they_are() {
        let long = "word ".repeat(100) + "end";
        assert_eq!(render("a test", &BTreeMap::from([("key", &long)])).unwrap(), format!("key: {long}\n"));
        let lines = render("a test", &BTreeMap::from([("key", "one\n  two\n")])).unwrap();
        assert_eq!(lines, "key: |\n  one\n    two\n");
    }

    #[test]
    fn a_character_old_readers_refuse_is_an_error() {
        let error = render("the user-data", &BTreeMap::from([("key", "smile \u{1f600}")])).unwrap_err();
        assert!(error.to_string().contains("U+1F600"), "{error}");
    }
}
