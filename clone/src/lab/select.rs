//! Which lab a command means.

use std::collections::BTreeMap;
use std::env;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::home::Home;
use kiln_images::{At, FileError};

use super::{Lab, LabName, check, check_files, gallery};
use crate::commands::VARIABLE;
use crate::error::Error;
use crate::folder::LabFolder;
use crate::state::State;
use crate::world::load_state;

/// The lab file that is taken when nothing else says which.
const DEFAULT_FILE: &str = "lab.yaml";

/// Reads the lab that is meant by `given`: a lab file, a lab that exists, or a built-in one, looked for in this order.
/// Without `given`: `./lab.yaml` where there is one, and else the only lab that exists. Who works in the folder of one lab
/// does not mean another.
///
/// # Errors
/// [`Error::NoLab`] where nothing is found; [`Error::LabFile`] with every problem of the file.
pub fn read(home: &Home, given: Option<&str>) -> Result<Lab, Error> {
    match (file(given), given) {
        (Some(file), _) => read_file(file),
        (None, Some(name)) => read_named(home, name),
        (None, None) => read_named(home, only(&existing(home)?)?.as_str()),
    }
}

/// The folder of the lab that is meant by `given`, which must exist: a lab's name, or a lab file, whose name counts.
/// Without `given`: that of `./lab.yaml` where there is one, and else the only lab that exists.
///
/// # Errors
/// [`Error::NoLab`] where there is no such lab.
pub fn folder(home: &Home, given: Option<&str>) -> Result<LabFolder, Error> {
    let known = existing(home)?;
    let (name, hint) = match (file(given), given) {
        (Some(file), _) => (
            name_in(file, &known)?,
            format!(", which {file} is for\n  make it: clone up; or mean another one: --lab NAME"),
        ),
        (None, Some(name)) => {
            let unknown = |_| no_lab(format!("there is no lab `{name}`{}", said_by(name)), &known);
            (name.parse().map_err(unknown)?, said_by(name).to_owned())
        }
        (None, None) => (only(&known)?.clone(), String::new()),
    };
    if !known.contains(&name) {
        return Err(no_lab(format!("there is no lab `{name}`{hint}"), &known));
    }
    Ok(LabFolder::new(home, &name))
}

/// The names of all labs that exist, sorted.
///
/// # Errors
/// [`FileError`] where the folder of labs cannot be read.
pub fn existing(home: &Home) -> Result<Vec<LabName>, FileError> {
    let folder = home.labs();
    let mut names = Vec::new();
    for entry in folder.read_dir_utf8().at("reading", &folder)? {
        let entry = entry.at("reading", &folder)?;
        match entry.file_name().parse() {
            Ok(name) => names.push(name),
            Err(error) => tracing::warn!("{} is no lab's folder: {error}", entry.path()),
        }
    }
    names.sort();
    Ok(names)
}

/// Reads a lab file.
///
/// # Errors
/// [`Error::UserFile`] where it cannot be read, [`Error::LabFile`] with every problem of it.
pub fn read_file(path: &Utf8Path) -> Result<Lab, Error> {
    Ok(check::parse(path.as_str(), &text_of(path)?)?)
}

/// The same, where the files that it names have to be there.
///
/// # Errors
/// As [`read_file`], and [`Error::LabFile`] with every file that is not there.
pub fn read_whole_file(path: &Utf8Path) -> Result<Lab, Error> {
    let lab = read_file(path)?;
    check_files::check(path.as_str(), &lab.text)?;
    Ok(lab)
}

fn text_of(path: &Utf8Path) -> Result<String, Error> {
    let failed = |source| Error::UserFile { doing: "reading the lab file", path: path.to_owned(), source };
    kiln_document::text(path.as_std_path()).map_err(failed)
}

/// The name in a lab file, whatever else is wrong with it: the lab runs while its file is worked on.
fn name_in(path: &Utf8Path, known: &[LabName]) -> Result<LabName, Error> {
    let text = text_of(path)?;
    let fields = kiln_document::read::<BTreeMap<String, serde_json::Value>>(path.as_str(), &text);
    let name = fields.ok().and_then(|fields| fields.value.get("name")?.as_str()?.parse().ok());
    name.ok_or_else(|| {
        let problem = format!(
            "which lab? {path} does not say it: what is wrong with it says `clone validate {path}`\n  \
             to go on without it: name the lab, or set KILN_LAB"
        );
        no_lab(problem, known)
    })
}

/// The lab file of a lab that exists, as `clone up` was given it last.
///
/// # Errors
/// [`Error::LabFile`] where another version of this program has allowed what this one does not.
pub fn applied(folder: &LabFolder, state: &State) -> Result<Lab, Error> {
    Ok(check::parse(folder.lab_file().as_str(), &state.file)?)
}

fn read_named(home: &Home, name: &str) -> Result<Lab, Error> {
    let known = existing(home)?;
    if let Some(name) = known.iter().find(|known| known.as_str() == name) {
        let folder = LabFolder::new(home, name);
        if let Some(state) = load_state(&folder)? {
            return applied(&folder, &state);
        }
    }
    match gallery::find(name) {
        Some(entry) => Ok(check::parse(entry.name, entry.text)?),
        None => {
            let built_in = gallery::GALLERY.map(|entry| entry.name).join(", ");
            Err(no_lab(
                format!(
                    "there is no lab `{name}`{}\n  a file needs its path: ./{name}.yaml; built in are: {built_in}",
                    said_by(name)
                ),
                &known,
            ))
        }
    }
}

/// A path is told from a name by what no name has.
fn is_file_name(given: &str) -> bool {
    given.contains('/') || Utf8PathBuf::from(given).extension().is_some_and(|end| matches!(end, "yaml" | "yml"))
}

/// The lab file that is meant by `given`, if one is: no home is needed to read it.
pub fn file(given: Option<&str>) -> Option<&Utf8Path> {
    match given {
        Some(given) => is_file_name(given).then_some(given.into()),
        None => Some(Utf8Path::new(DEFAULT_FILE)).filter(|file| file.exists()),
    }
}

/// Who says that a lab is meant, where that is easily forgotten.
fn said_by(name: &str) -> &'static str {
    if env::var(VARIABLE).is_ok_and(|value| value == name) { ", which the variable KILN_LAB says" } else { "" }
}

fn only(known: &[LabName]) -> Result<&LabName, Error> {
    match known {
        [only] => Ok(only),
        known => Err(no_lab("which lab? Name it, or set KILN_LAB".to_owned(), known)),
    }
}

fn no_lab(problem: String, known: &[LabName]) -> Error {
    Error::NoLab { problem, known: known.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::state;
    use crate::world::save_state;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(folder.path()).unwrap().join("kiln")).unwrap();
        (folder, home)
    }

    fn exists(home: &Home, name: &str) -> LabFolder {
        let folder = LabFolder::new(home, &name.parse().unwrap());
        std::fs::create_dir(folder.root()).unwrap();
        folder
    }

    #[test]
    fn files_are_told_from_names() {
        for (given, expected) in
            [("three-nodes", false), ("./three-nodes", true), ("lab.yaml", true), ("/x/lab.yml", true)]
        {
            assert_eq!(is_file_name(given), expected, "{given}");
        }
    }

    #[test]
    fn a_name_is_a_lab_that_exists_or_a_built_in_one() {
        let (_guard, home) = home();
        assert_eq!(read(&home, Some("three-nodes")).unwrap().nodes.len(), 3);
        let folder = exists(&home, "three-nodes");
        let file = gallery::find("one-node").unwrap().text.replace("one-node", "three-nodes");
        save_state(&folder, &State { file, ..state([]) }).unwrap();
        assert_eq!(read(&home, Some("three-nodes")).unwrap().nodes.len(), 1);
        assert_eq!(read(&home, None).unwrap().nodes.len(), 1);
    }

    #[test]
    fn a_lab_is_known_by_its_file_whatever_else_is_in_that() {
        let (_guard, home) = home();
        exists(&home, "alpha");
        let file = home.root().join("work.yaml");
        let folder = |text: &str| {
            std::fs::write(&file, text).unwrap();
            self::folder(&home, Some(file.as_str())).map_err(|error| error.to_string())
        };
        assert_eq!(folder("nodes:\nname: alpha\ncpus: many\n").unwrap().lab().as_str(), "alpha");
        let error = folder("name: beta\n").unwrap_err();
        assert!(error.contains("no lab `beta`") && error.contains("work.yaml is for"), "{error}");
        for text in ["", "name: [alpha\n"] {
            let error = folder(text).unwrap_err();
            assert!(error.contains("clone validate") && error.contains("there are: alpha"), "{error}");
        }
    }

    #[test]
    fn what_is_not_there_is_said_with_what_is() {
        let (_guard, home) = home();
        let error = self::folder(&home, Some("three-nodes")).unwrap_err().to_string();
        assert!(error.contains("no lab `three-nodes`") && error.contains("no labs yet"), "{error}");
        exists(&home, "alpha");
        exists(&home, "beta");
        for given in [None, Some("..")] {
            let error = self::folder(&home, given).unwrap_err().to_string();
            assert!(error.contains("there are: alpha, beta"), "{error}");
        }
        assert_eq!(self::folder(&home, Some("beta")).unwrap().lab().as_str(), "beta");
    }
}
