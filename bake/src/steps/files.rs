//! Steps that put files into the image.

use camino::Utf8PathBuf;
use kiln_images::digest::Digest;
use kiln_images::download::Checksum;
use kiln_images::name::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shell::{inline, quote};
use super::{Asset, GuestPath, Mode, Sources};
use crate::actions::Action;
use crate::links::Links;

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

/// The folder in that where something is copied to, in which it is given to root before it gets its place: it comes with the
/// ids of whoever bakes, which mean nobody or somebody else in the image. What is there already keeps its owners, and with
/// them its set-id bits (chown(2)).
const STAGE: &str = ".kiln-copy-in";
/// Gives `$1` to root, and has it be at `$2`: with what is in a folder that is there already. `$3` is the stage.
const PLACE: &str = r#"chown -hR 0:0 "$1" && if [ -d "$1" ] && [ -d "$2" ]; then cp -a "$1/." "$2/"; else mv -fT "$1" "$2"; fi && rm -rf "$3""#;
/// Refuses a folder in the place of the file `$1`: virt-customize would put the file into it, and what comes after, its
/// owner and its mode, would be the folder's.
const REFUSE: &str = r#"[ ! -d "$1" ] || { echo "$1 is a folder: write the name of the file, too" >&2; exit 1; }"#;

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
        let into = self.into.as_path();
        let from: Utf8PathBuf = sources.path_of(&self.asset()).components().collect();
        // A recipe is refused whose path does not end with a name.
        let name = from.file_name().unwrap_or_default().to_owned();
        let stage = into.join(STAGE);
        let place = inline(PLACE, [stage.join(&name).as_str(), into.join(&name).as_str(), stage.as_str()]);
        vec![
            Action::Mkdir(stage.clone()),
            Action::CopyIn { from, into: stage, links: Links::Kept },
            Action::RunCommand(place),
        ]
    }
}

fn uploaded(from: Utf8PathBuf, to: &GuestPath, mode: &Mode) -> Vec<Action> {
    let to = to.as_path().to_owned();
    let own = Action::RunCommand(format!("chown -h 0:0 {}", quote([to.as_str()])));
    // In this order: chown(2) clears set-id bits.
    let refuse = Action::RunCommand(inline(REFUSE, [to.as_str()]));
    let mode = Action::Chmod { path: to.clone(), mode: mode.to_string() };
    vec![refuse, Action::Upload { from, to }, own, mode]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_uploaded_belongs_to_root_and_takes_no_folders_place() {
        let (to, mode) = ("/usr/bin/tool".parse().unwrap(), "0755".parse().unwrap());
        let actions = uploaded("/cache/tool".into(), &to, &mode);
        let lines: Vec<_> = actions.iter().map(|action| action.arguments().join(" ")).collect();
        assert_eq!(
            lines[1..],
            [
                "--upload /cache/tool:/usr/bin/tool",
                "--run-command chown -h 0:0 /usr/bin/tool",
                "--chmod 0755:/usr/bin/tool"
            ]
        );
        let folder = tempfile::tempdir().unwrap();
        for (path, words) in [(folder.path().to_owned(), "is a folder"), (folder.path().join("new"), "")] {
            let command = inline(REFUSE, [path.to_str().unwrap()]);
            let ran = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
            assert_eq!(ran.status.success(), words.is_empty());
            assert!(String::from_utf8(ran.stderr).unwrap().contains(words));
        }
    }

    #[test]
    fn what_is_copied_is_given_to_root_before_it_joins_what_is_there() {
        let copy = CopyIn { artifact: None, from: "./some tree/".into(), into: "/opt".parse().unwrap() };
        let actions = copy.actions(Sources::beside("/recipes/.".into()));
        let stage = Utf8PathBuf::from("/opt/.kiln-copy-in");
        assert_eq!(actions[0], Action::Mkdir(stage.clone()));
        assert_eq!(actions[1], Action::CopyIn { from: "/recipes/some tree".into(), into: stage, links: Links::Kept });
        let place = actions[2].arguments()[1].clone();
        assert!(place.ends_with("'/opt/.kiln-copy-in/some tree' '/opt/some tree' /opt/.kiln-copy-in"), "{place}");
    }

    #[test]
    fn what_is_there_already_stays_as_it_is() {
        use std::fs;
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let place = |name: &str| {
            let path = |path: &str| root.join(path).to_str().unwrap().to_owned();
            let words = [path(&format!("stage/{name}")), path(name), path("stage")];
            let command = inline(PLACE, words.iter().map(String::as_str));
            // Whoever runs the tests cannot give anything to root.
            let command = command.replace("chown -hR 0:0", "test -e");
            assert!(std::process::Command::new("sh").args(["-c", &command]).status().unwrap().success(), "{command}");
        };
        for name in ["bin", "stage/bin", "usr", "stage/lib", "stage/new"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        fs::write(root.join("bin/su"), "").unwrap();
        fs::set_permissions(root.join("bin/su"), fs::Permissions::from_mode(0o4755)).unwrap();
        fs::write(root.join("stage/bin/tool"), "").unwrap();
        place("bin");
        assert!(root.join("bin/tool").exists() && !root.join("stage").exists());
        assert_eq!(fs::metadata(root.join("bin/su")).unwrap().permissions().mode() & 0o7777, 0o4755);
        // A folder that is a link to one stays a link.
        symlink("usr", root.join("lib")).unwrap();
        fs::create_dir_all(root.join("stage/lib")).unwrap();
        fs::write(root.join("stage/lib/x"), "").unwrap();
        place("lib");
        assert!(root.join("lib").is_symlink() && root.join("usr/x").exists());
        fs::create_dir_all(root.join("stage")).unwrap();
        fs::write(root.join("stage/file"), "new").unwrap();
        fs::write(root.join("file"), "old").unwrap();
        place("file");
        assert_eq!(fs::read_to_string(root.join("file")).unwrap(), "new");
    }
}
