//! Whatever is in a file, reading it ends, and without a panic.

use std::collections::BTreeMap;
use std::time::Instant;

use kiln_document::{MAX_BYTES, MAX_DEPTH, read, read_loosely};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Everything {
    name: String,
    number: Option<i16>,
    ratio: Option<f32>,
    flag: Option<bool>,
    pair: Option<(u8, String)>,
    list: Option<Vec<Item>>,
    map: Option<BTreeMap<String, Item>>,
    any: Option<serde_json::Value>,
    inner: Option<Box<Everything>>,
    nothing: Option<()>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
enum Item {
    Unit,
    One(String),
    Two(u8, u8),
    Named { a: u8, b: Option<String> },
}

/// Texts that look like the files: mostly valid YAML with known and unknown words in all places.
fn likely() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "name", "number", "ratio", "flag", "pair", "list", "map", "any", "inner", "Unit", "One", "Two", "Named", "a",
        "b", "1", "-7", "1e3", "true", "~", "\"q\"", "'", "*a", "&a", "!t", "|", "é", "\t", "",
    ]);
    let joint = prop::sample::select(vec![
        ": ", ":\n  ", "\n", "\n- ", "[", "]", "{", "}", ", ", "? ", "---\n", "\n    ", "#", "\r\n",
    ]);
    prop::collection::vec((word, joint), 0..40)
        .prop_map(|parts| parts.into_iter().map(|(word, joint)| format!("{word}{joint}")).collect())
}

fn read_and_print(text: &str) -> Result<(), TestCaseError> {
    let both = [read::<Everything>("any.yaml", text), read_loosely("any.yaml", text)];
    for problems in both.into_iter().filter_map(Result::err) {
        prop_assert!(problems.iter().count() > 0, "refused without a reason: {text:?}");
        prop_assert!(!problems.to_string().contains('\x1b'));
        let lines = problems.iter().map(|problem| (problem.line(), problem.column()));
        prop_assert!(lines.is_sorted_by_key(|place| place), "not in the order of the text");
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        read_and_print(&text)?;
    }

    #[test]
    fn likely_texts_are_read(text in likely()) {
        read_and_print(&text)?;
    }
}

/// What reading `text` says, and that it does not take long: a minute would mean that something is quadratic.
fn first_message(text: &str) -> String {
    let begin = Instant::now();
    let Err(problems) = read::<Everything>("big.yaml", text) else { panic!("nothing is wrong with it") };
    let shown = problems.to_string();
    assert!(shown.len() < 100_000, "{} bytes are shown", shown.len());
    assert!(begin.elapsed().as_secs() < 60, "reading took {:?}", begin.elapsed());
    problems.iter().next().map(|problem| problem.message().to_owned()).unwrap_or_default()
}

#[test]
fn size_and_depth_have_limits() {
    let deep = MAX_DEPTH + 1;
    let cases = [
        (" ".repeat(MAX_BYTES + 1), "this file is larger than 1048576 bytes"),
        ("- ".repeat(deep), "lists and maps stand more than 64 deep in each other"),
        ("[".repeat(deep), "lists and maps stand more than 64 deep in each other"),
        ("- ".repeat(MAX_BYTES / 2), "lists and maps stand more than 64 deep in each other"),
    ];
    for (text, expected) in cases {
        assert_eq!(first_message(&text), expected, "{} bytes", text.len());
    }
}

#[test]
fn large_files_are_read_in_time() {
    let unknown: String = (0..60_000).map(|number| format!("key-{number}: 1\n")).collect();
    assert!(first_message(&unknown).starts_with("unknown field `key-0`"));
    let twice = "name: 1\n".repeat(MAX_BYTES / 8);
    assert_eq!(first_message(&twice), "the key `name` is here twice");
    let shown = read::<Everything>("big.yaml", &twice).unwrap_err().to_string();
    assert!(shown.ends_with("\n\n131071 problems in big.yaml, of which the first 100 are shown"));
    let quoted = format!("name: [{}]", "\"q\",".repeat(MAX_BYTES / 5));
    assert_eq!(first_message(&quoted), "expected text, found a list");
}
