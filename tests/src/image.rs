//! The image that all tests share.

use std::env;
use std::fs;
use std::process::Command;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use crate::TestHome;
use crate::program::program;

/// A golden image in the cache.
#[derive(Debug)]
pub struct CachedImage {
    home: Utf8PathBuf,
    name: &'static str,
    digest: String,
}

/// The folder of what tests keep from run to run.
pub fn cache() -> Utf8PathBuf {
    let given = env::var("KILN_TEST_CACHE").map(Utf8PathBuf::from);
    given.unwrap_or_else(|_| {
        let home = env::var("HOME").map(|home| Utf8PathBuf::from(home).join(".cache"));
        let cache = env::var("XDG_CACHE_HOME").map(Utf8PathBuf::from).or(home);
        cache.expect("neither KILN_TEST_CACHE, XDG_CACHE_HOME nor HOME is set").join("kiln-tests")
    })
}

/// The image of the recipe `debian-12`, baked if it is not in the cache or was baked from other ingredients.
///
/// # Panics
/// When it cannot be baked.
pub fn debian() -> &'static CachedImage {
    static DEBIAN: OnceLock<CachedImage> = OnceLock::new();
    DEBIAN.get_or_init(|| bake("debian-12"))
}

/// Bakes with the cache as the home. The programs lock: tests in other processes wait for the first one.
fn bake(name: &'static str) -> CachedImage {
    let home = cache().join("home");
    fs::create_dir_all(&home).unwrap();
    let lock = fs::File::create(cache().join("bake.lock")).unwrap();
    lock.lock().unwrap();
    let baked = Command::new(program("bake")).args(["build", name]).env("KILN_HOME", &home).output().unwrap();
    assert!(baked.status.success(), "baking {name}:\n{}", String::from_utf8_lossy(&baked.stderr));
    let digest = fs::read_to_string(home.join("names").join(name)).unwrap();
    let digest = digest.trim().trim_start_matches("sha256:").to_owned();
    CachedImage { home, name, digest }
}

impl CachedImage {
    /// Links the image into the store of a test's home.
    pub(crate) fn link_into(&self, home: &TestHome) {
        for folder in ["images", "names"] {
            fs::create_dir_all(home.root().join(folder)).unwrap();
        }
        set_private(&home.root());
        let image = home.root().join("images").join(&self.digest);
        fs::create_dir(&image).unwrap();
        for file in ["disk.qcow2", "manifest.json"] {
            fs::hard_link(self.folder().join(file), image.join(file)).unwrap();
        }
        fs::write(home.root().join("names").join(self.name), format!("sha256:{}\n", self.digest)).unwrap();
    }

    /// The digest of the disk, in hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    fn folder(&self) -> Utf8PathBuf {
        self.home.join("images").join(&self.digest)
    }

    /// Hashes the disk with the system's own `sha256sum`, and asserts that nobody has changed a byte of it.
    #[track_caller]
    pub fn assert_untouched(&self) {
        let output = Command::new("sha256sum").arg(self.folder().join("disk.qcow2")).output().unwrap();
        let digest = String::from_utf8_lossy(&output.stdout);
        assert_eq!(digest.split(' ').next(), Some(self.digest.as_str()), "the golden image was written to");
    }
}

fn set_private(folder: &Utf8Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
}
