//! A real registry of container images on 127.0.0.1: Debian's docker-registry. It is unpacked, not installed, because the
//! package starts a service that listens on every address.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use crate::{cache, containers, until};

/// A registry without TLS, with nothing in it. It ends with the test.
#[derive(Debug)]
pub struct Registry {
    process: Child,
    folder: TempDir,
    address: String,
}

impl Registry {
    /// Starts it on a free port.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap();
        let (config, log) = (path.join("config.yml"), path.join("log"));
        let data = path.join("data");
        let text = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {data}}}}}\nhttp: {{addr: '127.0.0.1:0'}}\n\
             compatibility: {{schema1: {{enabled: true}}}}\n"
        );
        fs::write(&config, text).unwrap();
        let mut command = Command::new(unpacked().join("usr/bin/docker-registry"));
        command.args(["serve", config.as_str()]).stdin(Stdio::null()).stdout(Stdio::null());
        let process = command.stderr(File::create(&log).unwrap()).spawn().unwrap();
        let mut registry = Self { process, folder, address: String::new() };
        until("the registry listens", Duration::from_secs(30), || {
            registry.address = address_in(&fs::read_to_string(&log).unwrap()).unwrap_or_default();
            !registry.address.is_empty()
        });
        registry
    }

    /// What `mirrors:` of a configuration names it as.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts an image into it that has nothing but a text, under a name without the registry's, such as `pause:3.9`.
    pub fn push(&self, name: &str, text: &str) {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap();
        let archive = Utf8Path::from_path(folder.path()).unwrap().join("image.tar");
        containers::archive(&archive, name, text, None);
        self.copy(&archive, name, &[]);
    }

    /// The same in the form that registries had before 2016 (schema 1), which has to have a layer: a file with the text.
    pub fn push_old(&self, name: &str, text: &str) {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let (archive, layer) = (folder.join("image.tar"), folder.join("layer.tar"));
        fs::write(folder.join("text"), text).unwrap();
        run(Command::new("tar").args(["-C", folder.as_str(), "-cf", layer.as_str(), "text"]));
        containers::archive(&archive, name, text, Some(&layer));
        self.copy(&archive, name, &["--format", "v2s1"]);
        let raw = format!("docker://{}/{name}", self.address);
        let raw = run(Command::new("skopeo").args(["inspect", "--raw", "--tls-verify=false", &raw]));
        let manifest: serde_json::Value = serde_json::from_slice(&raw).unwrap();
        assert_eq!(manifest["schemaVersion"], 1, "{manifest}");
    }

    fn copy(&self, archive: &Utf8Path, name: &str, options: &[&str]) {
        let mut copy = Command::new("skopeo");
        copy.args(["copy", "--quiet", "--dest-tls-verify=false"]).args(options);
        run(copy.args([format!("docker-archive:{archive}"), format!("docker://{}/{name}", self.address)]));
    }

    /// What was asked of it so far, one line a request, as it logs them.
    pub fn requests(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
        log.lines().filter(|line| line.contains("http.request.method")).map(str::to_owned).collect()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.process.kill().and_then(|()| self.process.wait()).unwrap();
    }
}

/// The address in its log, once it is there.
fn address_in(log: &str) -> Option<String> {
    let (_, rest) = log.split_once("listening on ")?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// The folder with the package, which is made if need be.
fn unpacked() -> Utf8PathBuf {
    let (tree, scratch) = (cache().join("docker-registry"), cache().join("docker-registry.part"));
    let lock = File::create(cache().join("docker-registry.lock")).unwrap();
    lock.lock().unwrap();
    if !tree.exists() {
        fs::create_dir_all(&scratch).unwrap();
        run(Command::new("apt-get").args(["download", "docker-registry"]).current_dir(&scratch));
        let files = fs::read_dir(&scratch).unwrap().map(|entry| entry.unwrap().path());
        let package = files.filter(|path| path.extension().is_some_and(|extension| extension == "deb")).max().unwrap();
        run(Command::new("dpkg-deb").arg("-x").arg(package).arg(scratch.join("tree")));
        fs::rename(scratch.join("tree"), &tree).unwrap();
        fs::remove_dir_all(scratch).unwrap();
    }
    tree
}

fn run(command: &mut Command) -> Vec<u8> {
    let ran = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}
