//! The store, with real disks.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::manifest::tests::manifest;
use crate::overlay;
use crate::scratch::Scratch;

pub(super) struct Case {
    /// Where it is removed in the end.
    _folder: Option<tempfile::TempDir>,
    pub(super) home: Home,
    pub(super) store: Store,
}

pub(super) fn case() -> Case {
    let folder = tempfile::tempdir().unwrap();
    let case = Case::at(&Utf8Path::from_path(folder.path()).unwrap().join("home"));
    Case { _folder: Some(folder), ..case }
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

impl Case {
    /// The store of the home at `root`.
    pub(super) fn at(root: &Utf8Path) -> Self {
        let home = Home::new(root.to_owned()).unwrap();
        let store = Store::new(home.clone(), QemuImg::find().unwrap());
        Self { _folder: None, home, store }
    }

    /// Publishes an empty disk of `mib`: the size makes the digest.
    pub(super) async fn publish(&self, text: &str, mib: u32, layers: &[&str]) -> Image {
        let scratch = Scratch::new(&self.home).unwrap();
        let disk = scratch.path().join("new.qcow2");
        self.store.qemu_img.create(&disk, format!("{mib}MiB").parse().unwrap()).await.unwrap();
        let disk = self.store.measure(&disk).await.unwrap();
        let manifest = manifest(disk.digest, text, layers);
        self.store.publish(disk, &manifest, &name(text)).await.unwrap()
    }

    /// Makes a lab with one disk on `image`.
    async fn lab(&self, lab: &str, image: &Image) {
        let node = self.home.lab(&name(lab)).nodes().join("node1");
        fs::create_dir_all(&node).unwrap();
        let model = overlay::model(&self.store.qemu_img, &self.home, &image.disk, None).await.unwrap();
        model.write_to(&node.join("disk.qcow2")).unwrap();
    }

    fn layer(&self, key: &str, bytes: &[u8]) {
        let folder = self.home.layers().join(key);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("disk.qcow2"), bytes).unwrap();
    }

    fn layers(&self) -> Vec<String> {
        let mut layers = entries(&self.home.layers()).unwrap();
        layers.sort();
        layers
    }
}

pub(super) fn no_artifacts(_: &str) -> BTreeSet<String> {
    BTreeSet::new()
}

#[tokio::test]
async fn a_published_image_is_found_by_name_and_digest() {
    let case = case();
    let image = case.publish("debian-12", 1, &[]).await;
    assert_eq!(image.names, [name("debian-12")]);
    assert_eq!(fs::metadata(&image.disk).unwrap().permissions().mode() & 0o7777, 0o444);
    assert_eq!(Digest::of_file(&image.disk).unwrap(), image.digest);
    for reference in ["debian-12".to_owned(), image.digest.to_string(), image.digest.short(), image.digest.hex()] {
        assert_eq!(case.store.resolve(&reference).unwrap(), image);
    }
    assert_eq!(case.store.list().unwrap(), [image]);
    assert_eq!(entries(&case.home.scratch()).unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn an_unknown_image_names_the_known_ones() {
    let case = case();
    let unknown = |reference| case.store.resolve(reference).unwrap_err().to_string();
    for reference in ["debian", "../debian"] {
        assert_eq!(unknown(reference), format!("there is no image `{reference}`\n  there are no images yet"));
    }
    assert!(unknown("a57ca").ends_with("by the first digits of its digest, 6 or more"));
    let image = case.publish("debian-12", 1, &[]).await;
    for reference in ["debian", &image.digest.hex()[..5], "../names/debian-12", ""] {
        let error = case.store.resolve(reference).unwrap_err().to_string();
        assert!(error.contains("there are: debian-12"), "{error}");
    }
}

#[tokio::test]
async fn baking_again_moves_the_name_and_old_labs_keep_their_image() {
    let case = case();
    let old = case.publish("debian-12", 1, &[]).await;
    case.lab("one", &old).await;
    let new = case.publish("debian-12", 2, &[]).await;
    assert_eq!(case.store.resolve("debian-12").unwrap().digest, new.digest);
    assert_eq!(case.store.prune(no_artifacts).await.unwrap().images, []);
    let error = case.store.remove(&old.digest.hex()).await.unwrap_err().to_string();
    assert!(error.contains("in use by lab one"), "{error}");
    fs::remove_dir_all(case.home.lab(&name("one")).folder()).unwrap();
    let pruned = case.store.prune(no_artifacts).await.unwrap();
    assert_eq!(pruned.images.iter().map(|(digest, _)| *digest).collect::<Vec<_>>(), [old.digest]);
    assert!(pruned.bytes() > 0 && !old.disk.exists() && new.disk.exists());
}

#[tokio::test]
async fn the_same_bytes_again_are_one_image() {
    let case = case();
    let one = case.publish("one", 1, &["k1"]).await;
    let two = case.publish("two", 1, &["k2"]).await;
    assert_eq!(one.digest, two.digest);
    assert_eq!(two.names, [name("one"), name("two")]);
    assert_eq!(two.manifest.layers[0].key, "k2");
    assert_eq!(case.store.list().unwrap().len(), 1);
}

#[tokio::test]
async fn an_image_goes_with_its_last_name_unless_it_is_used() {
    let case = case();
    case.publish("one", 1, &[]).await;
    let image = case.publish("two", 1, &[]).await;
    case.lab("lab", &image).await;
    let removed = case.store.remove("one").await.unwrap();
    assert_eq!((removed.names, removed.freed_bytes), (vec![name("one")], 0));
    assert!(matches!(case.store.remove("two").await, Err(StoreError::InUse { .. })));
    assert_eq!(case.store.resolve("two").unwrap().digest, image.digest);
    fs::remove_dir_all(case.home.lab(&name("lab")).folder()).unwrap();
    assert!(case.store.remove("two").await.unwrap().freed_bytes > 0);
    assert_eq!(case.store.list().unwrap(), []);
}

#[tokio::test]
async fn layers_stay_with_the_images_they_made() {
    let case = case();
    let image = case.publish("debian-12", 1, &["sha256:k2"]).await;
    case.layer("k1", &crate::header::tests::header("", 0, 0));
    case.layer("k2", &crate::header::tests::header("../k1/disk.qcow2", 0, 0));
    case.layer("old", &crate::header::tests::header("../k1/disk.qcow2", 0, 0));
    let planned = case.store.prunable(no_artifacts).unwrap();
    assert_eq!(case.layers(), ["k1", "k2", "old"]);
    assert_eq!(case.store.prune(no_artifacts).await.unwrap(), planned);
    assert_eq!(case.layers(), ["k1", "k2"]);
    let both = ["k1", "k2"].map(|key| (key.to_owned(), 0));
    assert_eq!(case.store.upper_first(&both).unwrap(), ["k2", "k1"]);
    case.store.remove(&image.digest.hex()).await.unwrap();
    case.store.prune(no_artifacts).await.unwrap();
    assert_eq!(case.layers(), Vec::<String>::new());
}

#[tokio::test]
async fn artifacts_stay_with_the_layers_they_were_read_by() {
    let case = case();
    case.publish("debian-12", 1, &["sha256:k1"]).await;
    case.layer("k1", &crate::header::tests::header("", 0, 0));
    for artifact in ["a1", "a2"] {
        fs::create_dir_all(case.home.artifacts().join(artifact).join("content")).unwrap();
    }
    let artifacts_of = |layer: &str| BTreeSet::from([if layer == "k1" { "a1" } else { "a2" }.to_owned()]);
    let pruned = case.store.prune(artifacts_of).await.unwrap();
    assert_eq!(pruned.artifacts.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["a2"]);
    assert_eq!(entries(&case.home.artifacts()).unwrap(), ["a1"]);
}

#[tokio::test]
async fn nothing_is_pruned_while_somebody_reads() {
    let case = case();
    let _shared = case.store.share().await.unwrap();
    tokio::time::pause();
    let error = case.store.prune(no_artifacts).await.unwrap_err();
    assert!(matches!(error, StoreError::Lock(LockError::Busy { .. })), "{error}");
}

#[tokio::test]
async fn a_changed_image_is_found_out() {
    let case = case();
    let image = case.publish("debian-12", 1, &[]).await;
    case.store.verify(&image).await.unwrap();
    fs::set_permissions(&image.disk, fs::Permissions::from_mode(0o600)).unwrap();
    let mut bytes = fs::read(&image.disk).unwrap();
    bytes[27] ^= 1;
    fs::write(&image.disk, &bytes).unwrap();
    let error = case.store.verify(&image).await.unwrap_err().to_string();
    assert!(error.contains(&image.digest.hex()) && error.contains(&Digest::of_bytes(&bytes).hex()), "{error}");
}

#[tokio::test]
async fn only_flat_and_sound_disks_become_images() {
    let case = case();
    let image = case.publish("debian-12", 1, &[]).await;
    let scratch = Scratch::new(&case.home).unwrap();
    let (overlay, raw) = (scratch.path().join("overlay.qcow2"), scratch.path().join("raw"));
    let model = overlay::model(&case.store.qemu_img, &case.home, &image.disk, None).await.unwrap();
    model.write_to(&overlay).unwrap();
    assert!(matches!(case.store.measure(&overlay).await, Err(StoreError::NotFlat { .. })));
    fs::write(&raw, [0; 4096]).unwrap();
    assert!(matches!(case.store.measure(&raw).await, Err(StoreError::Damaged { .. })));
}

#[tokio::test]
async fn damage_in_the_store_is_named() {
    let case = case();
    let image = case.publish("debian-12", 1, &[]).await;
    let manifest = manifest_path(&case.home.image(&image.digest));
    fs::write(&manifest, "{").unwrap();
    assert!(case.store.resolve("debian-12").unwrap_err().to_string().contains(manifest.as_str()));
    assert_eq!(case.store.list().unwrap(), []);
    fs::write(case.home.names().join("debian-12"), "no digest").unwrap();
    assert!(case.store.resolve("debian-12").unwrap_err().to_string().contains("names/debian-12"));
}

#[tokio::test]
async fn downloads_go_but_for_those_under_way() {
    let case = case();
    let folder = case.home.downloads();
    let digest = Digest::of_bytes(b"image").hex();
    for file in [&digest, "0a.is", "url-1.part", "url-1.json", "url-1.lock", "url-2.part", "url-2.lock"] {
        fs::write(folder.join(file), "bytes").unwrap();
    }
    let _under_way = Lock::exclusive(&folder.join("url-2.lock")).unwrap();
    let mut idle = case.store.downloads().unwrap();
    idle.sort();
    let names: Vec<_> = idle.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["0a.is", digest.as_str(), "url-1.json", "url-1.lock", "url-1.part"]);
    assert!(idle.iter().all(|(_, bytes)| *bytes > 0), "{idle:?}");

    let mut removed = case.store.remove_downloads().await.unwrap();
    removed.sort();
    assert_eq!(removed, idle);
    let mut left = entries(&folder).unwrap();
    left.sort();
    assert_eq!(left, ["url-2.lock", "url-2.part"]);
}
