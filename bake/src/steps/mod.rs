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
//! does to [`Step::actions`]. A step that reads a file of the host's names it in [`Step::inputs`], so that its bytes
//! become part of the layer's key.

mod files;
mod packages;
mod shell;
mod system;
mod validated;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::actions::Action;

pub use files::{AppendLine, CopyIn, Download, Upload, Write};
pub use packages::Repos;
pub use system::{Account, Selinux, Service, Swap};
pub use validated::{GuestPath, Mode, Package, Word};

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
    Sysctl(BTreeMap<Word, Setting>),
    /// Make a user account.
    User(Account),
    /// Set the time zone, such as `Europe/Paris`.
    Timezone(String),
}

/// The value of a kernel parameter, kept as it is written.
pub type Setting = String;

/// Something of the host's that a step reads; its bytes go into the layer's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file, or a folder with all that is in it.
    Path(Utf8PathBuf),
    /// A file that is downloaded and whose digest the recipe states.
    Download(Download),
}

/// Where a step's inputs are found when it becomes actions.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The recipe's folder: relative paths start there.
    pub folder: &'a Utf8Path,
    /// The folder of verified downloads, each a file named by the digits of its digest.
    pub downloads: &'a Utf8Path,
}

impl Step {
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
            Self::User(account) => account.actions(),
            Self::Timezone(zone) => vec![Action::Timezone(zone.clone())],
        }
    }

    /// What the step reads besides the recipe. Paths are as the recipe gives them.
    pub fn input(&self) -> Option<Input> {
        match self {
            Self::Script(path) => Some(Input::Path(path.clone())),
            Self::Upload(upload) => Some(Input::Path(upload.from.clone())),
            Self::CopyIn(copy) => Some(Input::Path(copy.from.clone())),
            Self::Download(download) => Some(Input::Download(download.clone())),
            _ => None,
        }
    }

    /// The step in a line, for progress and errors: its key and the beginning of its value.
    pub fn summary(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        let (key, rest) = match value.as_object().and_then(|object| object.iter().next()) {
            Some((key, serde_json::Value::String(text))) => (key.clone(), text.clone()),
            Some((key, value)) => (key.clone(), value.to_string()),
            None => return value.to_string(),
        };
        let rest: String = rest.lines().next().unwrap_or_default().chars().take(60).collect();
        format!("{key}: {rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(step: &Step) -> Vec<Action> {
        step.actions(Sources { folder: Utf8Path::new("/recipes"), downloads: Utf8Path::new("/downloads") })
    }

    #[test]
    fn paths_are_relative_to_the_recipe() {
        let step = Step::Script("scripts/setup.sh".into());
        assert_eq!(actions(&step), [Action::RunScript("/recipes/scripts/setup.sh".into())]);
        assert_eq!(step.input(), Some(Input::Path("scripts/setup.sh".into())));
    }

    #[test]
    fn a_summary_is_one_short_line() {
        let step = Step::Run(format!("echo {}\necho two", "long ".repeat(50)));
        assert!(step.summary().starts_with("run: echo long") && step.summary().len() < 70);
        assert_eq!(Step::Install(vec!["curl".parse().unwrap()]).summary(), "install: [\"curl\"]");
        assert_eq!(Step::Swap(Swap::Off).summary(), "swap: off");
    }
}
