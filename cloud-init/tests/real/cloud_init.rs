//! Real releases of cloud-init that are not installed: one would take over this machine at the next boot.
//!
//! Debian's packages are downloaded through apt, once, and unpacked into a cache folder: `$KILN_TEST_CACHE`, or
//! `kiln-tests` in the XDG cache folder.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::apt;
use crate::programs::run;

/// A suite of Debian, and the release of cloud-init that is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// Debian 11, cloud-init 20.4.
    Bullseye,
    /// Debian 12, cloud-init 22.4.
    Bookworm,
    /// Debian 13, cloud-init 25.1.
    Trixie,
}

impl Suite {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bullseye, Self::Bookworm, Self::Trixie];

    fn name(self) -> &'static str {
        match self {
            Self::Bullseye => "bullseye",
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
        }
    }
}

/// The Python that has Debian's packages; the first on PATH may be another.
const PYTHON: &str = "/usr/bin/python3";

/// The packages with the modules that cloud-init imports.
const PACKAGES: &str = "python3 python3-configobj python3-jinja2 python3-jsonpatch python3-jsonschema \
                        python3-oauthlib python3-requests python3-yaml";

/// Python of the system.
///
/// # Panics
/// Where a module is missing that the tests or cloud-init need, with the packages to install.
pub fn python() -> Command {
    let imports = "import configobj, jinja2, jsonpatch, jsonschema, oauthlib, requests, yaml";
    let output = crate::programs::attempt(Command::new(PYTHON).args(["-c", imports]), PACKAGES);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "Python modules are missing: apt-get install {PACKAGES}\n{said}");
    Command::new(PYTHON)
}

/// Python with the modules of a release of cloud-init.
pub fn python_of(modules: &Path) -> Command {
    let mut command = python();
    command.env("PYTHONPATH", modules).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The command `cloud-init` of a suite, to be given its arguments. What it keeps between runs goes into the folder
/// `scratch`: from version 23 on its schema checker writes to /run/cloud-init, which is the host's.
pub fn cloud_init(suite: Suite, scratch: &Path) -> Command {
    let config = scratch.join("cloud.cfg");
    let paths = serde_json::json!({"run_dir": scratch.join("run"), "cloud_dir": scratch.join("cloud")});
    fs::write(&config, serde_json::json!({"system_info": {"paths": paths}}).to_string())
        .expect("the scratch folder can be written to");
    let mut command = python_of(&modules(suite));
    command.env("CLOUD_CFG", config).args(["-m", "cloudinit.cmd.main"]);
    command
}

/// The folder with the Python modules of a suite's package, which is downloaded and unpacked if need be.
pub fn modules(suite: Suite) -> PathBuf {
    let cache = cache_folder();
    fs::create_dir_all(&cache).expect("the cache folder of the tests can be made");
    let tree = cache.join(format!("cloud-init-{}", suite.name()));
    // Several tests, and test programs, come here at the same time.
    let lock = File::create(tree.with_extension("lock")).expect("the cache folder can be written to");
    lock.lock().expect("the cache folder can be locked");
    if !tree.exists() {
        unpack(suite, &cache, &tree);
    }
    tree.join("usr/lib/python3/dist-packages")
}

fn unpack(suite: Suite, cache: &Path, tree: &Path) {
    let scratch = tempfile::tempdir_in(cache).expect("the cache folder can be written to");
    apt::download("cloud-init", suite.name(), scratch.path());
    let package = fs::read_dir(&scratch)
        .expect("the folder was just made")
        .map(|entry| entry.expect("the folder can be read").path())
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .expect("apt-get download leaves a .deb in the folder that it runs in");
    let unpacked = scratch.path().join("tree");
    run(Command::new("dpkg-deb").arg("-x").arg(package).arg(&unpacked), "dpkg");
    // Whole or not at all: a test that was broken off leaves no half of a tree.
    fs::rename(&unpacked, tree).expect("both are in the cache folder");
}

fn cache_folder() -> PathBuf {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("KILN_TEST_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("kiln-tests")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache/kiln-tests")))
        .expect("one of KILN_TEST_CACHE, XDG_CACHE_HOME and HOME is set")
}
