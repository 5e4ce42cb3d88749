//! The detour that an image's package manager takes while it is baked.

use crate::actions::Action;
use crate::steps::quote;

/// What the secret part of the relay's URLs begins with: by it they are found again.
pub const MARK: &str = "kiln-";

/// Puts the relay before every URL in the configuration of yum, dnf and apt, or takes it away again. `$1` is what comes
/// before `https/example.org`; nothing to take it away. To put it there twice does nothing more.
const SCRIPT: &str = include_str!("detour.sh");

/// Where the script lies in the image while a step is carried out: an error that names the command is shorter so.
const PLACE: &str = "/var/tmp/kiln-detour.sh";

/// The way through a relay.
#[derive(Debug, Clone)]
pub struct Detour {
    base: String,
    only: bool,
}

impl Detour {
    /// The way through the relay at `base`; the only one there is to be if `only` is set.
    pub(super) fn new(base: String, only: bool) -> Self {
        Self { base, only }
    }

    /// The actions of a step, with the detour where something may be fetched, and without it when the step is done.
    pub fn around(&self, actions: &[Action]) -> Vec<Action> {
        let mut around = Vec::new();
        if actions.iter().any(Action::needs_network) {
            around.push(Action::Write { path: PLACE.into(), content: SCRIPT.to_owned() });
        }
        for action in actions {
            match action {
                Action::Fetch { urls, to } => {
                    let urls = urls.iter().map(|url| self.through(url)).collect();
                    around.push(Action::Fetch { urls, to: to.clone() });
                }
                action if action.needs_network() => around.extend([self.script(&self.base), action.clone()]),
                action => around.push(action.clone()),
            }
        }
        if actions.iter().any(Action::needs_network) {
            around.extend([self.script(""), Action::Delete(PLACE.into())]);
        }
        around
    }

    /// A URL by the detour.
    fn through(&self, url: &str) -> String {
        match url.split_once("://") {
            Some((scheme @ ("http" | "https"), rest)) => format!("{}/{scheme}/{rest}", self.base),
            _ => url.to_owned(),
        }
    }

    fn script(&self, base: &str) -> Action {
        let only = if self.only { "only" } else { "" };
        Action::RunCommand(format!("sh {}", quote([PLACE, base, only])))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    use super::*;

    const REPO: &str = "[docker]\nbaseurl=https://download.docker.com/linux/centos/7/$basearch/stable\n        \
                        http://mirror/docker\ngpgkey=file:///etc/pki/key\n";
    const SOURCES: &str = "Types: deb\nURIs: https://pkgs.k8s.io/core:/stable:/v1.36/deb/\nSuites: /\n";

    /// Runs the script as a guest would, on a folder in place of `/`.
    fn run(root: &Path, action: &Action) {
        let Action::RunCommand(command) = action else { panic!("not a command") };
        let script = ["/etc/", "/var/"].iter().fold(SCRIPT.to_owned(), |script, folder| {
            script.replace(&format!(" {folder}"), &format!(" {}{folder}", root.display()))
        });
        let place = root.join("detour.sh");
        fs::write(&place, script).unwrap();
        let command = command.replace(PLACE, place.to_str().unwrap());
        let ran = Command::new("sh").args(["-c", &command]).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }

    #[test]
    fn the_configuration_is_what_it_was_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, text) in [("etc/yum.repos.d/docker.repo", REPO), ("etc/apt/sources.list.d/k.sources", SOURCES)] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
        let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        let detour = Detour::new("http://169.254.2.2:1234/kiln-0a".to_owned(), false);
        let around = detour.around(&[Action::RunCommand("true".into())]);
        let [Action::Write { .. }, there, _, back, Action::Delete(_)] = &around[..] else { panic!("{around:?}") };
        for _ in 0..2 {
            run(root, there);
            let repo = read("etc/yum.repos.d/docker.repo");
            assert!(
                repo.contains("baseurl=http://169.254.2.2:1234/kiln-0a/https/download.docker.com/linux/"),
                "{repo}"
            );
            assert!(repo.contains("        http://169.254.2.2:1234/kiln-0a/http/mirror/docker\n"), "{repo}");
            assert!(repo.contains("gpgkey=file:///etc/pki/key\n"), "{repo}");
            assert!(read("etc/apt/sources.list.d/k.sources").contains("/kiln-0a/https/pkgs.k8s.io/core:/stable:"));
        }
        let lists = root.join("var/lib/apt/lists");
        fs::create_dir_all(&lists).unwrap();
        fs::write(lists.join("169.254.2.2:1234_kiln-0a_https_pkgs.k8s.io_InRelease"), "").unwrap();
        run(root, back);
        assert_eq!(read("etc/yum.repos.d/docker.repo"), REPO);
        assert_eq!(read("etc/apt/sources.list.d/k.sources"), SOURCES);
        assert_eq!(fs::read_dir(&lists).unwrap().count(), 0);
    }

    #[test]
    fn what_a_guest_fetches_itself_goes_that_way_too() {
        let detour = Detour::new("http://10.0.2.2:1/kiln-0a".to_owned(), true);
        let fetch = |url: &str| Action::Fetch { urls: vec![url.to_owned()], to: "/key".into() };
        let around = detour.around(&[fetch("https://download.docker.com/linux/centos/gpg")]);
        assert_eq!(around[1], fetch("http://10.0.2.2:1/kiln-0a/https/download.docker.com/linux/centos/gpg"));
        let none = [Action::Mkdir("/x".into())];
        assert_eq!(detour.around(&none), none);
    }
}
