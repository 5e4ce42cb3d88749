//! Texts of a recipe that have a form of their own: checked where they are read, so that nobody after has to.

use std::borrow::Cow;

use camino::{Utf8Path, Utf8PathBuf};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A text that is not of the form it has to have.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is no {what}")]
pub struct Malformed {
    text: String,
    what: &'static str,
}

/// In a schema: a text that YAML may take for a number, such as `0644`. What is written is kept as it is.
pub(super) struct Scalar;

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number"]})
    }
}

/// Makes a type of texts that pass `$check` and are a `$schema` in the schema, with the conversions that serde and people need.
macro_rules! validated {
    ($(#[$doc:meta])* $name:ident as $schema:literal, $what:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = $schema)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(Malformed { text: text.to_owned(), what: $what }) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<Self, Malformed> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

validated!(
    /// A path inside the image.
    GuestPath as "String",
    "path in an image: it must be absolute, without `..`, colons and line breaks",
    |text| {
        let path = Utf8Path::new(text);
        let climbs = path.components().any(|part| part.as_str() == "..");
        // virt-customize splits its values at a colon.
        path.is_absolute() && path.parent().is_some() && !climbs && !text.contains([':', '\n', '\0'])
    }
);

impl GuestPath {
    /// The path.
    pub fn as_path(&self) -> &Utf8Path {
        Utf8Path::new(&self.0)
    }
}

validated!(
    /// The mode of a file as chmod(1) takes it.
    Mode as "Scalar",
    "file mode: write it in octal with a leading zero, such as 0644 or 0755",
    |text| text.len() == 4 && text.bytes().all(|digit| (b'0'..=b'7').contains(&digit))
);

impl Default for Mode {
    fn default() -> Self {
        Self("0644".to_owned())
    }
}

validated!(
    /// The name of a user, a group, a kernel module or a kernel parameter. It becomes part of a file's name.
    Word as "String",
    "name: letters, digits, `.`, `_` and `-` only, beginning with a letter or digit",
    |text| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        text.len() <= 128 && text.bytes().all(allowed) && text.starts_with(|c: char| c.is_ascii_alphanumeric())
    }
);

validated!(
    /// The login that a clone's cloud-init makes.
    UserName as "String",
    "user's name: up to 32 of a-z, 0-9, `-` and `_`, beginning with a letter or `_`",
    kiln_cloud_init::is_user_name
);

validated!(
    /// The name of a network card.
    NicName as "String",
    "name of a network card: up to 15 letters, digits, `-`, `_` and `.`",
    kiln_cloud_init::is_nic_name
);

impl NicName {
    /// A name that stands in the program itself, where a test has seen it.
    pub(crate) fn from_static(name: &'static str) -> Self {
        debug_assert!(name.parse::<Self>().is_ok(), "{name}");
        Self(name.to_owned())
    }
}

impl Word {
    /// A name that stands in the program itself, where a test has seen it.
    pub(crate) fn from_static(name: &'static str) -> Self {
        debug_assert!(name.parse::<Self>().is_ok(), "{name}");
        Self(name.to_owned())
    }
}

validated!(
    /// A package as the image's package manager takes it, with a version if one is wanted: `curl`,
    /// `curl=7.88.1-10+deb12u5` (apt), `docker-ce-18.09.3-3.el7` (yum).
    Package as "String",
    "package: letters, digits and any of `.+_-=:~/@`, beginning with a letter, a digit or `@`",
    |text| {
        // virt-customize separates packages by commas, and its guest commands by blanks.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".+_-=:~/@".contains(&byte);
        text.bytes().all(allowed) && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
    }
);

validated!(
    /// The name of an image in a registry, with its tag.
    RegistryImage as "String",
    "name of a container image in a registry: write it with its tag, such as registry.k8s.io/pause:3.9",
    |text| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte);
        let tagged = text.rsplit_once(':').is_some_and(|(name, tag)| !tag.is_empty() && !tag.contains('/') && !name.ends_with('/'));
        // It becomes a place in a folder.
        let climbs = text.split('/').any(|part| matches!(part, "." | ".."));
        tagged && !climbs && text.bytes().all(allowed) && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && !text.contains("//")
    }
);

impl RegistryImage {
    /// The name without the tag.
    pub fn repository(&self) -> &str {
        self.as_str().rsplit_once(':').map_or(self.as_str(), |(repository, _)| repository)
    }

    /// The tag.
    pub fn tag(&self) -> &str {
        self.as_str().rsplit_once(':').map_or("", |(_, tag)| tag)
    }

    /// Its place in a folder of archives: `quay.io/coreos/flannel/v0.11.0-amd64.tar`.
    pub fn as_path(&self) -> Utf8PathBuf {
        Utf8Path::new(self.repository()).join(format!("{}.tar", self.tag()))
    }

    /// The same image by another name, where this one's begins with `prefix`.
    pub fn renamed(&self, prefix: &ImagePrefix, other: &ImagePrefix) -> Option<Self> {
        let rest = self
            .as_str()
            .strip_prefix(prefix.as_str())
            .filter(|rest| rest.is_empty() || rest.starts_with(['/', ':']))?;
        format!("{other}{rest}").parse().ok()
    }
}

validated!(
    /// The beginning of the names of container images: a registry, or all of a name.
    ImagePrefix as "String",
    "registry, and no name of a container image: write quay.io, quay.io/coreos or quay.io/coreos/flannel:v0.11.0-amd64",
    |text| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte);
        text.bytes().all(allowed) && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && !text.contains("//") && !text.ends_with('/')
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    fn judge<T: std::str::FromStr>(good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(text.parse::<T>().is_ok(), "{text:?} was refused");
        }
        for text in bad {
            assert!(text.parse::<T>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn each_form_is_checked() {
        judge::<GuestPath>(&["/etc/motd", "/opt/a b/c"], &["", "etc/motd", "/", "/a/../b", "/a:b", "/a\nb"]);
        judge::<Mode>(&["0644", "4755"], &["", "644", "u+x", "0999", "00644"]);
        judge::<Word>(&["br_netfilter", "net.ipv4.ip_forward", "ada"], &["", "-x", "../x", "a b", "a'b", ".hidden"]);
        judge::<UserName>(&["debian", "_x"], &["", "Ada", "a.b", "1a", &"a".repeat(33)]);
        judge::<NicName>(&["eth0", "ens3.100"], &["", "..", "eth 0", "sixteen-letters-"]);
        judge::<Package>(
            &["curl", "curl=7.88.1-10+deb12u5", "docker-ce-3:18.09.3-3.el7", "@gnome"],
            &["", "-y", "a,b", "a b", "$(x)"],
        );
        judge::<RegistryImage>(
            &["pause:3.2", "registry.k8s.io/pause:3.9", "localhost:5000/a/b-c:v1_2"],
            &[
                "",
                "../pause:1",
                "r/../../a:1",
                "pause",
                "localhost:5000/a",
                "a:",
                "-a:1",
                "a//b:1",
                "a b:1",
                "pause@sha256:00",
            ],
        );
    }

    #[test]
    fn an_image_has_other_names() {
        let image: RegistryImage = "k8s.gcr.io/pause:3.1".parse().unwrap();
        let renamed = |prefix: &str, other: &str| {
            image.renamed(&prefix.parse().unwrap(), &other.parse().unwrap()).map(String::from)
        };
        assert_eq!(renamed("k8s.gcr.io", "registry.k8s.io").as_deref(), Some("registry.k8s.io/pause:3.1"));
        assert_eq!(renamed("k8s.gcr.io/pause:3.1", "a/pause:3.1").as_deref(), Some("a/pause:3.1"));
        assert_eq!(renamed("k8s.gcr", "x"), None);
        assert_eq!(image.as_path(), "k8s.gcr.io/pause/3.1.tar");
    }

    #[test]
    fn a_refusal_says_what_would_do() {
        let text = "644".parse::<Mode>().unwrap_err().to_string();
        assert_eq!(text, "`644` is no file mode: write it in octal with a leading zero, such as 0644 or 0755");
    }
}
