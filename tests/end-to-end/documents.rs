//! What is written down about the programs is what they say themselves.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tests::{TestHome, bake, clone};

/// The root of the repository.
fn root() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(folder: &Utf8Path) -> BTreeMap<String, String> {
    let entries = folder.read_dir_utf8().unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().to_owned(), fs::read_to_string(entry.path()).unwrap())).collect()
}

#[test]
fn the_manual_pages_are_those_of_the_programs() {
    let home = TestHome::empty();
    let fresh = home.work().join("man");
    bake(&home, ["manual", fresh.as_str()]).finish().ok();
    clone(&home, ["manual", fresh.as_str()]).finish().ok();
    let (fresh, kept) = (files(&fresh), files(&root().join("docs/man")));
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&fresh), names(&kept), "run `make docs`");
    for (name, page) in &fresh {
        assert_eq!(page, &kept[name], "{name} is out of date: run `make docs`");
    }
}

#[test]
fn the_completions_are_those_of_the_programs() {
    let home = TestHome::empty();
    let kept = files(&root().join("docs/completions"));
    for shell in ["bash", "zsh", "fish"] {
        for (name, script) in [
            ("bake", bake(&home, ["completion", shell]).finish().ok()),
            ("clone", clone(&home, ["completion", shell]).finish().ok()),
        ] {
            let file = format!("{name}.{shell}");
            assert_eq!(Some(&script), kept.get(&file), "{file} is out of date: run `make docs`");
        }
    }
}

/// `seed_faults::a_name`, or the name alone of a unit test, or that of a whole program of tests.
#[test]
fn every_test_that_the_seed_document_names_exists() {
    let text = fs::read_to_string(root().join("docs/seed.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.matches(" | ").count() == 2);
    let columns = rows.filter_map(|row| row.rsplit(" | ").next());
    let names: Vec<_> = columns.flat_map(|column| column.split('`').skip(1).step_by(2)).collect();
    let mut suites = files(&root().join("tests/end-to-end"));
    suites.extend(files(&root().join("tests/drills")));
    let sources = rust_files(&root());
    let mut seen = 0;
    for name in names.iter().filter(|name| name.contains('_') && !name.contains(['/', '.', '-'])) {
        let (suite, test) = name.rsplit_once("::").unwrap_or((name, name));
        let in_suite = suites.get(&format!("{suite}.rs")).is_some_and(|text| suite == test || has(text, test));
        let module = suite.contains("::") && sources.iter().any(|path| path.as_str().ends_with(&format!("/{test}.rs")));
        let alone = suite == test && sources.iter().any(|path| has(&fs::read_to_string(path).unwrap(), test));
        assert!(in_suite || module || alone, "there is no test {name}");
        seen += 1;
    }
    assert!(seen > 30, "only {seen} tests were found in the table");
}

fn has(text: &str, test: &str) -> bool {
    text.contains(&format!("fn {test}("))
}

fn rust_files(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let crates = ["bake", "clone", "cloud-init", "images", "machines"].map(|name| root.join(name).join("src"));
    let mut folders: Vec<_> = crates.into();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false if entry.extension() == Some("rs") => found.push(entry),
                false => {}
            }
        }
    }
    found
}

#[test]
fn every_command_in_the_readme_exists() {
    let home = TestHome::empty();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let lines = readme.lines().filter_map(|line| line.strip_prefix("$ "));
    let calls = lines.flat_map(|line| line.split("&&")).map(|call| call.split('#').next().unwrap().trim());
    let mut seen = 0;
    for call in calls {
        let mut words = call.split_whitespace();
        let program = words.next().unwrap().trim_start_matches("target/release/");
        let Some(command) = words.next() else { continue };
        let run = match program {
            "bake" => bake(&home, [command, "--help"]),
            "clone" => clone(&home, [command, "--help"]),
            _ => continue,
        };
        run.finish().ok();
        seen += 1;
    }
    assert!(seen > 10, "only {seen} commands were found in the README");
}
