//! Recipes: how a golden image is made, as a user writes it.
//!
//! [`Recipe`] is what the YAML says, [`load`] reads and checks it, [`gallery`] holds the recipes that are built into the
//! program with the files that lie beside them. Nothing here runs a program.

mod artifact;
mod base;
mod beside;
mod check;
mod cluster;
pub mod gallery;
mod load;
mod sealed;

use kiln_document::{Path, path};
use kiln_images::name::Name;
use kiln_images::size::{DiskSize, MemorySize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::steps::{NicName, Step, UserName};
use crate::supply::Choice;

pub use artifact::{Artifact, Tree};
pub use base::{Base, Debootstrap, Download, File};
pub use load::{LoadError, Loaded, load, load_or_default};

/// A recipe: base, layers of steps, checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipe {
    /// The name that the golden image gets in the store.
    pub name: Name,
    /// What the image is, in a sentence.
    #[serde(default)]
    pub description: String,
    /// What it is made from.
    pub base: Base,
    /// The login that a clone's cloud-init gives the lab's key to: the image's default user.
    pub user: UserName,
    /// The size of the disk, such as `10GiB`. Not smaller than the base's. A base from packages fills it; the file system of
    /// any other grows to it when the image boots first: in a clone, or in a layer with `boot: true`. Steps before that have
    /// the room that the base has.
    pub disk: DiskSize,
    /// The names that the NAT and the service NIC get in a clone.
    #[serde(default)]
    pub nics: Nics,
    /// Things that are built on the host, from Debian packages, for steps to read.
    #[serde(default)]
    pub artifacts: Vec<Artifact>,
    /// The machine that the layers with `boot: true` are made in.
    #[serde(default)]
    pub boot: BootMachine,
    /// Groups of steps, each cached by itself. Put what changes often last.
    #[serde(default)]
    pub layers: Vec<Layer>,
    /// Commands that must succeed in the finished image, or it is not published. They see what sealing clears after them:
    /// temporary files, logs, SSH keys, identities.
    #[serde(default)]
    pub checks: Vec<String>,
}

impl Recipe {
    /// The artifact of that name.
    pub fn artifact(&self, name: &Name) -> Option<&Artifact> {
        self.artifacts.iter().find(|artifact| artifact.name == *name)
    }

    /// Its steps, each with its place in the file.
    fn steps(&self) -> impl Iterator<Item = (Path, &Step)> {
        self.layers.iter().enumerate().flat_map(|(number, layer)| {
            layer.steps.iter().enumerate().map(move |(index, step)| (path!["layers", number, "steps", index], step))
        })
    }

    /// What the image itself fetches from the first of several sources that answers.
    pub fn choices(&self) -> impl Iterator<Item = Choice> {
        self.layers.iter().flat_map(|layer| &layer.steps).flat_map(Step::choices)
    }
}

/// A named group of steps: one virt-customize run or one boot, cached by its inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Layer {
    /// What errors, progress and `bake show` call it.
    pub name: Name,
    /// The image is booted, once, with an identity that is thrown away, and the steps are carried out in the running
    /// system: for what needs one, such as `container-images`.
    #[serde(default)]
    pub boot: bool,
    /// What is done, in this order.
    pub steps: Vec<Step>,
}

/// The machine that layers are booted in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct BootMachine {
    /// How many processors it has; 2 if nothing is said.
    pub cpus: Option<u32>,
    /// How much memory it has; `2GiB` if nothing is said.
    pub memory: Option<MemorySize>,
}

/// The names of a clone's network interfaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nics {
    /// The way to the internet and to the host.
    pub nat: NicName,
    /// The lab's own segment, with the fixed address.
    pub service: NicName,
}

impl Default for Nics {
    /// What CentOS 7 calls them, and what cloud-init renames them to elsewhere.
    fn default() -> Self {
        Self { nat: NicName::from_static("eth0"), service: NicName::from_static("eth1") }
    }
}
