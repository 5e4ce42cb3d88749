//! `kiln.lock`: what a URL held when it was first used. It lies beside the recipe and belongs under version control with
//! it: then everybody bakes on the same bytes.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::download::Fingerprint;
use crate::durable::{self, Document, DocumentError, Lock};

/// The name of the file, beside the recipe.
pub const FILE_NAME: &str = "kiln.lock";

/// The pins in one file.
#[derive(Debug)]
pub struct Pins {
    path: Utf8PathBuf,
    content: Content,
}

/// What a URL held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pin {
    /// The digest of what was downloaded.
    pub sha256: Digest,
    /// Its length, in bytes.
    pub size_bytes: u64,
    /// When it was downloaded first.
    pub first_seen: Timestamp,
    /// The digest of a container image's configuration, which names its layers. `sha256` is of its manifest in the registry,
    /// and that is in no archive. Older versions did not write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Digest>,
    /// The key that has signed a list with its checksum. Without one, nobody was asked, or an older version has pinned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<Fingerprint>,
}

/// How something is met that may have a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "what is not what it was must not be used"]
pub enum Met {
    /// It had none.
    First,
    /// It is what it was.
    Known,
    /// It is something else.
    Other {
        /// What it was.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
}

impl Pin {
    /// The pin of something that is seen for the first time now.
    pub fn first(sha256: Digest, size_bytes: u64) -> Self {
        Self { sha256, size_bytes, first_seen: Timestamp::now(), configuration: None, signed_by: None }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    pins: BTreeMap<String, Pin>,
}

impl Document for Content {
    const FORMAT: u32 = 1;
    const MODE: u32 = 0o644;
}

impl Pins {
    /// Reads the pins in the file `path`; there are none where there is no file.
    ///
    /// # Errors
    /// [`DocumentError`] when the file is damaged: it is not begun anew, as that would accept whatever comes.
    pub fn open(path: &Utf8Path) -> Result<Self, DocumentError> {
        Ok(Self { content: read(path)?, path: path.to_owned() })
    }

    /// The file.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// What `url` held.
    pub fn get(&self, url: &str) -> Option<&Pin> {
        self.content.pins.get(url)
    }

    /// Compares what `url` holds with its pin. What was not known of it is remembered, and the file is written. Pins that
    /// others wrote meanwhile are kept, and hold.
    ///
    /// # Errors
    /// [`DocumentError`] when the file cannot be read again or written.
    pub fn meet(&mut self, url: &str, found: &Pin) -> Result<Met, DocumentError> {
        match compared(self.get(url), found) {
            (met, None) => Ok(met),
            (_, Some(_)) => Lock::alone(&self.path.with_extension("lock.busy"), || self.meet_alone(url, found))?,
        }
    }

    fn meet_alone(&mut self, url: &str, found: &Pin) -> Result<Met, DocumentError> {
        self.content = read(&self.path)?;
        let (met, pin) = compared(self.get(url), found);
        if let Some(pin) = pin {
            self.content.pins.insert(url.to_owned(), pin);
            durable::save(&self.path, &self.content)?;
        }
        Ok(met)
    }
}

/// What is found is what its pin says, or not; and the pin, if it is a new one or has become another.
fn compared(pin: Option<&Pin>, found: &Pin) -> (Met, Option<Pin>) {
    let Some(pin) = pin else { return (Met::First, Some(found.clone())) };
    if pin.sha256 != found.sha256 {
        return (Met::Other { expected: pin.sha256, found: found.sha256 }, None);
    }
    if let (Some(expected), Some(found)) = (pin.configuration, found.configuration)
        && expected != found
    {
        return (Met::Other { expected, found }, None);
    }
    let signed_by = found.signed_by.as_ref().or(pin.signed_by.as_ref()).cloned();
    let now = Pin { configuration: pin.configuration.or(found.configuration), signed_by, ..pin.clone() };
    (Met::Known, (now != *pin).then_some(now))
}

fn read(path: &Utf8Path) -> Result<Content, DocumentError> {
    match durable::load(path) {
        Err(DocumentError::File(error)) if error.kind() == io::ErrorKind::NotFound => Ok(Content::default()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn pin(text: &str) -> Pin {
        Pin { first_seen: Timestamp::UNIX_EPOCH, ..Pin::first(Digest::of_bytes(text.as_bytes()), 3) }
    }

    #[test]
    fn pins_are_kept_and_those_of_others_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join(FILE_NAME);
        let (mut one, mut two) = (Pins::open(&path).unwrap(), Pins::open(&path).unwrap());
        assert_eq!(one.meet("https://example.org/a", &pin("abc")).unwrap(), Met::First);
        assert_eq!(two.meet("https://example.org/b", &pin("def")).unwrap(), Met::First);
        assert_eq!(one.meet("https://example.org/a", &pin("abc")).unwrap(), Met::Known);
        let (expected, found) = (pin("def").sha256, pin("abc").sha256);
        assert_eq!(one.meet("https://example.org/b", &pin("abc")).unwrap(), Met::Other { expected, found });
        let pins = Pins::open(&path).unwrap();
        assert_eq!(pins.get("https://example.org/a"), Some(&pin("abc")));
        assert_eq!(pins.get("https://example.org/b"), Some(&pin("def")));
        assert_eq!(pins.get("https://example.org/c"), None);
    }

    #[test]
    fn pins_of_two_at_once_are_all_kept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join(FILE_NAME);
        std::thread::scope(|scope| {
            for name in ["a", "b"] {
                let mut pins = Pins::open(&path).unwrap();
                scope.spawn(move || {
                    for number in 0..20 {
                        assert_eq!(pins.meet(&format!("{name}{number}"), &pin("x")).unwrap(), Met::First);
                    }
                });
            }
        });
        assert_eq!(Pins::open(&path).unwrap().content.pins.len(), 40);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_of_an_older_version_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join(FILE_NAME);
        let digest = Digest::of_bytes(b"abc");
        let pin = format!(r#"{{"sha256": "{digest}", "size-bytes": 3, "first-seen": "1970-01-01T00:00:00Z"}}"#);
        fs::write(&path, format!(r#"{{"format": 1, "pins": {{"docker://a:1": {pin}}}}}"#)).unwrap();
        assert_eq!(Pins::open(&path).unwrap().get("docker://a:1"), Some(&self::pin("abc")));
    }

    #[test]
    fn a_damaged_file_is_not_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join(FILE_NAME);
        fs::write(&path, "<<<<<<< HEAD").unwrap();
        assert!(Pins::open(&path).unwrap_err().to_string().contains(FILE_NAME));
    }
}
