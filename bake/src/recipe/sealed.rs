//! What a recipe puts where sealing clears it: the checks come before that and see it, and no clone ever does.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_document::Document;
use walkdir::WalkDir;

use super::Recipe;
use super::beside::Beside;
use crate::build::seal::{Fate, fate_of};
use crate::steps::{CopyIn, Step};

/// Where files are put for a step that comes later, and are meant to go.
const TEMPORARY: [&str; 3] = ["/tmp", "/var/tmp", CACHE];
/// Of these, where package managers look by themselves.
const CACHE: &str = "/var/cache";

/// A file that a step puts into the image.
struct Put {
    path: Utf8PathBuf,
    /// Whether it is none the worse for being emptied: it is empty, or a link.
    can_be_emptied: bool,
}

/// Says of each step that puts something where it is cleared what becomes of it, with its place in the file. It is no
/// mistake of every recipe: a key may be there for a step that clones a repository. That it is shows where it is deleted
/// behind that.
pub(super) fn warnings(document: &Document<Recipe>, beside: Beside<'_>) -> Vec<String> {
    let steps: Vec<_> = document.value.steps().collect();
    let warned = steps.iter().enumerate().filter_map(|(number, (at, step))| {
        let is_lost = |put: &Put| {
            let fate = fate_of(&put.path).filter(|fate| !(put.can_be_emptied && *fate == Fate::Emptied))?;
            let temporary = TEMPORARY.into_iter().find(|folder| put.path.starts_with(folder));
            let is_meant = |step| deletes(step, &put.path) || temporary.is_some_and(|folder| may_use(step, folder));
            let later = &steps[number + 1..];
            (!later.iter().any(|(_, step)| is_meant(step))).then_some(fate)
        };
        let (put, fate) = puts(step, beside).into_iter().find_map(|put| is_lost(&put).map(|fate| (put, fate)))?;
        let verb = if fate == Fate::Removed { "removes" } else { "empties" };
        let (file, (line, column)) = (document.file_name(), document.at(at));
        Some(format!(
            "{file}:{line}:{column}: sealing {verb} {} after the checks, so that no clone has what this step puts there\n  \
             keep it elsewhere; what has to be there in a clone, a unit of the image can put there at boot\n  \
             what is there for a later step alone, delete behind that: `delete: {}`",
            put.path,
            put.path
        ))
    });
    warned.collect()
}

/// The files that a step puts into the image, as far as that is known before it is done.
fn puts(step: &Step, beside: Beside<'_>) -> Vec<Put> {
    match step {
        Step::Write(write) => {
            vec![Put { path: write.path.as_path().to_owned(), can_be_emptied: write.content.is_empty() }]
        }
        Step::AppendLine(append) => vec![filled(append.path.as_path().to_owned())],
        Step::Upload(upload) => {
            let is_empty = |folder: &Utf8Path| folder.join(&upload.from).metadata().is_ok_and(|file| file.len() == 0);
            let can_be_emptied = matches!(beside, Beside::Folder(folder) if is_empty(folder));
            vec![Put { path: upload.to.as_path().to_owned(), can_be_emptied }]
        }
        Step::CopyIn(copy) => copied(copy, beside),
        _ => step.file().map(|path| filled(path.as_path().to_owned())).into_iter().collect(),
    }
}

/// A file that has something in it, or of which that is not known.
fn filled(path: Utf8PathBuf) -> Put {
    Put { path, can_be_emptied: false }
}

/// The files of a folder that is copied, where they will be. Of an artifact, nobody knows them before it is built.
fn copied(copy: &CopyIn, beside: Beside<'_>) -> Vec<Put> {
    let from: Utf8PathBuf = beside.path(&copy.from).components().collect();
    let place = copy.into.as_path().join(from.file_name().unwrap_or_default());
    if copy.artifact.is_some() || matches!(beside, Beside::BuiltIn(_)) {
        return vec![filled(place)];
    }
    let files =
        WalkDir::new(&from).sort_by_file_name().into_iter().flatten().filter(|entry| !entry.file_type().is_dir());
    let put = files.filter_map(|entry| {
        let below = Utf8Path::from_path(entry.path().strip_prefix(&from).ok()?)?;
        let path = place.join(below).components().collect();
        let is_empty = || entry.metadata().is_ok_and(|file| file.len() == 0);
        Some(Put { path, can_be_emptied: entry.path_is_symlink() || is_empty() })
    });
    put.collect()
}

/// Whether a step may be what something is in this temporary folder for. What a script does is not known.
fn may_use(step: &Step, folder: &str) -> bool {
    match step {
        Step::Script(_) => true,
        Step::Run(command) => command.contains(folder),
        Step::Install(_) => folder == CACHE,
        _ => false,
    }
}

/// Whether a step takes away what is at `path`.
fn deletes(step: &Step, path: &Utf8Path) -> bool {
    matches!(step, Step::Delete(what) if path.starts_with(what.as_path()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// What is said of a recipe with these steps beside these files.
    fn said(files: &[(&str, &str)], steps: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let steps: String = steps.iter().map(|step| format!("  - {step}\n")).collect();
        let text = format!("name: x\nbase: {{image: y}}\nuser: z\ndisk: 1GiB\nlayers:\n- name: a\n  steps:\n{steps}");
        let document = kiln_document::read::<Recipe>("x.yaml", &text).unwrap_or_else(|error| panic!("{text}{error}"));
        warnings(&document, Beside::Folder(Utf8Path::from_path(folder.path()).unwrap()))
    }

    #[test]
    fn what_no_clone_will_have_is_named_with_its_line() {
        let warned = said(
            &[("key", "ssh-ed25519 A"), ("ada/.ssh/config", "Host *"), ("ada/motd", "Hello")],
            &[
                "write: {path: /etc/motd, content: Hello}",
                "upload: {from: key, to: /root/.ssh/authorized_keys}",
                "copy-in: {from: ada, into: /home}",
                "copy-in: {from: ada/motd, into: /opt}",
                "append-line: {path: /var/log/setup.log, line: done}",
            ],
        );
        let expected = [
            "x.yaml:9:5: sealing removes /root/.ssh/authorized_keys",
            "x.yaml:10:5: sealing removes /home/ada/.ssh/config",
            "x.yaml:12:5: sealing empties /var/log/setup.log",
        ];
        assert_eq!(warned.len(), expected.len(), "{warned:?}");
        for (warning, expected) in warned.iter().zip(expected) {
            assert!(warning.starts_with(expected) && warning.contains("keep it elsewhere"), "{warning}");
        }
    }

    #[test]
    fn what_is_meant_to_go_is_not_named() {
        let put = "upload: {from: tool.deb, to: /tmp/tool.deb}";
        assert_eq!(said(&[], &[put, "run: apt-get install /tmp/tool.deb"]), [""; 0]);
        assert_eq!(said(&[], &[put, "script: install.sh"]), [""; 0]);
        assert_eq!(said(&[], &["write: {path: /var/log/app.log, content: '', mode: '0666'}"]), [""; 0]);
        assert_eq!(said(&[], &["run: ls /tmp", put]).len(), 1);

        let package = "upload: {from: x.deb, to: /var/cache/apt/archives/x.deb}";
        assert_eq!(said(&[], &[package, "install: [x]"]), [""; 0]);
        assert_eq!(said(&[], &[package, "run: dpkg -i /var/cache/apt/archives/*.deb"]), [""; 0]);
        assert_eq!(said(&[], &[package, "run: ls /var/lib"]).len(), 1);

        let (key, delete) = ("upload: {from: key, to: /root/.ssh/id_ed25519}", "delete: /root/.ssh");
        let uses = "run: chmod 600 /root/.ssh/id_ed25519";
        assert_eq!(said(&[], &[key, uses, "delete: /root/.ssh/id_ed25519"]), [""; 0]);
        assert_eq!(said(&[], &[key, uses, delete]), [""; 0]);
        assert_eq!(said(&[], &[delete, key, uses]).len(), 1);
    }

    #[test]
    fn what_has_nothing_in_it_is_not_emptied() {
        let put = "upload: {from: app.log, to: /var/log/app.log}";
        assert_eq!(said(&[("app.log", "")], &[put]), [""; 0]);
        assert_eq!(said(&[("app.log", "old")], &[put]).len(), 1);

        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        fs::create_dir_all(root.join("log/nginx")).unwrap();
        std::os::unix::fs::symlink("/dev/stdout", root.join("log/nginx/access.log")).unwrap();
        fs::create_dir_all(root.join(".ssh")).unwrap();
        std::os::unix::fs::symlink("/etc/keys", root.join(".ssh/authorized_keys")).unwrap();
        let step = |from: &str, into: &str| format!("copy-in: {{from: {}, into: {into}}}", root.join(from));
        assert_eq!(said(&[], &[&step("log", "/var")]), [""; 0]);
        assert_eq!(said(&[], &[&step(".ssh", "/root")]).len(), 1);
    }
}
