//! Routes: from where what a URL names is really taken. What it is called, and pinned by, stays the URL.

use camino::Utf8PathBuf;

use super::error::DownloadError;
use super::mirrors::{Mirrored, Mirrors};
use super::source::{Source, Url};

/// The ways to what URLs name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routes {
    /// To their hosts, or to those hosts' mirrors.
    Online(Mirrors),
    /// Into this folder and nowhere else: `<folder>/<scheme>/<host>/<path>`.
    Offline(Utf8PathBuf),
}

impl Default for Routes {
    fn default() -> Self {
        Self::Online(Mirrors::default())
    }
}

impl Routes {
    /// Where `url` leads.
    ///
    /// # Errors
    /// [`DownloadError::NotThere`] where only a folder is asked, and has it not.
    pub fn source(&self, url: &Url) -> Result<Source, DownloadError> {
        let path = match self {
            Self::Online(mirrors) => match mirrors.of_url(url) {
                None => return Ok(Source::Url(url.clone())),
                Some(Mirrored::Web(mirror)) => return Ok(Source::Url(mirror)),
                Some(Mirrored::File(path)) => path,
            },
            Self::Offline(folder) => folder.join(url.as_path()),
        };
        if path.is_file() { Ok(Source::File(path)) } else { Err(DownloadError::NotThere { url: url.clone(), path }) }
    }

    /// Whether every URL leads to its own host.
    pub fn are_direct(&self) -> bool {
        matches!(self, Self::Online(mirrors) if mirrors.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_folder_lacks_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        std::fs::create_dir_all(root.join("https/example.org/a")).unwrap();
        std::fs::write(root.join("https/example.org/a/b"), "x").unwrap();
        let routes = Routes::Offline(root.clone());
        let source = |url: &str| routes.source(&url.parse().unwrap());
        assert_eq!(source("https://example.org/a/b").unwrap(), Source::File(root.join("https/example.org/a/b")));
        for url in ["http://example.org/a/b", "https://example.org/a", "https://example.org/a/c"] {
            let error = source(url).unwrap_err().to_string();
            assert!(error.contains(url) && error.contains(root.as_str()), "{error}");
        }
    }
}
