//! A home of one's own for a test.

use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use crate::program::program;

/// A folder that holds the home of Kiln and the files of a test, beside the cache of images so that those can be linked
/// into it. What runs in it is ended when the test ends, well or not.
#[derive(Debug)]
pub struct TestHome {
    folder: TempDir,
}

impl TestHome {
    /// A home with nothing in it. Its path is short, because sockets lie in it.
    pub fn empty() -> Self {
        let parent = crate::cache();
        fs::create_dir_all(&parent).unwrap();
        let home = Self { folder: TempDir::with_prefix_in("t", parent).unwrap() };
        fs::create_dir(home.work()).unwrap();
        home
    }

    /// A home in whose store the image `debian-12` is. It is baked first, if this machine has not done so before.
    pub fn with_debian() -> Self {
        let home = Self::empty();
        crate::debian().link_into(&home);
        home
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
        let Ok(labs) = fs::read_dir(self.root().join("labs")) else { return };
        for lab in labs.flatten() {
            let mut destroy = Command::new(program("clone"));
            destroy.args(["destroy", "--yes", "--quiet"]).arg(lab.file_name()).env("KILN_HOME", self.root());
            if let Err(error) = destroy.output() {
                eprintln!("destroying what a test left: {error}");
            }
        }
    }
}
