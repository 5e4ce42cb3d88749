//! The folder where Kiln keeps everything, and the names of all that is in it. No other module knows them.
//!
//! ```text
//! $KILN_HOME/
//!   downloads/<sha256>            verified downloads, shared
//!   downloads/<digest>-<name>.tar archives of container images, by the digests of their manifest and of their name
//!   artifacts/<key>/              what the baker built on the host for its layers
//!   layers/<key>/                 cached layers of the baker
//!   images/<digest>/              golden images
//!   names/<name>                  the digest a name stands for
//!   labs/<lab>/                   see LabPaths
//!   recipes/<digest>/             what lies beside a recipe that is built in
//!   scratch/                      half-made things, on the same file system as the finished ones
//!   appliances/<digest>/          what libguestfs is told to make its appliance of
//!   logs/                         what bakes said, and their locks
//!   kiln.lock                     what was pinned for labs, and for recipes that are built in
//!   store.lock  hashes.json       the store's lock; remembered digests of files
//!   hypervisor.json  ports.lock   what was found out about this host's hypervisor; the lock under which ports are chosen
//! ```

mod lab;
mod location;
mod socket;

use std::fs;
use std::os::unix::fs::MetadataExt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::digest::Digest;
use crate::durable::create_folder;
use crate::name::Name;
use crate::{At, FileError};

pub use lab::LabPaths;
pub use socket::{SOCKET_PATH_MAX, SocketPathTooLong, check_socket_path};

/// The environment variable that says where the home is.
pub const VARIABLE: &str = "KILN_HOME";

/// The permission bits that let others than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// The home folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// It cannot be created or looked at.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its path is not UTF-8, which the arguments and messages of QEMU must be.
    #[error("{0} is not UTF-8\n  set {VARIABLE} to a folder whose name is")]
    NotUtf8(String),
    /// There is no variable to derive it from.
    #[error("cannot tell where to keep images and labs: neither {VARIABLE} nor HOME is set")]
    Unknown,
    /// Others could plant an image or read a key there.
    #[error("{path} may be written by other users (mode {mode:04o})\n  run: chmod 0700 {path}")]
    Exposed {
        /// The folder.
        path: Utf8PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error("{path} belongs to user {owner}, not to you\n  set {VARIABLE} to a folder of your own")]
    Foreign {
        /// The folder.
        path: Utf8PathBuf,
        /// The owner's user id.
        owner: u32,
    },
}

/// The home folder. It and the folders in it exist while this value does.
#[derive(Debug, Clone)]
pub struct Home {
    root: Utf8PathBuf,
}

impl Home {
    /// Uses the folder `root`, and creates it (for the owner alone) where it is missing. The path is made absolute and
    /// free of symbolic links, so that the same home always has the same name in the headers of overlays.
    ///
    /// # Errors
    /// [`HomeError`] when it cannot be created, belongs to another user, or may be written by others.
    pub fn new(root: impl Into<Utf8PathBuf>) -> Result<Self, HomeError> {
        let root = root.into();
        create_folder(&root)?;
        let root = root.canonicalize_utf8().at("opening", &root)?;
        refuse_exposed(&root)?;
        let home = Self { root };
        let folders = [
            home.downloads(),
            home.artifacts(),
            home.appliances(),
            home.layers(),
            home.images(),
            home.names(),
            home.labs(),
            home.logs(),
            home.recipes(),
            home.scratch(),
        ];
        for folder in folders {
            create_folder(&folder)?;
        }
        Ok(home)
    }

    /// Uses `explicit` if it is given, else `$KILN_HOME`, else `kiln` in the XDG data directory
    /// (XDG Base Directory Specification: `$XDG_DATA_HOME` if absolute, else `$HOME/.local/share`).
    ///
    /// # Errors
    /// As [`Home::new`]; [`HomeError::Unknown`] when no variable says where.
    pub fn from_env(explicit: Option<&Utf8Path>) -> Result<Self, HomeError> {
        let root = match explicit {
            Some(path) => path.to_owned(),
            None => location::choose(location::variable)?,
        };
        Self::new(root)
    }

    /// The folder itself: absolute.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// The folder of verified downloads.
    pub fn downloads(&self) -> Utf8PathBuf {
        self.root.join("downloads")
    }

    /// A verified download.
    pub fn download(&self, digest: &Digest) -> Utf8PathBuf {
        self.downloads().join(digest.hex())
    }

    /// The folder of artifacts, one folder a key.
    pub fn artifacts(&self) -> Utf8PathBuf {
        self.root.join("artifacts")
    }

    /// The folder of one artifact.
    pub fn artifact(&self, key: &Digest) -> Utf8PathBuf {
        self.artifacts().join(key.hex())
    }

    /// The archive of a container image that was fetched from a registry, by the digest it has there and the name it is
    /// loaded under, which is in the archive: one image may have several.
    pub fn container_archive(&self, digest: &Digest, name: &str) -> Utf8PathBuf {
        let name = Digest::of_bytes(name.as_bytes()).short();
        self.downloads().join(format!("{}-{name}.tar", digest.hex()))
    }

    /// The folder of appliances of libguestfs, one folder for each that was made.
    pub fn appliances(&self) -> Utf8PathBuf {
        self.root.join("appliances")
    }

    /// The folder of cached layers, one folder a key.
    pub fn layers(&self) -> Utf8PathBuf {
        self.root.join("layers")
    }

    /// The folder of golden images, one folder a digest.
    pub fn images(&self) -> Utf8PathBuf {
        self.root.join("images")
    }

    /// The folder of a golden image.
    pub fn image(&self, digest: &Digest) -> Utf8PathBuf {
        self.images().join(digest.hex())
    }

    /// The folder of image names, one file a name.
    pub fn names(&self) -> Utf8PathBuf {
        self.root.join("names")
    }

    /// The folder of labs.
    pub fn labs(&self) -> Utf8PathBuf {
        self.root.join("labs")
    }

    /// The paths of one lab.
    pub fn lab(&self, lab: &Name) -> LabPaths {
        LabPaths::new(self.labs().join(lab.as_str()))
    }

    /// The folder of the files that lie beside built-in recipes.
    pub fn recipes(&self) -> Utf8PathBuf {
        self.root.join("recipes")
    }

    /// The files that have this digest together.
    pub fn recipe_files(&self, digest: &Digest) -> Utf8PathBuf {
        self.recipes().join(digest.hex())
    }

    /// The folder for half-made things; see [`crate::scratch::Scratch`].
    pub fn scratch(&self) -> Utf8PathBuf {
        self.root.join("scratch")
    }

    /// The store's lock.
    pub fn store_lock(&self) -> Utf8PathBuf {
        self.root.join("store.lock")
    }

    /// The folder of what bakes said, and of their locks.
    pub fn logs(&self) -> Utf8PathBuf {
        self.root.join("logs")
    }

    /// The lock of a bake: one at a time makes the image of a recipe.
    pub fn bake_lock(&self, recipe: &Name) -> Utf8PathBuf {
        self.logs().join(format!("bake-{recipe}.lock"))
    }

    /// What the programs of a recipe's last bake said, and what images said that were imported under this name since.
    pub fn bake_log(&self, recipe: &Name) -> Utf8PathBuf {
        self.logs().join(format!("bake-{recipe}.log"))
    }

    /// What was found out about this host's hypervisor.
    pub fn hypervisor_facts(&self) -> Utf8PathBuf {
        self.root.join("hypervisor.json")
    }

    /// The lock under which host ports are chosen.
    pub fn ports_lock(&self) -> Utf8PathBuf {
        self.root.join("ports.lock")
    }

    /// The remembered digests of files; see [`crate::digest::FileDigests`].
    pub fn digests(&self) -> Utf8PathBuf {
        self.root.join("hashes.json")
    }
}

fn refuse_exposed(root: &Utf8Path) -> Result<(), HomeError> {
    let metadata = fs::metadata(root).at("opening", root)?;
    let mode = metadata.mode() & 0o7777;
    if mode & OTHERS_WRITE != 0 {
        return Err(HomeError::Exposed { path: root.to_owned(), mode });
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(HomeError::Foreign { path: root.to_owned(), owner: metadata.uid() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_home_is_created_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap().join("a/b");
        let home = Home::new(&root).unwrap();
        assert_eq!(fs::metadata(home.root()).unwrap().mode() & 0o7777, 0o700);
        assert!(home.scratch().is_dir() && home.labs().is_dir());
    }

    #[test]
    fn a_home_that_others_may_write_to_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o770)).unwrap();
        let error = Home::new(Utf8Path::from_path(folder.path()).unwrap()).unwrap_err().to_string();
        assert!(error.contains("mode 0770") && error.contains("chmod 0700"), "{error}");
    }

    #[test]
    fn links_to_a_home_lead_to_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap().canonicalize_utf8().unwrap();
        let home = Home::new(folder.join("home")).unwrap();
        std::os::unix::fs::symlink(home.root(), folder.join("link")).unwrap();
        assert_eq!(Home::new(folder.join("link")).unwrap().root(), home.root());
    }
}
