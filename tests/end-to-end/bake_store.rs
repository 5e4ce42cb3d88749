//! The commands about the store: each refuses what would harm an image that somebody needs.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};

use camino::Utf8PathBuf;
use kiln_tests::{TestHome, bake, debian, qcow2_disk, qemu_img};
use serde_json::Value;

/// The exit codes for images and for what is not there.
const IMAGE: i32 = 5;
const NOT_FOUND: i32 = 10;

/// Puts a small image into the store by hand, under no name. Returns its digest.
fn small_image(home: &TestHome, seed: u64) -> String {
    let disk = home.work().join("small.qcow2");
    qcow2_disk(&disk, seed, 4 << 20);
    let sum = std::process::Command::new("sha256sum").arg(&disk).output().unwrap();
    let digest = String::from_utf8(sum.stdout).unwrap()[..64].to_owned();
    let folder = home.root().join("images").join(&digest);
    let text = fs::read_to_string(debian().disk().with_file_name("manifest.json")).unwrap();
    let mut manifest: Value = serde_json::from_str(&text).unwrap();
    manifest["digest"] = format!("sha256:{digest}").into();
    manifest["layers"] = Value::Array(Vec::new());
    manifest["virtual-size-bytes"] = (4 << 20).into();
    manifest["file-size-bytes"] = fs::metadata(&disk).unwrap().len().into();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    fs::rename(&disk, folder.join("disk.qcow2")).unwrap();
    digest
}

/// A disk of a node that stands on an image, as `clone` makes it.
fn node_disk(home: &TestHome, digest: &str) -> Utf8PathBuf {
    let folder = home.root().join("labs/three/nodes/node1");
    fs::create_dir_all(&folder).unwrap();
    let (disk, image) = (folder.join("disk.qcow2"), home.root().join("images").join(digest).join("disk.qcow2"));
    qemu_img(&["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image.as_str(), disk.as_str()]);
    disk
}

#[test]
fn images_are_listed_shown_and_verified() {
    let home = TestHome::with_debian();
    let digest = debian().digest();
    let rows = bake(&home, ["images", "-o", "json"]).json();
    assert_eq!(rows[0]["names"][0], "debian-12");
    assert_eq!(rows[0]["digest"], format!("sha256:{digest}"));
    assert_eq!(rows[0]["used-by"], Value::Array(Vec::new()));
    let table = bake(&home, ["images"]).ok();
    assert!(table.contains("debian-12") && table.contains(&digest[..12]) && table.contains("10 GiB"), "{table}");

    let shown = bake(&home, ["show", &digest[..8]]).ok();
    for part in [digest, "Debian GNU/Linux 12", "Debian bookworm from packages", "layer", "check", "openssh-server 1:"]
    {
        assert!(shown.contains(part), "{part} is missing in:\n{shown}");
    }
    assert!(
        !bake(&home, ["show", "debian-12", "--brief"]).ok().contains("openssh-server"),
        "packages are only counted"
    );
    assert_eq!(bake(&home, ["verify", "-o", "json"]).json()[0]["verified"], true);
    let said = bake(&home, ["show", "debian-13"]).fails(NOT_FOUND);
    assert!(said.contains("debian-13") && said.contains("debian-12"), "{said}");
}

fn flip_a_bit(home: &TestHome, digest: &str) {
    let disk = home.root().join("images").join(digest).join("disk.qcow2");
    let file = fs::File::options().read(true).write(true).open(&disk).unwrap();
    let (mut byte, at) = ([0], file.metadata().unwrap().len() - 4096);
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
}

#[test]
fn one_bit_is_noticed_in_every_image() {
    let home = TestHome::with_debian();
    let digests = [small_image(&home, 5), small_image(&home, 8)];
    bake(&home, ["verify", &digests[0][..12]]).ok();
    for (changed, digest) in digests.iter().enumerate() {
        flip_a_bit(&home, digest);
        let said = bake(&home, ["verify"]).fails(IMAGE);
        for digest in &digests[..=changed] {
            assert!(said.contains(&format!("expected sha256:{digest}")) && said.contains("found    sha256:"), "{said}");
        }
    }
    debian().assert_untouched();
}

#[test]
fn what_a_lab_stands_on_is_not_removed() {
    let home = TestHome::with_debian();
    let disk = node_disk(&home, debian().digest());
    let said = bake(&home, ["rm", "debian-12"]).fails(IMAGE);
    assert!(said.contains("in use") && said.contains("three"), "{said}");
    assert!(bake(&home, ["images", "-o", "json"]).json()[0]["used-by"].to_string().contains("three"));
    fs::remove_file(&disk).unwrap();
    assert!(bake(&home, ["rm", "debian-12"]).ok().contains("freed"));
    assert_eq!(bake(&home, ["images", "-o", "json"]).json(), Value::Array(Vec::new()));
    bake(&home, ["rm", "debian-12"]).fails(NOT_FOUND);
    debian().assert_untouched();
}

#[test]
fn prune_removes_what_nobody_needs() {
    let home = TestHome::with_debian();
    let (unneeded, used) = (small_image(&home, 6), small_image(&home, 7));
    node_disk(&home, &used);
    let layer = home.root().join("layers").join("ab".repeat(32));
    fs::create_dir_all(&layer).unwrap();
    qcow2_disk(&layer.join("disk.qcow2"), 8, 1 << 20);

    let would = bake(&home, ["prune", "--dry-run", "-o", "json"]).json();
    assert_eq!(would["images"], Value::from(vec![format!("sha256:{unneeded}")]));
    assert_eq!(would["layers"], Value::from(vec!["ab".repeat(32)]));
    assert!(layer.exists() && would["bytes"].as_u64().unwrap() > 4 << 20, "{would}");

    let did = bake(&home, ["prune", "-o", "json"]).json();
    assert_eq!(did, would);
    assert!(!layer.exists() && !home.root().join("images").join(&unneeded).exists());
    let mut left: Vec<_> = bake(&home, ["images", "-o", "json"])
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned())
        .collect();
    left.sort();
    let mut expected = [debian().digest().to_owned(), used];
    expected.sort();
    assert_eq!(left, expected);
}

#[test]
fn an_export_has_the_same_content_in_every_format() {
    let home = TestHome::with_debian();
    let digest = small_image(&home, 9);
    let image = home.root().join("images").join(&digest).join("disk.qcow2");
    for (format, driver) in
        [("qcow2", "qcow2"), ("qcow2-compressed", "qcow2"), ("raw", "raw"), ("vmdk", "vmdk"), ("vmdk-sparse", "vmdk")]
    {
        let file = home.work().join(format!("out.{format}"));
        bake(&home, ["export", &digest[..12], file.as_str(), "--format", format]).ok();
        qemu_img(&["compare", "-f", "qcow2", "-F", driver, image.as_str(), file.as_str()]);
        let said = bake(&home, ["export", &digest[..12], file.as_str(), "--format", format]).fails(3);
        assert!(said.contains("exists already") && said.contains("--force"), "{said}");
        bake(&home, ["export", &digest[..12], file.as_str(), "--format", format, "--force"]).ok();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    }
    bake(&home, ["export", &digest[..12], "x", "--format", "iso"]).fails(2);
}

/// There and back: the image that comes in is the one that went out, and is known as what it is.
#[test]
fn an_exported_image_can_be_imported() {
    let home = TestHome::with_debian();
    let file = home.work().join("debian.raw");
    bake(&home, ["export", "debian-12", file.as_str(), "--format", "raw"]).ok();
    let elsewhere = TestHome::empty();
    let imported =
        bake(&elsewhere, ["import", file.as_str(), "--name", "theirs", "--user", "debian", "-o", "json"]).json();
    let digest = imported["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    let disk = elsewhere.root().join("images").join(digest).join("disk.qcow2");
    qemu_img(&["compare", "-f", "qcow2", "-F", "qcow2", debian().disk().as_str(), disk.as_str()]);
    let (before, after) = (
        bake(&home, ["show", "debian-12", "-o", "json"]).json(),
        bake(&elsewhere, ["show", "theirs", "-o", "json"]).json(),
    );
    for same in ["os", "packages", "virtual-size-bytes", "user"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    bake(&elsewhere, ["verify"]).ok();
}
