//! Where an artifact is made: a tree of packages, in which the recipe's script runs.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tool::{Error, Invocation};

use super::Artifact;
use crate::debian::{self, Apt, Kind, Mmdebstrap, NoSuite};
use crate::links::copy_followed;
use crate::recipe::Tree;

/// What unpacks source packages.
const UNPACKER: &str = "dpkg-dev";

/// All of Kubernetes takes six minutes on two cores; the time is for slow machines and larger things.
const TIME_LIMIT: Duration = Duration::from_secs(3 * 60 * 60);

/// Runs a script in a tree. The environment and the network are not those of the host, so that the result depends on
/// nothing that is not in the artifact's key; what is left in /out is given to the host's user.
const ENTER: &str = "mount --rbind /dev \"$1/dev\" && mount -t proc proc \"$1/proc\" && \
     env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
     chroot \"$1\" sh -c 'cd /src && exec \"$0\"' \"$2\" && chown -hR 0:0 \"$1/out\"";

/// Why an artifact could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// A program failed: the script, or one that makes its tree.
    #[error(transparent)]
    Tool(#[from] Error),
    /// The apt of this machine does not know the release.
    #[error(transparent)]
    NoSuite(#[from] NoSuite),
    /// The tree could not be furnished.
    #[error("copying {path} into the tree")]
    Furnish {
        /// What was copied.
        path: Utf8PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The script ended well and made nothing.
    #[error("the script left nothing in /out")]
    Nothing,
}

/// The tree of one artifact.
#[derive(Debug, Clone)]
pub struct Workshop<'a> {
    artifact: &'a Artifact,
    folder: &'a Utf8Path,
    tree: Utf8PathBuf,
    log: &'a Utf8Path,
}

impl<'a> Workshop<'a> {
    /// A tree for `artifact` in `folder`, an empty folder on a disk with room. Everything that is said goes to `log`.
    pub fn new(artifact: &'a Artifact, folder: &'a Utf8Path, log: &'a Utf8Path) -> Self {
        Self { artifact, folder, tree: folder.join("tree"), log }
    }

    /// What the script leaves.
    pub fn out(&self) -> Utf8PathBuf {
        self.tree.join("out")
    }

    /// Makes the tree, and copies the script and what it reads into it. `on_line` hears every line that is said.
    ///
    /// # Errors
    /// When a program is missing or fails, or something cannot be copied.
    pub async fn furnish(&self, on_line: impl FnMut(&str)) -> Result<(), ArtifactError> {
        let apt = Apt::of_this_machine().await?;
        let sources = sources(&apt, &self.artifact.tree)?;
        self.mmdebstrap(&options(&self.artifact.tree)).run(&apt, &sources, on_line).await?;
        self.copy_files()
    }

    /// Runs the copy of the script in the tree. `on_line` hears every line that is said.
    ///
    /// # Errors
    /// When a program is missing or fails, or the script makes nothing.
    pub async fn run(&self, on_line: impl FnMut(&str)) -> Result<(), ArtifactError> {
        self.script()?.time_limit(TIME_LIMIT).stream(on_line).await?;
        let left = self.out().read_dir_utf8().map(|mut left| left.next().is_some());
        if left.unwrap_or(false) { Ok(()) } else { Err(ArtifactError::Nothing) }
    }

    /// The commands of [`Workshop::furnish`] and [`Workshop::run`], to be shown. The package sources are given to mmdebstrap
    /// as its standard input.
    ///
    /// # Errors
    /// When a program is missing.
    pub async fn commands(&self) -> Result<[String; 2], Error> {
        let apt = Apt::of_this_machine().await?;
        let tree = self.mmdebstrap(&options(&self.artifact.tree)).command(&apt)?;
        Ok([tree.command_line(), self.script()?.command_line()])
    }

    /// Removes the tree, of which parts belong to users of the user namespace.
    ///
    /// # Errors
    /// When something stays.
    pub async fn remove(&self) -> Result<(), Error> {
        debian::remove("removing the tree of the artifact", &self.tree, self.log).await
    }

    fn mmdebstrap<'b>(&'b self, options: &'b [String]) -> Mmdebstrap<'b> {
        let suite = self.artifact.tree.suite.as_str();
        let step = "making a tree of Debian packages";
        Mmdebstrap { step, suite, options, tree: &self.tree, folder: self.folder, log: self.log }
    }

    /// Puts the script and its files into the tree, which belongs to us: we are its root.
    fn copy_files(&self) -> Result<(), ArtifactError> {
        let recipe = self.tree.join("recipe");
        for folder in [&recipe, &self.tree.join("src"), &self.out()] {
            fs::create_dir_all(folder).map_err(|source| ArtifactError::Furnish { path: folder.clone(), source })?;
        }
        let place = |path: &Utf8Path| recipe.join(path.file_name().unwrap_or_default());
        for path in self.artifact.paths() {
            let whole = self.artifact.folder.join(path);
            copy_followed(&whole, &place(path)).map_err(|source| ArtifactError::Furnish { path: whole, source })?;
        }
        let script = place(&self.artifact.script);
        fs::set_permissions(&script, Permissions::from_mode(0o755))
            .map_err(|source| ArtifactError::Furnish { path: script, source })
    }

    fn script(&self) -> Result<Invocation, Error> {
        let script = Utf8Path::new("/recipe").join(self.artifact.script.file_name().unwrap_or_default());
        let step = format!("running {}", self.artifact.folder.join(&self.artifact.script));
        let command = debian::unshare(&step, self.folder, self.log)?;
        Ok(command.args(["--net", "--", "sh", "-c", ENTER, "sh", self.tree.as_str(), script.as_str()]))
    }
}

/// The lines of sources.list(5).
fn sources(apt: &Apt, tree: &Tree) -> Result<Vec<String>, NoSuite> {
    let mut lines = apt.lines(tree.suite.as_str(), Kind::Binary)?;
    if !tree.sources.is_empty() {
        lines.extend(apt.lines(tree.suite.as_str(), Kind::Source)?);
    }
    Ok(lines)
}

fn options(tree: &Tree) -> Vec<String> {
    let unpacker = (!tree.sources.is_empty()).then_some(UNPACKER);
    let packages: Vec<_> = tree.packages.iter().map(|package| package.as_str()).chain(unpacker).collect();
    let mut options = Mmdebstrap::options(&packages);
    options.extend(tree.sources.iter().map(|name| format!("--customize-hook={}", unpack(name.as_str()))));
    options
}

/// A hook of mmdebstrap, which gives it to a shell with the tree as `$1`. The name is one that needs no quotes. apt has
/// verified what it fetches; it does not unpack it itself because it would put the version into the folder's name.
fn unpack(name: &str) -> String {
    let fetched = format!("/src/{name}.packed");
    format!(
        "mkdir -p \"$1\"{fetched} && chroot \"$1\" sh -c 'cd {fetched} && \
         apt-get --quiet --only-source --download-only source {name} && \
         dpkg-source --no-copy --extract *.dsc /src/{name}' && rm -r \"$1\"{fetched}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_packages_bring_what_unpacks_them() {
        let text = "{suite: bookworm, packages: [gcc], sources: [hello]}";
        let tree = kiln_document::read::<Tree>("x.yaml", text).unwrap().value;
        let options = options(&tree);
        assert!(options.contains(&"--include=gcc,dpkg-dev".to_owned()), "{options:?}");
        let hook = options.last().unwrap();
        assert!(hook.starts_with("--customize-hook=mkdir") && hook.contains("source hello"), "{hook}");
        let apt = Apt::from_lines("bookworm", "[signed-by=x] http://mirror/ bookworm main");
        let lines = sources(&apt, &tree).unwrap();
        let expected = ["deb", "deb-src"].map(|word| format!("{word} [signed-by=x] http://mirror/ bookworm main"));
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_tree_of_nothing_has_no_empty_option() {
        let tree = kiln_document::read::<Tree>("x.yaml", "{suite: bookworm}").unwrap().value;
        assert!(!options(&tree).iter().any(|option| option.starts_with("--include")));
    }
}
