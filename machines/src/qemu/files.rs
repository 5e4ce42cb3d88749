//! The names of what QEMU keeps in the folder of a node; the only place where they live.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::home::check_socket_path;

use super::agent::line;
use crate::{Error, Machine};

/// The files of one machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Files<'a> {
    folder: &'a Utf8Path,
}

impl<'a> Files<'a> {
    pub(crate) fn of(machine: &'a Machine) -> Self {
        Self::within(&machine.folder)
    }

    /// The files of the machine that has this folder.
    pub(crate) fn within(folder: &'a Utf8Path) -> Self {
        Self { folder }
    }

    /// The file QEMU locks for as long as it lives.
    pub(crate) fn pid(self) -> Utf8PathBuf {
        self.folder.join("pid")
    }

    /// The socket of QEMU's monitor.
    pub(crate) fn monitor(self) -> Utf8PathBuf {
        self.folder.join("qmp.sock")
    }

    /// The line to the agent in the guest: the name that its two pipes have in common.
    pub(crate) fn agent(self) -> Utf8PathBuf {
        self.folder.join("agent")
    }

    /// The socket of the serial console.
    pub(crate) fn console(self) -> Utf8PathBuf {
        self.folder.join("console.sock")
    }

    /// The socket of the VNC server that shows the screen.
    pub(crate) fn screen(self) -> Utf8PathBuf {
        self.folder.join("vnc.sock")
    }

    /// All that the guest wrote to the serial console.
    pub(crate) fn console_log(self) -> Utf8PathBuf {
        self.folder.join("console.log")
    }

    /// All that QEMU itself had to say.
    pub(crate) fn log(self) -> Utf8PathBuf {
        self.folder.join("qemu.log")
    }

    /// Refuses a folder whose sockets could not be bound.
    pub(crate) fn check_sockets(self) -> Result<(), Error> {
        let sockets = [self.monitor(), self.console(), self.screen()];
        Ok(sockets.iter().try_for_each(|path| check_socket_path(path))?)
    }

    /// Makes the folder ready: private, for QEMU gives its files and sockets whatever mode the umask leaves.
    pub(crate) fn prepare(self) -> Result<(), Error> {
        self.check_sockets()?;
        make_private(self.folder)?;
        let line = self.agent();
        line::make(&line).map_err(Error::io("making the pipes", line))
    }
}

/// Makes sure that there is a folder that only its owner may enter.
pub(crate) fn make_private(folder: &Utf8Path) -> Result<(), Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::io("creating", folder))?;
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(Error::io("making private", folder))
}
