//! `container-images`: images that the container runtime has from the beginning.

mod archive;

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use kiln_images::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::validated::{ImagePrefix, RegistryImage};
use super::{Asset, Sources, join};
pub use archive::{Archive, ArchiveError};

/// `container-images`: where the archives of the images come from, as `docker save` writes them. A folder stands for every
/// `*.tar` in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ContainerImages {
    /// An artifact of the recipe that has some.
    pub artifact: Option<Name>,
    /// The archive, or the folder of archives, in the artifact.
    #[schemars(with = "Option<String>")]
    pub path: Option<Utf8PathBuf>,
    /// Archives, or folders of them, relative to the recipe.
    #[schemars(with = "Vec<String>")]
    pub files: Vec<Utf8PathBuf>,
    /// Images of a registry, such as `registry.k8s.io/pause:3.9`. skopeo(1) fetches them to this host, and what they are is
    /// pinned in `kiln.lock` when they are fetched first.
    pub registry: Vec<RegistryImage>,
    /// Where else to ask for images, in this order: by the beginning of a name, what to write instead. What an image is
    /// called when it is loaded stays as it is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub also: BTreeMap<ImagePrefix, Vec<ImagePrefix>>,
}

impl ContainerImages {
    /// Whether it names nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The other names by which an image can be had.
    pub fn other_names_of(&self, image: &RegistryImage) -> Vec<RegistryImage> {
        let all = self.also.iter().flat_map(|(prefix, others)| others.iter().map(move |other| (prefix, other)));
        all.filter_map(|(prefix, other)| image.renamed(prefix, other)).collect()
    }

    pub(super) fn assets(&self) -> Vec<Asset> {
        let artifact = self.artifact.clone().zip(self.path.clone());
        let artifact = artifact.map(|(name, path)| Asset::Artifact { name, path });
        artifact.into_iter().chain(self.files.iter().cloned().map(Asset::File)).collect()
    }

    pub(super) fn archives(&self, sources: Sources<'_>) -> Vec<Utf8PathBuf> {
        self.assets().iter().map(|asset| sources.path_of(asset)).collect()
    }

    pub(super) fn summary(&self) -> String {
        let images = self.registry.iter().map(ToString::to_string);
        join(self.assets().iter().map(ToString::to_string).chain(images))
    }
}
