//! Assets: files and folders of the host's that a step reads, wherever they come from.
//!
//! ```yaml
//! {artifact: kubernetes, path: bin}          # of an artifact that the recipe builds
//! {file: images/pause.tar}                   # beside the recipe
//! {url: https://…, sha256: …}                # fetched by the host and checked; or sha512; `also:` has second sources
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::digest::Digest;
use kiln_images::download::Checksum;
use kiln_images::name::Name;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A file or folder of the host's. What it holds becomes part of the layer's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum Asset {
    /// Something in an artifact of the recipe.
    Artifact {
        /// The artifact.
        name: Name,
        /// Where in it: relative, which is checked with the whole recipe.
        path: Utf8PathBuf,
    },
    /// A file or folder, relative to the recipe.
    File(Utf8PathBuf),
    /// A file from the network, which has this checksum.
    Url {
        /// Where it comes from (https, http or file), and where else if that does not answer: at least one.
        urls: Vec<String>,
        /// What it must be.
        checksum: Checksum,
    },
}

/// What a recipe may say of an asset: one of three sets of fields.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Utf8PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Utf8PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha512: Option<Checksum>,
}

/// The fields fit no kind of asset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAsset {
    /// They are not those of exactly one kind.
    #[error("write one of {{artifact: NAME, path: PATH}}, {{file: PATH}}, {{url: URL, sha256: DIGEST}}")]
    Fields,
    /// Nothing unverified is used.
    #[error("a download needs its `sha256` or its `sha512`")]
    Unverified,
    /// The digits are those of another algorithm.
    #[error("`sha512` must be 128 hexadecimal digits")]
    NotSha512,
}

impl Asset {
    /// The artifact that it is in, if it is in one.
    pub fn artifact(&self) -> Option<&Name> {
        match self {
            Self::Artifact { name, .. } => Some(name),
            Self::File(_) | Self::Url { .. } => None,
        }
    }

    /// Its path, if it is a file or a folder beside the recipe.
    pub fn file(&self) -> Option<&Utf8PathBuf> {
        match self {
            Self::File(path) => Some(path),
            Self::Artifact { .. } | Self::Url { .. } => None,
        }
    }
}

impl TryFrom<Fields> for Asset {
    type Error = InvalidAsset;

    fn try_from(fields: Fields) -> Result<Self, InvalidAsset> {
        if fields.url.is_none() && !fields.also.is_empty() {
            return Err(InvalidAsset::Fields);
        }
        match fields {
            Fields {
                artifact: Some(name),
                path: Some(path),
                file: None,
                url: None,
                sha256: None,
                sha512: None,
                ..
            } => Ok(Self::Artifact { name, path }),
            Fields { artifact: None, path: None, file: Some(file), url: None, sha256: None, sha512: None, .. } => {
                Ok(Self::File(file))
            }
            Fields { artifact: None, path: None, file: None, url: Some(url), also, sha256, sha512 } => {
                let checksum = match (sha256, sha512) {
                    (Some(digest), None) => Checksum::Sha256(digest),
                    (None, Some(checksum @ Checksum::Sha512(_))) => checksum,
                    (None, Some(Checksum::Sha256(_))) => return Err(InvalidAsset::NotSha512),
                    (None, None) => return Err(InvalidAsset::Unverified),
                    (Some(_), Some(_)) => return Err(InvalidAsset::Fields),
                };
                let urls = std::iter::once(url).chain(also).collect();
                Ok(Self::Url { urls, checksum })
            }
            _ => Err(InvalidAsset::Fields),
        }
    }
}

impl From<Asset> for Fields {
    fn from(asset: Asset) -> Self {
        match asset {
            Asset::Artifact { name, path } => Self { artifact: Some(name), path: Some(path), ..Self::default() },
            Asset::File(file) => Self { file: Some(file), ..Self::default() },
            Asset::Url { urls, checksum } => {
                let mut urls = urls.into_iter();
                let (url, also) = (urls.next(), urls.collect());
                let (sha256, sha512) = match checksum {
                    Checksum::Sha256(digest) => (Some(digest), None),
                    checksum @ Checksum::Sha512(_) => (None, Some(checksum)),
                };
                Self { url, also, sha256, sha512, ..Self::default() }
            }
        }
    }
}

impl JsonSchema for Asset {
    fn schema_name() -> Cow<'static, str> {
        "Asset".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let text = json_schema!({"type": "string"});
        let (name, checksum) = (generator.subschema_for::<Name>(), generator.subschema_for::<Checksum>());
        let texts = json_schema!({"type": "array", "items": {"type": "string"}});
        let kind = |fields: &[(&str, &Schema)]| {
            let required: Vec<_> = fields.iter().map(|(name, _)| *name).filter(|name| *name != "also").collect();
            let properties: BTreeMap<_, _> = fields.iter().copied().collect();
            json_schema!({
                "type": "object", "required": required, "properties": properties, "additionalProperties": false
            })
        };
        json_schema!({
            "description": "A file or folder of the host's: of an artifact, beside the recipe, or from the network.",
            "oneOf": [
                kind(&[("artifact", &name), ("path", &text)]),
                kind(&[("file", &text)]),
                kind(&[("url", &text), ("also", &texts), ("sha256", &checksum)]),
                kind(&[("url", &text), ("also", &texts), ("sha512", &checksum)]),
            ]
        })
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Artifact { name, path } => write!(f, "{path} of {name}"),
            Self::File(path) => write!(f, "{path}"),
            Self::Url { urls, .. } => f.write_str(urls.first().map_or("", String::as_str)),
        }
    }
}

/// Where the assets of a recipe are on this host.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The recipe's folder: relative paths start there.
    pub folder: &'a Utf8Path,
    /// The verified downloads of the recipe, by the digits of the checksum it gives.
    pub downloads: &'a BTreeMap<String, Utf8PathBuf>,
    /// The folders of the recipe's artifacts. They are there when the first layer that needs them is made.
    pub artifacts: &'a BTreeMap<Name, Utf8PathBuf>,
}

impl Sources<'_> {
    /// The path of an asset on this host.
    ///
    /// # Panics
    /// Not for an asset of the recipe that these are the sources of: a recipe is refused that names an artifact it does
    /// not declare, and what it downloads is fetched before anything is planned.
    #[expect(clippy::expect_used, reason = "see above: the recipe was checked")]
    pub fn path_of(&self, asset: &Asset) -> Utf8PathBuf {
        match asset {
            Asset::Artifact { name, path } => self.artifacts.get(name).expect("the artifact is declared").join(path),
            Asset::File(path) => self.folder.join(path),
            Asset::Url { checksum, .. } => self.download(checksum),
        }
    }

    /// The path of a download that was fetched; as [`Sources::path_of`].
    #[expect(clippy::expect_used, reason = "see above: what is downloaded was fetched")]
    pub(super) fn download(&self, checksum: &Checksum) -> Utf8PathBuf {
        self.downloads.get(&checksum.hex()).expect("the download was fetched").clone()
    }
}

#[cfg(test)]
impl<'a> Sources<'a> {
    /// Those of a recipe in `folder` that has neither downloads nor artifacts.
    pub(crate) fn beside(folder: &'a Utf8Path) -> Self {
        static NO_DOWNLOADS: BTreeMap<String, Utf8PathBuf> = BTreeMap::new();
        static NO_ARTIFACTS: BTreeMap<Name, Utf8PathBuf> = BTreeMap::new();
        Self { folder, downloads: &NO_DOWNLOADS, artifacts: &NO_ARTIFACTS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Asset, String> {
        kiln_document::read::<Asset>("recipe.yaml", text)
            .map(|read| read.value)
            .map_err(|problems| problems.to_string())
    }

    #[test]
    fn each_kind_is_read_and_written_alike() {
        let (sha256, sha512) = ("a".repeat(64), "b".repeat(128));
        let cases = [
            ("{artifact: kubernetes, path: bin/kubelet}".to_owned(), "bin/kubelet of kubernetes"),
            ("{file: images/pause.tar}".to_owned(), "images/pause.tar"),
            (format!("{{url: 'https://x/y', sha256: {sha256}}}"), "https://x/y"),
            (format!("{{url: 'https://x/y', sha512: {sha512}}}"), "https://x/y"),
            (format!("{{url: 'https://x/y', also: ['https://z/y'], sha256: {sha256}}}"), "https://x/y"),
        ];
        for (text, shown) in cases {
            let asset = read(&text).unwrap();
            assert_eq!(asset.to_string(), shown);
            let written = serde_json::to_string(&asset).unwrap();
            assert_eq!(read(&written).unwrap(), asset, "{written}");
        }
    }

    #[test]
    fn what_is_no_asset_is_refused_with_what_would_be() {
        let cases = [
            ("{}", "write one of"),
            ("{artifact: kubernetes}", "write one of"),
            ("{artifact: kubernetes, path: bin, file: x}", "write one of"),
            ("{url: 'https://x/y'}", "needs its `sha256`"),
            ("{file: x, also: ['https://x/y']}", "write one of"),
            ("{fil: x}", "did you mean `file`?"),
        ];
        for (text, expected) in cases {
            let said = read(text).unwrap_err();
            assert!(said.contains(expected), "{text}:\n{said}");
        }
        let short = format!("{{url: 'https://x/y', sha512: {}}}", "a".repeat(64));
        assert!(read(&short).unwrap_err().contains("128 hexadecimal digits"));
    }

    #[test]
    fn every_kind_has_a_path() {
        let artifacts = BTreeMap::from([("kubernetes".parse().unwrap(), "/home/artifacts/k".into())]);
        let downloads = BTreeMap::from([("a".repeat(64), "/home/downloads/d".into())]);
        let sources = Sources { folder: Utf8Path::new("/recipes"), downloads: &downloads, artifacts: &artifacts };
        let cases = [
            ("{artifact: kubernetes, path: bin}".to_owned(), "/home/artifacts/k/bin"),
            ("{file: x.tar}".to_owned(), "/recipes/x.tar"),
            (format!("{{url: 'https://x/y', sha256: {}}}", "a".repeat(64)), "/home/downloads/d"),
        ];
        for (text, path) in cases {
            assert_eq!(sources.path_of(&read(&text).unwrap()), path);
        }
    }
}
