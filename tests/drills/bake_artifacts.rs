//! Artifacts: built once in a tree of packages, by an ordinary user, and not before a layer needs them.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use kiln_tests::{Counter, DiskReader, TestHome, bake, processes, until};
use serde_json::Value;

/// The exit code for a script that failed.
const BAKE: i32 = 6;

/// What the script says first. It is computed, so that it is in the log as often as the script ran.
const SAYS: &str = "echo this is run $((6 * 7)) of the script";
const SAID: &str = "this is run 42 of the script";

/// A recipe whose only layer reads the file `tool` of an artifact that `script` makes.
fn recipe(home: &TestHome, tree: &str, script: &str) -> String {
    home.file("build.sh", &format!("#!/bin/sh\nset -eu\n{SAYS}\n{script}\n"));
    home.file("number", "7\n");
    home.file(
        "made.yaml",
        &format!(
            "name: made\nbase: {{image: debian-12}}\nuser: debian\ndisk: 10GiB\nartifacts:\n\
             - {{name: tools, debootstrap: {{suite: bookworm, {tree}}}, script: build.sh, files: [number]}}\n\
             layers:\n- {{name: one, steps: [{{copy-in: {{artifact: tools, from: bin/tool, into: /opt}}}}]}}\n"
        ),
    )
}

/// How often the script ran.
fn runs(home: &TestHome) -> usize {
    let log = fs::read_to_string(home.root().join("logs/bake-made.log")).unwrap_or_default();
    log.lines().filter(|line| *line == SAID).count()
}

fn artifacts(home: &TestHome) -> Vec<String> {
    let entries = fs::read_dir(home.root().join("artifacts")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn explained(home: &TestHome, path: &str) -> Value {
    bake(home, ["build", path, "--explain", "-o", "json"]).json()
}

/// One recipe's life: each tree of packages takes half a minute.
#[test]
fn an_artifact_is_built_when_a_layer_needs_it_and_then_no_more() {
    let home = TestHome::of_ordinary_user().and_debian();
    let counter = Counter::new(&home);
    let build = |path: &str| counter.watch(bake(&home, ["build", path])).finish();
    let scratch = home.root().join("scratch");

    // A script fails: the artifact is named, with its last words. There is no network that it could have needed.
    let path = recipe(&home, "packages: []", "cat /proc/net/dev; echo no such luck >&2; exit 3");
    let said = build(&path).fails(BAKE);
    for part in ["artifact `tools`", "build.sh", "status 3", "no such luck", "bake-made.log"] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    assert!(said.contains("lo:") && !said.contains("eth0:"), "{said}");
    assert_eq!((runs(&home), artifacts(&home).len(), counter.runs()), (1, 0, 0));
    assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "the tree is still there");

    // Killed while its script runs: nothing goes on, and the next build works and clears it away.
    let path = recipe(&home, "packages: []", "sleep 1000");
    let mut killed = bake(&home, ["build", &path]).spawn();
    until("the script", Duration::from_secs(600), || runs(&home) == 2);
    killed.kill().unwrap();
    killed.wait().unwrap();
    until("the end of everything the build had started", Duration::from_secs(20), || processes(&home).is_empty());

    // A script that works, with a source package beside it.
    let tree = "packages: [busybox-static], sources: [hello]";
    let script = "test -f /src/hello/debian/changelog; mkdir -p /out/bin; cp /bin/busybox /out/bin/tool\n\
                  cat /recipe/number >> /out/bin/tool; chown 7:7 /out/bin/tool; chmod 4700 /out/bin/tool";
    let path = recipe(&home, tree, script);
    let commands = bake(&home, ["build", &path, "--dry-run", "-o", "json"]).json().to_string();
    assert!(commands.contains("mmdebstrap") && commands.contains("/recipe/build.sh"), "{commands}");
    assert!(explained(&home, &path).to_string().contains("artifact tools"));
    assert!(build(&path).ok().contains("baked made"));
    assert_eq!((runs(&home), counter.runs()), (3, 1));
    assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "a tree is still there");
    let kept = artifacts(&home);
    let tool = fs::metadata(home.root().join("artifacts").join(&kept[0]).join("content/bin/tool")).unwrap();
    assert_eq!((tool.uid(), tool.mode() & 0o7777), (fs::metadata(home.root()).unwrap().uid(), 0o555));
    let digest = fs::read_to_string(home.root().join("names/made")).unwrap();
    let image = home.root().join("images").join(digest.trim().trim_start_matches("sha256:"));
    assert_eq!(DiskReader::open(&image.join("disk.qcow2")).mode("/opt/tool").unwrap(), ("0555".to_owned(), 0, 0));

    // Nothing changed: nothing is built, even where the artifact is gone.
    fs::rename(home.root().join("artifacts").join(&kept[0]), home.work().join("gone")).unwrap();
    assert!(build(&path).ok().contains("nothing changed"));
    assert!(explained(&home, &path).as_array().unwrap().iter().all(|layer| layer["cached"] == true));
    fs::rename(home.work().join("gone"), home.root().join("artifacts").join(&kept[0])).unwrap();
    assert_eq!((runs(&home), counter.runs()), (3, 1));

    // Another script is another artifact. This one does not make what the step reads.
    let path = recipe(&home, "packages: []", "mkdir /out/lib");
    let why = explained(&home, &path);
    assert!(
        why[1]["layer"] == "artifact tools" && why[1]["reasons"].to_string().contains("build.sh changed"),
        "{why:#}"
    );
    let said = build(&path).fails(BAKE);
    assert!(said.contains("no `bin/tool` in the artifact `tools`; there is: lib"), "{said}");
    assert_eq!((runs(&home), artifacts(&home).len(), counter.runs()), (4, 2, 1));

    // An image was made with the first one; nobody needs the second.
    assert_eq!(bake(&home, ["prune", "-o", "json"]).json()["artifacts"].as_array().unwrap().len(), 1);
    assert_eq!(artifacts(&home), kept);
}
