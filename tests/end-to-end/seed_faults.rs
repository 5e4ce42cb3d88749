//! What goes wrong with mirrors, second sources, configurations and bundles, as far as no image is made.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;

use kiln_tests::{RepositoryKey, Server, TestHome, bake, qcow2_disk, sha256_of, shipped};

/// The exit codes for images and downloads, and for files of the user's.
const IMAGE: i32 = 5;
const FILE: i32 = 3;

/// A URL that leads nowhere (RFC 6761), and so must be mirrored.
const URL: &str = "https://images.invalid/7/disk.qcow2";

fn recipe(home: &TestHome, base: &str) -> String {
    home.file("web.yaml", &format!("name: web\nbase: {base}\nuser: debian\ndisk: 1GiB\n"))
}

/// A configuration that takes everything of images.invalid from `mirror`.
fn config(home: &TestHome, mirror: &str) -> String {
    home.file("config.yaml", &format!("mirrors:\n  images.invalid: {mirror}\n"))
}

fn disk(home: &TestHome) -> Vec<u8> {
    let path = home.work().join("source.qcow2");
    qcow2_disk(&path, 1, 3 << 20);
    fs::read(path).unwrap()
}

#[test]
fn a_mirror_stands_for_a_host_and_the_pin_is_of_the_host() {
    let home = TestHome::empty();
    let server = Server::of(disk(&home));
    let folder = home.work().join("mirror");
    fs::create_dir_all(folder.join("7")).unwrap();
    fs::copy(home.work().join("source.qcow2"), folder.join("7/disk.qcow2")).unwrap();
    let path = recipe(&home, &format!("{{url: {{from: ['{URL}']}}}}"));
    let by_web = config(&home, &server.url("mirror"));
    assert!(bake(&home, ["fetch", &path]).env("KILN_CONFIG", &by_web).ok().contains(URL));
    let pinned = fs::read_to_string(home.work().join("kiln.lock")).unwrap();
    assert!(pinned.contains(URL) && !pinned.contains("127.0.0.1"), "{pinned}");
    // Another home, another mirror: the pin holds.
    let other = home.work().join("other-home");
    let by_folder = config(&home, folder.as_str());
    let words = ["fetch", &path, "--home", other.as_str()];
    bake(&home, words).env("KILN_CONFIG", &by_folder).ok();
    assert_eq!(server.ranges().len(), 1);
}

#[test]
fn what_a_mirror_has_not_or_has_wrong_is_named_with_both_names() {
    let home = TestHome::empty();
    let path = recipe(&home, &format!("{{url: {{from: ['{URL}']}}}}"));
    let empty = config(&home, "/nowhere/at-all");
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", &empty).fails(IMAGE);
    assert!(said.contains(URL) && said.contains("/nowhere/at-all/7/disk.qcow2"), "{said}");
    assert!(said.contains("put it there"), "{said}");

    let server = Server::of(b"<!DOCTYPE html><title>Sign in</title>".to_vec());
    let page = config(&home, &server.url("mirror"));
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", &page).fails(IMAGE);
    assert!(said.contains(URL) && said.contains("web page") && said.contains("browser"), "{said}");

    for (status, code) in [("404 Not Found", "404"), ("503 Service Unavailable", "503")] {
        server.refuse(Some(status));
        let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", &page).fails(IMAGE);
        for part in [URL, &server.url("mirror/7/disk.qcow2"), code, "`mirrors:`", "`also:`"] {
            assert!(said.contains(part), "{part} is missing in:\n{said}");
        }
    }
    server.refuse(None);

    server.replace(disk(&home));
    server.cut_at(Some(1000));
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", &page).fails(IMAGE);
    assert!(said.contains(URL) && said.contains("interrupted after 1000 of"), "{said}");
    server.cut_at(None);

    let digest = "a".repeat(64);
    let path = recipe(&home, &format!("{{url: {{from: ['{URL}'], checksum: '{digest}'}}}}"));
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", &page).fails(IMAGE);
    assert!(said.contains(URL) && said.contains("expected") && said.contains(&digest), "{said}");
}

#[test]
fn a_list_of_checksums_is_believed_by_its_signature() {
    let home = TestHome::empty();
    let key = RepositoryKey::generate();
    let folder = home.work().join("mirror/7");
    fs::create_dir_all(&folder).unwrap();
    let bytes = disk(&home);
    fs::write(folder.join("disk.qcow2"), &bytes).unwrap();
    let config = config(&home, home.work().join("mirror").as_str());
    fs::write(home.work().join("key.asc"), key.public()).unwrap();
    let base = |fingerprint: &str| {
        format!(
            "{{url: {{from: ['{URL}'], checksums: {{url: 'https://images.invalid/7/SHA256SUMS.asc', keyring: key.asc, \
             fingerprint: {fingerprint}}}}}}}"
        )
    };
    let sums = home.file("sums", &format!("{}  disk.qcow2\n", "a".repeat(64)));
    key.clear_sign(sums.as_str().into(), &folder.join("SHA256SUMS.asc"));
    let path = recipe(&home, &base(&key.fingerprint()));
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", &config).fails(IMAGE);
    assert!(said.contains("expected") && said.contains(URL), "{said}");
    // Signed by somebody else.
    let path = recipe(&home, &base(&"0".repeat(40)));
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", &config).fails(IMAGE);
    for part in ["no valid signature", "SHA256SUMS.asc", &"0".repeat(40), "do not use it", "fingerprint"] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }

    // A signature apart, of another list, and then of this one.
    let list = folder.join("SHA256SUMS");
    fs::write(&list, format!("{}  disk.qcow2\n", sha256_of(&folder.join("disk.qcow2")))).unwrap();
    key.detach_sign(&list, &folder.join("SHA256SUMS.sig"));
    let apart = "SHA256SUMS', signature: 'https://images.invalid/7/SHA256SUMS.sig'";
    let path = recipe(&home, &base(&key.fingerprint()).replace("SHA256SUMS.asc'", apart));
    let right = fs::read_to_string(&list).unwrap();
    fs::write(&list, right.to_uppercase()).unwrap();
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", &config).fails(IMAGE);
    assert!(said.contains("no valid signature") && said.contains("SHA256SUMS"), "{said}");
    fs::write(&list, right).unwrap();
    bake(&home, ["fetch", &path]).env("KILN_CONFIG", &config).ok();
}

#[test]
fn a_second_source_is_asked_and_named() {
    let home = TestHome::empty();
    disk(&home);
    let tool = home.file("tool", "#!/bin/sh\n");
    let server = Server::of(fs::read(&tool).unwrap());
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let digest = sha256_of(tool.as_str().into());
    let path = home.file(
        "steps.yaml",
        &format!(
            "name: web\nbase: {{file: {{path: source.qcow2}}}}\nuser: debian\ndisk: 1GiB\nlayers:\n- name: a\n  steps:\n  \
             - download: {{url: 'http://{gone}/tool', also: ['{}'], sha256: {digest}, to: /usr/bin/tool}}\n",
            server.url("second/tool")
        ),
    );
    let fetched = bake(&home, ["fetch", &path]).finish();
    let said = fetched.stderr();
    assert!(
        said.contains("next source") && said.contains(&format!("tool came from {}", server.url("second/tool"))),
        "{said}"
    );
    fetched.ok();
    // Nobody answers.
    let text = fs::read_to_string(home.work().join("steps.yaml")).unwrap();
    let alone = home.file("alone.yaml", &text.replace(&server.url("second/tool"), &format!("http://{gone}/second")));
    fs::remove_dir_all(home.root()).unwrap();
    let said = bake(&home, ["fetch", &alone]).fails(IMAGE);
    for part in ["`mirrors:`", "`also:`", &format!("http://{gone}/second")] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
}

#[test]
fn a_configuration_is_strict_and_has_a_schema() {
    let home = TestHome::empty();
    let path = recipe(&home, &format!("{{url: {{from: ['{URL}']}}}}"));
    let bad = home.file("bad.yaml", "mirors:\n  example.org: /srv\n");
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", &bad).fails(FILE);
    assert!(said.contains("bad.yaml:1:1") && said.contains("did you mean `mirrors`?"), "{said}");
    let said = bake(&home, ["fetch", &path]).env("KILN_CONFIG", "missing.yaml").fails(FILE);
    assert!(said.contains("missing.yaml"), "{said}");
    let schema = bake(&home, ["schema", "config"]).finish().json_document();
    assert!(schema["properties"]["mirrors"].is_object(), "{schema:#}");
}

#[test]
fn a_bundle_is_none_or_not_for_this() {
    let home = TestHome::empty();
    let path = recipe(&home, &format!("{{url: {{from: ['{URL}']}}}}"));
    for folder in [".", "./none"] {
        let said = bake(&home, ["build", &path, "--offline", "--bundle", folder]).fails(FILE);
        assert!(said.contains("no bundle") && said.contains("bake fetch RECIPE --bundle"), "{said}");
    }
    let said = bake(&home, ["fetch", "debian-12", "--bundle", "bundle"]).fails(FILE);
    assert!(said.contains("Debian packages") && said.contains("base: {image: NAME}"), "{said}");
}

#[test]
fn manifests_that_would_ask_a_registry_are_found() {
    let home = TestHome::empty();
    disk(&home);
    home.file("pod.yaml", "kind: Pod\nspec:\n  containers:\n  - name: a\n    imagePullPolicy: Always\n");
    fs::create_dir(home.work().join("images")).unwrap();
    let path = home.file(
        "pulls.yaml",
        "name: pulls\nbase: {file: {path: source.qcow2}}\nuser: debian\ndisk: 1GiB\nlayers:\n- name: a\n  steps:\n  \
         - upload: {from: pod.yaml, to: /root/pod.yaml}\n- name: b\n  boot: true\n  steps:\n  \
         - container-images: {files: [images]}\n",
    );
    let said = bake(&home, ["fetch", &path]).fails(FILE);
    assert!(said.contains("pod.yaml, line 5") && said.contains("IfNotPresent"), "{said}");
}

/// The keyring beside the shipped recipe has the key whose fingerprint the recipe names.
#[test]
fn the_shipped_key_is_the_one_of_the_recipe() {
    let keyring = concat!(env!("CARGO_MANIFEST_DIR"), "/../recipes/centos-7.5-k8s-1.12/RPM-GPG-KEY-CentOS-7");
    let folder = tempfile::tempdir().unwrap();
    let mut gpg = std::process::Command::new("gpg");
    let ran = gpg.arg("--homedir").arg(folder.path()).args(["--batch", "--with-colons", "--show-keys", keyring]);
    let said = String::from_utf8(ran.output().unwrap().stdout).unwrap();
    let fingerprint = said.lines().find(|line| line.starts_with("fpr")).unwrap().split(':').nth(9).unwrap();
    let plain: String = shipped().split_whitespace().collect();
    assert!(plain.contains(fingerprint), "{fingerprint}");
}
