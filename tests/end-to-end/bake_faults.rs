//! Faults: kill -9, two builds at once, a full disk. No process and no half-made thing stays, no golden image changes.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use kiln_tests::{TestHome, bake, debian, program, raw_disk, until};
use rustix::process::{Pid, Signal, kill_process};

/// The exit codes for files, for the host, and for a command that is at work on the same thing.
const FILE: i32 = 3;
const HOST: i32 = 4;
const BUSY: i32 = 9;

/// The processes that have this text in their command line, but for this one.
fn processes(text: &str) -> Vec<(u32, String)> {
    let numbers = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let command = |pid: u32| {
        let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some((pid, String::from_utf8_lossy(&bytes).replace('\0', " ")))
    };
    numbers.filter_map(command).filter(|(pid, line)| *pid != std::process::id() && line.contains(text)).collect()
}

#[test]
fn a_build_that_was_killed_leaves_nothing_that_the_next_one_does_not_repair() {
    let home = TestHome::with_debian();
    let path = home.file(
        "killed.yaml",
        "name: killed\nbase: {image: debian-12}\nuser: debian\ndisk: 10GiB\n\
         layers: [{name: one, steps: [write: {path: /etc/one, content: one}]}]\n",
    );
    let scratch = home.root().join("scratch");
    let mut first = bake(&home, ["build", &path]).spawn();
    let has_appliance = || processes(scratch.as_str()).iter().any(|(_, line)| line.contains("qemu"));
    until("the start of the appliance", Duration::from_secs(120), has_appliance);

    let said = bake(&home, ["build", &path]).fails(BUSY);
    assert!(said.contains(&first.id().to_string()) && said.contains("build"), "{said}");

    // SIGKILL: there is no last word.
    first.kill().unwrap();
    first.wait().unwrap();
    until("the end of everything the build had started", Duration::from_secs(20), || {
        processes(scratch.as_str()).is_empty()
    });
    assert_eq!(fs::read_dir(&scratch).unwrap().count(), 1, "the half-made layer");
    assert!(!home.root().join("names/killed").exists());
    debian().assert_untouched();

    assert!(bake(&home, ["build", &path]).ok().contains("baked killed"));
    assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "the half-made layer is still there");
    bake(&home, ["verify", "killed"]).ok();
    debian().assert_untouched();
}

#[test]
fn a_build_that_is_asked_to_end_cleans_up() {
    let home = TestHome::with_debian();
    let path = home.file(
        "asked.yaml",
        "name: asked\nbase: {image: debian-12}\nuser: debian\ndisk: 10GiB\n\
         layers: [{name: one, steps: [write: {path: /etc/one, content: one}]}]\n",
    );
    let scratch = home.root().join("scratch");
    for (signal, code, said) in
        [(Signal::INT, 130, "interrupted"), (Signal::TERM, 143, "ended by SIGTERM"), (Signal::HUP, 143, "by SIGHUP")]
    {
        let mut build = bake(&home, ["build", &path]).start();
        let has_appliance = || processes(scratch.as_str()).iter().any(|(_, line)| line.contains("qemu"));
        build.until("the start of the appliance", Duration::from_secs(120), has_appliance);
        kill_process(Pid::from_raw(build.pid().cast_signed()).unwrap(), signal).unwrap();
        let error = build.finish().fails(code);
        assert!(error.contains(said), "{error}");
        until("the end of everything the build had started", Duration::from_secs(5), || {
            processes(scratch.as_str()).is_empty()
        });
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "the half-made layer is still there");
        assert!(!home.root().join("names/asked").exists());
    }
    debian().assert_untouched();
}

/// Somebody saves the file that is being uploaded: what stands in for virt-customize does.
#[test]
fn a_layer_whose_file_changed_while_it_was_used_is_not_kept() {
    let home = TestHome::empty();
    fs::write(home.work().join("source.raw"), raw_disk(1, 3 << 20)).unwrap();
    let file = home.file("motd", "one");
    let customize = home.file("customize", &format!("#!/bin/sh\necho two >> {file}\n"));
    fs::set_permissions(&customize, fs::Permissions::from_mode(0o755)).unwrap();
    let path = home.file(
        "saved.yaml",
        "name: saved\nbase: {file: {path: source.raw}}\nuser: debian\ndisk: 1GiB\nlayers:\n\
         - {name: one, steps: [upload: {from: motd, to: /etc/motd}]}\n- {name: two, steps: [run: 'true']}\n",
    );
    let said = bake(&home, ["build", &path]).env("KILN_VIRT_CUSTOMIZE", customize).fails(FILE);
    assert!(said.contains("motd changed while it was being used") && said.contains("run it again"), "{said}");
    let kept = fs::read_dir(home.root().join("layers")).unwrap().count();
    assert_eq!(kept, 1, "there is more than the base");
}

/// A tree that is being made of packages belongs to users that exist only in a user namespace.
#[test]
fn a_base_whose_build_was_killed_is_removed() {
    let home = TestHome::of_ordinary_user();
    let scratch = home.root().join("scratch");
    let mut build = bake(&home, ["build", "debian-12"]).spawn();
    let work = || fs::read_dir(&scratch).ok()?.next()?.ok().map(|entry| entry.path());
    until("the first packages", Duration::from_secs(120), || work().is_some_and(|work| work.join("tree/usr").exists()));
    build.kill().unwrap();
    build.wait().unwrap();
    until("the end of everything the build had started", Duration::from_secs(20), || {
        processes(scratch.as_str()).is_empty()
    });
    assert_eq!(bake(&home, ["prune", "--dry-run", "-o", "json"]).json()["leftovers"], 1);
    bake(&home, ["prune"]).ok();
    assert_eq!(work(), None);
}

/// Runs in a mount namespace of its own, in which the home is on a small disk: prepares it, builds, and says what is
/// left.
const FULL: &str = r#"
set -eu
bake=$1 image=$2 digest=$3 recipe=$4 appliances=$5
mount -t tmpfs -o size=48m,mode=0700 tmpfs "$KILN_HOME"
mkdir -p "$KILN_HOME/images/$digest" "$KILN_HOME/names"
ln -s "$image/disk.qcow2" "$KILN_HOME/images/$digest/disk.qcow2"
cp "$image/manifest.json" "$KILN_HOME/images/$digest/"
echo "sha256:$digest" > "$KILN_HOME/names/debian-12"
ln -s "$appliances" "$KILN_HOME/appliances"
code=0
"$bake" build "$recipe" || code=$?
cd "$KILN_HOME"
echo "left: $(find scratch downloads layers images names -mindepth 1 -maxdepth 1 | sort | tr '\n' ' ')"
exit "$code"
"#;

/// Builds a recipe in a home on a disk of 48 MiB. Returns what was said, and what was left.
fn build_on_a_small_disk(recipe: &str) -> (String, String) {
    let home = TestHome::empty();
    let appliances = home.root().join("appliances").read_link_utf8().unwrap();
    fs::write(home.work().join("large.raw"), raw_disk(1, 64 << 20)).unwrap();
    let path = home.file("full.yaml", recipe);
    let mut unshare = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    let (image, bake) = (debian().disk(), program("bake"));
    let arguments = [bake.as_str(), image.parent().unwrap().as_str(), debian().digest(), &path, appliances.as_str()];
    unshare.args(["--mount", "sh", "-c", FULL, "sh"]).args(arguments).env("KILN_HOME", home.root());
    let ran = unshare.current_dir(home.work()).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert_eq!(ran.status.code(), Some(HOST), "{stdout}{stderr}");
    (stderr.into_owned(), stdout.into_owned())
}

/// A guest whose disk cannot grow is paused by QEMU: the build must notice.
#[test]
fn a_disk_that_becomes_full_under_the_appliance_ends_the_build() {
    let (said, left) = build_on_a_small_disk(
        "name: full\nbase: {image: debian-12}\nuser: debian\ndisk: 10GiB\nlayers:\n\
         - name: big\n  steps: [{run: dd if=/dev/urandom of=/big bs=1M count=200}]\n- name: last\n  steps: [{run: 'true'}]\n",
    );
    assert!(said.contains("full") && said.contains("bake prune") && said.contains("KILN_HOME"), "{said}");
    let kept: Vec<_> = left.trim().trim_start_matches("left: ").split(' ').collect();
    // The base is whole. What was being made on it is gone.
    assert_eq!(kept.iter().filter(|path| path.starts_with("layers/")).count(), 1, "{left}");
    assert!(!kept.iter().any(|path| path.starts_with("scratch/")) && !left.contains("names/full"), "{left}");
    debian().assert_untouched();
}

#[test]
fn a_base_that_does_not_fit_the_disk_leaves_nothing() {
    let (said, left) = build_on_a_small_disk("name: full\nbase: {file: {path: large.raw}}\nuser: debian\ndisk: 1GiB\n");
    assert!(said.contains("No space left on device") && said.contains("bake prune"), "{said}");
    assert!(!left.contains("scratch/") && !left.contains("downloads/") && !left.contains("layers/"), "{left}");
}
