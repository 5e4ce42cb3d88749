//! Who stands on what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use camino::Utf8Path;

use crate::FileError;
use crate::digest::Digest;
use crate::disks::{self, Disk};
use crate::home::Home;

/// Whose disk stands on an image or a layer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum User {
    /// A lab, by its name.
    Lab(String),
    /// A cached layer, by its key.
    Layer(String),
}

/// Which images and layers are the backing files of which labs' and layers' disks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct References {
    /// The users of each image.
    pub images: BTreeMap<Digest, BTreeSet<User>>,
    /// The users of each layer, by the layer's key.
    pub layers: BTreeMap<String, BTreeSet<User>>,
}

impl References {
    /// Reads the header of every `*.qcow2` under the home's `labs/` and `layers/`.
    ///
    /// # Errors
    /// [`FileError`] when a folder or a header cannot be read. Then nothing may be removed, as nobody knows who needs it.
    pub fn read(home: &Home) -> Result<Self, FileError> {
        let mut references = Self::default();
        references.read_folder(&home.labs(), User::Lab)?;
        references.read_folder(&home.layers(), User::Layer)?;
        Ok(references)
    }

    /// The users of an image.
    pub fn of_image(&self, digest: &Digest) -> Vec<User> {
        self.images.get(digest).into_iter().flatten().cloned().collect()
    }

    /// Reads the headers of the layers alone. One that cannot be read stands on nothing that is known; QEMU cannot use it
    /// either.
    ///
    /// # Errors
    /// [`FileError`] when a folder cannot be read.
    pub fn of_layers(home: &Home) -> Result<Self, FileError> {
        let mut references = Self::default();
        for Disk { owner, backing, .. } in disks::of_all_in(&home.layers())? {
            references.add(User::Layer(owner), backing.ok().flatten().as_deref());
        }
        Ok(references)
    }

    /// The layers that stand on a layer, by key, and those that stand on them: each before what it stands on.
    pub fn layers_above(&self, key: &str) -> Vec<String> {
        let (mut found, mut next) = (vec![key.to_owned()], 0);
        while let Some(below) = found.get(next) {
            for user in self.layers.get(below).cloned().unwrap_or_default() {
                if let User::Layer(layer) = user
                    && !found.contains(&layer)
                {
                    found.push(layer);
                }
            }
            next += 1;
        }
        found.into_iter().skip(1).rev().collect()
    }

    fn read_folder(&mut self, folder: &Utf8Path, user: fn(String) -> User) -> Result<(), FileError> {
        for Disk { owner, backing, .. } in disks::of_all_in(folder)? {
            self.add(user(owner), backing?.as_deref());
        }
        Ok(())
    }

    fn add(&mut self, user: User, backing: Option<&Utf8Path>) {
        match backing.and_then(target) {
            Some(Target::Image(digest)) => self.images.entry(digest).or_default().insert(user),
            Some(Target::Layer(key)) => self.layers.entry(key).or_default().insert(user),
            None => false,
        };
    }
}

enum Target {
    Image(Digest),
    Layer(String),
}

/// What a backing file is, by the last parts of its path. The home's own path is not looked at: it may have been moved
/// or mounted elsewhere, and taking a stranger for ours only keeps an image that could have gone.
fn target(backing: &Utf8Path) -> Option<Target> {
    let mut parts = Vec::new();
    for part in backing {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    match parts[..] {
        [.., "images", digest, "disk.qcow2"] => digest.parse().ok().map(Target::Image),
        [.., "layers", key, "disk.qcow2"] => Some(Target::Layer(key.to_owned())),
        _ => None,
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lab(name) => write!(f, "lab {name}"),
            Self::Layer(key) => write!(f, "layer {}", key.get(..12).unwrap_or(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8PathBuf;

    use super::*;
    use crate::header::tests::header;

    fn put(path: &Utf8PathBuf, backing: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, header(backing, 0, 0)).unwrap();
    }

    #[test]
    fn references_are_read_from_headers() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(folder.path()).unwrap().join("home")).unwrap();
        let digest = Digest::of_bytes(b"image");
        let image = format!("/elsewhere/images/{}/disk.qcow2", digest.hex());
        put(&home.labs().join("one/nodes/a/disk.qcow2"), &image);
        put(&home.labs().join("one/nodes/b/disk.qcow2"), &image);
        put(&home.labs().join("two/checkpoints/ready/a.qcow2"), &image);
        put(&home.labs().join("three/nodes/a/disk.qcow2"), "/srv/other/disk.qcow2");
        put(&home.labs().join("three/nodes/a/notes.txt"), &image);
        put(&home.layers().join("k2/disk.qcow2"), "../k1/disk.qcow2");
        put(&home.layers().join("k1/disk.qcow2"), "");
        fs::write(home.labs().join("three/empty.qcow2"), "").unwrap();
        let references = References::read(&home).unwrap();
        let shown: Vec<_> = references.of_image(&digest).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["lab one", "lab two"]);
        let layer = ("k1".to_owned(), BTreeSet::from([User::Layer("k2".to_owned())]));
        assert_eq!(references.layers, BTreeMap::from([layer]));
    }

    #[test]
    fn what_stands_on_a_layer_comes_before_what_it_stands_on() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(folder.path()).unwrap().join("home")).unwrap();
        for (key, below) in [("top", "b"), ("b", "a"), ("c", "a"), ("other", "")] {
            let backing = if below.is_empty() { String::new() } else { format!("/moved/layers/{below}/disk.qcow2") };
            put(&home.layers().join(key).join("disk.qcow2"), &backing);
        }
        fs::create_dir(home.layers().join("half")).unwrap();
        fs::write(home.layers().join("half/disk.qcow2"), &header("/x", 0, 0)[..50]).unwrap();
        let references = References::of_layers(&home).unwrap();
        assert_eq!(references.layers_above("a"), ["top", "c", "b"]);
        assert_eq!(references.layers_above("other"), Vec::<String>::new());
    }

    #[test]
    fn a_damaged_header_is_an_error_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(folder.path()).unwrap().join("home")).unwrap();
        let disk = home.labs().join("one/disk.qcow2");
        put(&disk, "/x");
        fs::write(&disk, &header("/x", 0, 0)[..50]).unwrap();
        assert!(References::read(&home).unwrap_err().to_string().contains("one/disk.qcow2"));
    }
}
