//! What a golden image is made from.

use camino::Utf8PathBuf;
use kiln_images::download::{Checksum, Fingerprint};
use kiln_images::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::steps::{Package, Word};

/// The first layer of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    /// Debian from packages, by mmdebstrap, from the mirror that this machine's own apt uses.
    Debootstrap(Debootstrap),
    /// A disk image on this machine: qcow2, raw or vmdk, also packed as .xz.
    File(File),
    /// A disk image from the network: qcow2, raw or vmdk, also packed as .xz.
    Url(Download),
    /// Another golden image of the store.
    Image(Name),
}

/// Debian, built from packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Debootstrap {
    /// The release, such as `bookworm`. This machine's apt sources must have it.
    pub suite: Word,
    /// Packages besides the ones that every bootable image with cloud-init needs.
    #[serde(default)]
    pub packages: Vec<Package>,
}

/// A disk image on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    /// The file, relative to the recipe.
    #[schemars(with = "String")]
    pub path: Utf8PathBuf,
    /// The checksum it must have, `sha256:…` or `sha512:…`. Without one, it is pinned in `kiln.lock` when it is used
    /// first.
    pub checksum: Option<Checksum>,
}

/// A disk image from the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Download {
    /// Where it comes from. Sources that do not answer are passed over for the next one.
    pub from: Vec<String>,
    /// The checksum it must have, `sha256:…` or `sha512:…`.
    pub checksum: Option<Checksum>,
    /// A signed list of checksums to take it from. With neither, it is pinned in `kiln.lock` when it is used first.
    pub checksums: Option<Checksums>,
}

/// A list of checksums that is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Checksums {
    /// The list, as a URL: clear-signed, unless its signature is apart.
    pub url: String,
    /// Where else it is, as URLs in this order, if that does not answer. Its signature counts, wherever it comes from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The signature, as a URL, where it is in a file of its own.
    pub signature: Option<String>,
    /// The key ring of the signer, relative to the recipe (as gpgv(1) takes it).
    #[schemars(with = "String")]
    pub keyring: Utf8PathBuf,
    /// The fingerprint of the only key that is believed.
    pub fingerprint: Fingerprint,
}
