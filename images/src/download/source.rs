//! Where a file is: a URL, or a path.

use std::fmt;
use std::str::FromStr;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_document::{Path, Problems};
use ureq::http::Uri;

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// On a server.
    Url(Url),
    /// On this host.
    File(Utf8PathBuf),
}

/// An `http` or `https` URL without a password in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    text: String,
    file_name: String,
    is_https: bool,
    is_local: bool,
}

/// A text is no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` cannot be fetched: {why}")]
pub struct InvalidSource {
    text: String,
    why: &'static str,
}

impl Source {
    /// Reads a URL (`https`, `http`, `file`) or a path, which is taken relative to `folder`.
    ///
    /// # Errors
    /// [`InvalidSource`] for other schemes and malformed URLs.
    pub fn parse(text: &str, folder: &Utf8Path) -> Result<Self, InvalidSource> {
        if let Some(path) = text.strip_prefix("file://") {
            return match path.starts_with('/') {
                true => Ok(Self::File(path.into())),
                false => Err(InvalidSource { text: text.to_owned(), why: "write file:///absolute/path" }),
            };
        }
        match text.contains("://") {
            true => text.parse().map(Self::Url),
            false => Ok(Self::File(folder.join(text))),
        }
    }
}

/// Adds to the problems of a file that what stands at `at` is no source.
pub fn check_source(problems: &mut Problems, at: Path, text: &str) {
    if let Err(error) = Source::parse(text, Utf8Path::new("")) {
        problems.add(at, error.to_string());
    }
}

/// The same for those of a list.
pub fn check_sources(problems: &mut Problems, at: &Path, texts: &[String]) {
    for (index, text) in texts.iter().enumerate() {
        check_source(problems, at.at(index), text);
    }
}

impl Url {
    /// The URL as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The last part of its path: the name of the file.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The URL with more behind its path.
    pub(super) fn join(&self, rest: &str) -> Self {
        let text = if rest.is_empty() { self.text.clone() } else { format!("{}/{rest}", self.text) };
        let file_name = text.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        Self { file_name: file_name.to_owned(), text: text.clone(), ..*self }
    }

    /// Where it has its place in a folder of files from many hosts: `https/example.org/a/b`. It cannot climb out of it,
    /// and a URL that ends with a slash has one, too.
    pub fn as_path(&self) -> Utf8PathBuf {
        let (scheme, rest) = self.text.split_once("://").unwrap_or(("", &self.text));
        let parts = rest.split('/').map(|part| match part {
            "" | "." | ".." => "%",
            part => part,
        });
        std::iter::once(scheme).chain(parts).collect()
    }

    /// Whether it is fetched over HTTPS.
    pub(super) fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether nobody between the server and us can change what is sent: HTTPS, or a server on this host (the loopback
    /// addresses are "potentially trustworthy" to browsers too: W3C, Secure Contexts, 3.1).
    pub fn is_secure(&self) -> bool {
        self.is_https || self.is_local
    }
}

impl FromStr for Url {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        let invalid = |why| InvalidSource { text: text.to_owned(), why };
        let uri: Uri = text.parse().map_err(|_| invalid("it is not a URL"))?;
        match (uri.scheme_str(), uri.authority()) {
            (Some("http" | "https"), Some(authority)) if authority.as_str().contains('@') => {
                Err(invalid("it has a user or a password in it, which would be written into kiln.lock"))
            }
            (Some(scheme @ ("http" | "https")), Some(authority)) => Ok(Self {
                text: text.to_owned(),
                file_name: uri.path().rsplit('/').next().unwrap_or_default().to_owned(),
                is_https: scheme == "https",
                is_local: matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]"),
            }),
            _ => Err(invalid("only https, http and file URLs are understood")),
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read() {
        let folder = Utf8Path::new("/recipes");
        for (text, path) in [("disk.img", "/recipes/disk.img"), ("/a/b", "/a/b"), ("file:///a/b", "/a/b")] {
            assert_eq!(Source::parse(text, folder).unwrap(), Source::File(path.into()));
        }
        for (text, why) in [
            ("ftp://example.org/a", "only https"),
            ("file://a", "file:///"),
            ("https://me:secret@example.org/a", "password"),
            ("https://", "not a URL"),
        ] {
            let error = Source::parse(text, folder).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn urls_know_their_file_and_their_safety() {
        for (text, name, secure) in [
            ("https://example.org/a/disk.qcow2?x=y/z", "disk.qcow2", true),
            ("http://example.org/disk", "disk", false),
            ("http://127.0.0.1:8080/disk", "disk", true),
            ("http://127.0.0.1.example.org/", "", false),
        ] {
            let url: Url = text.parse().unwrap();
            assert_eq!((url.file_name(), url.is_secure()), (name, secure));
        }
    }

    #[test]
    fn a_url_has_a_place_in_a_folder() {
        for (text, path) in [
            ("https://example.org/a/b.rpm", "https/example.org/a/b.rpm"),
            ("http://example.org:80/a/", "http/example.org:80/a/%"),
            ("http://example.org/../../etc/passwd", "http/example.org/%/%/etc/passwd"),
        ] {
            assert_eq!(text.parse::<Url>().unwrap().as_path(), path);
        }
    }
}
