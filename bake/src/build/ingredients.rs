//! What a layer is made of, the key that follows from it, and why a layer has to be built again.
//!
//! A layer's key is the SHA-256 digest of its [`Ingredients`] as JSON: the key of the layer below, its steps, and the
//! bytes and modes of every file the steps read. The ingredients are kept beside the layer (`why.json`), so that a later
//! build can say what changed.

use std::collections::BTreeMap;
use std::io;

use camino::Utf8Path;
use kiln_images::digest::Digest;
use kiln_images::name::Name;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use walkdir::WalkDir;

use super::BuildError;
use crate::links::Links;
use crate::steps::RegistryImage;

/// Goes up when the same ingredients would give another layer: when an action of a step changes.
const FORMAT: u32 = 4;

/// What the names of artifacts begin with. The path of a file that a step reads has no colon in it.
const ARTIFACT: &str = "artifact:";

/// What the names of container images begin with: by their own, they could be what is in a folder that a step reads.
const IMAGE: &str = "image:";

/// What follows the name of an artifact whose links are followed. No name has a slash in it.
const LINKS: &str = "/links";

/// What a layer is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingredients {
    /// The version of this type and of what steps do.
    pub format: u32,
    /// The key of the layer below; none for a base.
    pub parent: Option<Digest>,
    /// Whether it is done in the booted image.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub boot: bool,
    /// Whether its files get their SELinux labels when the appliance has made it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub labels: bool,
    /// What is done, each as the recipe says it.
    pub steps: Vec<Value>,
    /// The files that are read, by the name the recipe gives them, with what they hold.
    pub inputs: BTreeMap<String, String>,
}

impl Ingredients {
    /// Starts a list of ingredients on top of `parent`.
    pub fn new(parent: Option<Digest>, steps: Vec<Value>) -> Self {
        Self { format: FORMAT, parent, boot: false, labels: false, steps, inputs: BTreeMap::new() }
    }

    /// The key of the layer that these make.
    pub fn key(&self) -> Digest {
        // Maps are sorted and the fields have an order: the same ingredients give the same text. It cannot fail, because
        // every key of every map is a string.
        Digest::of_bytes(serde_json::json!(self).to_string().as_bytes())
    }

    /// Adds a file, or a folder with all that is in it: modes, contents, and where links point. A link at `path` itself is
    /// followed, as whoever reads it does, and those below it if `links` says so. What was known of it is forgotten.
    ///
    /// # Errors
    /// When something cannot be read, or is neither a file, a folder nor a link.
    pub fn add_path(&mut self, name: &str, path: &Utf8Path, links: Links) -> io::Result<()> {
        let is_of_it =
            |label: &str| label.strip_prefix(name).is_some_and(|below| below.is_empty() || below.starts_with('/'));
        self.inputs.retain(|label, _| !is_of_it(label));
        for entry in WalkDir::new(path).follow_links(links == Links::Followed).sort_by_file_name() {
            let entry = entry?;
            let below = entry.path().strip_prefix(path).unwrap_or_else(|_| entry.path()).to_string_lossy();
            let label = if below.is_empty() { name.to_owned() } else { format!("{name}/{below}") };
            self.inputs.insert(label, describe(&entry)?);
        }
        Ok(())
    }

    /// Adds a container image, by what it is pinned by.
    pub fn add_image(&mut self, name: &RegistryImage, digest: &Digest) {
        self.add_digest(&format!("{IMAGE}{name}"), digest);
    }

    /// Adds something whose digest is known.
    pub fn add_digest(&mut self, name: &str, digest: &Digest) {
        self.inputs.insert(name.to_owned(), digest.to_string());
    }

    /// Adds that links in an artifact are followed, of which every program is taken. The key of an artifact says nothing of
    /// what is in it, and there were versions that left out what is a link: their layers are other ones. Where programs are
    /// taken by their names, a missing one was found, and no such layer was kept.
    pub fn add_followed(&mut self, artifact: &Name) {
        self.inputs.insert(format!("{ARTIFACT}{artifact}{LINKS}"), "followed".to_owned());
    }

    /// Refuses what was made of these, which `what` names, if they are `now` others.
    ///
    /// # Errors
    /// [`BuildError::Changed`]
    pub fn check_same(&self, now: &Self, what: impl FnOnce() -> String) -> Result<(), BuildError> {
        let changes = now.changes_since(self);
        if changes.is_empty() { Ok(()) } else { Err(BuildError::Changed { what: what(), changes }) }
    }

    /// What differs from `old`, in words: the reasons for building again.
    pub fn changes_since(&self, old: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        if self.format != old.format {
            changes.push("this version of bake carries out its steps differently".to_owned());
        }
        if self.parent != old.parent {
            changes.push("the layer below it changed".to_owned());
        }
        match (old.boot, self.boot) {
            (false, true) => changes.push("it is made in the booted image now".to_owned()),
            (true, false) => changes.push("it is no longer made in the booted image".to_owned()),
            _ => {}
        }
        match (old.labels, self.labels) {
            (false, true) => changes.push("its files get SELinux labels now".to_owned()),
            (true, false) => changes.push("its files get no SELinux labels any more".to_owned()),
            _ => {}
        }
        for number in 0..self.steps.len().max(old.steps.len()) {
            match (old.steps.get(number), self.steps.get(number)) {
                (Some(before), Some(now)) if before != now => {
                    changes.push(format!("step {} was {before}, is now {now}", number + 1));
                }
                (None, Some(now)) => changes.push(format!("step {} is new: {now}", number + 1)),
                (Some(before), None) => changes.push(format!("step {} is gone: {before}", number + 1)),
                _ => {}
            }
        }
        for name in self.inputs.keys().chain(old.inputs.keys().filter(|name| !self.inputs.contains_key(*name))) {
            match (old.inputs.get(name), self.inputs.get(name)) {
                (Some(before), Some(now)) if before != now => changes.push(format!("{name} changed")),
                (None, Some(_)) => changes.push(format!("{name} is new")),
                (Some(_), None) => changes.push(format!("{name} is gone")),
                _ => {}
            }
        }
        changes
    }
}

/// What an artifact is called among the inputs of a layer; its key is what it is listed with.
pub fn artifact(name: &Name) -> String {
    format!("{ARTIFACT}{name}")
}

/// Whether an input of a layer is an artifact.
pub fn is_artifact(name: &str) -> bool {
    name.starts_with(ARTIFACT) && !name.ends_with(LINKS)
}

/// Mode and content of one file, as a text that is equal only for equal files.
fn describe(entry: &walkdir::DirEntry) -> io::Result<String> {
    use std::os::unix::fs::PermissionsExt;
    let invalid = |why| io::Error::new(io::ErrorKind::InvalidInput, format!("{} is {why}", entry.path().display()));
    let metadata = if entry.depth() == 0 { std::fs::metadata(entry.path())? } else { entry.metadata()? };
    let mode = metadata.permissions().mode() & 0o7777;
    let kind = metadata.file_type();
    if kind.is_symlink() {
        return Ok(format!("link to {}", std::fs::read_link(entry.path())?.display()));
    }
    if kind.is_dir() {
        return Ok(format!("{mode:04o} folder"));
    }
    // Whoever opened a named pipe would wait for somebody who writes to it.
    if !kind.is_file() {
        return Err(invalid("a named pipe, a socket or a device"));
    }
    let path = Utf8Path::from_path(entry.path()).ok_or_else(|| invalid("not UTF-8"))?;
    Ok(format!("{mode:04o} {}", Digest::of_file(path).map_err(io::Error::other)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn folder() -> (tempfile::TempDir, camino::Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = camino::Utf8PathBuf::from_path_buf(folder.path().join("tree")).unwrap();
        fs::create_dir_all(path.join("sub")).unwrap();
        fs::write(path.join("sub/a"), "one").unwrap();
        symlink("sub/a", path.join("link")).unwrap();
        (folder, path)
    }

    fn of(path: &Utf8Path) -> Ingredients {
        read(path, Links::Kept).unwrap()
    }

    fn read(path: &Utf8Path, links: Links) -> io::Result<Ingredients> {
        let mut ingredients = Ingredients::new(None, vec![Value::from("x")]);
        ingredients.add_path("tree", path, links).map(|()| ingredients)
    }

    #[test]
    fn every_byte_mode_name_and_link_is_part_of_the_key() {
        let (_folder, path) = folder();
        let before = of(&path);
        assert_eq!(before.key(), of(&path).key());
        let changes: [(&str, &dyn Fn()); 4] = [
            ("tree/sub/a changed", &|| fs::write(path.join("sub/a"), "two").unwrap()),
            ("tree/sub/a changed", &|| {
                fs::set_permissions(path.join("sub/a"), fs::Permissions::from_mode(0o600)).unwrap();
            }),
            ("tree/b is new", &|| fs::write(path.join("b"), "").unwrap()),
            ("tree/link is gone", &|| fs::remove_file(path.join("link")).unwrap()),
        ];
        let mut last = before;
        for (reason, change) in changes {
            change();
            let now = of(&path);
            assert_ne!(now.key(), last.key());
            assert_eq!(now.changes_since(&last), [reason]);
            last = now;
        }
    }

    #[test]
    fn a_link_that_is_followed_is_what_it_leads_to() {
        let (folder, path) = folder();
        let link = Utf8Path::from_path(folder.path()).unwrap().join("app");
        for target in ["tree/sub/a", "tree"] {
            symlink(target, &link).unwrap();
            assert_eq!(of(&link), of(&path.parent().unwrap().join(target)));
            fs::remove_file(&link).unwrap();
        }
        let before = read(&path, Links::Followed).unwrap();
        fs::write(path.join("sub/a"), "two").unwrap();
        let changes = read(&path, Links::Followed).unwrap().changes_since(&before);
        assert_eq!(changes, ["tree/link changed", "tree/sub/a changed"]);
    }

    #[test]
    fn an_image_is_no_part_of_a_folder_of_its_name() {
        let (_folder, path) = folder();
        let mut ingredients = Ingredients::new(None, Vec::new());
        let (name, digest) = ("tree/pause:3.9".parse().unwrap(), Digest::of_bytes(b"an image"));
        ingredients.add_image(&name, &digest);
        ingredients.add_path("tree", &path, Links::Kept).unwrap();
        assert_eq!(ingredients.inputs.get("image:tree/pause:3.9"), Some(&digest.to_string()));
    }

    #[test]
    fn what_is_no_file_is_refused_by_its_name() {
        let (_folder, path) = folder();
        let _socket = std::os::unix::net::UnixListener::bind(path.join("sub/talk")).unwrap();
        let error = read(&path, Links::Kept).unwrap_err().to_string();
        assert!(error.contains("tree/sub/talk is a named pipe, a socket or a device"), "{error}");
    }

    #[test]
    fn a_changed_step_is_shown_before_and_after() {
        let old = Ingredients::new(None, vec![Value::from("a"), Value::from("b")]);
        let new = Ingredients::new(None, vec![Value::from("a"), Value::from("c"), Value::from("d")]);
        let changes = new.changes_since(&old);
        assert_eq!(changes, ["step 2 was \"b\", is now \"c\"", "step 3 is new: \"d\""]);
    }
}
