//! Routes: from where what a URL names is really taken. What it is called, and pinned by, stays the URL.

use std::sync::Arc;

use super::error::DownloadError;
use super::mirrors::{Mirrored, Mirrors};
use super::source::{Source, Url};
use crate::bundle::Bundle;

/// The ways to what URLs name.
#[derive(Debug, Clone)]
pub enum Routes {
    /// To their hosts, or to those hosts' mirrors.
    Online(Mirrors),
    /// Into this bundle and nowhere else.
    Offline(Arc<Bundle>),
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
    /// [`DownloadError::NotThere`] where only a folder is asked and has it not, [`DownloadError::NotInBundle`] for a bundle.
    pub fn source(&self, url: &Url) -> Result<Source, DownloadError> {
        match self {
            Self::Online(mirrors) => match mirrors.of_url(url) {
                None => Ok(Source::Url(url.clone())),
                Some(Mirrored::Web(mirror)) => Ok(Source::Url(mirror)),
                Some(Mirrored::File(path)) if path.is_file() => Ok(Source::File(path)),
                Some(Mirrored::File(path)) => Err(DownloadError::NotThere { url: url.clone(), path }),
            },
            Self::Offline(bundle) => bundle
                .file(url)
                .map(Source::File)
                .ok_or_else(|| DownloadError::NotInBundle { url: url.clone(), bundle: bundle.folder().to_owned() }),
        }
    }

    /// Whether every URL leads to its own host.
    pub fn are_direct(&self) -> bool {
        matches!(self, Self::Online(mirrors) if mirrors.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;

    use super::*;
    use crate::config::Config;

    fn case() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
        std::fs::create_dir_all(root.join("mirror/a")).unwrap();
        std::fs::write(root.join("mirror/a/b"), "x").unwrap();
        (folder, root)
    }

    #[test]
    fn what_a_folder_lacks_is_named() {
        let (_folder, root) = case();
        let text = format!("mirrors: {{example.org: {root}/mirror}}");
        let config = kiln_document::read::<Config>("config.yaml", &text).unwrap_or_else(|error| panic!("{error}"));
        let routes = Routes::Online(config.value.mirrors);
        let source = |url: &str| routes.source(&url.parse().unwrap());
        assert_eq!(source("https://example.org/a/b").unwrap(), Source::File(root.join("mirror/a/b")));
        for url in ["https://example.org/a", "https://example.org/a/c"] {
            let error = source(url).unwrap_err().to_string();
            assert!(error.contains(url) && error.contains(root.as_str()), "{error}");
        }
    }

    #[test]
    fn only_what_a_bundle_lists_is_in_it() {
        let (_folder, root) = case();
        let bundle = Bundle::create(&root.join("bundle"), None).unwrap();
        let url: Url = "https://example.org/a/b".parse().unwrap();
        bundle.keep(&url, &root.join("mirror/a/b")).unwrap();
        let file = bundle.file(&url).unwrap();
        std::fs::write(file.with_file_name("c"), "by hand, or from a bake that was killed").unwrap();
        let routes = Routes::Offline(Arc::new(bundle));
        assert_eq!(routes.source(&url).unwrap(), Source::File(file));
        for url in ["http://example.org/a/b", "https://example.org/a", "https://example.org/a/c"] {
            let error = routes.source(&url.parse().unwrap()).unwrap_err();
            assert!(error.is_no_answer() && error.is_absent(), "{error}");
            assert!(error.to_string().contains(url) && error.to_string().contains("bake fetch"), "{error}");
        }
    }
}
