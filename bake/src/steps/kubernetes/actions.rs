//! What the step does in the image.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::packages::Repo;
use super::super::shell::run_script;
use super::super::system::Swap;
use super::super::{Asset, Sources, node};
use super::{Cni, Kubernetes, PROGRAMS, Repository, Source};
use crate::actions::Action;
use crate::links::Links;

/// Where things lie in the image until they are installed.
const STAGE: &str = "/var/tmp/kiln-kubernetes";
/// Where programs lie there that become RPMs.
const PROGRAMS_STAGE: &str = "/var/tmp/kiln-kubernetes/programs";

/// Installs what an archive or folder holds.
const UNPACK: (&str, &str) = ("unpack.sh", include_str!("unpack.sh"));
/// Installs package files.
const INSTALL: (&str, &str) = ("install.sh", include_str!("install.sh"));
/// Makes RPMs of programs, and installs these; and what it makes them by.
const RPM_BUILD: (&str, &str) = ("rpm-build.sh", include_str!("rpm-build.sh"));
const SPEC: (&str, &str) = ("kubernetes.spec", include_str!("files/kubernetes.spec"));
/// What is left when the programs are there.
const FINISH: (&str, &str) = ("finish.sh", include_str!("finish.sh"));

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
        let programs = if self.rpm_build { PROGRAMS_STAGE } else { "/usr/bin" };
        actions.extend(match &self.source {
            Source::Tarball(asset) | Source::Binaries(asset) => unpack(asset, programs, &PROGRAMS, sources),
            Source::Packages(assets) => install(assets, sources),
            Source::Repository(repository) => repository.actions(),
        });
        actions.extend(match &self.cni {
            Some(Cni::Plugins(asset)) => unpack(asset, "/opt/cni/bin", &[], sources),
            Some(Cni::Packages(packages)) => vec![Action::Install(packages.clone())],
            None => Vec::new(),
        });
        let units = [("kubelet.service", UNIT), ("10-kubeadm.conf", KUBEADM), ("20-kiln.conf", UNTIL_CONFIGURED)];
        actions.extend(units.map(staged));
        let version = self.version.to_string();
        if self.rpm_build {
            actions.push(staged(SPEC));
            actions.extend(run_script(STAGE, RPM_BUILD, [version.as_str(), STAGE, PROGRAMS_STAGE]));
        }
        actions.extend(run_script(STAGE, FINISH, [version.as_str(), STAGE, HELD]));
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

/// Writes a file of Kiln's own into the stage.
fn staged((name, content): (&str, &str)) -> Action {
    Action::Write { path: Utf8Path::new(STAGE).join(name), content: content.to_owned() }
}

/// Brings an archive or folder into the image and moves what it holds into the folder `into`: the files of those names,
/// or every program in it. What counts are the programs: links are followed, on the host, where they lead to them.
fn unpack(asset: &Asset, into: &str, names: &[&str], sources: Sources<'_>) -> Vec<Action> {
    // A slash at the end would make another thing of a link.
    let from: Utf8PathBuf = sources.path_of(asset).components().collect();
    // What is an asset has a name; a recipe is refused that gives a path without one.
    let staged = Utf8Path::new(STAGE).join(from.file_name().unwrap_or_default());
    let words = [staged.as_str(), into].into_iter().chain(names.iter().copied());
    let script = run_script(STAGE, UNPACK, words);
    std::iter::once(Action::CopyIn { from, into: STAGE.into(), links: Links::Followed }).chain(script).collect()
}

/// Brings package files into the image under the names that the recipe gives them: by these a package manager knows
/// them, and a download is kept under another name.
fn install(assets: &[Asset], sources: Sources<'_>) -> Vec<Action> {
    let staged: Vec<Utf8PathBuf> = assets.iter().map(|asset| Utf8Path::new(STAGE).join(name_of(asset))).collect();
    let upload = |(asset, to): (&Asset, &Utf8PathBuf)| Action::Upload { from: sources.path_of(asset), to: to.clone() };
    let mut actions: Vec<Action> = assets.iter().zip(&staged).map(upload).collect();
    actions.extend(run_script(STAGE, INSTALL, staged.iter().map(|path| path.as_str())));
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
        Asset::Url { urls, .. } => urls.first().and_then(|url| url.rsplit('/').next()),
    };
    name.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::{Command, Output};

    use super::*;

    fn actions(text: &str) -> Vec<Action> {
        let step = kiln_document::read::<Kubernetes>("step.yaml", text).unwrap_or_else(|error| panic!("{error}"));
        step.value.actions(Sources::beside("/recipes".into()))
    }

    /// Runs a script as the guest would.
    fn sh(script: &str, words: &[&str]) -> Output {
        Command::new("sh").args(["-c", script, "sh"]).args(words).output().unwrap()
    }

    fn put(path: &Path, mode: u32) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_tarball_of_kubernetes_gives_its_three_programs_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for name in ["kubelet", "kubeadm", "kubectl", "kube-proxy", "kubelet.docker_tag"] {
            put(&at("made/kubernetes/server/bin").join(name), 0o750);
        }
        let archive = at("k.tar.gz");
        let (made, archive_name) = (at("made"), archive.to_str().unwrap());
        let packed = Command::new("tar").current_dir(made).args(["-czf", archive_name, "kubernetes"]).status();
        assert!(packed.unwrap().success());
        let into = at("bin");
        let words: Vec<_> = [archive.to_str().unwrap(), into.to_str().unwrap()].into_iter().chain(PROGRAMS).collect();
        let ran = sh(UNPACK.1, &words);
        assert!(ran.status.success(), "{ran:?}");
        assert_eq!(names(&into), ["kubeadm", "kubectl", "kubelet"]);
        assert_eq!(fs::metadata(into.join("kubelet")).unwrap().permissions().mode() & 0o7777, 0o755);
        assert_eq!(names(folder.path()), ["bin", "made"]);
    }

    #[test]
    fn a_folder_of_plugins_gives_what_can_be_run() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for (name, mode) in [("bridge", 0o755), ("loopback", 0o755), ("LICENSE", 0o644)] {
            put(&at("plugins").join(name), mode);
        }
        let ran = sh(UNPACK.1, &[at("plugins").to_str().unwrap(), at("opt/cni/bin").to_str().unwrap()]);
        assert!(ran.status.success(), "{ran:?}");
        assert_eq!(names(&at("opt/cni/bin")), ["bridge", "loopback"]);
        assert_eq!(names(folder.path()), ["opt"]);
    }

    #[test]
    fn programs_of_another_version_are_refused_by_what_they_say() {
        let folder = tempfile::tempdir().unwrap();
        for (name, said) in [("kubelet", "Kubernetes v1.20.2"), ("kubeadm", "v1.20.20"), ("kubectl", "v1.20.2")] {
            let path = folder.path().join(name);
            put(&path, 0o755);
            fs::write(path, format!("#!/bin/sh\necho {said}\n")).unwrap();
        }
        let script = FINISH.1.replace(" PATH=", &format!(" PATH={}:", folder.path().display()));
        let ran = sh(&script, &["1.20.2", "/nowhere", ""]);
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(!ran.status.success());
        assert!(
            said.contains("the recipe says Kubernetes 1.20.2, but `kubeadm version --output short` says: v1.20.20"),
            "{said}"
        );
    }

    #[test]
    fn yum_finds_the_packages_once_and_not_again() {
        let actions = actions(
            "{version: 1.36.1, repository: {from: {rpm: {name: k8s, baseurl: 'https://pkgs/'}}, \
             packages: [kubelet-1.36.1, kubeadm-1.36.1, kubectl-1.36.1]}}",
        );
        let repository = |excluded: bool| {
            let is = |action: &Action| {
                matches!(action, Action::Write { path, content }
                if path == "/etc/yum.repos.d/k8s.repo" && content.contains("exclude=kubelet kubeadm") == excluded)
            };
            actions.iter().position(is).unwrap()
        };
        let installed = actions.iter().position(|action| matches!(action, Action::Install(_))).unwrap();
        assert!(repository(false) < installed && installed < repository(true), "{actions:?}");
    }

    #[test]
    fn package_files_keep_their_names() {
        let actions = actions("{version: 1.20.2, packages: [{file: debs/kubelet.deb}, {file: debs/kubeadm.deb}]}");
        let to = Utf8PathBuf::from("/var/tmp/kiln-kubernetes/kubelet.deb");
        assert!(actions.contains(&Action::Upload { from: "/recipes/debs/kubelet.deb".into(), to }), "{actions:?}");
    }
}
