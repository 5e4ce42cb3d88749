//! Being root without being it: a user namespace with the user's subordinate ids (subuid(5)).

use std::fs;

use camino::Utf8Path;
use kiln_images::blocking;
use kiln_tool::{Error, Invocation, Program};

const UNSHARE: Program = Program::new("unshare", "util-linux");

/// What can remove what is not ours.
const RM: Program = Program::new("rm", "coreutils");

/// A command that believes to be root, with its temporary files in `folder`.
///
/// # Errors
/// When the program or util-linux is missing.
pub fn as_root(step: &str, program: Program, folder: &Utf8Path, log: &Utf8Path) -> Result<Invocation, Error> {
    let tool = program.find()?;
    Ok(unshare(step, folder, log)?.arg("--").arg(tool.path()))
}

/// `unshare` as far as that it makes its command root; what else it is to be kept from can be added. The mount and
/// process namespaces keep what the command mounts and starts from outliving it.
///
/// # Errors
/// As [`as_root`].
pub fn unshare(step: &str, folder: &Utf8Path, log: &Utf8Path) -> Result<Invocation, Error> {
    let mut command = UNSHARE.find()?.invoke(step).log(log);
    if !rustix::process::geteuid().is_root() {
        command = command.args(["--map-auto", "--map-root-user"]);
    }
    command = command.args(["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]);
    // sbin is not on the PATH of an ordinary user; the temporary files belong to us.
    Ok(command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("TMPDIR", folder).env("LC_ALL", "C"))
}

/// Removes a folder in which files may belong to users that exist only in the user namespace. What is all ours needs none:
/// there are hosts that have no such namespaces.
///
/// # Errors
/// When something stays.
pub async fn remove(step: &str, path: &Utf8Path, log: &Utf8Path) -> Result<(), Error> {
    let ours = path.to_owned();
    if blocking(move || fs::remove_dir_all(ours)).await.is_ok() {
        return Ok(());
    }
    as_root(step, RM, path.parent().unwrap_or(path), log)?.arg("-rf").arg(path).run().await
}

#[cfg(test)]
pub(super) mod tests {
    use kiln_tool::testing::{Fake, assert_explains};

    use super::*;

    /// Lets commands run that are to believe they are root, as who they are.
    pub(crate) fn as_oneself() -> Fake {
        Fake::new("unshare", "while [ \"$1\" != -- ]; do shift; done; shift; exec \"$@\"")
    }

    #[tokio::test]
    async fn what_is_ours_needs_no_namespace() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let tree = root.join("tree");
        let _unshare = Fake::new("unshare", "echo 'unshare failed: Operation not permitted' >&2; exit 1");
        fs::create_dir_all(tree.join("sub")).unwrap();
        remove("removing the tree of x", &tree, &root.join("log")).await.unwrap();
        assert!(!tree.exists());
    }

    #[tokio::test]
    async fn what_cannot_be_done_as_root_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let (tree, log) = (root.join("tree"), root.join("log"));
        let doing = ["removing the tree of x", tree.as_str(), log.as_str()];
        let removing = async || remove("removing the tree of x", &tree, &log).await;
        assert_explains(("unshare", "util-linux"), &doing, removing).await;
        let _unshare = as_oneself();
        assert_explains(("rm", "coreutils"), &doing, removing).await;
    }
}
