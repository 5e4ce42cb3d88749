//! The keys of package repositories: fetched by the image itself, and believed by their fingerprint.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::download::Fingerprint;
use kiln_images::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shell::quote;
use crate::actions::Action;

/// A key that a repository is signed with. Its bytes may change (its publisher prolongs it), its fingerprint may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SigningKey {
    /// Where it comes from, armoured.
    pub url: String,
    /// From where else, in this order, if that does not answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The fingerprint of the only key that is believed.
    pub fingerprint: Fingerprint,
}

/// Ends with an error unless the one key in the file `$1` has the fingerprint `$2`: rpm would believe all that are in
/// it. "pub" and "fpr" are the names of records in GnuPG's doc/DETAILS; CentOS 7's GnuPG 2.0 has no `--show-keys` yet.
const CHECK_FINGERPRINT: &str = r#"GNUPGHOME=$(mktemp -d)
export GNUPGHOME
found=$(gpg --batch --with-colons --with-fingerprint "$1" 2>/dev/null | awk -F: '/^pub/ {main = 1} /^fpr/ && main {print $10; main = 0}')
rm -rf "$GNUPGHOME"
[ "$found" = "$2" ] || { echo "the key in $1 has the fingerprint ${found:-(none)}, not $2" >&2; exit 1; }"#;

impl SigningKey {
    /// Fetches the key for apt. Its fingerprint is checked by apt itself (see [`SigningKey::signed_by`]).
    pub(super) fn fetch_for_apt(&self, name: &Name) -> Vec<Action> {
        self.fetch(apt_path(name).into(), None)
    }

    /// Fetches the key for rpm, and checks it: yum and dnf believe every key that their configuration names.
    pub(super) fn fetch_for_rpm(&self, name: &Name) -> Vec<Action> {
        let path = rpm_path(name);
        let words = quote(["set", "--", &path, &self.fingerprint.to_string()]);
        let check = format!("set -eu\n{words}\n{CHECK_FINGERPRINT}");
        self.fetch(path.into(), Some(Action::RunCommand(check)))
    }

    /// Where it is, in the order in which they are asked.
    pub(super) fn urls(&self) -> Vec<String> {
        std::iter::once(&self.url).chain(&self.also).cloned().collect()
    }

    fn fetch(&self, to: Utf8PathBuf, check: Option<Action>) -> Vec<Action> {
        let folder = to.parent().map(Utf8Path::to_owned).unwrap_or_default();
        let fetched = [
            Action::Mkdir(folder),
            Action::Fetch { urls: self.urls(), to: to.clone() },
            Action::Chmod { path: to, mode: "0644".to_owned() },
        ];
        fetched.into_iter().chain(check).collect()
    }

    /// The value of `Signed-By` (sources.list(5)): with a fingerprint after the key ring, apt believes no other key in it.
    pub(super) fn signed_by(&self, name: &Name) -> String {
        format!("{} {}", apt_path(name), self.fingerprint)
    }
}

fn apt_path(name: &Name) -> String {
    format!("/etc/apt/keyrings/{name}.asc")
}

/// Where the key of the repository `name` lies for rpm.
pub(super) fn rpm_path(name: &Name) -> String {
    format!("/etc/pki/rpm-gpg/RPM-GPG-KEY-{name}")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Makes a key and returns it, armoured, with its fingerprint.
    fn key(home: &std::path::Path) -> (String, String) {
        let gpg = |words: &[&str]| {
            let ran = Command::new("gpg").args(["--batch", "--homedir"]).arg(home).args(words).output();
            let ran = ran.unwrap_or_else(|error| panic!("gpg: {error}"));
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            String::from_utf8(ran.stdout).unwrap()
        };
        gpg(&["--passphrase", "", "--quick-generate-key", "Test <test@example.invalid>", "ed25519", "sign", "1d"]);
        let listed = gpg(&["--with-colons", "--list-keys"]);
        let line = listed.lines().find(|line| line.starts_with("fpr")).unwrap();
        (gpg(&["--armor", "--export"]), line.split(':').nth(9).unwrap().to_owned())
    }

    #[test]
    fn a_key_is_believed_by_its_fingerprint_only() {
        let folder = tempfile::tempdir().unwrap();
        let (text, fingerprint) = key(folder.path());
        let file = folder.path().join("served.asc");
        std::fs::write(&file, &text).unwrap();
        let run = |fingerprint: &str| {
            let url = format!("file://{}", file.to_str().unwrap());
            let also = vec![url];
            let key = SigningKey { url: "file:///nowhere/key".into(), also, fingerprint: fingerprint.parse().unwrap() };
            let name = "kubernetes".parse().unwrap();
            let commands = key.fetch_for_rpm(&name).into_iter().filter_map(|action| match action.arguments() {
                [option, command] if option == "--run-command" => Some(format!("( {command} )")),
                _ => None,
            });
            let command = commands.collect::<Vec<_>>().join(" && ").replace("/usr/lib/apt/apt-helper", "/nowhere");
            let command = command.replace(&rpm_path(&name), folder.path().join("installed").to_str().unwrap());
            let ran = Command::new("sh").args(["-c", &command]).output().unwrap();
            (ran.status.success(), String::from_utf8(ran.stderr).unwrap())
        };
        let (accepted, said) = run(&fingerprint);
        assert!(accepted && said.contains("nowhere"), "{said}");
        let other = "0".repeat(40);
        let (accepted, said) = run(&other);
        assert!(!accepted && said.contains(&fingerprint) && said.contains(&other), "{said}");
        std::fs::write(&file, "no key").unwrap();
        assert!(run(&fingerprint).1.contains("(none)"));
    }

    #[test]
    fn apt_is_told_the_fingerprint() {
        let fingerprint: Fingerprint = "DE15B14486CD377B9E876E1A234654DA9A296436".parse().unwrap();
        let key = SigningKey { url: "https://pkgs/Release.key".into(), also: Vec::new(), fingerprint };
        let expected = "/etc/apt/keyrings/kubernetes.asc DE15B14486CD377B9E876E1A234654DA9A296436";
        assert_eq!(key.signed_by(&"kubernetes".parse().unwrap()), expected);
    }
}
