//! Things that are built on the host before the first layer that reads them.

use camino::Utf8PathBuf;
use kiln_images::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::steps::{Package, Word};

/// A folder of files that a script makes from Debian packages. It is built once for everything it is made of, whichever
/// recipes use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Artifact {
    /// What steps call it.
    pub name: Name,
    /// The tree that the script runs in.
    pub debootstrap: Tree,
    /// The script, relative to the recipe. It is put into the tree as `/recipe/<its name>` and runs there as root, in
    /// `/src`, without a network; what it leaves in `/out` is the artifact.
    #[schemars(with = "String")]
    pub script: Utf8PathBuf,
    /// Files and folders that the script reads, relative to the recipe. They are put beside it, by their last names.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub files: Vec<Utf8PathBuf>,
}

/// A tree of Debian packages: the smallest system that has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tree {
    /// The release, such as `bookworm`. This machine's apt sources must have it.
    pub suite: Word,
    /// The packages that are installed.
    #[serde(default)]
    pub packages: Vec<Package>,
    /// Debian source packages, such as `kubernetes`: each is unpacked into `/src/<name>`, with Debian's patches.
    #[serde(default)]
    pub sources: Vec<Word>,
}
