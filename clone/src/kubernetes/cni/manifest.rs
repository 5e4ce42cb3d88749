//! The manifest of a pod network: where it comes from, and the copy that the lab keeps in `labs/<lab>/network.yaml`, so
//! that a lab can go on without the folder its file was in.

use std::io;

use camino::Utf8PathBuf;
use kiln_images::FileError;
use kiln_images::digest::Digest;
use kiln_images::download::{Checksum, DownloadError, Downloader, Expect, InvalidSource, Request, Source};
use kiln_images::durable::{DocumentError, read_limited, write_atomically};
use kiln_images::home::Home;
use kiln_images::pins::Pins;

use super::flannel::{self, FlannelError};
use crate::folder::LabFolder;
use crate::kubernetes::cluster::Cluster;
use crate::lab::Lab;
use crate::lab::kubernetes::PodNetwork;

/// The largest manifest that is read, in bytes. Flannel's has 5 KiB, those of larger networks 300.
const MAX_BYTES: u64 = 8 << 20;

/// The manifest of the pod network is not there, or is not right.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Neither the file nor a copy of it is there.
    #[error(
        "the manifest of the pod network is missing\n  put it where the lab file names it, and run `clone up` with that"
    )]
    Missing(#[source] FileError),
    /// What the lab file names cannot be fetched.
    #[error("the manifest of the pod network cannot be fetched")]
    Source(#[from] InvalidSource),
    /// It could not be fetched, or is another one.
    #[error("fetching the manifest of the pod network")]
    Download(#[from] DownloadError),
    /// The pins could not be read.
    #[error(transparent)]
    Pins(#[from] DocumentError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no text.
    #[error("{path} is no manifest: it is no text")]
    NoText {
        /// The file.
        path: Utf8PathBuf,
    },
    /// It could not be fitted to the lab.
    #[error(transparent)]
    Flannel(#[from] FlannelError),
}

/// Fetches the manifest that the lab asks for, if it asks for one, and keeps a copy. A copy with the digest that the lab
/// names is not fetched again.
///
/// # Errors
/// [`ManifestError`]
pub async fn keep(home: &Home, folder: &LabFolder, lab: &Lab) -> Result<(), ManifestError> {
    let copy = folder.network_manifest();
    let kept = || read_limited(&copy, MAX_BYTES);
    match lab.kubernetes.as_ref().map(|kubernetes| &kubernetes.network) {
        None | Some(PodNetwork::Routes) => Ok(()),
        Some(PodNetwork::Flannel(flannel)) => {
            if kept().is_ok_and(|bytes| Digest::of_bytes(&bytes) == flannel.sha256) {
                return Ok(());
            }
            let source = Source::parse(&flannel.manifest, &lab.base)?;
            let expect = Expect::Checksum(Checksum::Sha256(flannel.sha256));
            // What has a checksum is not pinned: this file is never written.
            let mut pins = Pins::open(&folder.root().join("kiln.lock"))?;
            let request = Request { source, expect };
            let fetched = Downloader::new(home.clone()).fetch(&request, &mut pins, |_| ()).await?;
            let bytes = read_limited(&fetched.path, MAX_BYTES)?;
            Ok(write_atomically(&copy, &bytes, 0o600)?)
        }
        Some(PodNetwork::Manifest(file)) => match read_limited(&lab.base.join(file), MAX_BYTES) {
            Ok(bytes) => Ok(write_atomically(&copy, &bytes, 0o600)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound && copy.exists() => Ok(()),
            Err(error) => Err(ManifestError::Missing(error)),
        },
    }
}

/// The manifest to be applied: the copy that was kept, fitted to the lab where it is flannel's. Nothing for a network
/// without one.
///
/// # Errors
/// [`ManifestError`]
pub fn fitted(folder: &LabFolder, cluster: &Cluster) -> Result<Option<String>, ManifestError> {
    if cluster.settings.network == PodNetwork::Routes {
        return Ok(None);
    }
    let path = folder.network_manifest();
    let bytes = read_limited(&path, MAX_BYTES).map_err(ManifestError::Missing)?;
    let text = String::from_utf8(bytes).map_err(|_| ManifestError::NoText { path: path.clone() })?;
    let card = cluster.members.first().map_or("", |member| member.service_card.as_str());
    match cluster.settings.network {
        PodNetwork::Flannel(_) => Ok(Some(flannel::fit(path.as_str(), &text, cluster.settings.pods, card)?)),
        PodNetwork::Routes | PodNetwork::Manifest(_) => Ok(Some(text)),
    }
}
