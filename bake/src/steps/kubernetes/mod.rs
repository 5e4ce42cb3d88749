//! `kubernetes`: kubelet, kubeadm, kubectl and the CNI plugins, from where the recipe says, and everything around them
//! that a node needs before `kubeadm init` or `join` can run on it.
//!
//! Whether the image is of the deb or of the rpm family is not known before the appliance runs. So files that differ
//! between the two are chosen by shell scripts in the image; they lie beside this file.

mod actions;
mod fields;
mod version;

use kiln_images::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::packages::Repo;
use super::{Asset, Package};
use fields::Fields;

pub use version::Version;

/// The programs that make a machine a node.
const PROGRAMS: [&str; 3] = ["kubelet", "kubeadm", "kubectl"];

/// What the step installs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Fields", into = "Fields")]
#[schemars(with = "Fields")]
pub struct Kubernetes {
    /// The version that all three programs must say they have.
    pub version: Version,
    /// Where the programs come from.
    pub source: Source,
    /// Whether the programs, which are in no package, become RPMs first.
    pub rpm_build: bool,
    /// Where the CNI plugins come from; none where the programs' packages bring them.
    pub cni: Option<Cni>,
}

/// Where kubelet, kubeadm and kubectl come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Kubernetes' own server or node tarball.
    Tarball(Asset),
    /// A folder or an archive of the programs.
    Binaries(Asset),
    /// Packages, as files.
    Packages(Vec<Asset>),
    /// Packages, from a repository.
    Repository(Repository),
}

/// A package repository, with what is taken from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Repository {
    /// The repository. It stays in the image, but no upgrade takes Kubernetes from it.
    pub from: Repo,
    /// The packages with their exact versions, as the image's package manager takes them: `kubelet=1.36.1-1.1` (apt),
    /// `kubelet-1.36.1` (yum, dnf). kubelet, kubeadm and kubectl must be among them.
    pub packages: Vec<Package>,
}

/// Where the CNI plugins come from. However they come, they are found in /opt/cni/bin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cni {
    /// A folder of the plugins, or of links to them, or an archive of them.
    Plugins(Asset),
    /// Packages of the image's distribution, such as `containernetworking-plugins`.
    Packages(Vec<Package>),
}

impl Kubernetes {
    /// What the step reads of the host's.
    pub(super) fn inputs(&self) -> Vec<Asset> {
        let mut assets = match &self.source {
            Source::Tarball(asset) | Source::Binaries(asset) => vec![asset.clone()],
            Source::Packages(assets) => assets.clone(),
            Source::Repository(_) => Vec::new(),
        };
        if let Some(Cni::Plugins(asset)) = &self.cni {
            assets.push(asset.clone());
        }
        assets
    }

    /// The artifact that the CNI plugins are in.
    pub(super) fn plugins_artifact(&self) -> Option<&Name> {
        match &self.cni {
            Some(Cni::Plugins(asset)) => asset.artifact(),
            _ => None,
        }
    }

    /// The repository that it adds to the image.
    pub(super) fn repository(&self) -> Option<&Repo> {
        match &self.source {
            Source::Repository(repository) => Some(&repository.from),
            _ => None,
        }
    }

    /// The version, and where it comes from.
    pub(super) fn summary(&self) -> String {
        let from = match &self.source {
            Source::Tarball(asset) | Source::Binaries(asset) => asset.to_string(),
            Source::Packages(assets) => format!("{} packages", assets.len()),
            Source::Repository(repository) => format!("the repository {}", repository.name()),
        };
        let how = if self.rpm_build { ", as RPMs" } else { "" };
        format!("{} from {from}{how}", self.version)
    }
}

impl Repository {
    fn name(&self) -> &Name {
        match &self.from {
            Repo::Rpm(rpm) => &rpm.name,
            Repo::Deb(deb) => &deb.name,
        }
    }

    /// Whether a package of this name is taken in this version of Kubernetes: what follows the version is the package's
    /// own revision.
    fn names_exactly(&self, name: &str, version: &Version) -> bool {
        let version = version.to_string();
        self.packages.iter().any(|package| {
            let rest = package.as_str().strip_prefix(name).and_then(|rest| rest.strip_prefix(['=', '-']));
            let revision = rest.and_then(|rest| rest.strip_prefix(version.as_str()));
            revision.is_some_and(|revision| revision.is_empty() || revision.starts_with('-'))
        })
    }
}
