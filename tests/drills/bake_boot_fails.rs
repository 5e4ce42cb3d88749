//! A step that fails in the booted image: it is named with what it said, and nothing of the boot is left.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;

use kiln_tests::{TestHome, bake, debian, processes};

/// The exit code for a step that failed.
const BAKE: i32 = 6;

#[test]
fn a_step_that_fails_in_the_booted_image_is_named() {
    let home = TestHome::of_ordinary_user().and_debian();
    let path = home.file(
        "booted.yaml",
        "name: booted\nbase: {image: debian-12}\nuser: debian\ndisk: 10GiB\nboot: {cpus: 1, memory: 1GiB}\nlayers:\n\
         - name: live\n  boot: true\n  steps: [{run: hostname > /etc/note}, {run: 'echo this is why >&2; exit 7'}, {run: 'true'}]\n",
    );
    let said = bake(&home, ["build", &path]).fails(BAKE);
    for part in ["`live`", "step 2 of 3", "run: echo this is why", "status 7", "      this is why\n", "goes on at this"]
    {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    assert!(!said.contains("console"), "what has nothing to do with it is said:\n{said}");
    assert!(!processes(&home).iter().any(|process| process.is_machine()));
    assert_eq!(fs::read_dir(home.root().join("scratch")).unwrap().count(), 0);
    assert!(!home.root().join("names/booted").exists(), "a failed build was published");
    debian().assert_untouched();
}
