//! What the step does in the image.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::packages::Repo;
use super::super::shell::quote;
use super::super::system::Swap;
use super::super::{Asset, Sources, node};
use super::{Cni, Kubernetes, PROGRAMS, Repository, Source};
use crate::actions::Action;

/// Where things lie in the image until they are installed.
const STAGE: &str = "/var/tmp/kiln-kubernetes";

/// Installs what an archive or folder holds.
const UNPACK: &str = include_str!("unpack.sh");
/// Installs package files.
const INSTALL: &str = include_str!("install.sh");
/// What is left when the programs are there.
const FINISH: &str = include_str!("finish.sh");

/// The kubelet's unit and kubeadm's part of it, for images in which no package has them. They are those of the
/// packages: kubernetes/release, cmd/krel/templates/latest/kubelet/kubelet.service and kubeadm/10-kubeadm.conf. The
/// environment file has another place in each family.
const UNIT: &str = include_str!("files/kubelet.service");
const KUBEADM: &str = include_str!("files/10-kubeadm.conf");

/// Keeps the kubelet from starting, and failing, every ten seconds for as long as kubeadm has not configured it: that
/// takes half of an emulated processor from those who wait for it.
const UNTIL_CONFIGURED: &str = include_str!("files/20-kiln.conf");

/// The packages of pkgs.k8s.io that no upgrade may change behind kubeadm's back.
const HELD: &str = "kubelet kubeadm kubectl kubernetes-cni cri-tools";

impl Kubernetes {
    /// The actions, in an order in which nothing is started before the kernel's settings are there.
    pub(in super::super) fn actions(&self, sources: Sources<'_>) -> Vec<Action> {
        let mut actions = node::prepare_kernel();
        actions.extend(Swap::Off.actions());
        actions.push(Action::Mkdir(STAGE.into()));
        actions.extend(match &self.source {
            Source::Tarball(asset) | Source::Binaries(asset) => unpack(asset, "/usr/bin", &PROGRAMS, sources),
            Source::Packages(assets) => install(assets, sources),
            Source::Repository(repository) => repository.actions(),
        });
        actions.extend(match &self.cni {
            Some(Cni::Plugins(asset)) => unpack(asset, "/opt/cni/bin", &[], sources),
            Some(Cni::Packages(packages)) => vec![Action::Install(packages.clone())],
            None => Vec::new(),
        });
        actions.extend([("kubelet.service", UNIT), ("10-kubeadm.conf", KUBEADM), ("20-kiln.conf", UNTIL_CONFIGURED)].map(
            |(name, content)| Action::Write { path: Utf8Path::new(STAGE).join(name), content: content.to_owned() },
        ));
        let words = quote(["set", "--", &self.version.to_string(), STAGE, HELD]);
        actions.push(Action::RunCommand(format!("{words}\n{FINISH}")));
        actions
    }
}

impl Repository {
    /// apt and yum have different words for "not in an upgrade": apt-mark(8) comes with what is left to do, `exclude`
    /// (yum.conf(5)) is written when the packages are there.
    fn actions(&self) -> Vec<Action> {
        let mut actions = self.from.actions();
        actions.push(Action::Install(self.packages.clone()));
        if let Repo::Rpm(rpm) = &self.from {
            let mut rpm = rpm.clone();
            rpm.exclude.extend(HELD.split(' ').map(str::to_owned));
            actions.extend(rpm.written());
        }
        actions
    }
}

/// Brings an archive or folder into the image and moves what it holds into the folder `into`: the files of those names,
/// or every program in it.
fn unpack(asset: &Asset, into: &str, names: &[&str], sources: Sources<'_>) -> Vec<Action> {
    let from = sources.path_of(asset);
    // What is an asset has a name; a recipe is refused that gives a path without one.
    let staged = Utf8Path::new(STAGE).join(from.file_name().unwrap_or_default());
    let words = quote(["set", "--", staged.as_str(), into].into_iter().chain(names.iter().copied()));
    vec![Action::CopyIn { from, into: STAGE.into() }, Action::RunCommand(format!("{words}\n{UNPACK}"))]
}

/// Brings package files into the image under the names that the recipe gives them: by these a package manager knows
/// them, and a download is kept under another name.
fn install(assets: &[Asset], sources: Sources<'_>) -> Vec<Action> {
    let staged: Vec<Utf8PathBuf> = assets.iter().map(|asset| Utf8Path::new(STAGE).join(name_of(asset))).collect();
    let upload = |(asset, to): (&Asset, &Utf8PathBuf)| Action::Upload { from: sources.path_of(asset), to: to.clone() };
    let mut actions: Vec<Action> = assets.iter().zip(&staged).map(upload).collect();
    let words = quote(["set", "--"].into_iter().chain(staged.iter().map(|path| path.as_str())));
    actions.push(Action::RunCommand(format!("{words}\n{INSTALL}")));
    actions
}

/// Whether an asset is named as a package file.
pub(super) fn is_package(asset: &Asset) -> bool {
    matches!(Utf8Path::new(name_of(asset)).extension(), Some("deb" | "rpm"))
}

/// The last part of what the recipe calls an asset.
fn name_of(asset: &Asset) -> &str {
    let name = match asset {
        Asset::Artifact { path, .. } | Asset::File(path) => path.file_name(),
        Asset::Url { url, .. } => url.rsplit('/').next(),
    };
    name.unwrap_or_default()
}
