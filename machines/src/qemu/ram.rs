//! The memory of a machine as a file without a name (memfd_create(2)): it needs no file system of a certain size, is its
//! owner's alone, and is gone with QEMU, however that ends.
//!
//! QEMU inherits it as its standard input, which it has no other use for: that is the one descriptor whose number is
//! known before QEMU is started.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;

use camino::Utf8PathBuf;
use rustix::fs::{MemfdFlags, memfd_create};

use super::process::Process;

/// The name by which the kernel shows the file.
const NAME: &str = "kiln-ram";

/// Where QEMU finds the file.
pub(super) const PATH_IN_QEMU: &str = "/proc/self/fd/0";

/// How a shell would give QEMU such a file.
pub(super) const REDIRECTION: &str = "0<>/dev/shm/kiln-ram";

/// Makes the file. It is empty; QEMU gives it its length.
pub(super) fn create() -> io::Result<OwnedFd> {
    Ok(memfd_create(NAME, MemfdFlags::CLOEXEC)?)
}

/// Where the kernel shows what a QEMU has inherited.
pub(super) fn path(qemu: &Process) -> Utf8PathBuf {
    format!("/proc/{}/fd/0", qemu.pid()).into()
}

/// Opens the memory of the machine that this QEMU runs; nothing if it was given none, as it is when it maps a saved one.
pub(super) fn open(qemu: &Process) -> io::Result<Option<File>> {
    let path = path(qemu);
    // The kernel shows such a file as `/memfd:NAME (deleted)`.
    let ours = fs::read_link(&path)?.to_string_lossy().starts_with(&format!("/memfd:{NAME} "));
    if ours { File::open(&path).map(Some) } else { Ok(None) }
}
