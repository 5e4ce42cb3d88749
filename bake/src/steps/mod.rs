//! Steps: the vocabulary of recipes.
//!
//! A step reads like a heading of a how-to ("install", "kernel-modules", "swap") and is one key of a recipe's list:
//!
//! ```yaml
//! steps:
//! - install: [curl, socat]
//! - kernel-modules: [br_netfilter]
//! - sysctl: {net.ipv4.ip_forward: 1}
//! ```
//!
//! To add a step: add its variant to [`Step`], its type to the file of its kind (files, packages, system), and what it
//! does to [`Step::actions`]. A step that reads something of the host's names it in [`Step::inputs`], so that its bytes
//! become part of the layer's key.

mod asset;
mod container_images;
mod files;
mod kubernetes;
mod node;
mod packages;
mod runtime;
mod shell;
mod signing_key;
mod system;
mod validated;

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use kiln_images::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::actions::Action;
use crate::supply::Choice;

pub use asset::{Asset, Sources};
pub use container_images::{Archive, ArchiveError, ContainerImages};
pub use files::{AppendLine, CopyIn, Download, Upload, Write};
pub use kubernetes::{Kubernetes, Version as KubernetesVersion};
use packages::Repo;
pub use packages::Repos;
pub use runtime::{Containerd, DOCKER, Docker, runtime_of};
pub use shell::{inline, quote};
pub use system::{Account, Selinux, Service, Swap};
use validated::Scalar;

pub use validated::{GuestPath, Mode, NicName, Package, RegistryImage, UserName, Word};

/// One step of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Install packages with the image's own package manager (apt, yum, dnf). An exact version is written the way that
    /// package manager takes it: `curl=7.88.1-10` for apt, `docker-ce-18.09.3-3.el7` for yum.
    Install(Vec<Package>),
    /// Remove packages.
    Remove(Vec<Package>),
    /// Add package repositories, or replace the ones the image has.
    Repos(Repos),
    /// Run a command with the image's shell, as root. It must succeed.
    Run(String),
    /// Run a script that lies beside the recipe, in the image, as root. It must succeed.
    Script(#[schemars(with = "String")] Utf8PathBuf),
    /// Write a text file.
    Write(Write),
    /// Append a line to a text file.
    AppendLine(AppendLine),
    /// Copy one file into the image.
    Upload(Upload),
    /// Copy a file or a folder, with all that is in it, into a folder of the image.
    CopyIn(CopyIn),
    /// Download a file on the host, check its digest, and copy it into the image.
    Download(Download),
    /// Delete a file or a folder.
    Delete(GuestPath),
    /// Enable, disable or mask systemd units.
    Service(Service),
    /// Choose what SELinux does from the next boot on.
    Selinux(Selinux),
    /// Take swap out of fstab, as the kubelet demands.
    Swap(Swap),
    /// Load kernel modules at every boot (modules-load.d(5)).
    KernelModules(Vec<Word>),
    /// Set kernel parameters at every boot (sysctl.d(5)).
    Sysctl(#[schemars(with = "BTreeMap<Word, Scalar>")] BTreeMap<Word, Setting>),
    /// Install Docker as the container runtime, for Kubernetes up to 1.23.
    Docker(Docker),
    /// Install containerd as the container runtime.
    Containerd(Containerd),
    /// Install kubelet, kubeadm, kubectl and the CNI plugins, and make the image a node that kubeadm can set up.
    Kubernetes(Kubernetes),
    /// Make a user account.
    User(Account),
    /// Load container images into the image's docker or containerd, and check that they are there. Only in a layer with
    /// `boot: true`: the runtime has to run.
    ContainerImages(ContainerImages),
    /// Set the time zone, such as `Europe/Paris`.
    Timezone(String),
}

/// The value of a kernel parameter, kept as it is written.
pub type Setting = String;

impl Step {
    /// The file of the image that the step is to write, if that is what it does.
    pub fn file(&self) -> Option<&GuestPath> {
        match self {
            Self::Write(write) => Some(&write.path),
            Self::Upload(upload) => Some(&upload.to),
            Self::Download(download) => Some(&download.to),
            _ => None,
        }
    }

    /// The options of virt-customize that carry this step out.
    pub fn actions(&self, sources: Sources<'_>) -> Vec<Action> {
        match self {
            Self::Install(packages) => vec![Action::Install(packages.clone())],
            Self::Remove(packages) => vec![Action::Uninstall(packages.clone())],
            Self::Repos(repos) => repos.actions(),
            Self::Run(command) => vec![Action::RunCommand(command.clone())],
            Self::Script(path) => vec![Action::RunScript(sources.folder.join(path))],
            Self::Write(write) => write.actions(),
            Self::AppendLine(append) => append.actions(),
            Self::Upload(upload) => upload.actions(sources),
            Self::CopyIn(copy) => copy.actions(sources),
            Self::Download(download) => download.actions(sources),
            Self::Delete(path) => vec![Action::Delete(path.as_path().to_owned())],
            Self::Service(service) => service.actions(),
            Self::Selinux(mode) => mode.actions(),
            Self::Swap(Swap::Off) => Swap::Off.actions(),
            Self::KernelModules(modules) => system::load_modules(modules),
            Self::Sysctl(settings) => system::set_parameters(settings),
            Self::Docker(docker) => docker.actions(),
            Self::Containerd(containerd) => containerd.actions(),
            Self::Kubernetes(kubernetes) => kubernetes.actions(sources),
            Self::User(account) => account.actions(),
            Self::ContainerImages(_) => Vec::new(),
            Self::Timezone(zone) => vec![Action::Timezone(zone.clone())],
        }
    }

    /// The archives of container images that the step loads, and folders of them.
    pub fn archives(&self, sources: Sources<'_>) -> Vec<Utf8PathBuf> {
        match self {
            Self::ContainerImages(images) => images.archives(sources),
            _ => Vec::new(),
        }
    }

    /// The container images that it takes from a registry.
    pub fn registry_images(&self) -> &[RegistryImage] {
        self.container_images().map_or(&[], |images| &images.registry)
    }

    /// The step as one that loads container images, if it is.
    pub fn container_images(&self) -> Option<&ContainerImages> {
        match self {
            Self::ContainerImages(images) => Some(images),
            _ => None,
        }
    }

    /// What the step reads besides the recipe.
    pub fn inputs(&self) -> Vec<Asset> {
        match self {
            Self::Script(path) => vec![Asset::File(path.clone())],
            Self::Upload(upload) => vec![Asset::File(upload.from.clone())],
            Self::CopyIn(copy) => vec![copy.asset()],
            Self::Download(download) => vec![download.asset()],
            Self::ContainerImages(images) => images.assets(),
            Self::Kubernetes(kubernetes) => kubernetes.inputs(),
            _ => Vec::new(),
        }
    }

    /// The artifact of which it takes every program that there is, whatever it is called.
    pub fn taken_whole(&self) -> Option<&Name> {
        match self {
            Self::Kubernetes(kubernetes) => kubernetes.plugins_artifact(),
            _ => None,
        }
    }

    /// What the image itself fetches, now and in later steps, from the first of several sources that answers.
    pub fn choices(&self) -> Vec<Choice> {
        match self {
            Self::Repos(repos) => repos.add.iter().flat_map(Repo::choices).collect(),
            Self::Kubernetes(kubernetes) => kubernetes.repository().map(Repo::choices).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The step in a line, for progress and errors: its key, and what it is about.
    pub fn summary(&self) -> String {
        let (key, about) = match self {
            Self::Install(packages) => ("install", join(packages.iter().map(Package::as_str))),
            Self::Remove(packages) => ("remove", join(packages.iter().map(Package::as_str))),
            Self::Repos(repos) => ("repos", join(repos.names())),
            Self::Run(command) => ("run", command.trim().to_owned()),
            Self::Script(path) => ("script", path.to_string()),
            Self::Write(write) => ("write", write.path.to_string()),
            Self::AppendLine(append) => ("append-line", append.path.to_string()),
            Self::Upload(upload) => ("upload", format!("{} to {}", upload.from, upload.to)),
            Self::CopyIn(copy) => ("copy-in", format!("{} into {}", copy.asset(), copy.into)),
            Self::Download(download) => ("download", download.url.clone()),
            Self::Delete(path) => ("delete", path.to_string()),
            Self::Service(service) => ("service", service.summary()),
            Self::Selinux(mode) => ("selinux", mode.as_str().to_owned()),
            Self::Swap(Swap::Off) => ("swap", "off".to_owned()),
            Self::KernelModules(modules) => ("kernel-modules", join(modules.iter().map(Word::as_str))),
            Self::Sysctl(settings) => ("sysctl", join(settings.iter().map(|(key, value)| format!("{key} = {value}")))),
            Self::Docker(docker) => ("docker", join(docker.packages.iter().map(Package::as_str))),
            Self::Containerd(containerd) => ("containerd", join(containerd.packages.iter().map(Package::as_str))),
            Self::Kubernetes(kubernetes) => ("kubernetes", kubernetes.summary()),
            Self::User(account) => ("user", account.name.to_string()),
            Self::ContainerImages(images) => ("container-images", images.summary()),
            Self::Timezone(zone) => ("timezone", zone.clone()),
        };
        format!("{key}: {}", shortened(&about))
    }
}

fn join(parts: impl Iterator<Item = impl Into<String>>) -> String {
    parts.map(Into::into).collect::<Vec<String>>().join(", ")
}

/// The first line of a text, as far as it fits beside the rest of a line of progress.
fn shortened(text: &str) -> String {
    const LENGTH: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= LENGTH && line.len() == text.len() {
        return line.to_owned();
    }
    let start: String = line.chars().take(LENGTH).collect();
    format!("{} …", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(step: &Step) -> Vec<Action> {
        step.actions(Sources::beside("/recipes".into()))
    }

    #[test]
    fn paths_are_relative_to_the_recipe() {
        let step = Step::Script("scripts/setup.sh".into());
        assert_eq!(actions(&step), [Action::RunScript("/recipes/scripts/setup.sh".into())]);
        assert_eq!(step.inputs(), [Asset::File("scripts/setup.sh".into())]);
    }

    #[test]
    fn a_summary_is_one_short_line() {
        let long = Step::Run(format!("echo {}\necho two", "long ".repeat(50))).summary();
        assert!(long.starts_with("run: echo long") && long.ends_with(" …") && long.chars().count() < 70, "{long}");
        let cases = [
            ("run: |\n  echo one\n  echo two\n", "run: echo one …"),
            ("install: [curl, socat]", "install: curl, socat"),
            ("swap: off", "swap: off"),
            ("write: {path: /etc/motd, content: Hello}", "write: /etc/motd"),
            ("copy-in: {from: tree, into: /opt}", "copy-in: tree into /opt"),
            ("service: {enable: [a, b], mask: [c]}", "service: enable a, b; mask c"),
            ("sysctl: {net.ipv4.ip_forward: 1}", "sysctl: net.ipv4.ip_forward = 1"),
            ("repos: {add: [{rpm: {name: extras, baseurl: 'http://vault/'}}]}", "repos: extras"),
        ];
        for (text, expected) in cases {
            let step = kiln_document::read::<Step>("step.yaml", text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(step.value.summary(), expected);
        }
    }
}
