//! The manifests of a mesh, gathered from the archive and the files beside the lab file, and the copy that the lab keeps in
//! `labs/<lab>/mesh.json`: a lab goes on without the folder its file was in, and without the archive.
//!
//! ```json
//! { "format": 1, "archive": { "source": "https://…", "digest": "sha256:…" },
//!   "parcels": [ { "group": "crds", "manifests": [ { "source": "archive:istio-1.0.6/…/crds.yaml", "text": "…" } ] } ],
//!   "leftovers": [ { "group": "old", "namespace": "shop", "namespaces": […], "manifests": […] } ] }
//! ```

mod leftovers;
mod parcel;

use std::io;

use camino::Utf8PathBuf;
use kiln_console::Reporter;
use kiln_images::digest::Digest;
use kiln_images::download::Source;
use kiln_images::durable::{self, Document, DocumentError, read_limited};
use kiln_images::home::Home;
use serde::{Deserialize, Serialize};

use super::MeshError;
use super::archive::{self, Member};
use crate::fetch::{FetchError, Wanted, fetch, source};
use crate::folder::LabFolder;
use crate::lab::mesh::{Archive, Group, ManifestSource, Mesh};
use crate::lab::{Lab, base};

pub use parcel::{Manifest, Parcel};

/// The largest manifest that is read, in bytes. That of Istio's demo has half a megabyte, its CRDs of today one.
const MAX_BYTES: u64 = 8 << 20;

/// All manifests of a mesh.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Bundle {
    /// The archive that some are from.
    pub archive: Option<Origin>,
    /// Those of each group, in the order in which they are applied.
    pub parcels: Vec<Parcel>,
    /// Those of groups that the lab file had before, in the order in which they were applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<Parcel>,
}

/// Which archive it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Origin {
    /// Where it came from, as the lab file says it.
    pub source: String,
    /// What it was.
    pub digest: Digest,
}

impl Document for Bundle {
    const FORMAT: u32 = 1;
    const MAX_BYTES: u64 = 64 << 20;
}

impl Bundle {
    /// The copy that the lab keeps; nothing where it has none yet.
    ///
    /// # Errors
    /// Where it is damaged.
    pub fn kept(folder: &LabFolder) -> Result<Option<Self>, DocumentError> {
        match durable::load(&folder.mesh()) {
            Ok(bundle) => Ok(Some(bundle)),
            Err(DocumentError::File(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps a copy in the folder of the lab, and remembers where the files of it lie.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&self, folder: &LabFolder) -> Result<(), DocumentError> {
        durable::save(&folder.mesh(), self)
    }

    /// Gathers the manifests that the lab names. What the lab keeps already of the same archive is not fetched again, and
    /// what is missing beside the lab file is taken from there, which is said. Nothing for a lab without a mesh of
    /// which nothing is left over.
    ///
    /// # Errors
    /// [`MeshError`]
    pub async fn gather(
        home: &Home,
        reporter: &Reporter,
        folder: &LabFolder,
        lab: &Lab,
    ) -> Result<Option<Self>, MeshError> {
        let kept = Self::kept(folder)?;
        let Some(mesh) = &lab.mesh else {
            let leftovers = kept.map(|kept| kept.left_over_by(&[], None)).unwrap_or_default();
            return Ok((!leftovers.is_empty()).then(|| Self { leftovers, ..Self::default() }));
        };
        let lab = &base::found(folder, lab)?;
        let mut gathering = Gathering { home, reporter, lab, kept, archive: None };
        let mut parcels = Vec::new();
        for group in mesh.all_groups() {
            let mut manifests = Vec::new();
            for source in &group.manifests {
                manifests.push(gathering.manifest(mesh, source).await?);
            }
            let parcel = Parcel::of(group, manifests);
            parcel.check(group)?;
            parcels.push(parcel);
        }
        let leftovers = gathering.kept.as_ref().map(|kept| kept.left_over_by(&parcels, Some(mesh))).unwrap_or_default();
        let archive = gathering.origin(mesh);
        Ok(Some(Self { archive, parcels, leftovers }))
    }

    /// The manifests, as far as no network is needed to gather them; nothing where that is not so. What is wrong with them is
    /// for [`Self::gather`] to say.
    pub async fn at_hand(home: &Home, reporter: &Reporter, folder: &LabFolder, lab: &Lab) -> Option<Self> {
        let archive = lab.mesh.as_ref().and_then(|mesh| mesh.archive.as_ref());
        let is_here = |archive: &Archive| match archive.sha256 {
            Some(digest) => home.download(&digest).exists(),
            None => matches!(source(lab, &archive.source), Ok(Source::File(_))),
        };
        let bundle = match archive.is_none_or(is_here) {
            true => Self::gather(home, reporter, folder, lab).await,
            false => Self::kept(folder).map_err(MeshError::from),
        };
        bundle.inspect_err(|error| tracing::debug!(%error, "the mesh is not looked at")).ok().flatten()
    }

    /// The manifests of a group.
    pub fn parcel(&self, group: &Group) -> Option<&Parcel> {
        self.parcels.iter().find(|parcel| parcel.group == group.name.as_str())
    }
}

/// Gathering manifests.
struct Gathering<'a> {
    home: &'a Home,
    reporter: &'a Reporter,
    lab: &'a Lab,
    kept: Option<Bundle>,
    /// The archive, once it was needed: the file, and what it is.
    archive: Option<(Utf8PathBuf, Origin)>,
}

impl Gathering<'_> {
    async fn manifest(&mut self, mesh: &Mesh, source: &ManifestSource) -> Result<Manifest, MeshError> {
        let (name, bytes) = match source {
            ManifestSource::File(file) => (format!("file:{file}"), self.file(file)?),
            ManifestSource::Archive(member) => {
                let archive = mesh.archive.as_ref().ok_or_else(|| MeshError::NoArchive(member.clone()))?;
                let name = format!("archive:{member}");
                if self.has_same_archive(archive)
                    && let Some(manifest) = self.kept_manifest(&name)
                {
                    return Ok(manifest.clone());
                }
                (name, self.member(archive, member).await?)
            }
        };
        let text = String::from_utf8(bytes).map_err(|_| MeshError::NoText { source_name: name.clone() })?;
        Ok(Manifest { source: name, text })
    }

    /// Whether what is kept is of the archive that is asked for: then it need not be there any more.
    fn has_same_archive(&self, archive: &Archive) -> bool {
        let origin = self.kept.as_ref().and_then(|kept| kept.archive.as_ref());
        origin.is_some_and(|origin| match archive.sha256 {
            Some(digest) => origin.digest == digest,
            // A file of the user's own can have become another one without a digest; one that is gone cannot.
            None => {
                let path = self.lab.beside(&archive.source);
                origin.source == archive.source && !path.is_some_and(|path| path.exists())
            }
        })
    }

    fn kept_manifest(&self, name: &str) -> Option<&Manifest> {
        let parcels = self.kept.iter().flat_map(|kept| &kept.parcels);
        parcels.flat_map(|parcel| &parcel.manifests).find(|manifest| manifest.source == name)
    }

    fn file(&self, file: &str) -> Result<Vec<u8>, MeshError> {
        let kept = self.kept_manifest(&format!("file:{file}")).map(|kept| kept.text.clone().into_bytes());
        let Some(path) = self.lab.beside(file) else {
            return kept.ok_or_else(|| MeshError::Fetch(FetchError::Elsewhere { file: file.to_owned() }));
        };
        match (read_limited(&path, MAX_BYTES), kept) {
            (Err(error), Some(kept)) if error.kind() == io::ErrorKind::NotFound => {
                tracing::warn!("{path} is not there any more: the lab's own copy of it is taken");
                Ok(kept)
            }
            (result, _) => result.map_err(MeshError::Missing),
        }
    }

    async fn member(&mut self, archive: &Archive, member: &str) -> Result<Vec<u8>, MeshError> {
        if self.archive.is_none() {
            self.archive = Some(self.fetch(archive).await?);
        }
        let Some((path, origin)) = &self.archive else { return Err(MeshError::NoArchive(member.to_owned())) };
        let (member, archive) = (member.to_owned(), origin.source.clone());
        match archive::read(path, &member, MAX_BYTES as usize).await? {
            Member::TooLarge => Err(MeshError::Member { member, archive, what: "too large to be a manifest" }),
            Member::File(bytes) => Ok(bytes),
            Member::Empty => Err(MeshError::Member { member, archive, what: "no file with something in it" }),
            Member::Missing => Err(MeshError::Member { member, archive, what: "not there" }),
        }
    }

    async fn fetch(&self, archive: &Archive) -> Result<(Utf8PathBuf, Origin), MeshError> {
        let wanted = Wanted::archive(archive);
        let fetched = fetch(self.home, self.reporter, self.lab, &wanted).await.map_err(MeshError::Fetch)?;
        Ok((fetched.path, Origin { source: archive.source.clone(), digest: fetched.digest }))
    }

    /// The archive that the manifests are from.
    fn origin(self, mesh: &Mesh) -> Option<Origin> {
        let archive = mesh.archive.as_ref()?;
        let same = self.has_same_archive(archive);
        let kept = self.kept.and_then(|kept| kept.archive).filter(|_| same);
        self.archive.map(|(_, origin)| origin).or(kept)
    }
}

#[cfg(test)]
mod tests;
