//! Steps that put files into the image.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::digest::Digest;
use kiln_images::download::Checksum;
use kiln_images::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shell::quote;
use super::{Asset, GuestPath, Mode, Sources};
use crate::actions::Action;

/// `write`: a text file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Write {
    /// Where it goes. Folders that are missing are made.
    pub path: GuestPath,
    /// What is in it.
    pub content: String,
    /// Its mode.
    #[serde(default)]
    pub mode: Mode,
}

/// `append-line`: a line at the end of a text file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AppendLine {
    /// The file. It must exist.
    pub path: GuestPath,
    /// The line, without a line break.
    pub line: String,
}

/// `upload`: one file of the host's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Upload {
    /// The file, relative to the recipe.
    #[schemars(with = "String")]
    pub from: Utf8PathBuf,
    /// Where it goes, with its name. The folder must exist.
    pub to: GuestPath,
    /// Its mode.
    #[serde(default)]
    pub mode: Mode,
}

/// `copy-in`: a file or folder of the host's, with the modes it has there, but without set-id bits. In the image it
/// belongs to root, whoever bakes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CopyIn {
    /// The artifact that it is in, if it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Name>,
    /// The file or folder, relative to the artifact or else to the recipe.
    #[schemars(with = "String")]
    pub from: Utf8PathBuf,
    /// The folder it goes into. It is made if it is missing.
    pub into: GuestPath,
}

/// `download`: a file from a URL, fetched by the host and checked before it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Download {
    /// Where it comes from (https, http or file).
    pub url: String,
    /// From where else, in this order, if that does not answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The SHA-256 digest it must have.
    pub sha256: Digest,
    /// Where it goes, with its name. The folder must exist.
    pub to: GuestPath,
    /// Its mode.
    #[serde(default)]
    pub mode: Mode,
}

impl Write {
    pub(super) fn actions(&self) -> Vec<Action> {
        Action::write_file(self.path.as_path(), self.content.clone(), &self.mode.to_string())
    }
}

impl AppendLine {
    pub(super) fn actions(&self) -> Vec<Action> {
        vec![Action::AppendLine { path: self.path.as_path().to_owned(), line: self.line.clone() }]
    }
}

impl Upload {
    pub(super) fn actions(&self, sources: Sources<'_>) -> Vec<Action> {
        uploaded(sources.folder.join(&self.from), &self.to, &self.mode)
    }
}

impl Download {
    /// What is downloaded.
    pub(super) fn asset(&self) -> Asset {
        let urls = std::iter::once(&self.url).chain(&self.also).cloned().collect();
        Asset::Url { urls, checksum: Checksum::Sha256(self.sha256) }
    }

    pub(super) fn actions(&self, sources: Sources<'_>) -> Vec<Action> {
        uploaded(sources.download(&Checksum::Sha256(self.sha256)), &self.to, &self.mode)
    }
}

impl CopyIn {
    /// What is copied.
    pub(super) fn asset(&self) -> Asset {
        match &self.artifact {
            Some(name) => Asset::Artifact { name: name.clone(), path: self.from.clone() },
            None => Asset::File(self.from.clone()),
        }
    }

    pub(super) fn actions(&self, sources: Sources<'_>) -> Vec<Action> {
        let into = self.into.as_path().to_owned();
        let from: Utf8PathBuf = sources.path_of(&self.asset()).components().collect();
        // A recipe is refused whose path does not end with a name.
        let copied = into.join(from.file_name().unwrap_or_default());
        let own = own(&copied);
        vec![Action::Mkdir(into.clone()), Action::CopyIn { from, into }, own]
    }
}

fn uploaded(from: Utf8PathBuf, to: &GuestPath, mode: &Mode) -> Vec<Action> {
    let to = to.as_path().to_owned();
    // In this order: chown(2) clears set-id bits.
    let (own, mode) = (own(&to), Action::Chmod { path: to.clone(), mode: mode.to_string() });
    vec![Action::Upload { from, to }, own, mode]
}

/// Gives to root what was copied: it comes with the ids of whoever bakes, which mean nobody or somebody else in the image.
fn own(copied: &Utf8Path) -> Action {
    Action::RunCommand(format!("chown -hR 0:0 {}", quote([copied.as_str()])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_uploaded_belongs_to_root() {
        let (to, mode) = ("/usr/bin/tool".parse().unwrap(), "0755".parse().unwrap());
        let actions = uploaded("/cache/tool".into(), &to, &mode);
        let lines: Vec<_> = actions.iter().map(|action| action.arguments().join(" ")).collect();
        let own = "--run-command chown -hR 0:0 /usr/bin/tool";
        assert_eq!(lines, ["--upload /cache/tool:/usr/bin/tool", own, "--chmod 0755:/usr/bin/tool"]);
    }

    #[test]
    fn what_is_copied_belongs_to_root() {
        let copy = CopyIn { artifact: None, from: "./some tree/".into(), into: "/opt".parse().unwrap() };
        let sources = Sources::beside("/recipes/.".into());
        let expected = [
            Action::Mkdir("/opt".into()),
            Action::CopyIn { from: "/recipes/some tree".into(), into: "/opt".into() },
            Action::RunCommand("chown -hR 0:0 '/opt/some tree'".into()),
        ];
        assert_eq!(copy.actions(sources), expected);
    }
}
