//! Supply: from where a bake takes what others have: the hosts that its recipe names, their mirrors, or a bundle; and what
//! of it is kept for a bundle.
//!
//! - [`Supply`]: the ways, and the bundle that is filled;
//! - [`Choice`]: what has second sources, and which of them was taken;
//! - [`relay`]: how the package manager in an image gets its packages by the same ways, without its configuration
//!   being another one afterwards.

mod choice;
pub mod relay;

use std::sync::Arc;

use camino::Utf8Path;
use kiln_images::blocking;
use kiln_images::bundle::{Bundle, BundleError};
use kiln_images::config::Config;
use kiln_images::digest::Digest;
use kiln_images::download::{DownloadError, Downloader, Mirrored, Mirrors, Progress, Routes, Url};
use kiln_images::home::Home;

pub use choice::Choice;
pub use relay::{Detour, Relay};

use crate::steps::RegistryImage;

/// From where things are taken.
#[derive(Debug, Clone)]
pub struct Supply {
    home: Home,
    source: Source,
    /// What is taken is put there, too.
    record: Option<Arc<Bundle>>,
}

#[derive(Debug, Clone)]
enum Source {
    Online(Mirrors),
    Offline(Arc<Bundle>),
}

impl Supply {
    /// The hosts that recipes name, or their mirrors.
    pub fn online(home: &Home, config: Config) -> Self {
        Self { home: home.clone(), source: Source::Online(config.mirrors), record: None }
    }

    /// A bundle and nothing else.
    pub fn offline(home: &Home, bundle: Bundle) -> Self {
        Self { home: home.clone(), source: Source::Offline(Arc::new(bundle)), record: None }
    }

    /// The same, and what is taken is put into `bundle`.
    #[must_use]
    pub fn recording(self, bundle: Arc<Bundle>) -> Self {
        Self { record: Some(bundle), ..self }
    }

    /// Whether what is taken is put into a bundle, so that nothing may come from a cache.
    pub fn is_recording(&self) -> bool {
        self.record.is_some()
    }

    /// The bundle that is all there is.
    pub fn bundle(&self) -> Option<&Bundle> {
        match &self.source {
            Source::Online(_) => None,
            Source::Offline(bundle) => Some(bundle),
        }
    }

    /// Whether an image's own package manager can go where it is told.
    pub fn is_direct(&self) -> bool {
        self.routes().are_direct() && !self.is_recording()
    }

    fn routes(&self) -> Routes {
        match &self.source {
            Source::Online(mirrors) => Routes::Online(mirrors.clone()),
            Source::Offline(bundle) => Routes::Offline(Arc::clone(bundle)),
        }
    }

    /// What fetches by these ways.
    pub fn downloader(&self) -> Downloader {
        Downloader::new(self.home.clone()).by(self.routes())
    }

    /// Where the images of a registry are instead.
    pub fn image_mirror(&self, name: &RegistryImage) -> Option<Mirrored> {
        match &self.source {
            Source::Online(mirrors) => mirrors.of_repository(name.repository()),
            Source::Offline(_) => None,
        }
    }

    /// Puts a file that was taken, and verified, into the bundle that is being made.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub async fn record(&self, url: &Url, file: &Utf8Path) -> Result<(), BundleError> {
        let Some(bundle) = self.record.clone() else { return Ok(()) };
        let (url, file) = (url.clone(), file.to_owned());
        blocking(move || bundle.keep(&url, &file)).await
    }

    /// The same for the archive of a container image.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub async fn record_image(
        &self,
        name: &RegistryImage,
        digest: Digest,
        archive: &Utf8Path,
    ) -> Result<(), BundleError> {
        let Some(bundle) = self.record.clone() else { return Ok(()) };
        let (name, archive) = (name.clone(), archive.to_owned());
        blocking(move || bundle.keep_image((name.as_str(), digest), &archive, &name.as_path())).await
    }

    /// Takes what `url` names into the new file `to`, and puts it into the bundle that is being made. `progress` is called
    /// from another thread when more bytes are in the file.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn take(
        &self,
        url: &Url,
        to: &Utf8Path,
        progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<(), TakeError> {
        let taken = self.downloader().save(url, to, progress).await;
        let Some(bundle) = self.record.clone() else { return Ok(taken?) };
        let (url, to) = (url.clone(), to.to_owned());
        // Other packages go on meanwhile: this is copied, and synced.
        blocking(move || match taken {
            Ok(()) => Ok(bundle.keep(&url, &to)?),
            Err(error) => {
                if error.is_absent() {
                    bundle.note_absent(&url)?;
                }
                Err(error.into())
            }
        })
        .await
    }
}

/// Something could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// It could not be had.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// It could not be put into the bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}
