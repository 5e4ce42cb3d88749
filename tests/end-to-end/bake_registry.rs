//! Container images from a registry: a real one on this host, which stands for one that cannot be reached from here.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::process::Command;

use kiln_tests::{Registry, TestHome, bake, qcow2_disk};
use serde_json::Value;

/// The exit code for images and downloads.
const IMAGE: i32 = 5;
const PAUSE: &str = "registry.invalid/pause:3.9";

/// A recipe with an image of a registry that leads nowhere (RFC 6761), and a configuration that has `registry` instead.
fn recipe(home: &TestHome, also: &str) -> String {
    qcow2_disk(&home.work().join("source.qcow2"), 1, 3 << 20);
    let images = format!("container-images: {{registry: ['{PAUSE}'], also: {{{also}}}}}");
    let layer = format!("- name: images\n  boot: true\n  steps:\n  - {images}\n");
    let base = "base: {file: {path: source.qcow2}}\nuser: debian\ndisk: 1GiB";
    home.file("pods.yaml", &format!("name: pods\n{base}\nlayers:\n{layer}"))
}

fn config(home: &TestHome, registry: &Registry) -> String {
    home.file("config.yaml", &format!("mirrors:\n  registry.invalid: {}\n", registry.url()))
}

/// The digest of the manifest that `kiln.lock` has for the image.
fn pinned(home: &TestHome) -> String {
    let lock: Value = serde_json::from_slice(&fs::read(home.work().join("kiln.lock")).unwrap()).unwrap();
    lock["pins"][format!("docker://{PAUSE}")]["sha256"].as_str().unwrap().to_owned()
}

/// A member of the archive that was fetched, as text.
fn member(home: &TestHome, name: &str) -> String {
    let mut archives = fs::read_dir(home.root().join("downloads")).unwrap().map(|entry| entry.unwrap().path());
    let archive = archives.find(|path| path.extension().is_some_and(|extension| extension == "tar")).unwrap();
    let read = Command::new("tar").arg("-xOf").arg(archive).arg(name).output().unwrap();
    String::from_utf8(read.stdout).unwrap()
}

#[test]
fn an_image_is_fetched_once_and_stays_the_one_that_was_pinned() {
    let (home, registry) = (TestHome::empty(), Registry::start());
    registry.push("pause:3.9", "the first");
    let (path, config) = (recipe(&home, ""), config(&home, &registry));
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", &config).finish().stderr();
    assert!(said.contains(PAUSE) && said.contains("pinned"), "{said}");
    let manifest: Value = serde_json::from_str(&member(&home, "manifest.json")).unwrap();
    assert_eq!(manifest[0]["RepoTags"][0], PAUSE);
    let content = member(&home, manifest[0]["Config"].as_str().unwrap());
    assert!(content.contains("the first"), "{content}");

    let asked = registry.requests().len();
    bake(&home, ["fetch", &path]).env("KILN_CONFIG", &config).ok();
    assert_eq!(registry.requests().len(), asked, "it was asked for again");

    // The tag is moved. Somebody else, who has the recipe and its kiln.lock, gets what was pinned.
    let first = pinned(&home);
    registry.push("pause:3.9", "the second");
    fs::remove_dir_all(home.root()).unwrap();
    bake(&home, ["fetch", &path]).env("KILN_CONFIG", &config).ok();
    assert_eq!(pinned(&home), first);
    let manifest: Value = serde_json::from_str(&member(&home, "manifest.json")).unwrap();
    assert!(member(&home, manifest[0]["Config"].as_str().unwrap()).contains("the first"));
}

/// As quay.io has flannel 0.11.
#[test]
fn an_image_of_the_old_form_becomes_one_of_todays() {
    let (home, registry) = (TestHome::empty(), Registry::start());
    registry.push_old("pause:3.9", "the old one");
    let (path, config) = (recipe(&home, ""), config(&home, &registry));
    let mut pins = Vec::new();
    // The second time by its pin, from a home that knows nothing.
    for _ in 0..2 {
        bake(&home, ["fetch", &path]).env("KILN_CONFIG", &config).ok();
        pins.push(pinned(&home));
        let manifest: Value = serde_json::from_str(&member(&home, "manifest.json")).unwrap();
        assert_eq!(manifest[0]["RepoTags"][0], PAUSE);
        assert_eq!(manifest[0]["Layers"].as_array().unwrap().len(), 1, "{manifest}");
        let content: Value = serde_json::from_str(&member(&home, manifest[0]["Config"].as_str().unwrap())).unwrap();
        assert_eq!(content["config"]["Labels"]["for"], "the old one", "{content}");
        assert!(content["rootfs"]["diff_ids"][0].as_str().unwrap().starts_with("sha256:"), "{content}");
        fs::remove_dir_all(home.root()).unwrap();
    }
    assert_eq!(pins[0], pins[1]);
}

#[test]
fn a_second_registry_is_asked_and_named() {
    let (home, registry) = (TestHome::empty(), Registry::start());
    registry.push("copies/pause:3.9", "a copy");
    let path = recipe(&home, "registry.invalid: [registry.invalid/copies]");
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", config(&home, &registry)).finish().stderr();
    assert!(said.contains(&format!("{PAUSE} came from registry.invalid/copies/pause:3.9")), "{said}");
    let manifest: Value = serde_json::from_str(&member(&home, "manifest.json")).unwrap();
    assert_eq!(manifest[0]["RepoTags"][0], PAUSE, "it is loaded under another name");
}

#[test]
fn an_image_that_no_registry_has_is_named_with_what_it_said() {
    let (home, registry) = (TestHome::empty(), Registry::start());
    let path = recipe(&home, "");
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", config(&home, &registry)).fails(IMAGE);
    assert!(said.contains("pause:3.9") && said.contains("manifest unknown"), "{said}");
    let lock = fs::read_to_string(home.work().join("kiln.lock")).unwrap();
    assert!(!lock.contains(PAUSE), "what is not there was pinned: {lock}");
}
