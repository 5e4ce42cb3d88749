//! From a request to a verified file.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use camino::{Utf8Path, Utf8PathBuf};

use super::part::Part;
use super::transfer::{Progress, Transfer};
use super::web::{self, Web};
use super::{
    Checksum, DownloadError, Expect, Fetched, Request, Routes, Source, Trust, Url, page, save, shelf, sums, unpack,
};
use crate::blocking::blocking;
use crate::config::{Config, ConfigError};
use crate::digest::{Digest, FileDigests};
use crate::home::Home;
use crate::pins::{Met, Pin, Pins};
use crate::scratch::Scratch;
use crate::{At, durable};

/// Fetches files into a home.
#[derive(Debug)]
pub struct Downloader {
    pub(super) home: Home,
    web: Web,
    routes: Routes,
}

impl Downloader {
    /// Fetches into the downloads of `home`, from where URLs say.
    pub fn new(home: Home) -> Self {
        Self { home, web: Web::new(), routes: Routes::default() }
    }

    /// The same, by the mirrors that the user has configured.
    ///
    /// # Errors
    /// [`ConfigError`] where the configuration cannot be used.
    pub fn of_user(home: Home) -> Result<Self, ConfigError> {
        Ok(Self::new(home).by(Routes::Online(Config::of_user()?.mirrors)))
    }

    /// The same, from where `routes` lead.
    #[must_use]
    pub fn by(self, routes: Routes) -> Self {
        Self { routes, ..self }
    }

    /// Fetches what `url` names into the new file `to`, and nobody has verified it then. There is none where something else
    /// answers. A transfer that breaks off leaves a part of the file, and begins anew the next time. `progress` is called from
    /// another thread when more bytes are in the file.
    ///
    /// # Errors
    /// [`DownloadError`].
    pub async fn save(
        &self,
        url: &Url,
        to: &Utf8Path,
        progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<(), DownloadError> {
        let source = self.routes.source(url)?;
        let (web, to) = (self.web.clone(), to.to_owned());
        let saved = blocking(move || match &source {
            Source::File(path) => save::file(path, &to, progress),
            Source::Url(real) => save::url(&web, real, &to, progress),
        });
        saved.await.map_err(|error| self.explained(error, url))
    }

    /// The error, with what was asked for where a mirror was asked for it.
    fn explained(&self, error: DownloadError, url: &Url) -> DownloadError {
        match &self.routes {
            Routes::Online(mirrors) if mirrors.of_url(url).is_some() => {
                DownloadError::Mirror { url: url.clone(), source: Box::new(error) }
            }
            _ => error,
        }
    }

    /// Fetches a file, unless it is there already, and verifies it. `progress` is called from another thread while bytes come
    /// in. What was not known before is pinned.
    ///
    /// # Errors
    /// [`DownloadError`]. After [`DownloadError::Interrupted`], the next call continues where this one ended.
    pub async fn fetch(
        &self,
        request: &Request,
        pins: &mut Pins,
        progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Fetched, DownloadError> {
        let (digest, trust) = match &request.source {
            Source::Url(url) => self.fetch_url(url, &request.expect, pins, Box::new(progress)).await?,
            Source::File(path) => self.fetch_file(path, &request.expect).await?,
        };
        let path = self.home.download(&digest);
        let size_bytes = fs::metadata(&path).at("reading", &path)?.len();
        let signed_by = if let Trust::Signed(key) = &trust { Some(key.clone()) } else { None };
        let pin = Pin { signed_by, ..Pin::first(digest, size_bytes) };
        if let Source::Url(url) = &request.source
            && trust.is_news()
            && let Met::Other { expected, found } = pins.meet(url.as_str(), &pin)?
        {
            let (what, expected, found) = (url.to_string(), Checksum::Sha256(expected), Checksum::Sha256(found));
            return Err(DownloadError::Mismatch { what, expected, found });
        }
        Ok(Fetched { path, digest, size_bytes, trust })
    }

    /// The file to use of one that was fetched: unpacked if it is compressed by xz.
    ///
    /// # Errors
    /// [`DownloadError`] when it cannot be unpacked.
    pub async fn unpacked(&self, fetched: &Fetched) -> Result<Utf8PathBuf, DownloadError> {
        let unpacked = unpack::unpacked(&self.home, &fetched.path, &fetched.digest).await?;
        Ok(unpacked.unwrap_or_else(|| fetched.path.clone()))
    }

    async fn fetch_url(
        &self,
        url: &Url,
        expect: &Expect,
        pins: &Pins,
        progress: Box<dyn FnMut(Progress) + Send>,
    ) -> Result<(Digest, Trust), DownloadError> {
        let (expected, trust) = self.expected(url, expect, pins).await?;
        if let Some(digest) = expected.as_ref().and_then(|checksum| shelf::known(&self.home, checksum))
            && shelf::is_intact(&self.home, digest).await?
        {
            return Ok((digest, trust));
        }
        let fetched = match self.routes.source(url)? {
            Source::Url(real) => self.transfer(&real, expected, progress).await,
            Source::File(path) => self.copy(&path, expected).await,
        };
        Ok((fetched.map_err(|error| self.explained(error, url))?, trust))
    }

    /// Downloads, verifies and keeps what this URL itself has.
    async fn transfer(
        &self,
        url: &Url,
        expected: Option<Checksum>,
        progress: Box<dyn FnMut(Progress) + Send>,
    ) -> Result<Digest, DownloadError> {
        let part = Part::open(&self.home.downloads(), url)?;
        let cancel = CancelOnDrop::default();
        let transfer = Transfer {
            web: self.web.clone(),
            url: url.clone(),
            part,
            may_mix: expected.is_some(),
            cancelled: Arc::clone(&cancel.0),
            progress,
        };
        let home = self.home.clone();
        let url = url.clone();
        let digest = blocking(move || {
            let part = transfer.run()?;
            let kept = match page::refuse_file(part.path(), &url) {
                Ok(()) => shelf::keep(&home, part.path(), expected, url.as_str()),
                Err(page) => Err(page),
            };
            // If it was not kept it is whole and wrong, and to continue it would not help.
            part.finish()?;
            kept
        });
        digest.await
    }

    /// What `url` must hold, and why that is believed.
    async fn expected(
        &self,
        url: &Url,
        expect: &Expect,
        pins: &Pins,
    ) -> Result<(Option<Checksum>, Trust), DownloadError> {
        let signer = match expect {
            Expect::Sums(sums) => sums.signature.as_ref().map(|by| &by.fingerprint),
            Expect::Checksum(_) | Expect::Nothing => None,
        };
        match (expect, pins.get(url.as_str())) {
            (Expect::Checksum(checksum), _) => Ok((Some(checksum.clone()), Trust::Given)),
            // What was pinned before a signature was asked for, or by another key's, says nothing of that.
            (_, Some(pin)) if signer.is_none() || signer == pin.signed_by.as_ref() => {
                Ok((Some(Checksum::Sha256(pin.sha256)), Trust::Pinned))
            }
            (Expect::Sums(sums), _) => {
                let checksum = sums::look_up(self, sums, url).await?;
                let trust = sums.signature.as_ref().map_or(Trust::Listed, |by| Trust::Signed(by.fingerprint.clone()));
                Ok((Some(checksum), trust))
            }
            (Expect::Nothing, _) if self.is_secure(url)? => Ok((None, Trust::FirstUse)),
            (Expect::Nothing, _) => Err(DownloadError::Insecure { url: url.clone() }),
        }
    }

    async fn fetch_file(&self, path: &Utf8Path, expect: &Expect) -> Result<(Digest, Trust), DownloadError> {
        let (expected, trust) = match expect {
            Expect::Checksum(checksum) => (Some(checksum.clone()), Trust::Given),
            Expect::Nothing => (None, Trust::Local),
            Expect::Sums(_) => return Err(DownloadError::SumsOfFile { path: path.to_owned() }),
        };
        let digest = blocking({
            let (home, path) = (self.home.clone(), path.to_owned());
            move || FileDigests::remembered(&home, &path)
        })
        .await?;
        let is_wanted = match &expected {
            Some(checksum) => shelf::known(&self.home, checksum) == Some(digest),
            None => true,
        };
        if is_wanted && self.home.download(&digest).exists() && shelf::is_intact(&self.home, digest).await? {
            return Ok((digest, trust));
        }
        Ok((self.copy(path, expected).await?, trust))
    }

    /// Copies, verifies and keeps a file of this host's.
    async fn copy(&self, path: &Utf8Path, expected: Option<Checksum>) -> Result<Digest, DownloadError> {
        let (home, path) = (self.home.clone(), path.to_owned());
        let digest = blocking(move || {
            let scratch = Scratch::new(&home)?;
            let copy = scratch.path().join("copy");
            fs::copy(&path, &copy).at("copying", &path)?;
            shelf::keep(&home, &copy, expected, path.as_str())
        });
        digest.await
    }

    /// Whether nobody can change what comes from where `url` leads.
    pub(super) fn is_secure(&self, url: &Url) -> Result<bool, DownloadError> {
        Ok(match self.routes.source(url)? {
            Source::Url(real) => real.is_secure(),
            Source::File(_) => true,
        })
    }

    /// Fetches a small file into memory.
    pub(super) async fn small(&self, url: &Url) -> Result<Vec<u8>, DownloadError> {
        let source = self.routes.source(url)?;
        let web = self.web.clone();
        let bytes = blocking(move || match &source {
            Source::Url(real) => web.fetch_small(real),
            Source::File(path) => Ok(durable::read_limited(path, web::SMALL)?),
        });
        bytes.await.map_err(|error| self.explained(error, url))
    }
}

/// Tells the thread of a download to end when nobody waits for it any more.
#[derive(Debug, Default)]
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
