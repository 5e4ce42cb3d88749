//! Finding and reading a recipe.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_document::Problems;
use kiln_images::FileError;
use kiln_images::home::Home;

use super::beside::Beside;
use super::gallery::BuiltIn;
use super::{Recipe, check, gallery, sealed};

/// A recipe that was read and checked.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What it says.
    pub recipe: Recipe,
    /// Where it came from, for messages.
    pub origin: String,
    /// The folder that its relative paths start from.
    pub folder: Utf8PathBuf,
    /// The recipe of the gallery that it is, so that nothing can be kept beside it.
    pub built_in: Option<&'static BuiltIn>,
    /// What in it is hardly meant so, each with its place.
    pub warnings: Vec<String>,
}

/// The recipe that is taken where none is named.
const DEFAULT_FILE: &str = "recipe.yaml";

/// Why there is no recipe.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// None is named.
    #[error("which recipe? there is no ./{DEFAULT_FILE} here")]
    NotNamed,
    /// It is no file, and none of the gallery's.
    #[error("there is no recipe `{name}`: it is neither a file nor one of {}", gallery::names().join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The file cannot be read.
    #[error("reading the recipe {path}")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The file says something wrong; all of it.
    #[error("{0}")]
    Invalid(Box<Problems>),
}

/// Reads the recipe that `asked` names ([`load`]), or else `./recipe.yaml` where there is one.
///
/// # Errors
/// As [`load`], or when none is named.
pub fn load_or_default(asked: Option<&str>) -> Result<Loaded, LoadError> {
    match asked {
        Some(asked) => load(asked),
        None if Utf8Path::new(DEFAULT_FILE).exists() => load(DEFAULT_FILE),
        None => Err(LoadError::NotNamed),
    }
}

/// Reads the recipe that `asked` names: a file, or a recipe of the gallery. The files beside a recipe of the gallery are
/// not on the disk: see [`Loaded::unpacked`].
///
/// # Errors
/// When there is none, or when it is wrong: then with every problem there is.
pub fn load(asked: &str) -> Result<Loaded, LoadError> {
    if looks_like_a_file(asked) {
        let path = Utf8Path::new(asked);
        let text = kiln_document::text(path.as_std_path())
            .map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        let folder = camino::absolute_utf8(path.parent().unwrap_or_else(|| Utf8Path::new("")).join("."))
            .map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        return parse(asked, &text, Beside::Folder(&folder));
    }
    match gallery::find(asked) {
        Some(recipe) => parse(&format!("{asked}.yaml (built in)"), recipe.text, Beside::BuiltIn(recipe)),
        None => Err(LoadError::Unknown { name: asked.to_owned() }),
    }
}

impl Loaded {
    /// Tells the user what in it is hardly meant so.
    pub fn warn(&self) {
        self.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    }

    /// Sees to it that the files beside a recipe of the gallery are on the disk.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn unpacked(mut self, home: &Home) -> Result<Self, FileError> {
        if let Some(recipe) = self.built_in {
            self.folder = recipe.unpack(home)?;
        }
        Ok(self)
    }
}

/// A name of the gallery has neither a slash nor an ending; whoever means a file of that name writes `./name`.
fn looks_like_a_file(asked: &str) -> bool {
    asked.contains('/') || asked.ends_with(".yaml") || asked.ends_with(".yml")
}

fn parse(origin: &str, text: &str, beside: Beside<'_>) -> Result<Loaded, LoadError> {
    let document =
        kiln_document::read::<Recipe>(origin, text).map_err(|problems| LoadError::Invalid(Box::new(problems)))?;
    check::check(&document, beside).map_err(|problems| LoadError::Invalid(Box::new(problems)))?;
    let built_in = match beside {
        Beside::Folder(_) => None,
        Beside::BuiltIn(recipe) => Some(recipe),
    };
    let warnings = sealed::warnings(&document, beside);
    let (origin, folder) = (origin.to_owned(), beside.folder().to_owned());
    Ok(Loaded { recipe: document.value, origin, folder, built_in, warnings })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_of_the_gallery_is_valid() {
        for name in gallery::names() {
            let loaded = load(name).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(loaded.recipe.name.to_string(), name);
            assert_eq!(loaded.warnings, [""; 0]);
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let text = load("debian-99").unwrap_err().to_string();
        assert!(text.contains("debian-99") && text.contains("debian-12"), "{text}");
    }

    #[test]
    fn one_that_is_not_named_is_looked_for() {
        assert_eq!(load_or_default(Some("debian-12")).unwrap().recipe.name.as_str(), "debian-12");
        // Tests run in the folder of the crate, which has none.
        assert!(matches!(load_or_default(None), Err(LoadError::NotNamed)));
    }

    #[test]
    fn all_problems_come_at_once() {
        let text = "name: Bad Name\nbase: {file: {path: missing.qcow2}}\nuser: debian\ndisk: 10G\nlayers:\n\
                    - name: a\n  steps:\n  - instal: [curl]\n  - upload: {from: missing.txt, to: /etc/x}\n\
                    - name: a\n  steps: []\nchekcs: []\n";
        let error = parse("bad.yaml", text, Beside::Folder("/nowhere".into())).unwrap_err().to_string();
        for expected in ["bad.yaml:1:7", "10G", "did you mean `install`?", "chekcs"] {
            assert!(error.contains(expected), "{expected} is missing in:\n{error}");
        }
    }

    #[test]
    fn what_the_types_cannot_say_is_checked_too() {
        let text = "name: bad\nbase: {file: {path: missing.qcow2}}\nuser: debian\ndisk: 10GiB\nlayers:\n\
                    - name: a\n  steps:\n  - upload: {from: missing.txt, to: /etc/x}\n  - run: '  '\n  \
                    - copy-in: {from: .., into: /opt}\n  - write: {path: /opt/, content: x}\n- name: a\n  steps: []\n";
        let error = parse("bad.yaml", text, Beside::Folder("/nowhere".into())).unwrap_err().to_string();
        let problems = [
            "missing.qcow2",
            "missing.txt",
            "command is empty",
            "end with a name",
            "two layers",
            "no steps",
            "`/opt/` is the name of a folder",
            "7 problems",
        ];
        for expected in problems {
            assert!(error.contains(expected), "{expected} is missing in:\n{error}");
        }
    }

    #[test]
    fn what_cannot_be_fetched_is_told_before_it_is_tried() {
        let text = "name: bad\nbase: {url: {from: [disk.qcow2, 'ftp://x/disk'], checksums: {url: 'https://', keyring: k,\n  \
                    fingerprint: 0123456789012345678901234567890123456789}}}\nuser: debian\ndisk: 10GiB\nlayers:\n\
                    - name: a\n  steps:\n  - download: {url: 'gopher://x', sha256: 'DIGEST', to: /opt/x}\n";
        let text = text.replace("DIGEST", &"a".repeat(64));
        let error = parse("bad.yaml", &text, Beside::Folder("/nowhere".into())).unwrap_err().to_string();
        for expected in ["`ftp://x/disk` cannot be", "`https://` cannot be", "`gopher://x` cannot be", "4 problems"] {
            assert!(error.contains(expected), "{expected} is missing in:\n{error}");
        }
    }

    #[test]
    fn a_link_that_would_be_copied_as_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/usr", folder.path().join("app")).unwrap();
        let text = "name: bad\nbase: {image: x}\nuser: debian\ndisk: 10GiB\nlayers:\n\
                    - {name: a, steps: [copy-in: {from: app, into: /opt}]}\n";
        let beside = Beside::Folder(Utf8Path::from_path(folder.path()).unwrap());
        let error = parse("bad.yaml", text, beside).unwrap_err().to_string();
        assert!(error.contains("app is a link") && error.contains("what it leads to"), "{error}");
    }

    #[test]
    fn what_no_clone_could_be_made_of_is_refused() {
        let told = |text: &str| parse("bad.yaml", text, Beside::Folder("/nowhere".into())).unwrap_err().to_string();
        let text = "name: bad\nbase: {image: bad}\nuser: debian\ndisk: 10GiB\nnics: {nat: eth1}\n";
        let error = told(text);
        for expected in ["`bad` would be its own base", "both network cards are called `eth1`", "2 problems"] {
            assert!(error.contains(expected), "{expected} is missing in:\n{error}");
        }
        let error = told(&text.replace("debian", "Ada.L"));
        assert!(error.contains("`Ada.L` is no user's name"), "{error}");
    }

    #[test]
    fn an_artifact_must_be_declared_and_what_it_is_made_of_be_there() {
        let text = "name: bad\nbase: {image: x}\nuser: debian\ndisk: 10GiB\nartifacts:\n\
                    - {name: tools, debootstrap: {suite: bookworm}, script: missing.sh, files: [none, a/none]}\n\
                    layers:\n- name: a\n  steps:\n  - copy-in: {artifact: tolls, from: bin, into: /opt}\n  \
                    - copy-in: {artifact: tools, from: ../bin, into: /opt}\n";
        let error = parse("bad.yaml", text, Beside::Folder("/nowhere".into())).unwrap_err().to_string();
        let problems = [
            "/nowhere/missing.sh does not exist",
            "/nowhere/none does not exist",
            "/nowhere/a/none does not exist",
            "two files end with the name of `a/none`",
            "declares no artifact `tolls`",
            "bad.yaml:10:5",
            "there is: tools",
            "`../bin` is no path in the artifact `tools`",
            "6 problems",
        ];
        for expected in problems {
            assert!(error.contains(expected), "{expected} is missing in:\n{error}");
        }
    }
}
