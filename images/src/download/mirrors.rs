//! Mirrors: from where what a public host holds is taken instead.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use camino::Utf8PathBuf;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::source::Url;

/// Mirrors by what they stand for: a host (`download.docker.com`), a registry with or without a part of the name
/// (`quay.io/coreos`), or the beginning of a URL (`http://vault.centos.org/7.5.1804`). The longest that fits counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Mirrors(BTreeMap<Origin, Mirror>);

/// What a mirror stands for: the beginning of a URL, which ends where a part of the path does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Origin(String);

/// Where it is: a URL, or a folder of this host's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Mirror {
    /// What comes behind the origin is added to this.
    Web(Url),
    /// The same, as a path.
    Folder(Utf8PathBuf),
}

/// A text is no origin, or no mirror.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMirror {
    /// It cannot be the beginning of a URL.
    #[error("`{0}` is no host and no beginning of a URL: write download.docker.com, or https://dl.k8s.io/v1.12.6")]
    Origin(String),
    /// Nothing can be fetched from it.
    #[error("`{0}` is no mirror: write a URL (https://mirror.example.com/docker) or the absolute path of a folder")]
    Mirror(String),
}

/// What a mirror makes of a URL or of the name of a container image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mirrored {
    /// It is this URL.
    Web(Url),
    /// It is this file.
    File(Utf8PathBuf),
}

impl Mirrors {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where `url` is taken from instead; none where no mirror stands for it.
    pub fn of_url(&self, url: &Url) -> Option<Mirrored> {
        let text = url.as_str();
        let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
        // An origin with a scheme is the longer one, and says more than a host alone.
        let (rest, mirror) = self.longest(text).or_else(|| self.longest(bare))?;
        Some(mirror.join(rest))
    }

    /// Where a container image is taken from instead, by its name without the tag.
    pub fn of_repository(&self, repository: &str) -> Option<Mirrored> {
        let (rest, mirror) = self.longest(repository)?;
        Some(mirror.join(rest))
    }

    fn longest<'a>(&self, text: &'a str) -> Option<(&'a str, &Mirror)> {
        let fitting = self.0.iter().filter_map(|(origin, mirror)| Some((origin, origin.rest(text)?, mirror)));
        fitting.max_by_key(|(origin, ..)| origin.0.len()).map(|(_, rest, mirror)| (rest, mirror))
    }
}

#[cfg(test)]
impl FromIterator<(String, Mirror)> for Mirrors {
    /// Those whose origins can be ones.
    fn from_iter<T: IntoIterator<Item = (String, Mirror)>>(pairs: T) -> Self {
        Self(pairs.into_iter().filter_map(|(origin, mirror)| Some((origin.parse().ok()?, mirror))).collect())
    }
}

impl Origin {
    /// What comes behind it in `text`, if it is its beginning.
    fn rest<'a>(&self, text: &'a str) -> Option<&'a str> {
        let rest = text.strip_prefix(&self.0)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
    }
}

impl Mirror {
    fn join(&self, rest: &str) -> Mirrored {
        match self {
            Self::Web(url) => Mirrored::Web(url.join(rest)),
            // A URL may not climb out of the folder.
            Self::Folder(folder) => Mirrored::File(
                rest.split('/')
                    .filter(|part| !matches!(*part, "" | "." | ".."))
                    .fold(folder.clone(), |path, part| path.join(part)),
            ),
        }
    }
}

impl FromStr for Origin {
    type Err = InvalidMirror;

    fn from_str(text: &str) -> Result<Self, InvalidMirror> {
        let origin = text.trim_end_matches('/');
        let bare = ["https://", "http://"].iter().find_map(|scheme| origin.strip_prefix(scheme)).unwrap_or(origin);
        let host = bare.split('/').next().unwrap_or_default();
        let is_host =
            !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
        let is_plain = !host.ends_with(':') && !bare.contains(['?', '#', '@', ' ']) && !bare.contains("://");
        if is_host && is_plain { Ok(Self(origin.to_owned())) } else { Err(InvalidMirror::Origin(text.to_owned())) }
    }
}

impl FromStr for Mirror {
    type Err = InvalidMirror;

    fn from_str(text: &str) -> Result<Self, InvalidMirror> {
        let path = text.strip_prefix("file://").unwrap_or(text);
        if path.starts_with('/') {
            return Ok(Self::Folder(path.into()));
        }
        let url = text.trim_end_matches('/').parse().map(Self::Web);
        url.map_err(|_| InvalidMirror::Mirror(text.to_owned()))
    }
}

impl fmt::Display for Mirrored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web(url) => url.fmt(f),
            Self::File(path) => f.write_str(path.as_str()),
        }
    }
}

impl TryFrom<String> for Origin {
    type Error = InvalidMirror;

    fn try_from(text: String) -> Result<Self, InvalidMirror> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

impl TryFrom<String> for Mirror {
    type Error = InvalidMirror;

    fn try_from(text: String) -> Result<Self, InvalidMirror> {
        text.parse()
    }
}

impl From<Mirror> for String {
    fn from(mirror: Mirror) -> Self {
        match mirror {
            Mirror::Web(url) => url.as_str().to_owned(),
            Mirror::Folder(folder) => folder.into_string(),
        }
    }
}

impl JsonSchema for Origin {
    fn schema_name() -> Cow<'static, str> {
        "Origin".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "A host, or the beginning of a URL."})
    }
}

impl JsonSchema for Mirror {
    fn schema_name() -> Cow<'static, str> {
        "Mirror".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "A URL, or the absolute path of a folder."})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirrors() -> Mirrors {
        let pairs = [
            ("vault.centos.org", "https://mirror.example.com/vault/"),
            ("http://vault.centos.org/7.5.1804", "/srv/centos-7.5"),
            ("quay.io/coreos", "registry.invalid"),
            ("docker.io", "https://registry.example.com/hub"),
        ];
        pairs.into_iter().filter_map(|(origin, mirror)| Some((origin.to_owned(), mirror.parse().ok()?))).collect()
    }

    #[test]
    fn the_longest_origin_counts_and_ends_with_a_part_of_the_path() {
        for (url, expected) in [
            ("http://vault.centos.org/7.5.1804/os/x86_64/", Some("/srv/centos-7.5/os/x86_64")),
            ("http://vault.centos.org/7.5.1804/../../etc/passwd", Some("/srv/centos-7.5/etc/passwd")),
            ("https://vault.centos.org/7.5.1804/os/", Some("https://mirror.example.com/vault/7.5.1804/os/")),
            ("http://vault.centos.org/7.5.18040/os", Some("https://mirror.example.com/vault/7.5.18040/os")),
            ("http://vault.centos.org.example.com/7", None),
        ] {
            let found = mirrors().of_url(&url.parse().unwrap()).map(|found| found.to_string());
            assert_eq!(found.as_deref(), expected, "{url}");
        }
        let found = mirrors().of_repository("docker.io/istio/pilot").unwrap().to_string();
        assert_eq!(found, "https://registry.example.com/hub/istio/pilot");
    }

    #[test]
    fn what_cannot_be_one_is_refused() {
        for text in ["", "a b", "ftp://x/y", "https://me@example.com", "/folder", "https://"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
        for text in ["", "folder", "ftp://x", "mirror.example.com"] {
            assert!(text.parse::<Mirror>().is_err(), "{text}");
        }
        assert_eq!("file:///srv/x".parse::<Mirror>().unwrap(), Mirror::Folder("/srv/x".into()));
    }
}
