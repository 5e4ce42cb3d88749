//! Layers that are made in the booted image: they are cached, they fail with words, and no machine outlives its bake.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use camino::Utf8Path;
use kiln_tests::{DiskReader, Guest, TestHome, bake, debian, processes, until};
use serde_json::Value;

/// The exit codes for a step or a boot that failed, and for a recipe that is wrong.
const BAKE: i32 = 6;
const FILE: i32 = 3;

/// Stands in for docker, which takes a minute to start under emulation: it loads an image by remembering its name and the
/// digest of its configuration, as the real one does. The archives here have one image each.
const DOCKER: &str = r#"#!/bin/sh
set -e
kept=/var/lib/docker-stand-in
mkdir -p "$kept"
if [ "$1 $2 $3" = "load --quiet --input" ]; then
    name=$(tar -xOf "$4" manifest.json | sed 's/.*RepoTags": \["\([^"]*\)".*/\1/')
    tar -xOf "$4" config.json | sha256sum | sed 's/ .*//; s/^/sha256:/' > "$kept/$(echo "$name" | tr / _)"
elif [ "$1 $2" = "image inspect" ]; then
    cat "$kept/$(echo "$5" | tr / _)"
fi
"#;

fn machines(home: &TestHome) -> usize {
    processes(home).iter().filter(|process| process.is_machine()).count()
}

/// The digest of a text, by the system's own program.
fn sha256(text: &str) -> String {
    let mut sum = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    sum.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    String::from_utf8(sum.wait_with_output().unwrap().stdout).unwrap()[..64].to_owned()
}

/// Makes a docker-archive of an image without layers, and returns the digest of its configuration.
fn archive(folder: &Utf8Path, name: &str) -> String {
    let config = format!("{{\"config\": {{\"Labels\": {{\"name\": \"{name}\"}}}}}}");
    fs::write(folder.join("config.json"), &config).unwrap();
    let manifest = format!("[{{\"Config\": \"config.json\", \"RepoTags\": [\"{name}\"], \"Layers\": []}}]");
    fs::write(folder.join("manifest.json"), manifest).unwrap();
    let path = folder.join(format!("{}.tar", name.replace(['/', ':'], "-")));
    let mut tar = Command::new("tar");
    tar.args(["-C", folder.as_str(), "-cf", path.as_str(), "manifest.json", "config.json"]);
    assert!(tar.status().unwrap().success());
    sha256(&config)
}

fn recipe(home: &TestHome, check: &str) -> String {
    let docker = DOCKER.replace('\n', "\n        ");
    home.file(
        "booted.yaml",
        &format!(
            "name: booted\nbase: {{image: debian-12}}\nuser: debian\ndisk: 10GiB\nboot: {{cpus: 1, memory: 1GiB}}\n\
             layers:\n- name: live\n  boot: true\n  steps:\n  - write:\n      path: /usr/local/bin/docker\n      \
             mode: '0755'\n      content: |\n        {docker}\n  - script: note.sh\n  \
             - container-images: {{files: [archives]}}\n  - run: date > /etc/booted\nchecks:\n- {check}\n"
        ),
    )
}

/// One recipe's life, with a single boot: it takes a minute or two under emulation.
#[test]
fn a_layer_is_made_in_the_booted_image() {
    let home = TestHome::of_ordinary_user().and_debian();
    let archives = home.work().join("archives");
    fs::create_dir(&archives).unwrap();
    home.give_to_owner(&archives);
    let digests = ["k8s.gcr.io/pause:3.2", "probe:1"].map(|name| (name, archive(&archives, name)));
    home.file(
        "note.sh",
        "#!/bin/bash\nset -e\n[[ $(systemctl is-system-running) != starting ]]\nhostname > /etc/note\n",
    );

    // It is killed while the image boots: the machine is a helper, and dies with it.
    let path = recipe(&home, "test -s /etc/note");
    let mut build = bake(&home, ["build", &path]).start();
    build.until("the start of the machine", Duration::from_secs(60), || machines(&home) > 0);
    build.kill();
    until("the end of the machine", Duration::from_secs(10), || machines(&home) == 0);

    // The next build repairs all that.
    let commands = bake(&home, ["build", &path, "--dry-run"]).ok();
    assert!(commands.contains("qemu-system-x86_64") && commands.contains("# in the booted image: script: note.sh"));
    assert!(!commands.contains("restrict=on"), "a command may need the network:\n{commands}");
    assert!(bake(&home, ["build", &path]).ok().contains("baked booted"));
    assert_eq!(machines(&home), 0);
    let manifest = bake(&home, ["show", "booted", "-o", "json"]).json();
    let expected =
        digests.map(|(name, digest)| serde_json::json!({"name": name, "digest": format!("sha256:{digest}")}));
    assert_eq!(manifest["container-images"], Value::from(expected.to_vec()));
    let layers: Vec<_> = manifest["layers"].as_array().unwrap().iter().map(|layer| &layer["name"]).collect();
    assert_eq!(layers, ["base", "live", "finish"]);
    assert_sealed(&home, &manifest);

    // What comes behind it changes: it is not booted again.
    let path = recipe(&home, "test -s /etc/booted");
    let layers = bake(&home, ["build", &path, "--explain", "-o", "json"]).json();
    let cached: Vec<_> = layers.as_array().unwrap().iter().map(|layer| layer["cached"] == true).collect();
    assert_eq!(cached, [true, true, false], "{layers:#}");
    assert!(!bake(&home, ["build", &path, "--dry-run"]).ok().contains("qemu-system"));

    // One byte of an archive changes: it is, and the reason is named.
    archive(&archives, "probe:1");
    fs::OpenOptions::new().append(true).open(archives.join("probe-1.tar")).unwrap().write_all(&[0]).unwrap();
    let why = bake(&home, ["build", &path, "--explain"]).ok();
    assert!(why.contains("archives/probe-1.tar changed"), "{why}");
    debian().assert_untouched();
}

/// What the boot left that no clone may inherit is not on the finished disk; what its steps did is.
fn assert_sealed(home: &TestHome, manifest: &Value) {
    let digest = manifest["digest"].as_str().unwrap().trim_start_matches("sha256:");
    let disk = DiskReader::open(&home.root().join("images").join(digest).join("disk.qcow2"));
    assert_eq!(disk.read("/etc/note").unwrap(), "kiln-bake\n");
    assert!(!disk.read("/etc/booted").unwrap().is_empty());
    assert_eq!(disk.read("/etc/machine-id").unwrap(), "");
    for gone in [
        "/etc/hostname",
        "/etc/ssh/ssh_host_ed25519_key",
        "/etc/ssh/sshd_config.d/50-cloud-init.conf",
        "/etc/sudoers.d/90-cloud-init-users",
        "/etc/systemd/network/10-cloud-init-eth0.network",
        "/home/debian/.ssh",
        "/var/lib/cloud/instance",
        "/var/lib/cloud/instances",
        "/var/lib/cloud/sem",
        "/var/lib/systemd/random-seed",
    ] {
        assert!(disk.mode(gone).is_none(), "{gone} was left");
    }
    // The drop-ins beside what cloud-init wrote are the image's own.
    assert!(disk.mode("/etc/systemd/network/10-cloud-init-eth0.network.d/kiln.conf").is_some());
    assert!(!disk.read("/etc/hosts").unwrap().contains("kiln-bake"));
}

#[test]
fn an_image_that_cannot_boot_is_not_waited_for() {
    let home = TestHome::empty();
    let golden = home.publish("panics", Guest::Says("Kernel panic - not syncing: VFS: no root\r\n"));
    let path = home.file(
        "panics.yaml",
        "name: mine\nbase: {image: panics}\nuser: debian\ndisk: 1GiB\nlayers:\n\
         - {name: live, boot: true, steps: [{run: 'true'}]}\n",
    );
    let said = bake(&home, ["build", &path]).fails(BAKE);
    for part in ["`live`", "while the image booted", "cannot boot: Kernel panic", "its console ended with"] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    assert_eq!(machines(&home), 0);
    golden.assert_untouched();
}

#[test]
fn what_a_layer_cannot_have_is_said_before_anything_is_made() {
    let home = TestHome::empty();
    let path = home.file(
        "bad.yaml",
        "name: bad\nbase: {image: debian-12}\nuser: debian\ndisk: 10GiB\nboot: {cpus: 0}\nlayers:\n\
         - name: a\n  steps: [{container-images: {files: [none.tar]}}]\n\
         - name: b\n  boot: true\n  steps: [{container-images: {}}, {container-images: {artifact: x}}]\n",
    );
    let said = bake(&home, ["validate", &path]).fails(FILE);
    for part in [
        "boot: true",
        "none.tar does not exist",
        "no archive and no image",
        "belong together",
        "at least one processor",
    ] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
}
