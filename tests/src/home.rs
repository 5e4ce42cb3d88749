//! A home of one's own for a test.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use crate::network::Nowhere;
use crate::person::Person;
use crate::process::{Process, processes};
use crate::program::clone;

/// A folder that holds the home of Kiln and the files of a test, beside the cache of images so that those can be linked
/// into it. What runs in it is ended when the test ends, well or not.
#[derive(Debug)]
pub struct TestHome {
    folder: TempDir,
    owner: Option<&'static Person>,
    network: Option<Nowhere>,
}

impl TestHome {
    /// A home with nothing in it. Its path is short, because sockets lie in it.
    pub fn empty() -> Self {
        Self::owned_by(None)
    }

    /// The same as [`TestHome::empty`], but the programs run as an ordinary user there, not as root.
    pub fn of_ordinary_user() -> Self {
        Self::owned_by(Person::ordinary())
    }

    fn owned_by(owner: Option<&'static Person>) -> Self {
        let folder = TempDir::with_prefix_in("t", crate::cache()).unwrap();
        let home = Self { folder, owner, network: None };
        fs::create_dir(home.work()).unwrap();
        for folder in [home.path(), &home.work()] {
            home.give_to_owner(folder);
        }
        home.share_appliances();
        home
    }

    /// One appliance of libguestfs for all homes of an owner, which takes its time to make, and 400 MB.
    fn share_appliances(&self) {
        let owner = self.owner.map_or(0, Person::uid);
        let shared = crate::cache().join(format!("appliances-{owner}"));
        fs::create_dir_all(&shared).unwrap();
        fs::create_dir(self.root()).unwrap();
        fs::set_permissions(self.root(), Permissions::from_mode(0o700)).unwrap();
        symlink(&shared, self.root().join("appliances")).unwrap();
        [shared, self.root()].iter().for_each(|folder| self.give_to_owner(folder));
    }

    /// A home in whose store the image `debian-12` is. It is baked first, if this machine has not done so before.
    pub fn with_debian() -> Self {
        Self::empty().and_debian()
    }

    /// A home in whose store the image `debian-12-k8s-1.20` is, baked as [`TestHome::with_debian`] has it.
    pub fn with_kubernetes() -> Self {
        let home = Self::empty();
        crate::kubernetes().link_into(&home);
        home
    }

    /// Puts the image `debian-12` into the store.
    pub fn and_debian(self) -> Self {
        crate::debian().link_into(&self);
        self
    }

    /// Cuts what runs in this home off from every network but its own loopback.
    pub fn cut_off(mut self) -> Self {
        self.network = Some(Nowhere::new());
        self
    }

    /// The network that the programs run in, if that is not the one of the tests.
    pub(crate) fn network(&self) -> Option<&Nowhere> {
        self.network.as_ref()
    }

    /// Who the programs run as, if that is not who runs the tests.
    pub(crate) fn owner(&self) -> Option<&'static Person> {
        self.owner
    }

    /// Gives a file or folder to whom the programs run as.
    pub fn give_to_owner(&self, path: &Utf8Path) {
        if let Some(owner) = self.owner {
            owner.own(path);
        }
    }

    /// What `KILN_HOME` is set to.
    pub fn root(&self) -> Utf8PathBuf {
        self.path().join("home")
    }

    /// Where the programs run, and where the test puts its recipes and labs.
    pub fn work(&self) -> Utf8PathBuf {
        self.path().join("work")
    }

    /// Writes a file into the work folder and returns its path as an argument.
    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.work().join(name);
        fs::write(&path, content).unwrap();
        path.into_string()
    }

    fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).unwrap()
    }
}

impl Drop for TestHome {
    /// Ends the labs that a test has left, also one that failed. Nothing is asserted: the test has said what it had to.
    fn drop(&mut self) {
        for lab in fs::read_dir(self.root().join("labs")).into_iter().flatten().flatten() {
            let words = [OsString::from("destroy"), "--yes".into(), "--quiet".into(), lab.file_name()];
            let destroyed = clone(self, words).finish();
            if destroyed.code() != Some(0) {
                eprintln!("destroying what a test left: {}", destroyed.stderr());
            }
        }
        // What that could not end.
        processes(self).iter().for_each(Process::kill);
    }
}
