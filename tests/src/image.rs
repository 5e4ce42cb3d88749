//! The image that all tests share.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::process::Command;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use crate::TestHome;
use crate::person::{Person, home_folder};
use crate::program::program;

/// A golden image in the cache.
#[derive(Debug)]
pub struct CachedImage {
    home: Utf8PathBuf,
    name: &'static str,
    digest: String,
}

/// The folder of what tests keep from run to run. Ordinary users can get to it, and it is theirs.
pub fn cache() -> Utf8PathBuf {
    static CACHE: OnceLock<Utf8PathBuf> = OnceLock::new();
    CACHE.get_or_init(find_cache).clone()
}

fn find_cache() -> Utf8PathBuf {
    let given = env::var("KILN_TEST_CACHE").map(Utf8PathBuf::from);
    let cache = given.unwrap_or_else(|_| {
        let home = home_folder().expect("neither KILN_TEST_CACHE nor HOME is set");
        home.join(".cache").join("kiln-tests")
    });
    fs::create_dir_all(&cache).unwrap();
    if let Some(person) = Person::ordinary() {
        let above = cache.parent().filter(|parent| parent.starts_with(person.home()));
        above.into_iter().chain([cache.as_path()]).for_each(|folder| person.own(folder));
    }
    cache
}

/// The image of the recipe `debian-12`, baked if it is not in the cache or was baked from other ingredients.
///
/// # Panics
/// When it cannot be baked.
pub fn debian() -> &'static CachedImage {
    static DEBIAN: OnceLock<CachedImage> = OnceLock::new();
    DEBIAN.get_or_init(|| bake("debian-12"))
}

/// The image of the recipe `debian-12-k8s-1.20`: the same with Kubernetes, which is built from Debian's sources first.
///
/// # Panics
/// When it cannot be baked.
pub fn kubernetes() -> &'static CachedImage {
    static KUBERNETES: OnceLock<CachedImage> = OnceLock::new();
    KUBERNETES.get_or_init(|| bake("debian-12-k8s-1.20"))
}

/// Bakes with the cache as the home, as an ordinary user. The tests lock: those in other processes wait for the first.
fn bake(name: &'static str) -> CachedImage {
    let (home, digest) = bake_in_cache(name, name);
    CachedImage { home, name, digest }
}

/// Bakes the recipe in a file in the same way. Returns the home, and the digest of the image in hexadecimal digits.
pub(crate) fn bake_file(name: &str, recipe: &Utf8Path) -> (Utf8PathBuf, String) {
    bake_in_cache(name, recipe.as_str())
}

fn bake_in_cache(name: &str, recipe: &str) -> (Utf8PathBuf, String) {
    let lock = fs::File::create(cache().join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let home = cache().join("home");
    if run_bake(&home, &["build", recipe]).starts_with("baked") {
        // What was baked from an older recipe.
        run_bake(&home, &["prune"]);
    }
    let digest = fs::read_to_string(home.join("names").join(name)).unwrap();
    let digest = digest.trim().trim_start_matches("sha256:").to_owned();
    (home, digest)
}

fn run_bake(home: &Utf8Path, arguments: &[&str]) -> String {
    let ordinary = Person::ordinary();
    let mut command = Command::new(ordinary.map_or_else(|| program("bake"), |person| person.program("bake")));
    if let Some(person) = ordinary {
        person.run(&mut command);
    }
    let ran = command.args(arguments).current_dir(cache()).env("KILN_HOME", home).output().unwrap();
    assert!(ran.status.success(), "bake {arguments:?}:\n{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

impl CachedImage {
    /// Links the image into the store of a test's home.
    pub(crate) fn link_into(&self, home: &TestHome) {
        let root = home.root();
        let image = root.join("images").join(&self.digest);
        let name = root.join("names").join(self.name);
        for folder in [&root, &root.join("images"), &image, &root.join("names")] {
            match fs::DirBuilder::new().mode(0o700).create(folder) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made.unwrap(),
            }
            home.give_to_owner(folder);
        }
        for file in ["disk.qcow2", "manifest.json"] {
            fs::hard_link(self.folder().join(file), image.join(file)).unwrap();
        }
        fs::write(&name, format!("sha256:{}\n", self.digest)).unwrap();
        home.give_to_owner(&name);
    }

    /// The digest of the disk, in hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Its disk. Whoever writes to it harms all tests.
    pub fn disk(&self) -> Utf8PathBuf {
        self.folder().join("disk.qcow2")
    }

    /// A file that was built for it.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub fn artifact(&self, path: &str) -> Utf8PathBuf {
        let artifacts = self.home.join("artifacts").read_dir_utf8().unwrap();
        let files = artifacts.map(|artifact| artifact.unwrap().path().join("content").join(path));
        let found: Vec<_> = files.filter(|file| file.exists()).collect();
        let [file] = found.as_slice() else { panic!("{path} of {}: {found:?}", self.name) };
        file.clone()
    }

    fn folder(&self) -> Utf8PathBuf {
        self.home.join("images").join(&self.digest)
    }

    /// Hashes the disk with the system's own `sha256sum`, and asserts that nobody has changed a byte of it.
    #[track_caller]
    pub fn assert_untouched(&self) {
        let output = Command::new("sha256sum").arg(self.disk()).output().unwrap();
        let digest = String::from_utf8_lossy(&output.stdout);
        assert_eq!(digest.split(' ').next(), Some(self.digest.as_str()), "the golden image was written to");
    }
}
