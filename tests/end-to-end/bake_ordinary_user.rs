//! Baking as an ordinary user: no root, no /dev/kvm, no loop devices.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::os::unix::fs::MetadataExt;

use kiln_tests::{Person, TestHome, bake, debian};

/// The image that all tests share was baked by an ordinary user from packages. This asks who that was, and what it holds.
#[test]
fn debian_from_packages_needs_no_root() {
    let image = debian();
    let disk = std::fs::metadata(image.disk()).unwrap();
    assert_ne!(disk.uid(), 0, "{} belongs to root", image.disk());
    if let Some(person) = Person::ordinary() {
        assert_eq!(disk.uid(), person.uid());
    }
    assert_eq!(disk.mode() & 0o777, 0o444);

    let home = TestHome::of_ordinary_user().and_debian();
    let manifest = bake(&home, ["show", "debian-12", "-o", "json"]).json();
    assert_eq!(manifest["os"]["id"], "debian");
    assert_eq!(manifest["user"], "debian");
    let packages = manifest["packages"].as_array().unwrap();
    for wanted in ["cloud-init", "openssh-server", "qemu-guest-agent", "socat"] {
        assert!(packages.iter().any(|package| package["name"] == wanted), "{wanted} is not listed");
    }
    assert_eq!(manifest["checks"].as_array().unwrap().len(), 3);
}

/// A second `build` of the same recipe has nothing to do.
#[test]
fn a_build_without_changes_does_nothing() {
    let home = TestHome::of_ordinary_user().and_debian();
    let said = bake(&home, ["build", "debian-12"]).ok();
    assert!(said.contains("nothing changed"), "{said}");
    assert_eq!(bake(&home, ["build", "debian-12", "-o", "json"]).json()["changed"], false);
}
