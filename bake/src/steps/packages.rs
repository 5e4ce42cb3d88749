//! Steps about package repositories.

use camino::Utf8PathBuf;
use kiln_images::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::signing_key::{self, SigningKey};
use crate::actions::Action;
use crate::supply::Choice;

/// `repos`: where packages come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Repos {
    /// Take the image's own repositories out of use first. They are kept beside, with `.disabled` added to their names.
    #[serde(default)]
    pub replace: bool,
    /// The repositories to add.
    pub add: Vec<Repo>,
}

/// One repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Repo {
    /// A repository of RPM packages, for yum and dnf (yum.conf(5), "\[repository\] options").
    Rpm(Rpm),
    /// A repository of Debian packages, for apt (sources.list(5), "deb822-style format").
    Deb(Deb),
}

/// A repository of RPM packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rpm {
    /// Its id, and the name of its file.
    pub name: Name,
    /// Where it is; `$releasever` and `$basearch` are filled in by yum.
    pub baseurl: String,
    /// Where else it is, in this order, if that does not answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The key that its packages are signed with.
    pub key: Option<SigningKey>,
    /// Where yum finds that key by itself: a `file:///` URL for a key in the image. With neither, the keys that
    /// the image's rpm knows are used.
    pub gpgkey: Option<String>,
    /// Packages that are taken from it only when it is named.
    #[serde(default)]
    pub exclude: Vec<String>,
}

/// A repository of Debian packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Deb {
    /// The name of its file.
    pub name: Name,
    /// Where it is.
    pub uri: String,
    /// Suites, such as `bookworm`; a path that ends with `/` for a flat repository.
    pub suites: Vec<String>,
    /// Components, such as `main`; none for a flat repository.
    #[serde(default)]
    pub components: Vec<String>,
    /// The key that its index is signed with.
    pub key: Option<SigningKey>,
    /// The path in the image of a key ring with that key. With neither, apt's own key rings are used.
    pub signed_by: Option<String>,
}

/// Moves every repository file aside. Both families are tried: an image has one, and `mv` of nothing is no failure.
const DISABLE_ALL: &str = "for f in /etc/yum.repos.d/*.repo /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
                           /etc/apt/sources.list.d/*.sources; do [ ! -e \"$f\" ] || mv \"$f\" \"$f.disabled\"; done";

impl Repos {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.add.iter().map(|repo| match repo {
            Repo::Rpm(rpm) => rpm.name.as_str(),
            Repo::Deb(deb) => deb.name.as_str(),
        })
    }

    pub(super) fn actions(&self) -> Vec<Action> {
        let disable = self.replace.then(|| Action::RunCommand(DISABLE_ALL.to_owned()));
        disable.into_iter().chain(self.add.iter().flat_map(Repo::actions)).collect()
    }
}

impl Repo {
    pub(super) fn actions(&self) -> Vec<Action> {
        let (fetched, written) = match self {
            Self::Rpm(rpm) => (rpm.key.as_ref().map(|key| key.fetch_for_rpm(&rpm.name)), rpm.written()),
            Self::Deb(deb) => (deb.key.as_ref().map(|key| key.fetch_for_apt(&deb.name)), deb.written()),
        };
        fetched.unwrap_or_default().into_iter().chain(written).collect()
    }
}

impl Repo {
    /// What of it has second sources.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let (name, key, packages) = match self {
            Self::Rpm(Rpm { name, baseurl, also, key, .. }) => {
                let sources = std::iter::once(baseurl).chain(also).cloned().collect();
                (name, key, Some(Choice { what: format!("packages of the repository `{name}`"), sources }))
            }
            Self::Deb(deb) => (&deb.name, &deb.key, None),
        };
        let key =
            key.as_ref().map(|key| Choice { what: format!("the key of the repository `{name}`"), sources: key.urls() });
        key.into_iter().chain(packages).filter(|choice| choice.sources.len() > 1).collect()
    }
}

impl Rpm {
    /// The actions that write its file.
    pub(super) fn written(&self) -> Vec<Action> {
        Action::write_file(&Utf8PathBuf::from(format!("/etc/yum.repos.d/{}.repo", self.name)), self.file(), "0644")
    }

    fn file(&self) -> String {
        let Self { name, baseurl, also, key, gpgkey, exclude } = self;
        // yum takes several, a line each, at random unless it is told their order; dnf knows no other order.
        let mut file = format!("[{name}]\nname={name}\nbaseurl={baseurl}\n");
        also.iter().for_each(|url| file += &format!("        {url}\n"));
        if !also.is_empty() {
            file += "failovermethod=priority\n";
        }
        file += "enabled=1\n";
        let fetched = key.as_ref().map(|_| format!("file://{}", signing_key::rpm_path(name)));
        file += "gpgcheck=1\n";
        if let Some(key) = fetched.as_ref().or(gpgkey.as_ref()) {
            file += &format!("gpgkey={key}\n");
        }
        if !exclude.is_empty() {
            file += &format!("exclude={}\n", exclude.join(" "));
        }
        file
    }
}

impl Deb {
    fn written(&self) -> Vec<Action> {
        let path = format!("/etc/apt/sources.list.d/{}.sources", self.name);
        Action::write_file(&Utf8PathBuf::from(path), self.file(), "0644")
    }

    fn file(&self) -> String {
        let mut file = format!("Types: deb\nURIs: {}\nSuites: {}\n", self.uri, self.suites.join(" "));
        if !self.components.is_empty() {
            file += &format!("Components: {}\n", self.components.join(" "));
        }
        match (&self.key, &self.signed_by) {
            (Some(key), _) => file += &format!("Signed-By: {}\n", key.signed_by(&self.name)),
            (None, Some(keyring)) => file += &format!("Signed-By: {keyring}\n"),
            (None, None) => {}
        }
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yum_repository_without_a_key_is_believed_by_those_of_the_image() {
        let rpm = Rpm {
            name: "extras".parse().unwrap(),
            baseurl: "http://vault/$basearch/".into(),
            also: vec![],
            key: None,
            gpgkey: None,
            exclude: vec!["kubelet".into(), "kubeadm".into()],
        };
        let expected = "[extras]\nname=extras\nbaseurl=http://vault/$basearch/\nenabled=1\ngpgcheck=1\n\
                        exclude=kubelet kubeadm\n";
        assert_eq!(rpm.file(), expected);
    }

    #[test]
    fn a_yum_repository_has_second_sources_in_order() {
        let text = "{name: os, baseurl: 'http://a/', also: ['http://b/'], gpgkey: 'file:///k'}";
        let rpm = kiln_document::read::<Rpm>("x.yaml", text).unwrap_or_else(|error| panic!("{error}")).value;
        let expected = "[os]\nname=os\nbaseurl=http://a/\n        http://b/\nfailovermethod=priority\nenabled=1\n\
                        gpgcheck=1\ngpgkey=file:///k\n";
        assert_eq!(rpm.file(), expected);
    }

    #[test]
    fn what_has_second_sources_is_told_apart() {
        let key = "key: {url: 'http://a/key', also: ['http://b/key'], fingerprint: '0123456789012345678901234567890123456789'}";
        for (text, expected) in [
            (
                format!("rpm: {{name: os, baseurl: 'http://a/', {key}}}"),
                vec![("the key of the repository `os`", "http://b/key")],
            ),
            (
                "rpm: {name: os, baseurl: 'http://a/', also: ['http://b/']}".to_owned(),
                vec![("packages of the repository `os`", "http://b/")],
            ),
            ("rpm: {name: os, baseurl: 'http://a/'}".to_owned(), vec![]),
            (
                format!("deb: {{name: os, uri: 'http://a/', suites: [/], {key}}}"),
                vec![("the key of the repository `os`", "http://b/key")],
            ),
        ] {
            let repo = kiln_document::read::<Repo>("x.yaml", &text).unwrap_or_else(|error| panic!("{error}")).value;
            let choices = repo.choices();
            let found: Vec<_> =
                choices.iter().map(|choice| (choice.what.as_str(), choice.sources[1].as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_flat_apt_repository_has_no_components() {
        let deb = Deb {
            name: "k8s".parse().unwrap(),
            uri: "https://pkgs/deb/".into(),
            suites: vec!["/".into()],
            components: vec![],
            key: None,
            signed_by: Some("/etc/apt/keyrings/k8s.gpg".into()),
        };
        assert_eq!(
            deb.file(),
            "Types: deb\nURIs: https://pkgs/deb/\nSuites: /\nSigned-By: /etc/apt/keyrings/k8s.gpg\n"
        );
    }
}
