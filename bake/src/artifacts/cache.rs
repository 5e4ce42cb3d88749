//! The artifacts of a home: `artifacts/<key>/content` with `why.json` beside it.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use camino::Utf8Path;
use kiln_images::digest::Digest;
use kiln_images::durable;
use kiln_images::home::Home;
use walkdir::WalkDir;

use super::Artifact;
use crate::build::BuildError;
use crate::build::ingredients;
use crate::build::layers::{Layers, NOTE, Why, settle};

/// The artifacts of a home.
#[derive(Debug, Clone)]
pub struct Artifacts<'a> {
    home: &'a Home,
}

impl<'a> Artifacts<'a> {
    /// The artifacts of `home`.
    pub fn new(home: &'a Home) -> Self {
        Self { home }
    }

    /// What is known about how an artifact was made.
    pub fn why(&self, key: &Digest) -> Option<Why> {
        durable::load(&self.home.artifact(key).join(NOTE)).ok()
    }

    /// Takes what a script left in the folder `out` for the content of an artifact. `folder` is an empty folder of the
    /// home's scratch.
    ///
    /// # Errors
    /// When it cannot be moved there.
    pub fn keep(
        &self,
        artifact: &Artifact,
        out: &Utf8Path,
        folder: &Utf8Path,
        took: Duration,
    ) -> Result<(), BuildError> {
        let fail = |source: io::Error| BuildError::File { path: out.to_owned(), source };
        protect(out).map_err(fail)?;
        fs::rename(out, folder.join("content")).map_err(fail)?;
        let why =
            Why { ingredients: artifact.ingredients.clone(), container_images: Vec::new(), seconds: took.as_secs() };
        durable::save(&folder.join(NOTE), &why)?;
        // One that another build has made in the meantime is as good.
        settle(folder, &self.home.artifact(&artifact.key), "content").map(drop)
    }

    /// The keys of the artifacts that a layer was made with, as the names of their folders.
    pub fn of_layer(&self, layer: &str) -> BTreeSet<String> {
        let why = layer.parse().ok().and_then(|key| Layers::new(self.home).why(&key));
        let inputs = why.map(|why| why.ingredients.inputs).unwrap_or_default();
        let keys =
            inputs.iter().filter(|(name, _)| ingredients::is_artifact(name)).map(|(_, key)| key.parse::<Digest>());
        keys.flatten().map(|key| key.hex()).collect()
    }
}

/// Syncs everything in a folder. Its files become read-only; folders stay as they are for whoever removes them. What is neither
/// a file, a folder nor a link is refused: whoever opened a named pipe would wait for somebody who writes to it.
fn protect(folder: &Utf8Path) -> io::Result<()> {
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        let kind = entry.file_type();
        if kind.is_symlink() {
            continue;
        }
        let mode = match entry.metadata()?.permissions().mode() {
            _ if kind.is_dir() => 0o755,
            _ if !kind.is_file() => {
                let why = format!("{} is a named pipe, a socket or a device", entry.path().display());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
            }
            mode if mode & 0o111 != 0 => 0o555,
            _ => 0o444,
        };
        fs::set_permissions(entry.path(), Permissions::from_mode(mode))?;
        File::open(entry.path())?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;
    use kiln_images::scratch::Scratch;

    use super::*;
    use crate::build::ingredients::Ingredients;
    use crate::recipe;

    /// A home, and an artifact of a recipe beside it.
    fn case() -> (tempfile::TempDir, Home, Artifact) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        let home = Home::new(path.join("home")).unwrap();
        fs::write(path.join("build.sh"), "true\n").unwrap();
        let text = "{name: tools, debootstrap: {suite: bookworm}, script: build.sh}";
        let declared = kiln_document::read::<recipe::Artifact>("x.yaml", text).unwrap().value;
        let artifact = Artifact::plan(&declared, &path, &home).unwrap();
        (folder, home, artifact)
    }

    #[test]
    fn what_is_kept_is_whole_and_read_only() {
        let (_folder, home, artifact) = case();
        for content in ["first", "second, by another build at the same time"] {
            let scratch = Scratch::new(&home).unwrap();
            let (out, made) = (scratch.path().join("out"), scratch.path().join("made"));
            fs::create_dir_all(out.join("bin")).unwrap();
            fs::create_dir(&made).unwrap();
            fs::write(out.join("bin/tool"), content).unwrap();
            fs::set_permissions(out.join("bin/tool"), Permissions::from_mode(0o4711)).unwrap();
            Artifacts::new(&home).keep(&artifact, &out, &made, Duration::from_secs(7)).unwrap();
        }
        let tool = artifact.content.join("bin/tool");
        assert_eq!(fs::read(&tool).unwrap(), b"first");
        assert_eq!(fs::metadata(&tool).unwrap().permissions().mode() & 0o7777, 0o555);
        let why = Artifacts::new(&home).why(&artifact.key).unwrap();
        assert_eq!((why.ingredients, why.seconds), (artifact.ingredients, 7));
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let error = protect(Utf8Path::from_path(folder.path()).unwrap()).unwrap_err().to_string();
        assert!(error.contains("pipe is a named pipe"), "{error}");
    }

    #[test]
    fn a_layer_knows_its_artifacts() {
        let (_folder, home, artifact) = case();
        let mut made_of = Ingredients::new(None, Vec::new());
        made_of.add_digest(&ingredients::artifact(&artifact.name), &artifact.key);
        made_of.add_digest("base", &Digest::of_bytes(b"base"));
        Layers::new(&home).remember(&made_of.key(), &made_of, Duration::ZERO).unwrap();
        let keys = Artifacts::new(&home).of_layer(&made_of.key().hex());
        assert_eq!(keys, BTreeSet::from([artifact.key.hex()]));
        assert_eq!(Artifacts::new(&home).of_layer("not a key"), BTreeSet::new());
    }
}
