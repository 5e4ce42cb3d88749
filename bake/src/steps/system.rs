//! Steps about the system: services, SELinux, swap, modules, kernel parameters, users.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shell::quote;
use super::{Setting, Word};
use crate::actions::Action;

/// `service`: what becomes of systemd units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Service {
    /// Started at every boot.
    pub enable: Vec<String>,
    /// Not started at boot any more.
    pub disable: Vec<String>,
    /// Not startable any more, by hand or by another unit.
    pub mask: Vec<String>,
}

/// `selinux`: what SELinux does from the next boot on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Selinux {
    /// It is off.
    Disabled,
    /// It reports, and allows everything.
    Permissive,
    /// It enforces its policy.
    Enforcing,
}

/// `swap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Swap {
    /// Swap areas in fstab are commented out.
    Off,
}

/// `user`: a user account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Account {
    /// The login name.
    pub name: Word,
    /// Groups besides its own; they must exist.
    #[serde(default)]
    pub groups: Vec<Word>,
    /// Its shell.
    #[serde(default = "bash")]
    pub shell: String,
    /// May run everything as root without a password.
    #[serde(default)]
    pub sudo: bool,
}

fn bash() -> String {
    "/bin/bash".to_owned()
}

impl Service {
    /// The words of systemctl(1), with the units each is said of.
    fn verbs(&self) -> impl Iterator<Item = (&'static str, &Vec<String>)> {
        let verbs = [("enable", &self.enable), ("disable", &self.disable), ("mask", &self.mask)];
        verbs.into_iter().filter(|(_, units)| !units.is_empty())
    }

    pub(super) fn summary(&self) -> String {
        let parts = self.verbs().map(|(verb, units)| format!("{verb} {}", units.join(", ")));
        parts.collect::<Vec<_>>().join("; ")
    }

    pub(super) fn actions(&self) -> Vec<Action> {
        self.verbs()
            .map(|(verb, units)| {
                Action::RunCommand(format!("systemctl {verb} {}", quote(units.iter().map(String::as_str))))
            })
            .collect()
    }
}

impl Selinux {
    /// The word in its configuration (selinux_config(5)).
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Permissive => "permissive",
            Self::Enforcing => "enforcing",
        }
    }

    /// /etc/sysconfig/selinux is a link to the file that is edited here. An image without SELinux needs nothing to have
    /// it off, and cannot have it on.
    pub(super) fn actions(self) -> Vec<Action> {
        let edit = format!("sed -i 's/^SELINUX=.*/SELINUX={}/' /etc/selinux/config", self.as_str());
        let command = match self {
            Self::Disabled => format!("[ ! -e /etc/selinux/config ] || {edit}"),
            Self::Permissive | Self::Enforcing => edit,
        };
        vec![Action::RunCommand(command)]
    }
}

impl Swap {
    /// The third field of fstab(5) is the type.
    pub(super) fn actions(self) -> Vec<Action> {
        let edit =
            r"sed -i -E 's/^([^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap([[:space:]]|$))/#\1/' /etc/fstab";
        vec![Action::RunCommand(format!("[ ! -e /etc/fstab ] || {edit}"))]
    }
}

impl Account {
    pub(super) fn actions(&self) -> Vec<Action> {
        let mut words = vec!["useradd", "--create-home", "--shell", &self.shell];
        let groups = self.groups.iter().map(Word::as_str).collect::<Vec<_>>().join(",");
        if !groups.is_empty() {
            words.extend(["--groups", &groups]);
        }
        words.extend(["--", self.name.as_str()]);
        let mut actions = vec![Action::RunCommand(quote(words))];
        if self.sudo {
            let rule = format!("{} ALL=(ALL) NOPASSWD: ALL\n", self.name);
            // sudo passes over files with a dot in their names (sudoers(5), "@includedir").
            let path = Utf8PathBuf::from(format!("/etc/sudoers.d/90-{}", self.name.as_str().replace('.', "_")));
            actions.extend(Action::write_file(&path, rule, "0440"));
        }
        actions
    }
}

/// One file a module, so that steps of several layers never overwrite one another's.
pub(super) fn load_modules(modules: &[Word]) -> Vec<Action> {
    let files = modules.iter().map(|module| (format!("/etc/modules-load.d/{module}.conf"), format!("{module}\n")));
    files.flat_map(|(path, content)| Action::write_file(&Utf8PathBuf::from(path), content, "0644")).collect()
}

/// One file a parameter, as for modules. 90 comes after the distribution's own files (CentOS 7 switches bridge-nf off in
/// 00-system.conf).
pub(super) fn set_parameters(settings: &BTreeMap<Word, Setting>) -> Vec<Action> {
    let files =
        settings.iter().map(|(key, value)| (format!("/etc/sysctl.d/90-{key}.conf"), format!("{key} = {value}\n")));
    files.flat_map(|(path, content)| Action::write_file(&Utf8PathBuf::from(path), content, "0644")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_quoted() {
        let service = Service { enable: vec!["a.service".into(), "b c".into()], ..Service::default() };
        assert_eq!(service.actions(), [Action::RunCommand("systemctl enable a.service 'b c'".into())]);
    }

    #[test]
    fn swap_is_commented_out_and_nothing_else() {
        let Action::RunCommand(command) = &Swap::Off.actions()[0] else { panic!("not a command") };
        let folder = tempfile::tempdir().unwrap();
        let fstab = folder.path().join("fstab");
        let before = "# swap here\nUUID=1 / xfs defaults 0 0\nUUID=2 swap swap defaults 0 0\n/dev/b none\tswap\n";
        std::fs::write(&fstab, before).unwrap();
        let command = command.replace("/etc/fstab", fstab.to_str().unwrap());
        for _ in 0..2 {
            assert!(std::process::Command::new("sh").args(["-c", &command]).status().unwrap().success());
            let after = std::fs::read_to_string(&fstab).unwrap();
            assert_eq!(
                after,
                "# swap here\nUUID=1 / xfs defaults 0 0\n#UUID=2 swap swap defaults 0 0\n#/dev/b none\tswap\n"
            );
        }
    }

    #[test]
    fn an_account_with_sudo_gets_a_rule() {
        let account = Account { name: "ada".parse().unwrap(), groups: vec![], shell: bash(), sudo: true };
        let actions = account.actions();
        assert_eq!(actions[0], Action::RunCommand("useradd --create-home --shell /bin/bash -- ada".into()));
        assert!(
            actions
                .iter()
                .any(|action| matches!(action, Action::Write { path, .. } if path.as_str() == "/etc/sudoers.d/90-ada"))
        );
    }

    #[test]
    fn the_rule_of_a_user_is_in_a_file_that_sudo_reads() {
        let (name, shell) = ("ada.l".parse().unwrap(), bash());
        let actions = Account { name, groups: Vec::new(), shell, sudo: true }.actions();
        let [_, .., Action::Write { path, content }, _] = &actions[..] else { panic!("{actions:?}") };
        assert_eq!((path.as_str(), content.as_str()), ("/etc/sudoers.d/90-ada_l", "ada.l ALL=(ALL) NOPASSWD: ALL\n"));
    }
}
