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
    /// Where it goes, with its name. Its folder is made if it is missing.
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
    /// Where it goes, with its name. Its folder is made if it is missing.
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
/// ids of whoever bakes, which mean nobody or somebody else in the image.
const STAGE: &str = ".kiln-copy-in";
/// Gives all in the stage `$1` to root, and moves it to where it belongs in `$2`. A folder that is there already keeps what it
/// has, its owner and its mode, and gets what is in that of the stage; so does one to which a link leads. Only the top of what
/// is new is moved: what is below comes with it.
const PLACE: &str = r#"cd "$1" && chown -hR 0:0 . && find . -type d -exec test -d "$2/{}" \; -o -prune -exec sh -c 'for path; do mv -fT "$path" "$0/$path" || exit; done' "$2" {} + && cd / && rm -rf "$1""#;
/// Makes the folder of the file `$1`, and refuses a folder in its place: virt-customize would put the file into it, and what
/// comes after, its owner and its mode, would be the folder's.
const PREPARE: &str =
    r#"[ ! -d "$1" ] || { echo "$1 is a folder: write the name of the file, too" >&2; exit 1; }; mkdir -p "${1%/*}/""#;

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
        let stage = into.join(STAGE);
        let place = inline(PLACE, [stage.as_str(), into.as_str()]);
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
    let prepare = Action::RunCommand(inline(PREPARE, [to.as_str()]));
    let mode = Action::Chmod { path: to.clone(), mode: mode.to_string() };
    vec![prepare, Action::Upload { from, to }, own, mode]
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

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
        for (path, words) in [(folder.path().to_owned(), "is a folder"), (folder.path().join("new/file"), "")] {
            let command = inline(PREPARE, [path.to_str().unwrap()]);
            let ran = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
            assert_eq!(ran.status.success(), words.is_empty());
            assert!(String::from_utf8(ran.stderr).unwrap().contains(words));
            assert!(path.parent().unwrap().is_dir());
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
        assert!(place.ends_with(" /opt/.kiln-copy-in /opt"), "{place}");
    }

    /// A folder that stands for an image, where something is put.
    struct Image(tempfile::TempDir);

    impl Image {
        fn of(folders: &[(&str, u32)]) -> Self {
            let image = Self(tempfile::tempdir().unwrap());
            for (path, mode) in folders {
                fs::create_dir_all(image.path(path)).unwrap();
                fs::set_permissions(image.path(path), fs::Permissions::from_mode(*mode)).unwrap();
            }
            image
        }

        fn path(&self, path: &str) -> Utf8PathBuf {
            Utf8PathBuf::from_path_buf(self.0.path().join(path)).unwrap()
        }

        fn mode(&self, path: &str) -> u32 {
            fs::metadata(self.path(path)).unwrap().permissions().mode() & 0o7777
        }

        /// Has what is in the stage put where it belongs. Returns whether it could be.
        fn place(&self) -> bool {
            let command = inline(PLACE, [self.path(STAGE).as_str(), self.path("").as_str()]);
            // Whoever runs the tests cannot give anything to root.
            let command = command.replace("chown -hR 0:0", "test -e");
            std::process::Command::new("sh").args(["-c", &command]).status().unwrap().success()
        }
    }

    #[test]
    fn what_is_there_already_stays_as_it_is() {
        let image = Image::of(&[("root/sub", 0o711), ("root", 0o700), ("tmp", 0o1777), ("usr/lib", 0o755)]);
        fs::write(image.path("root/su"), "").unwrap();
        fs::set_permissions(image.path("root/su"), fs::Permissions::from_mode(0o4755)).unwrap();
        symlink("usr/lib", image.path("lib")).unwrap();
        for path in ["root/sub", "tmp", "lib/new/sub"] {
            fs::create_dir_all(image.path(STAGE).join(path)).unwrap();
        }
        for path in ["root/.a b", "root/sub/c", "lib/x", "lib/new/sub/y"] {
            fs::write(image.path(STAGE).join(path), "new").unwrap();
        }
        fs::set_permissions(image.path(STAGE).join("lib/new"), fs::Permissions::from_mode(0o750)).unwrap();
        assert!(image.place() && !image.path(STAGE).exists());
        let modes = ["root", "root/sub", "root/su", "tmp", "lib/new"].map(|path| image.mode(path));
        assert_eq!(modes, [0o700, 0o711, 0o4755, 0o1777, 0o750]);
        assert!(image.path("lib").is_symlink());
        for path in ["root/.a b", "root/sub/c", "usr/lib/x", "usr/lib/new/sub/y"] {
            assert_eq!(fs::read_to_string(image.path(path)).unwrap(), "new", "{path}");
        }
    }

    #[test]
    fn a_file_takes_the_place_of_one_and_of_no_folder() {
        let image = Image::of(&[(STAGE, 0o755), ("folder/sub", 0o755)]);
        fs::write(image.path("file"), "old").unwrap();
        fs::write(image.path(STAGE).join("file"), "new").unwrap();
        assert!(image.place());
        assert_eq!(fs::read_to_string(image.path("file")).unwrap(), "new");
        fs::create_dir(image.path(STAGE)).unwrap();
        fs::write(image.path(STAGE).join("folder"), "new").unwrap();
        assert!(!image.place() && image.path("folder/sub").is_dir());
    }
}
