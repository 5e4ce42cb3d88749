//! The layers that a build has so far, each on the one below it.
//!
//! While a bundle is filled, every layer that fetches something is made, also where the cache has one of its key: what is
//! not fetched is not recorded. The cache keeps the one it has, on which other layers may stand, of this recipe and of
//! others. The new one stays out of it until the image is made, and all that comes above stands on that: the image and the
//! bundle are of the same packages.

use std::fs;
use std::time::Duration;

use camino::{Utf8DirEntry, Utf8Path, Utf8PathBuf};
use kiln_images::manifest::ContainerImage;
use kiln_images::scratch::Scratch;

use super::BuildError;
use super::layers::{Layers, Why};
use super::plan::PlannedLayer;

/// The layers of one build, from the lowest up to the one that was had last.
#[derive(Debug, Default)]
pub(super) struct Stack {
    /// The disk of the uppermost.
    pub disk: Utf8PathBuf,
    /// How long each took when it was made, in seconds.
    pub seconds: Vec<u64>,
    /// The container images that were loaded into them, in that order.
    pub container_images: Vec<ContainerImage>,
    /// Whether what is fetched is recorded.
    record: bool,
    /// The layers that are kept out of the cache, by name, with the folders of their disks.
    apart: Vec<(String, Scratch)>,
}

/// A layer that was made just now.
#[derive(Debug)]
pub(super) struct Made {
    /// The folder of its disk.
    pub folder: Scratch,
    /// Its disk.
    pub disk: Utf8PathBuf,
    /// The container images that were loaded.
    pub container_images: Vec<ContainerImage>,
    /// How long it took.
    pub took: Duration,
}

impl Stack {
    /// One without layers, of a build in which what is fetched is recorded or not.
    pub fn new(record: bool) -> Self {
        Self { record, ..Self::default() }
    }

    /// Puts the layer that the cache has on top. Returns whether there is one that can be used.
    ///
    /// # Errors
    /// [`BuildError::Forgotten`] where nothing tells which container images are in it.
    pub fn take(&mut self, layer: &PlannedLayer, cache: &Layers<'_>) -> Result<bool, BuildError> {
        // What the cache has above a layer stands on the one below it in the cache.
        if !self.apart.is_empty() || self.record && layer.fetches() {
            return Ok(false);
        }
        let Some(disk) = cache.disk(&layer.key) else { return Ok(false) };
        let (seconds, container_images) = match cache.why(&layer.key) {
            Some(why) => (why.seconds, why.container_images),
            None if layer.boot => return Err(BuildError::Forgotten { layer: layer.name.clone(), disk }),
            None => Default::default(),
        };
        self.put(disk, seconds, container_images);
        Ok(true)
    }

    /// Puts a layer on top that was made on the disk of this stack, and keeps it in the cache if that has none of its key.
    ///
    /// # Errors
    /// When it cannot be moved there.
    pub fn keep(&mut self, layer: &PlannedLayer, made: Made, cache: &Layers<'_>) -> Result<(), BuildError> {
        let (seconds, container_images) = (made.took.as_secs(), made.container_images);
        let why = Why { ingredients: layer.ingredients.clone(), seconds, container_images: container_images.clone() };
        let cached = cache.path(&layer.key);
        let kept = if self.apart.is_empty() { cache.keep(&layer.key, &made.disk, &why)? } else { made.disk };
        // One that another build has put there in the meantime is as good, unless this one is of what was recorded.
        if kept == cached || !self.record {
            self.put(cached, seconds, container_images);
        } else {
            leave_only(&kept, made.folder.path());
            self.put(kept, seconds, container_images);
            self.apart.push((layer.name.clone(), made.folder));
        }
        Ok(())
    }

    /// The names of the layers that are kept out of the cache.
    pub fn apart(&self) -> impl Iterator<Item = &str> {
        self.apart.iter().map(|(name, _)| name.as_str())
    }

    fn put(&mut self, disk: Utf8PathBuf, seconds: u64, container_images: Vec<ContainerImage>) {
        self.disk = disk;
        self.seconds.push(seconds);
        self.container_images.extend(container_images);
    }
}

/// Removes what a layer was made with from the folder of its disk: archives, and copies of what it read. What cannot be
/// removed goes with the folder, when the image is made.
fn leave_only(disk: &Utf8Path, folder: &Utf8Path) {
    let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
    for path in entries.map(Utf8DirEntry::into_path).filter(|path| !disk.starts_with(path)) {
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        if let Err(error) = removed {
            tracing::debug!(%error, "{path} stays for now");
        }
    }
}

#[cfg(test)]
mod tests {
    use kiln_images::digest::Digest;
    use kiln_images::home::Home;

    use super::*;
    use crate::actions::Action;
    use crate::build::ingredients::Ingredients;
    use crate::build::layers::NOTE;
    use crate::build::plan::PlannedStep;

    fn layer(name: &str, action: Action) -> PlannedLayer {
        let ingredients = Ingredients::new(None, vec![name.into()]);
        let step = PlannedStep {
            summary: String::new(),
            actions: vec![action],
            fetches: true,
            archives: Vec::new(),
            images: Vec::new(),
        };
        let key = ingredients.key();
        PlannedLayer { name: name.to_owned(), ingredients, key, boot: false, steps: vec![step], assets: Vec::new() }
    }

    /// A base and a layer above it, of which only the one in the middle fetches something.
    fn layers() -> [PlannedLayer; 3] {
        let packages = Action::RunCommand("apt-get install -y x".into());
        [
            layer("base", Action::Mkdir("/x".into())),
            layer("packages", packages),
            layer("files", Action::Mkdir("/y".into())),
        ]
    }

    fn made(home: &Home, text: &str) -> Made {
        let folder = Scratch::new(home).unwrap();
        let disk = folder.path().join("disk.qcow2");
        fs::write(&disk, text).unwrap();
        fs::create_dir(folder.path().join("boot")).unwrap();
        for name in ["boot/0.tar", "disk.raw"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let image = ContainerImage { name: text.to_owned(), digest: Digest::of_bytes(b"image") };
        Made { folder, disk, container_images: vec![image], took: Duration::from_secs(7) }
    }

    /// Puts layers on a stack, which are `text` where they have to be made. Returns what the disk of each is.
    fn build(stack: &mut Stack, layers: &[PlannedLayer], home: &Home, text: &str) -> Vec<String> {
        let cache = Layers::new(home);
        let had = layers.iter().map(|layer| {
            if !stack.take(layer, &cache).unwrap() {
                stack.keep(layer, made(home, text), &cache).unwrap();
            }
            fs::read_to_string(&stack.disk).unwrap()
        });
        had.collect()
    }

    fn case() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(folder.path()).unwrap().join("home")).unwrap();
        (folder, home)
    }

    fn scratches(home: &Home) -> usize {
        fs::read_dir(home.scratch()).unwrap().count()
    }

    #[test]
    fn what_is_recorded_is_what_the_image_stands_on() {
        let (_folder, home) = case();
        let [base, packages, files] = layers();
        let layers = [base, packages, files, layer("more", Action::Mkdir("/z".into()))];
        assert_eq!(build(&mut Stack::new(false), &layers[..3], &home, "old"), ["old", "old", "old"]);

        let mut stack = Stack::new(true);
        // The last would stand on a disk that goes, were it kept.
        assert_eq!(build(&mut stack, &layers, &home, "new"), ["old", "new", "new", "new"]);
        assert_eq!(stack.apart().collect::<Vec<_>>(), ["packages", "files", "more"]);
        assert_eq!((scratches(&home), stack.seconds.len()), (3, 4));
        for (_, folder) in &stack.apart {
            let left: Vec<_> = folder.path().read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path()).collect();
            assert!(matches!(&left[..], [one] if one.ends_with("layer") || one.ends_with("disk.qcow2")), "{left:?}");
        }
        let images = stack.container_images.iter().map(|image| image.name.as_str());
        assert_eq!(images.collect::<Vec<_>>(), ["old", "new", "new", "new"]);
        drop(stack);
        assert_eq!(scratches(&home), 0);

        assert_eq!(build(&mut Stack::new(false), &layers, &home, "newer"), ["old", "old", "old", "newer"]);
    }

    #[test]
    fn a_layer_of_which_nothing_is_known_is_not_taken_for_one_without_images() {
        let (_folder, home) = case();
        let [base, mut booted, _] = layers();
        booted.boot = true;
        build(&mut Stack::new(false), &[base.clone(), booted.clone()], &home, "old");
        let cache = Layers::new(&home);
        for layer in [&base, &booted] {
            fs::write(cache.path(&layer.key).with_file_name(NOTE), "damaged").unwrap();
        }
        let mut stack = Stack::new(false);
        assert!(stack.take(&base, &cache).unwrap());
        let error = stack.take(&booted, &cache).unwrap_err().to_string();
        assert!(error.contains("the layer `packages`") && error.contains("rm -r"), "{error}");
    }

    #[test]
    fn what_is_recorded_is_kept_where_there_is_none_of_its_key() {
        let (_folder, home) = case();
        let mut stack = Stack::new(true);
        assert_eq!(build(&mut stack, &layers(), &home, "new"), ["new", "new", "new"]);
        assert_eq!((stack.apart().count(), scratches(&home)), (0, 0));
        assert_eq!(build(&mut Stack::new(false), &layers(), &home, "newer"), ["new", "new", "new"]);
    }

    #[test]
    fn one_that_another_build_has_kept_in_the_meantime_is_as_good_unless_this_one_is_recorded() {
        for (record, expected) in [(false, "other"), (true, "this")] {
            let (_folder, home) = case();
            let [base, ..] = layers();
            build(&mut Stack::new(false), std::slice::from_ref(&base), &home, "other");
            let mut stack = Stack::new(record);
            stack.keep(&base, made(&home, "this"), &Layers::new(&home)).unwrap();
            assert_eq!(fs::read_to_string(&stack.disk).unwrap(), expected);
        }
    }
}
