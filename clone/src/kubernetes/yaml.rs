//! YAML as Kubernetes reads it (sigs.k8s.io/yaml): values are serialised, never pasted together.

use kiln_document::Problems;
use serde::Serialize;
use serde_json::Value;
use serde_saphyr::{SerializerOptions, ser_options};

/// A value could not be written as YAML.
#[derive(Debug, thiserror::Error)]
#[error("{what} could not be written as YAML")]
pub struct YamlError {
    /// The document.
    pub what: &'static str,
    /// What the serialiser said.
    source: Box<serde_saphyr::ser_error::Error>,
}

/// Writes one document, without a marker before it.
///
/// # Errors
/// [`YamlError`] where the value has no form in YAML.
pub(super) fn write(what: &'static str, value: &impl Serialize) -> Result<String, YamlError> {
    let source = |source| YamlError { what, source: Box::new(source) };
    serde_saphyr::to_string_with_options(value, options()).map_err(source)
}

/// Joins documents to one file.
pub(super) fn join(documents: &[String]) -> String {
    documents.join("---\n")
}

/// Reads all documents of a file; empty ones are left out.
///
/// # Errors
/// Every problem of the first document that has one. Lines are counted within it.
pub(crate) fn read(file_name: &str, text: &str) -> Result<Vec<Value>, Problems> {
    documents(file_name, text).into_iter().collect()
}

/// Reads the documents of a file each by itself, as `kubectl` does: of a key that is there twice the last counts. The file of
/// Istio 1.0.6 has such. Empty documents are left out; problems are those of one document, which they name by its number
/// where there are several.
pub(crate) fn documents(file_name: &str, text: &str) -> Vec<Result<Value, Problems>> {
    let texts = split(text);
    let name = |index: usize| match texts.len() {
        1 => file_name.to_owned(),
        _ => format!("{file_name}, document {}", index + 1),
    };
    let read = |(index, text): (usize, &String)| Ok(kiln_document::read_loosely::<Value>(&name(index), text)?.value);
    let documents = texts.iter().enumerate().map(read);
    documents.filter(|document| !matches!(document, Ok(Value::Null))).collect()
}

/// Cuts a file at the markers between documents. A line that begins with `---` is nothing else, even inside a block of
/// text (YAML 1.2.2, section 9.1.2, `c-forbidden`).
fn split(text: &str) -> Vec<String> {
    let mut documents = Vec::new();
    let mut document = String::new();
    for line in text.split_inclusive('\n') {
        let marker =
            line.strip_prefix("---").filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        match marker {
            Some(rest) => documents.push(std::mem::replace(&mut document, rest.to_owned())),
            None => document.push_str(line),
        }
    }
    documents.push(document);
    documents.retain(|document| document.lines().any(|line| !line.trim().is_empty() && !line.starts_with(['#', '%'])));
    documents
}

fn options() -> SerializerOptions {
    ser_options! {
        // Base64 and JSON in one line stay in one line.
        folded_wrap_chars: usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_one_by_one() {
        let text = "# a comment\n---\na: 1\n--- # another\nb: |\n  ---\n  text\n---\n\n---\n# nothing\n";
        let documents = read("m.yaml", text).unwrap();
        assert_eq!(documents, [serde_json::json!({"a": 1}), serde_json::json!({"b": "---\ntext\n"})]);
    }

    #[test]
    fn one_document_that_cannot_be_read_is_named_and_leaves_the_others() {
        let documents = documents("m.yaml", "a: 1\na: 2\n---\nb: {\n---\nc: 3\n");
        assert_eq!(documents[0].as_ref().unwrap(), &serde_json::json!({"a": 2}));
        let problems = documents[1].as_ref().unwrap_err().to_string();
        assert!(problems.contains("--> m.yaml, document 2:"), "{problems}");
        assert_eq!(documents[2].as_ref().unwrap(), &serde_json::json!({"c": 3}));
        assert_eq!(read("m.yaml", "b: {").unwrap_err().file_name(), "m.yaml");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let value = serde_json::json!({"a": ["no", "0644", "12:30", "x\ny\n"], "b": {"c": null, "d": 1.5, "e": true}});
        let text = join(&[write("a test", &value).unwrap(), write("a test", &value).unwrap()]);
        assert_eq!(read("m.yaml", &text).unwrap(), [value.clone(), value]);
    }
}
