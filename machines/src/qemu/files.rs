//! The names of what QEMU keeps in the folder of a node; the only place where they live.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

use camino::{Utf8Path, Utf8PathBuf};

use crate::{Error, Machine};

/// The greatest length of a socket's path in bytes: `sun_path` has 108, with the zero at its end (unix(7)).
const SOCKET_PATH_LIMIT: usize = 107;

/// The files of one machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Files<'a> {
    folder: &'a Utf8Path,
}

impl<'a> Files<'a> {
    pub(crate) fn of(machine: &'a Machine) -> Self {
        Self { folder: &machine.folder }
    }

    /// The file QEMU locks for as long as it lives.
    pub(crate) fn pid(self) -> Utf8PathBuf {
        self.folder.join("pid")
    }

    /// The socket of QEMU's monitor.
    pub(crate) fn monitor(self) -> Utf8PathBuf {
        self.folder.join("qmp.sock")
    }

    /// The socket of the agent in the guest.
    pub(crate) fn agent(self) -> Utf8PathBuf {
        self.folder.join("agent.sock")
    }

    /// The socket of the serial console.
    pub(crate) fn console(self) -> Utf8PathBuf {
        self.folder.join("console.sock")
    }

    /// All that the guest wrote to the serial console.
    pub(crate) fn console_log(self) -> Utf8PathBuf {
        self.folder.join("console.log")
    }

    /// All that QEMU itself had to say.
    pub(crate) fn log(self) -> Utf8PathBuf {
        self.folder.join("qemu.log")
    }

    /// Makes the folder ready: private, for QEMU gives its files and sockets whatever mode the umask leaves. Refuses one
    /// whose sockets could not be bound.
    pub(crate) fn prepare(self) -> Result<(), Error> {
        [self.monitor(), self.agent(), self.console()].iter().try_for_each(|path| check_socket_path(path))?;
        make_private(self.folder)
    }
}

/// Makes sure that there is a folder that only its owner may enter.
pub(crate) fn make_private(folder: &Utf8Path) -> Result<(), Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::io("creating", folder))?;
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(Error::io("making private", folder))
}

/// Refuses a path that is too long for a socket.
pub(crate) fn check_socket_path(path: &Utf8Path) -> Result<(), Error> {
    let length = path.as_str().len();
    if length <= SOCKET_PATH_LIMIT {
        return Ok(());
    }
    Err(Error::SocketPath { path: path.to_owned(), length, limit: SOCKET_PATH_LIMIT })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_agrees_on_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(folder.path()).unwrap();
        let padding = |length: usize| base.join("s".repeat(length - base.as_str().len() - 1));
        for (length, fits) in [(SOCKET_PATH_LIMIT, true), (SOCKET_PATH_LIMIT + 1, false)] {
            let path = padding(length);
            assert_eq!(check_socket_path(&path).is_ok(), fits, "{length}");
            assert_eq!(std::os::unix::net::UnixListener::bind(&path).is_ok(), fits, "{length}");
        }
    }

    #[test]
    fn a_long_path_is_refused_with_its_length_and_a_way_out() {
        let text = check_socket_path(Utf8Path::new(&"/x".repeat(60))).unwrap_err().to_string();
        assert!(text.contains("120 bytes") && text.contains("KILN_HOME"), "{text}");
    }
}
