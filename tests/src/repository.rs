//! Signed package repositories of stand-in packages, for apt.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use crate::golden::sha256;

/// A key that repositories are signed with, which lives for a day.
#[derive(Debug)]
pub struct RepositoryKey {
    home: TempDir,
}

/// A package with a few files, all of them executable.
#[derive(Debug, Clone)]
pub struct StandIn {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Path and content of each file.
    pub files: Vec<(&'static str, String)>,
}

impl StandIn {
    /// A package with one program in /usr/bin that runs `script`.
    pub fn program(name: &'static str, version: &'static str, path: &'static str, script: &str) -> Self {
        Self { name, version, files: vec![(path, format!("#!/bin/sh\n{script}\n"))] }
    }

    /// The same with another file.
    #[must_use]
    pub fn with(mut self, path: &'static str, content: &str) -> Self {
        self.files.push((path, content.to_owned()));
        self
    }

    fn control(&self) -> String {
        let Self { name, version, .. } = self;
        format!(
            "Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: Kiln <kiln@example.invalid>\n\
             Description: stands in for {name}\n"
        )
    }

    /// Packs it, and returns the name of its file.
    fn pack(&self, into: &Utf8Path) -> String {
        let tree = TempDir::new().unwrap();
        let root = Utf8Path::from_path(tree.path()).unwrap();
        for (path, content) in self
            .files
            .iter()
            .map(|(path, content)| (*path, content.clone()))
            .chain([("DEBIAN/control", self.control())])
        {
            let path = root.join(path.trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let file = format!("{}_{}_amd64.deb", self.name, self.version);
        run(Command::new("dpkg-deb").args([
            "--root-owner-group",
            "-Znone",
            "--build",
            root.as_str(),
            into.join(&file).as_str(),
        ]));
        file
    }
}

impl RepositoryKey {
    /// Makes one.
    pub fn generate() -> Self {
        let key = Self { home: TempDir::new().unwrap() };
        let identity = "Kiln's tests <kiln@example.invalid>";
        key.gpg(&["--passphrase", "", "--quick-generate-key", identity, "rsa2048", "sign", "1d"]);
        key
    }

    /// Its fingerprint.
    pub fn fingerprint(&self) -> String {
        let listed = self.gpg(&["--with-colons", "--list-keys"]);
        let line = listed.lines().find(|line| line.starts_with("fpr")).unwrap();
        line.split(':').nth(9).unwrap().to_owned()
    }

    /// Makes a repository of `packages` in the folder `root`: a flat one, or one with a suite and a component. The key
    /// lies beside the packages under the name `key`.
    pub fn repository(&self, root: &Utf8Path, suite: Option<(&str, &str)>, key: &str, packages: &[StandIn]) {
        fs::create_dir_all(root).unwrap();
        let entries = packages.iter().map(|package| {
            let file = package.pack(root);
            let (path, control) = (root.join(&file), package.control());
            let size = fs::metadata(&path).unwrap().len();
            format!("{control}Filename: ./{file}\nSize: {size}\nSHA256: {}\n", sha256(&path))
        });
        let entries = entries.collect::<Vec<_>>().join("\n");
        let (release, index) = match suite {
            None => (root.to_owned(), Utf8PathBuf::from("Packages")),
            Some((suite, component)) => {
                (root.join("dists").join(suite), Utf8Path::new(component).join("binary-amd64/Packages"))
            }
        };
        let listed = release.join(&index);
        fs::create_dir_all(listed.parent().unwrap()).unwrap();
        fs::write(&listed, &entries).unwrap();
        let (digest, size) = (sha256(&listed), entries.len());
        let component = suite.map_or_else(String::new, |(suite, component)| {
            format!("Suite: {suite}\nCodename: {suite}\nComponents: {component}\n")
        });
        let date = Command::new("date").args(["--utc", "-R"]).output().unwrap().stdout;
        let date = String::from_utf8(date).unwrap();
        let text = format!("{component}Architectures: amd64\nDate: {date}SHA256:\n {digest} {size} {index}\n");
        fs::write(release.join("Release"), text).unwrap();
        let (signed, plain) = (release.join("InRelease"), release.join("Release"));
        self.clear_sign(&plain, &signed);
        fs::write(root.join(key), self.public()).unwrap();
    }

    /// Its public part, armoured.
    pub fn public(&self) -> String {
        self.gpg(&["--armor", "--export"])
    }

    /// Signs the text in the file `plain`, into the file `signed`.
    pub fn clear_sign(&self, plain: &Utf8Path, signed: &Utf8Path) {
        self.gpg(&["--clear-sign", "--digest-algo", "SHA512", "--output", signed.as_str(), plain.as_str()]);
    }

    /// Signs the file `plain`, with the signature alone in the file `signature`.
    pub fn detach_sign(&self, plain: &Utf8Path, signature: &Utf8Path) {
        self.gpg(&["--detach-sign", "--digest-algo", "SHA512", "--output", signature.as_str(), plain.as_str()]);
    }

    fn gpg(&self, words: &[&str]) -> String {
        run(Command::new("gpg").args(["--batch", "--quiet", "--homedir"]).arg(self.home.path()).args(words))
    }
}

fn run(command: &mut Command) -> String {
    let ran = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(ran.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}
