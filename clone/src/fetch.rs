//! Fetching what a lab file names: a file beside it, or one of several URLs, by the mirrors that the user has configured.
//! What has a digest and was fetched once, by `bake` or by `clone`, is there already.

use std::sync::Arc;

use kiln_console::Reporter;
use kiln_images::bundle::BundleError;
use kiln_images::config::ConfigError;
use kiln_images::digest::Digest;
use kiln_images::download::{
    Checksum, DownloadError, Downloader, Expect, Fetched, InvalidSource, Request, Source, Trust, first_that_answers,
};
use kiln_images::durable::DocumentError;
use kiln_images::home::Home;
use kiln_images::pins::{FILE_NAME, Pins};

use crate::lab::Lab;
use crate::lab::kubernetes::{Flannel, PodNetwork};
use crate::lab::mesh::Archive;

/// What a lab file says of a file.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// What it is, for the user: `archive`.
    pub what: &'static str,
    /// A path, relative to the lab file's folder, or a URL.
    pub source: &'a str,
    /// Others, asked when those before do not answer.
    pub also: &'a [String],
    /// What it must be.
    pub sha256: Option<Digest>,
}

impl<'a> Wanted<'a> {
    /// The archive that a mesh is from.
    pub fn archive(archive: &'a Archive) -> Self {
        Self { what: "archive", source: &archive.source, also: &archive.also, sha256: archive.sha256 }
    }

    /// The manifest of flannel.
    pub fn flannel(flannel: &'a Flannel) -> Self {
        Self { what: "flannel", source: &flannel.manifest, also: &flannel.also, sha256: Some(flannel.sha256) }
    }

    /// The last part of its first source, to name it by.
    fn file_name(&self) -> &str {
        self.source.rsplit('/').find(|part| !part.is_empty()).unwrap_or(self.source)
    }

    /// Everything that a lab takes from elsewhere.
    pub fn of(lab: &'a Lab) -> Vec<Self> {
        let flannel = lab.kubernetes.as_ref().and_then(|kubernetes| match &kubernetes.network {
            PodNetwork::Flannel(flannel) => Some(Self::flannel(flannel)),
            PodNetwork::Routes | PodNetwork::Manifest(_) => None,
        });
        let archive = lab.mesh.as_ref().and_then(|mesh| mesh.archive.as_ref()).map(Self::archive);
        flannel.into_iter().chain(archive).collect()
    }
}

/// It could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It cannot be fetched from there.
    #[error(transparent)]
    Source(#[from] InvalidSource),
    /// It is a file, and it is not known where to look for it.
    #[error(
        "the lab file names {file}, and it is not known where that file was: the lab is from a checkpoint\n  \
         give the lab file: clone up FILE"
    )]
    Elsewhere {
        /// The file.
        file: String,
    },
    /// It could not be fetched, or is something else.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// The pins could not be read.
    #[error(transparent)]
    Pins(#[from] DocumentError),
    /// The mirrors are not known.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// It could not be put into the bundle, or the bundle is not whole.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

/// What a lab file names as a path or a URL.
///
/// # Errors
/// [`FetchError::Source`] where it is neither; [`FetchError::Elsewhere`] where it is not known where the lab file was.
pub fn source(lab: &Lab, text: &str) -> Result<Source, FetchError> {
    match (Source::parse(text, lab.base.as_deref().unwrap_or_else(|| "".into()))?, &lab.base) {
        (Source::File(_), None) => Err(FetchError::Elsewhere { file: text.to_owned() }),
        (source, _) => Ok(source),
    }
}

/// Fetches it from the first of its sources that answers, by the mirrors that the user has configured.
///
/// # Errors
/// [`FetchError`]
pub async fn fetch(home: &Home, reporter: &Reporter, lab: &Lab, wanted: &Wanted<'_>) -> Result<Fetched, FetchError> {
    fetch_by(&Downloader::of_user(home.clone())?, home, reporter, lab, wanted).await
}

/// The same, by the ways of `downloader`.
///
/// # Errors
/// [`FetchError`]
pub async fn fetch_by(
    downloader: &Downloader,
    home: &Home,
    reporter: &Reporter,
    lab: &Lab,
    wanted: &Wanted<'_>,
) -> Result<Fetched, FetchError> {
    let parse = |text: &str| source(lab, text);
    let first = parse(wanted.source)?;
    let also = wanted.also.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
    // A lab is destroyed and made again; what a URL held the first time is remembered for all of them.
    let mut pins = Pins::open(&home.root().join(FILE_NAME))?;
    let sources = std::iter::once(wanted.source).chain(wanted.also.iter().map(String::as_str));
    let given = wanted.sha256.map_or(Expect::Nothing, |digest| Expect::Checksum(Checksum::Sha256(digest)));
    let expect = given.or_pinned(&pins, sources);
    let is_no_answer = |error: &FetchError| matches!(error, FetchError::Download(error) if error.is_no_answer());
    let fetch = async |source: &Source| {
        let request = Request { source: source.clone(), expect: expect.clone() };
        let task = Arc::new(reporter.start(lab.name.as_str(), wanted.what));
        let hears = Arc::clone(&task);
        let progress = move |progress: kiln_images::download::Progress| hears.bytes(progress.bytes, progress.total);
        let fetched = downloader.fetch(&request, &mut pins, progress).await;
        // The downloader has dropped its half with the callback.
        match Arc::into_inner(task) {
            Some(task) => Ok(task.finish(fetched)?),
            None => Ok(fetched?),
        }
    };
    let (fetched, number) = first_that_answers(&first, &also, is_no_answer, fetch).await?;
    if number > 0 {
        tracing::warn!("{} came from {}", wanted.file_name(), wanted.also[number - 1]);
    }
    if fetched.trust == Trust::FirstUse {
        tracing::warn!(
            "nothing was known of {}: it is {} from now on\n  write that into the lab file: `sha256: …`",
            wanted.file_name(),
            fetched.digest
        );
    }
    Ok(fetched)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8Path;
    use kiln_images::pins::{Met, Pin};

    use super::*;
    use crate::lab::check;

    const LAB: &str = include_str!("../../labs/one-node.yaml");

    #[tokio::test]
    async fn what_came_from_one_source_is_what_comes_from_all() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let home = Home::new(root.join("kiln")).unwrap();
        let lab = check::parse(root.join("lab.yaml").as_str(), LAB).unwrap();
        for text in ["archive", "other"] {
            fs::write(root.join(text), text).unwrap();
        }
        let also = ["https://example.org/archive".to_owned()];
        let mut pins = Pins::open(&home.root().join(FILE_NAME)).unwrap();
        let pin = Pin::first(Digest::of_bytes(b"archive"), 7);
        assert_eq!(pins.meet(&also[0], &pin).unwrap(), Met::First);

        let fetch = async |source: &str| {
            let wanted = Wanted { what: "archive", source, also: &also, sha256: None };
            super::fetch(&home, &Reporter::silent(), &lab, &wanted).await.map_err(|error| error.to_string())
        };
        assert_eq!(fetch("archive").await.unwrap().digest, Digest::of_bytes(b"archive"));
        let error = fetch("other").await.unwrap_err();
        assert!(error.contains("other is not what it must be"), "{error}");
    }
}
