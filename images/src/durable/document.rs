//! JSON files that carry the version of their format.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{read_limited, write_atomically};
use crate::FileError;

/// The name of the field that holds the format's version.
const FORMAT: &str = "format";

/// What is kept in a JSON file of its own. The type must serialise to an object without a field `format`.
pub trait Document: Serialize + DeserializeOwned {
    /// The version of the format that is written, and the only one that is read.
    const FORMAT: u32;
    /// The largest file that is read, in bytes.
    const MAX_BYTES: u64 = 16 << 20;
    /// The permission bits of the file. Only what is meant for others is not private.
    const MODE: u32 = 0o600;
}

/// A document could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no JSON, or not what is expected.
    #[error("{path} is damaged or was edited by hand")]
    Malformed {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// It has no version at all.
    #[error("{path} is damaged or not one of Kiln's files: it has no number `format`")]
    NoFormat {
        /// The file.
        path: Utf8PathBuf,
    },
    /// Another version of Kiln wrote it.
    #[error(
        "{path} has format {found}, but this version of Kiln reads format {known}\n  use the version that wrote it"
    )]
    OtherFormat {
        /// The file.
        path: Utf8PathBuf,
        /// The version in the file.
        found: u64,
        /// The version that is read here.
        known: u32,
    },
}

/// Writes `document` to `path`, atomically and synced, with the mode [`Document::MODE`].
///
/// # Errors
/// [`DocumentError::File`] when it cannot be written; [`DocumentError::Malformed`] when it is no JSON object.
pub fn save<T: Document>(path: &Utf8Path, document: &T) -> Result<(), DocumentError> {
    let bytes = encode(document).map_err(|source| DocumentError::Malformed { path: path.to_owned(), source })?;
    Ok(write_atomically(path, &bytes, T::MODE)?)
}

/// Reads the document in `path`. Its format is looked at before the rest.
///
/// # Errors
/// [`DocumentError`], whose every variant names the file.
pub fn load<T: Document>(path: &Utf8Path) -> Result<T, DocumentError> {
    let bytes = read_limited(path, T::MAX_BYTES)?;
    let malformed = |source| DocumentError::Malformed { path: path.to_owned(), source };
    let mut value: Value = serde_json::from_slice(&bytes).map_err(malformed)?;
    let format = value.as_object_mut().and_then(|object| object.remove(FORMAT)).and_then(|format| format.as_u64());
    match format {
        None => Err(DocumentError::NoFormat { path: path.to_owned() }),
        Some(found) if found != u64::from(T::FORMAT) => {
            Err(DocumentError::OtherFormat { path: path.to_owned(), found, known: T::FORMAT })
        }
        Some(_) => serde_json::from_value(value).map_err(malformed),
    }
}

fn encode<T: Document>(document: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut object = match serde_json::to_value(document)? {
        Value::Object(object) => object,
        _ => return Err(serde::ser::Error::custom("a document must be an object")),
    };
    object.insert(FORMAT.to_owned(), T::FORMAT.into());
    let mut bytes = serde_json::to_vec_pretty(&object)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Note {
        text: String,
    }

    impl Document for Note {
        const FORMAT: u32 = 2;
        const MAX_BYTES: u64 = 100;
    }

    fn load_text(text: &str) -> Result<Note, DocumentError> {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("note.json");
        fs::write(&path, text).unwrap();
        load(&path)
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("note.json");
        let note = Note { text: "hello".to_owned() };
        save(&path, &note).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\n  \"format\": 2,\n  \"text\": \"hello\"\n}\n");
        assert_eq!(load::<Note>(&path).unwrap(), note);
    }

    #[test]
    fn the_format_is_looked_at_before_the_rest() {
        let error = load_text(r#"{"format": 3, "new": true}"#).unwrap_err().to_string();
        assert!(error.contains("note.json has format 3") && error.contains("reads format 2"), "{error}");
    }

    #[test]
    fn damaged_files_are_named() {
        for text in ["", "{", "[]", "{}", r#"{"format": "2"}"#, r#"{"format": 2, "text": "a", "more": 1}"#] {
            let error = load_text(text).unwrap_err().to_string();
            assert!(error.contains("note.json is damaged"), "{text}: {error}");
        }
        let long = format!(r#"{{"format": 2, "text": "{}"}}"#, "x".repeat(100));
        assert!(matches!(load_text(&long), Err(DocumentError::File(_))));
    }
}
