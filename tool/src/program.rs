//! Finding programs: on PATH, or where an environment variable says.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::{Error, Invocation};

/// An external program that Kiln runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// The name it has on PATH, such as `qemu-img`.
    pub name: &'static str,
    /// The Debian package that installs it, for the error that says it is missing.
    pub package: &'static str,
}

impl Program {
    /// Describes a program by its `name` on PATH and the Debian `package` that holds it.
    pub const fn new(name: &'static str, package: &'static str) -> Self {
        Self { name, package }
    }

    /// The environment variable that overrides where the program is: `KILN_QEMU_IMG` for `qemu-img`.
    pub fn variable(&self) -> String {
        let upper = self.name.to_ascii_uppercase();
        format!("KILN_{}", upper.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
    }

    /// Finds the program.
    ///
    /// # Errors
    /// [`Error::Missing`] with the name of the package, where neither [`Program::variable`] nor PATH leads to an
    /// executable file.
    pub fn find(&self) -> Result<Tool, Error> {
        let path = match self.given() {
            Some(given) => Some(given).filter(|path| is_executable(path)),
            None => search(self.name, env::var_os("PATH").as_deref()),
        };
        match path {
            Some(path) => Ok(Tool { program: *self, path }),
            None => Err(Error::Missing { program: *self }),
        }
    }

    /// Where [`Program::variable`] says that the program is.
    fn given(&self) -> Option<PathBuf> {
        #[cfg(any(test, feature = "testing"))]
        if let Some(fake) = crate::testing::fake(self.name) {
            return Some(fake);
        }
        env::var_os(self.variable()).map(PathBuf::from)
    }

    /// Checks that the version `found` is `minimum` or later. Versions are compared number by number; what follows a
    /// number that is not a dot ends the comparison (`10.0.2-rc1` is 10.0.2).
    ///
    /// # Errors
    /// [`Error::TooOld`], which says what the newer version is needed for.
    pub fn require(&self, found: &str, minimum: &str, why: &'static str) -> Result<(), Error> {
        if numbers(found) >= numbers(minimum) {
            return Ok(());
        }
        Err(Error::TooOld { program: *self, found: found.to_owned(), minimum: minimum.to_owned(), why })
    }
}

/// The numbers of a version, up to the first part that is none.
fn numbers(version: &str) -> Vec<u32> {
    let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    version.split('.').map_while(digits).collect()
}

/// A program that was found.
#[derive(Debug, Clone)]
pub struct Tool {
    program: Program,
    path: PathBuf,
}

impl Tool {
    /// The file that will be executed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which program this is.
    pub fn program(&self) -> Program {
        self.program
    }

    /// Begins one run of the program. `step` says in words what the run is for ("creating the overlay of node1");
    /// it opens the message of every error.
    pub fn invoke(&self, step: impl Into<String>) -> Invocation {
        Invocation::new(self, step.into())
    }
}

/// The first executable file called `name` in the folders of `path`. Debian keeps some programs (`mke2fs`, `sfdisk`)
/// in the sbin folders, which an ordinary user's PATH does not have: they are looked at last.
fn search(name: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    path.map(|path| env::split_paths(path).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .filter(|folder| folder.is_absolute())
        .chain(system)
        .map(|folder| folder.join(name))
        .find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_the_name_in_capitals() {
        assert_eq!(Program::new("qemu-system-x86_64", "qemu-system-x86").variable(), "KILN_QEMU_SYSTEM_X86_64");
    }

    #[test]
    fn a_missing_program_names_its_package_and_its_variable() {
        let error = Program::new("kiln-no-such-program", "kiln-no-such-package").find().unwrap_err();
        let text = error.to_string();
        assert!(text.contains("kiln-no-such-package") && text.contains("KILN_KILN_NO_SUCH_PROGRAM"), "{text}");
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let program = Program::new("qemu-system-x86_64", "qemu-system-x86");
        for (found, minimum, enough) in
            [("10.0.2", "7.1", true), ("7.1", "7.1.0", false), ("7.2.0", "7.10", false), ("8.0.0-rc1", "8", true)]
        {
            assert_eq!(program.require(found, minimum, "tests").is_ok(), enough, "{found} against {minimum}");
        }
        let text = program.require("5.2.0", "7.1", "screenshots").unwrap_err().to_string();
        assert!(
            text.contains("version 5.2.0") && text.contains("7.1 or later") && text.contains("screenshots"),
            "{text}"
        );
    }

    #[test]
    fn relative_path_entries_are_not_searched() {
        assert_eq!(search("Cargo.toml", Some(OsStr::new(".:"))), None);
        assert!(search("sh", Some(OsStr::new("/usr/bin:/bin"))).is_some());
    }
}
