//! What a bundle says of itself.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::durable::Document;
use crate::name::Name;

/// `bundle.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Content {
    /// The recipe that it was made for, if it was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Name>,
    /// What URLs named.
    pub files: BTreeMap<String, Kept>,
    /// What was asked for, and is not there where it was looked for: package managers look for more than there is.
    pub absent: BTreeSet<String>,
    /// Container images by their names, with the digest that each has in its registry.
    pub images: BTreeMap<String, KeptImage>,
}

impl Content {
    /// All files of the bundle.
    pub(super) fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.files.values().chain(self.images.values().map(|image| &image.archive))
    }
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Kept {
    /// Its place in the bundle.
    #[serde(with = "path_text")]
    pub path: Utf8PathBuf,
    /// Its digest.
    pub sha256: Digest,
    /// Its length in bytes.
    pub size_bytes: u64,
}

/// A container image of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeptImage {
    /// By what it is pinned.
    pub digest: Digest,
    /// Its archive.
    pub archive: Kept,
}

impl Document for Content {
    const FORMAT: u32 = 1;
    const MAX_BYTES: u64 = 64 << 20;
    const MODE: u32 = 0o644;
}

mod path_text {
    use camino::Utf8PathBuf;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(path: &Utf8PathBuf, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(path.as_str())
    }

    /// A path that leads out of the bundle is refused: it comes from elsewhere.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Utf8PathBuf, D::Error> {
        let path = Utf8PathBuf::from(String::deserialize(deserializer)?);
        if path.is_absolute() || path.components().any(|part| part.as_str() == "..") {
            return Err(de::Error::custom(format!("`{path}` leads out of the bundle")));
        }
        Ok(path)
    }
}
