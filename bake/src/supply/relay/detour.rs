//! The detour that an image's package manager takes while it is baked.

use camino::Utf8PathBuf;

use crate::actions::{Action, fetch_command};
use crate::steps::quote;

/// What the secret part of the relay's URLs begins with: by it they are found again.
pub const MARK: &str = "kiln-";

/// Puts the relay before every URL in the configuration of yum, dnf and apt, or takes it away again. To put it there twice
/// does nothing more.
const SCRIPT: &str = include_str!("detour.sh");

/// Where the script lies in the image while a step is carried out: an error that names the command is shorter so.
const PLACE: &str = "/var/tmp/kiln-detour.sh";

/// The script of a detour through the relay at `base`: the only way there is to be if `only` is set, and the one by which all
/// packages have to come if `whole` is.
pub(super) fn script(base: &str, only: bool, whole: bool) -> String {
    let word = |is: bool, word: &'static str| if is { word } else { "''" };
    format!("base={}\nonly={}\nwhole={}\n{SCRIPT}", quote([base]), word(only, "only"), word(whole, "whole"))
}

/// The way through a relay.
#[derive(Debug, Clone)]
pub struct Detour {
    script: Utf8PathBuf,
}

impl Detour {
    /// The way that the file `script` on this host knows.
    pub fn new(script: Utf8PathBuf) -> Self {
        Self { script }
    }

    /// The actions of a step, with the detour where something may be fetched, and without it when the step is done.
    pub fn around(&self, actions: &[Action]) -> Vec<Action> {
        if !actions.iter().any(Action::needs_network) {
            return actions.to_vec();
        }
        let mut around = vec![Action::Upload { from: self.script.clone(), to: PLACE.into() }];
        for action in actions {
            match action {
                Action::Fetch { urls, to } => around.push(Action::RunCommand(fetch_command(urls, to, Some(PLACE)))),
                Action::Install(_) => around.extend([run("there packages"), action.clone()]),
                action if action.needs_network() => around.extend([run("there"), action.clone()]),
                action => around.push(action.clone()),
            }
        }
        around.extend([run("back"), Action::Delete(PLACE.into())]);
        around
    }
}

fn run(word: &str) -> Action {
    Action::RunCommand(format!("sh {PLACE} {word}"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::Command;

    use super::*;

    const REPO: &str = "[docker]\nbaseurl=https://download.docker.com/linux/centos/7/$basearch/stable\n        \
                        http://mirror/docker\ngpgkey=file:///etc/pki/key\n";
    const SOURCES: &str = "Types: deb\nURIs: https://pkgs.k8s.io/core:/stable:/v1.36/deb/\nSuites: /\n";

    /// Runs a command as a guest would, with the script on a folder in place of `/`. Returns what it says.
    fn try_run(root: &Path, detour: &Detour, action: &Action) -> Result<String, String> {
        let Action::RunCommand(command) = action else { panic!("not a command") };
        let script = fs::read_to_string(&detour.script).unwrap();
        let script = ["/etc/", "/var/"].iter().fold(script, |script, folder| {
            script.replace(&format!(" {folder}"), &format!(" {}{folder}", root.display()))
        });
        let place = root.join("detour.sh");
        fs::write(&place, script).unwrap();
        let command = command.replace(PLACE, place.to_str().unwrap());
        let ran = Command::new("sh").args(["-c", &command]).env("PATH", path(root)).output().unwrap();
        let said = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        if ran.status.success() { Ok(said(&ran.stdout)) } else { Err(said(&ran.stderr)) }
    }

    /// The same, which has to succeed.
    fn run(root: &Path, detour: &Detour, action: &Action) -> String {
        try_run(root, detour, action).unwrap_or_else(|said| panic!("{said}"))
    }

    fn path(root: &Path) -> String {
        format!("{}:{}", root.join("bin").display(), std::env::var("PATH").unwrap())
    }

    fn detour(root: &Path, base: &str, whole: bool) -> Detour {
        let file = Utf8PathBuf::from_path_buf(root.join("on-the-host.sh")).unwrap();
        fs::write(&file, script(base, false, whole)).unwrap();
        Detour::new(file)
    }

    /// Puts these files below a folder.
    fn put(root: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
    }

    #[test]
    fn a_list_of_mirrors_leads_no_package_past_a_bundle() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let repo = "etc/yum.repos.d/rocky.repo";
        let install = [Action::Install(vec!["curl".parse().unwrap()])];
        let there = |whole: bool, text: &str| {
            put(root, &[(repo, text)]);
            let detour = detour(root, "http://10.0.2.2:1/kiln-0a", whole);
            try_run(root, &detour, &detour.around(&install)[1])
        };
        let listed = "[one]\nbaseurl=http://a/\n[base OS]\nmirrorlist=https://list/\nenabled=1\n\
                      [debug]\nenabled = 0\nmetalink=https://list/\n[source]\nmetalink=https://list/\nenabled=False";
        let said = there(true, listed).unwrap_err();
        assert!(said.contains("  [base OS] in ") && said.contains("replace: true"), "{said}");
        assert!(!said.contains("[one]") && !said.contains("[debug]") && !said.contains("[source]"), "{said}");
        assert!(there(true, &listed.replace("mirrorlist", "#mirrorlist")).is_ok());
        assert!(there(false, listed).is_ok());
        // What replaces it comes before packages.
        put(root, &[(repo, listed)]);
        let detour = detour(root, "http://10.0.2.2:1/kiln-0a", true);
        run(root, &detour, &detour.around(&[Action::RunCommand("true".into())])[1]);
    }

    #[test]
    fn the_configuration_is_what_it_was_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let more =
            [("etc/zypp/repos.d/a.repo", REPO), ("etc/apt/mirrors/debian.list", "https://mirror.example.org/debian\n")];
        put(root, &[("etc/yum.repos.d/docker.repo", REPO), ("etc/apt/sources.list.d/k.sources", SOURCES)]);
        put(root, &more);
        let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        let detour = detour(root, "http://169.254.2.2:1234/kiln-0a", true);
        let around = detour.around(&[Action::RunCommand("true".into())]);
        let [Action::Upload { .. }, there, _, back, Action::Delete(_)] = &around[..] else { panic!("{around:?}") };
        for _ in 0..2 {
            run(root, &detour, there);
            let repo = read("etc/yum.repos.d/docker.repo");
            assert!(
                repo.contains("baseurl=http://169.254.2.2:1234/kiln-0a/https/download.docker.com/linux/"),
                "{repo}"
            );
            assert!(repo.contains("        http://169.254.2.2:1234/kiln-0a/http/mirror/docker\n"), "{repo}");
            assert!(repo.contains("gpgkey=file:///etc/pki/key\n"), "{repo}");
            assert!(read("etc/apt/sources.list.d/k.sources").contains("/kiln-0a/https/pkgs.k8s.io/core:/stable:"));
            assert!(read(more[0].0).contains("/kiln-0a/https/download.docker.com/linux/"));
            assert!(read(more[1].0).ends_with("/kiln-0a/https/mirror.example.org/debian\n"));
        }
        let lists = root.join("var/lib/apt/lists");
        fs::create_dir_all(&lists).unwrap();
        fs::write(lists.join("169.254.2.2:1234_kiln-0a_https_pkgs.k8s.io_InRelease"), "").unwrap();
        run(root, &detour, back);
        assert_eq!(read("etc/yum.repos.d/docker.repo"), REPO);
        assert_eq!(read("etc/apt/sources.list.d/k.sources"), SOURCES);
        more.iter().for_each(|(path, text)| assert_eq!(read(path), *text));
        assert_eq!(fs::read_dir(&lists).unwrap().count(), 0);
    }

    #[test]
    fn what_a_guest_fetches_itself_goes_that_way_too() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        // Where there is an apt-helper, it is run in place of curl.
        let curl = root.join("bin/curl");
        fs::create_dir(root.join("bin")).unwrap();
        fs::write(&curl, "#!/bin/sh\necho \"$@\"\n").unwrap();
        fs::set_permissions(&curl, fs::Permissions::from_mode(0o755)).unwrap();
        let detour = detour(root, "http://10.0.2.2:1/kiln-0a", false);
        let urls = vec!["https://download.docker.com/linux/centos/gpg".to_owned()];
        let around = detour.around(&[Action::Fetch { urls, to: "/key".into() }]);
        let Action::RunCommand(command) = &around[1] else { panic!("{around:?}") };
        let command = Action::RunCommand(command.replace("/usr/lib/apt/apt-helper", "/nowhere"));
        let said = run(root, &detour, &command);
        assert!(said.ends_with(" http://10.0.2.2:1/kiln-0a/https/download.docker.com/linux/centos/gpg\n"), "{said}");
        let none = [Action::Mkdir("/x".into())];
        assert_eq!(detour.around(&none), none);
    }
}
