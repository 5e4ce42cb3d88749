//! mmdebstrap: packages unpacked and configured in a folder.

use std::time::Duration;

use camino::Utf8Path;
use kiln_tool::{Error, Invocation, Program};

use super::{Apt, as_root};

const MMDEBSTRAP: Program = Program::new("mmdebstrap", "mmdebstrap");

/// Unpacking takes a minute; the time is for slow mirrors.
const TIME_LIMIT: Duration = Duration::from_secs(40 * 60);

/// How every tree is made, besides its packages and hooks.
const OPTIONS: [&str; 10] = [
    // The namespace made us root. Its /sys cannot be mounted by an ordinary user, and nothing needs it.
    "--mode=root",
    "--skip=chroot/mount/sys,cleanup/reproducible",
    "--format=directory",
    "--variant=minbase",
    "--aptopt=Acquire::Languages \"none\"",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=force-confold",
    // What is synced is the finished thing, not each file of it.
    "--dpkgopt=force-unsafe-io",
];

/// One run.
#[derive(Debug, Clone, Copy)]
pub struct Mmdebstrap<'a> {
    /// What it is for, in words.
    pub step: &'a str,
    /// The release.
    pub suite: &'a str,
    /// The options that differ from tree to tree: [`Mmdebstrap::options`] with hooks after them.
    pub options: &'a [String],
    /// The folder that is made.
    pub tree: &'a Utf8Path,
    /// Where temporary files go.
    pub folder: &'a Utf8Path,
    /// Where everything that is said goes.
    pub log: &'a Utf8Path,
}

impl Mmdebstrap<'_> {
    /// The options of a tree with these packages.
    pub fn options(packages: &[&str]) -> Vec<String> {
        // mmdebstrap refuses an empty list.
        let include = (!packages.is_empty()).then(|| format!("--include={}", packages.join(",")));
        OPTIONS.into_iter().map(str::to_owned).chain(include).collect()
    }

    /// The command. It reads the lines of sources.list(5) from its standard input.
    ///
    /// # Errors
    /// When a program is missing.
    pub fn command(self, apt: &Apt) -> Result<Invocation, Error> {
        let settings = apt.settings().iter().map(|setting| format!("--aptopt={setting}"));
        let command = as_root(self.step, MMDEBSTRAP, self.folder, self.log)?;
        Ok(command.args(settings).args(self.options).args([self.suite, self.tree.as_str(), "-"]))
    }

    /// Makes the tree from `sources`. `on_line` hears every line that is said.
    ///
    /// # Errors
    /// When a program is missing or fails.
    pub async fn run(self, apt: &Apt, sources: &[String], on_line: impl FnMut(&str)) -> Result<(), Error> {
        let mut list = sources.join("\n");
        list.push('\n');
        self.command(apt)?.stdin(list).time_limit(TIME_LIMIT).stream(on_line).await
    }
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::assert_explains;

    use super::*;
    use crate::debian::as_oneself;

    #[tokio::test]
    async fn a_tree_that_cannot_be_made_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let (tree, log, apt) = (root.join("tree"), root.join("log"), Apt::from_lines("bookworm", ""));
        let (step, suite, options) = ("building Debian from packages", "bookworm", []);
        let making = Mmdebstrap { step, suite, options: &options, tree: &tree, folder: root, log: &log };
        let _unshare = as_oneself();
        let make = async || making.run(&apt, &[], |_| ()).await;
        assert_explains(("mmdebstrap", "mmdebstrap"), &[step, tree.as_str(), log.as_str()], make).await;
    }
}
