//! Whom programs run as. Where the tests run as root, one user is made for them: most users of Kiln are not root.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::geteuid;

use crate::program::program;

/// The user that is made where the tests run as root.
const NAME: &str = "kiln-test";

/// An ordinary user, with a home folder and subordinate ids (subuid(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    name: String,
    uid: u32,
    gid: u32,
    home: Utf8PathBuf,
}

impl Person {
    /// The ordinary user of the tests: none where they run as one themselves, and there is nothing to change.
    ///
    /// # Panics
    /// When there is none and none can be made.
    pub fn ordinary() -> Option<&'static Self> {
        static ORDINARY: OnceLock<Option<Person>> = OnceLock::new();
        ORDINARY.get_or_init(|| geteuid().is_root().then(|| Self::known().unwrap_or_else(Self::make))).as_ref()
    }

    fn known() -> Option<Self> {
        let users = fs::read_to_string("/etc/passwd").unwrap();
        let fields: Vec<_> =
            users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|user| user[0] == NAME)?;
        let id = |field: usize| fields[field].parse().unwrap();
        Some(Self { name: NAME.to_owned(), uid: id(2), gid: id(3), home: fields[5].into() })
    }

    fn make() -> Self {
        // useradd(8) gives a user that is no system user its subordinate ids.
        let mut useradd = Command::new("useradd");
        useradd.args(["--create-home", "--shell", "/bin/sh", "--comment", "runs the tests of Kiln", NAME]);
        let made = useradd.status().unwrap_or_else(|error| panic!("useradd (package passwd): {error}"));
        // Another test may have been faster.
        Self::known().unwrap_or_else(|| panic!("useradd {NAME}: {made}"))
    }

    /// The home folder.
    pub fn home(&self) -> &Utf8Path {
        &self.home
    }

    /// The user id.
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// Gives a file or folder to this user.
    pub fn own(&self, path: &Utf8Path) {
        chown(path, Some(self.uid), Some(self.gid)).unwrap_or_else(|error| panic!("chown {path}: {error}"));
    }

    /// Lets `command` run as this user, in no other group than the user's own.
    pub fn run(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid).env("HOME", &self.home).env("USER", &self.name);
    }

    /// `program`, to be given its arguments, run as somebody who is not the one that runs the tests.
    pub fn stranger(program: &str) -> Command {
        if let Some(person) = Self::ordinary() {
            let mut command = Command::new(program);
            person.run(&mut command);
            return command;
        }
        // One's subordinate ids (subuid(5)) are users of their own: user 1 of such a namespace is one of them here.
        let mut command = Command::new("unshare");
        command.args([
            "--user",
            "--map-auto",
            "--map-root-user",
            "setpriv",
            "--reuid=1",
            "--regid=1",
            "--clear-groups",
        ]);
        command.arg(program);
        command
    }

    /// One of our programs where this user can execute it: the checkout may lie in a folder of root's.
    pub(crate) fn program(&self, name: &str) -> Utf8PathBuf {
        let (built, folder) = (program(name), self.home.join("bin"));
        let copy = folder.join(name);
        let age = |path: &Utf8Path| -> io::Result<_> { fs::metadata(path)?.modified() };
        if age(&copy).is_ok_and(|copied| copied >= age(&built).unwrap()) {
            return copy;
        }
        fs::create_dir_all(&folder).unwrap();
        // Renamed, because a test in another process may be running the older one.
        let half = folder.join(format!(".{name}-{}", std::process::id()));
        fs::copy(&built, &half).unwrap();
        fs::rename(&half, &copy).unwrap();
        copy
    }
}

/// The home folder of whoever bakes the images of the tests.
pub(crate) fn home_folder() -> Option<Utf8PathBuf> {
    match Person::ordinary() {
        Some(person) => Some(person.home.clone()),
        None => env::var("HOME").ok().map(Utf8PathBuf::from),
    }
}
