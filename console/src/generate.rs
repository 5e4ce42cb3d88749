//! Completions and manual pages, made from a program's clap command.
//!
//! They are kept as files; [`check`] says which of them differ from what the command would make now.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Command, ValueEnum};
use clap_complete::Generator;

use crate::Class;
use crate::failure::Failure;

pub use clap_complete::Shell;

/// Files by name, relative to the folder that they belong in.
pub type Files = BTreeMap<Utf8PathBuf, Vec<u8>>;

/// The completion script for one shell.
pub fn completion(command: &Command, shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, &mut command.clone(), name, &mut script);
    script
}

/// The completion scripts for every shell, under the names that the shells look for.
pub fn completions(command: &Command) -> Files {
    let file = |shell: &Shell| (shell.file_name(command.get_name()).into(), completion(command, *shell));
    Shell::value_variants().iter().map(file).collect()
}

/// The manual pages: one for the program and one for each of its commands (`clone-up.1`).
///
/// # Errors
/// Never in practice: pages are written to memory.
pub fn manual(command: &Command) -> io::Result<Files> {
    let mut command = command.clone().disable_help_subcommand(true);
    command.build();
    // Commands have no version of their own.
    let source = format!("{} {}", command.get_name(), command.get_version().unwrap_or_default());
    let mut pages = Files::new();
    add_pages(&command, &source, &mut pages)?;
    Ok(pages)
}

fn add_pages(command: &Command, source: &str, pages: &mut Files) -> io::Result<()> {
    let page = clap_mangen::Man::new(command.clone()).source(source);
    let mut text = Vec::new();
    page.render(&mut text)?;
    pages.insert(page.get_filename().into(), text);
    let mut visible = command.get_subcommands().filter(|command| !command.is_hide_set());
    visible.try_for_each(|command| add_pages(command, source, pages))
}

/// Writes files into a folder, which is made if it is not there.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn write(files: &Files, folder: &Utf8Path) -> Result<(), Failure> {
    let failed =
        |path: &Utf8Path, error: &io::Error| Failure::new(Class::Host, format!("writing `{path}`")).caused_by(error);
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    for (name, content) in files {
        let path = folder.join(name);
        fs::write(&path, content).map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

/// The files in a folder that are not as they would be written: missing, different, or left over.
///
/// # Errors
/// The folder cannot be read.
pub fn check(files: &Files, folder: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let mut found = Files::new();
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        found.insert(entry.file_name().into(), fs::read(entry.path())?);
    }
    let names = files.keys().chain(found.keys().filter(|name| !files.contains_key(*name)));
    Ok(names.filter(|name| files.get(*name) != found.get(*name)).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        Command::new("clone")
            .version("1.2.3")
            .about("Runs labs")
            .subcommand(Command::new("up").about("Brings a lab up"))
            .subcommand(Command::new("secret").hide(true))
    }

    #[test]
    fn every_shell_has_a_script() {
        let names: Vec<_> = completions(&command()).into_keys().collect();
        assert_eq!(names, ["_clone", "_clone.ps1", "clone.bash", "clone.elv", "clone.fish"]);
        for (name, script) in completions(&command()) {
            assert!(String::from_utf8(script).unwrap().contains("up"), "{name}");
        }
    }

    #[test]
    fn every_visible_command_has_a_page() {
        let pages = manual(&command()).unwrap();
        assert_eq!(pages.keys().collect::<Vec<_>>(), ["clone-up.1", "clone.1"]);
        let page = String::from_utf8(pages[Utf8Path::new("clone-up.1")].clone()).unwrap();
        assert!(page.contains("Brings a lab up"), "{page}");
        for page in pages.into_values().map(|page| String::from_utf8(page).unwrap()) {
            assert!(
                page.lines().any(|line| line.starts_with(".TH clone") && line.contains("\"clone 1.2.3\"")),
                "{page}"
            );
        }
    }

    #[test]
    fn files_that_differ_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap().join("man");
        let mut pages = manual(&command()).unwrap();
        write(&pages, &folder).unwrap();
        assert!(check(&pages, &folder).unwrap().is_empty());

        pages.insert("clone-new.1".into(), Vec::new());
        pages.insert("clone-up.1".into(), b"changed".to_vec());
        pages.remove(Utf8Path::new("clone.1"));
        assert_eq!(check(&pages, &folder).unwrap(), ["clone-new.1", "clone-up.1", "clone.1"]);
        assert!(check(&pages, &folder.join("nowhere")).is_err());
    }
}
