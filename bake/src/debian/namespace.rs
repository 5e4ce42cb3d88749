//! Being root without being it: a user namespace with the user's subordinate ids (subuid(5)).

use camino::Utf8Path;
use kiln_tool::{Error, Invocation, Program};

/// A command that believes to be root, with its temporary files in `folder`.
///
/// # Errors
/// When util-linux is missing.
pub fn as_root(step: &str, program: &str, folder: &Utf8Path, log: &Utf8Path) -> Result<Invocation, Error> {
    Ok(unshare(step, folder, log)?.args(["--", program]))
}

/// `unshare` as far as that it makes its command root; what else it is to be kept from can be added. The mount and
/// process namespaces keep what the command mounts and starts from outliving it.
///
/// # Errors
/// As [`as_root`].
pub fn unshare(step: &str, folder: &Utf8Path, log: &Utf8Path) -> Result<Invocation, Error> {
    let mut command = Program::new("unshare", "util-linux").find()?.invoke(step).log(log);
    if !rustix::process::geteuid().is_root() {
        command = command.args(["--map-auto", "--map-root-user"]);
    }
    command = command.args(["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]);
    // sbin is not on the PATH of an ordinary user; the temporary files belong to us.
    Ok(command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("TMPDIR", folder).env("LC_ALL", "C"))
}

/// Removes a folder in which files may belong to users that exist only in the user namespace.
///
/// # Errors
/// When something stays.
pub async fn remove(step: &str, path: &Utf8Path, log: &Utf8Path) -> Result<(), Error> {
    as_root(step, "rm", path.parent().unwrap_or(path), log)?.arg("-rf").arg(path).run().await
}
