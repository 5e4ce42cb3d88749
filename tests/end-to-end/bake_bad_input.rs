//! What `bake` says of recipes and files that are wrong: all of it, where it is, and what to do. Nothing is left behind.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::process::Command;

use camino::Utf8Path;
use kiln_tests::{TestHome, bake, qcow2_disk, qemu_img, raw_disk};
use serde_json::Value;

/// The exit codes that `bake --help` documents.
const FILE: i32 = 3;
const HOST: i32 = 4;
const IMAGE: i32 = 5;
const NOT_FOUND: i32 = 10;

/// A recipe on this base.
fn on(base: &str, disk: &str) -> String {
    format!("name: mine\nbase: {base}\nuser: debian\ndisk: {disk}\n")
}

#[track_caller]
fn contains_all(text: &str, expected: &[&str]) {
    for part in expected {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

/// Whether a home holds nothing that a failed command has left.
#[track_caller]
fn assert_clean(home: &TestHome) {
    for folder in ["scratch", "downloads", "layers", "images", "names"] {
        if let Ok(entries) = fs::read_dir(home.root().join(folder)) {
            let left: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
            assert!(left.is_empty(), "left behind: {left:?}");
        }
    }
}

#[test]
fn all_problems_of_a_recipe_come_at_once() {
    let home = TestHome::empty();
    let path = home.file(
        "bad.yaml",
        "name: Bad Name\nbase: {image: debian-12}\nuser: debian\ndisk: 10G\nlayers:\n- name: a\n  steps:\n  \
         - instal: [curl]\n  - write: {path: etc/motd, content: x, mod: '0644'}\nchekcs: []\n",
    );
    let said = bake(&home, ["validate", &path]).fails(FILE);
    contains_all(
        &said,
        &[
            "bad.yaml:1:7",
            "1 | name: Bad Name",
            "bad.yaml:4:7",
            "10GiB",
            "bad.yaml:8:5",
            "did you mean `install`?",
            "bad.yaml:9:",
            "must be absolute",
            "mod",
            "bad.yaml:10:1",
            "did you mean `checks`?",
            "^",
        ],
    );
    let json: Value = serde_json::from_str(&bake(&home, ["validate", &path, "-o", "json"]).fails(FILE)).unwrap();
    assert_eq!(json["error"]["code"], FILE);
    let problems = json["error"]["details"]["problems"].as_array().unwrap();
    assert!(problems.len() >= 6, "{json:#}");
    assert!(problems.iter().all(|problem| problem["line"].is_u64() && problem["column"].is_u64()), "{json:#}");
}

#[test]
fn fields_that_are_missing_are_named() {
    let home = TestHome::empty();
    let path = home.file("short.yaml", "name: mine\n");
    let said = bake(&home, ["build", &path]).fails(FILE);
    contains_all(&said, &["short.yaml:1", "`base`", "`user`", "`disk`", "1 | name: mine"]);
    let path =
        home.file("step.yaml", &(on("{image: x}", "1GiB") + "layers: [{name: a, steps: [write: {path: /x}]}]\n"));
    contains_all(&bake(&home, ["validate", &path]).fails(FILE), &["step.yaml:5:", "`content`"]);
    let path = home.file("not.yaml", "name: [mine\n");
    contains_all(&bake(&home, ["validate", &path]).fails(FILE), &["not.yaml:"]);
}

#[test]
fn names_that_would_leave_their_folder_are_refused() {
    let home = TestHome::empty();
    for name in ["../mine", "a/b", "it's", "a\"b", "Mine", "", ".hidden", "a..b", "-o", "$(reboot)", &"a".repeat(64)] {
        let text = format!("name: {}\nbase: {{image: debian-12}}\nuser: debian\ndisk: 10GiB\n", Value::from(name));
        let path = home.file("name.yaml", &text);
        let said = bake(&home, ["validate", &path]).fails(FILE);
        contains_all(&said, &["name.yaml:1:7"]);
        let text = on(&format!("{{image: {}}}", Value::from(name)), "10GiB");
        let path = home.file("name.yaml", &text);
        contains_all(&bake(&home, ["build", &path]).fails(FILE), &["name.yaml:2:"]);
    }
    for user in ["../x", "a b", "it's", "-x", "root; reboot"] {
        let text = on("{image: debian-12}", "10GiB").replace("debian\n", &format!("{}\n", Value::from(user)));
        contains_all(&bake(&home, ["validate", &home.file("user.yaml", &text)]).fails(FILE), &["user.yaml:3:"]);
    }
    assert_clean(&home);
}

#[test]
fn what_is_not_there_is_not_found() {
    let home = TestHome::empty();
    contains_all(&bake(&home, ["build", "debian-99"]).fails(NOT_FOUND), &["debian-99", "debian-12"]);
    contains_all(&bake(&home, ["build", "./none.yaml"]).fails(FILE), &["none.yaml", "No such file"]);
    let path = home.file("image.yaml", &on("{image: centos-7}", "10GiB"));
    contains_all(&bake(&home, ["build", &path]).fails(NOT_FOUND), &["`centos-7`", "bake build RECIPE"]);
    let path = home.file("image.yaml", &on("{image: debian-12}", "10GiB"));
    contains_all(&bake(&home, ["build", &path]).fails(NOT_FOUND), &["`debian-12`", "bake build debian-12"]);
    for command in ["rm", "verify", "show"] {
        let said = bake(&home, [command, "debian-12"]).fails(NOT_FOUND);
        assert!(said.contains("no images yet") && !said.contains("bake build"), "{command}: {said}");
    }
    let path = home.file("file.yaml", &on("{file: {path: none.qcow2}}", "10GiB"));
    contains_all(&bake(&home, ["build", &path]).fails(FILE), &["file.yaml:2:", "none.qcow2", "does not exist"]);
    let text = on("{image: x}", "1GiB") + "layers: [{name: a, steps: [{upload: {from: none.txt, to: /x}}]}]\n";
    let path = home.file("upload.yaml", &text);
    contains_all(&bake(&home, ["build", &path]).fails(FILE), &["upload.yaml:5:", "none.txt", "does not exist"]);
    assert_clean(&home);
}

#[test]
fn files_that_are_no_disks_are_refused() {
    let home = TestHome::empty();
    let work = home.work();
    let whole = work.join("whole.qcow2");
    qcow2_disk(&whole, 1, 2 << 20);
    fs::write(work.join("empty.qcow2"), "").unwrap();
    fs::write(work.join("random.qcow2"), &raw_disk(3, 1 << 20)[1000..]).unwrap();
    let bytes = fs::read(&whole).unwrap();
    fs::write(work.join("truncated.qcow2"), &bytes[..bytes.len() / 2]).unwrap();
    let overlay = work.join("overlay.qcow2");
    qemu_img(&["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", whole.as_str(), overlay.as_str()]);
    for (file, why) in [
        ("empty.qcow2", "it is empty"),
        ("random.qcow2", "no disk image"),
        ("truncated.qcow2", "damaged or incomplete"),
        ("overlay.qcow2", "overlay of another file"),
    ] {
        let path = home.file("base.yaml", &on(&format!("{{file: {{path: {file}}}}}"), "1GiB"));
        for command in [&["build", &path] as &[_], &["fetch", &path], &["build", &path, "--dry-run"]] {
            contains_all(&bake(&home, command).fails(IMAGE), &[file, why]);
        }
        assert!(!work.join("kiln.lock").exists(), "{file} was pinned");
        assert_clean(&home);
    }
    let import = bake(&home, ["import", "random.qcow2", "--name", "x", "--user", "debian"]);
    contains_all(&import.fails(IMAGE), &["random.qcow2", "no disk image"]);
    let import = bake(&home, ["import", "none.qcow2", "--name", "x", "--user", "debian"]);
    contains_all(&import.fails(FILE), &["none.qcow2", "No such file"]);
}

/// So that the refusals above are no refusals of everything.
#[test]
fn disks_of_every_format_are_taken() {
    let home = TestHome::empty();
    let whole = home.work().join("base.qcow2");
    qcow2_disk(&whole, 1, 2 << 20);
    let sparse: &[&str] = &["-o", "subformat=monolithicSparse"];
    let stream: &[&str] = &["-o", "subformat=streamOptimized"];
    for (format, options) in [("raw", &[] as &[&str]), ("vmdk", sparse), ("vmdk", stream)] {
        let file = home.work().join("base.disk");
        qemu_img(&[&["convert", "-f", "qcow2", "-O", format], options, &[whole.as_str(), file.as_str()]].concat());
        let sum = sha256(&file);
        let path =
            home.file("base.yaml", &on(&format!("{{file: {{path: base.disk, checksum: 'sha256:{sum}'}}}}"), "1GiB"));
        let commands = bake(&home, ["build", &path, "--dry-run"]).ok();
        assert!(commands.contains(&format!(" -f {format} ")), "{commands}");
    }
}

#[test]
fn a_program_that_is_missing_is_named_with_its_package() {
    let home = TestHome::empty();
    for (variable, package) in [("KILN_QEMU_IMG", "qemu-utils"), ("KILN_VIRT_CUSTOMIZE", "guestfs-tools")] {
        let said = bake(&home, ["build", "debian-12"]).env(variable, "/nowhere/program").fails(HOST);
        contains_all(&said, &["was not found", package, variable]);
    }
    let doctor = bake(&home, ["doctor"]).env("KILN_VIRT_CUSTOMIZE", "/nowhere/program").finish();
    contains_all(&doctor.stdout(), &["BAD   program virt-customize", "guestfs-tools"]);
    assert_eq!(doctor.code(), Some(HOST));
    assert_clean(&home);
}

#[test]
fn a_disk_can_only_grow() {
    let home = TestHome::empty();
    qemu_img(&["create", "-q", "-f", "qcow2", home.work().join("large.qcow2").as_str(), "2G"]);
    let path = home.file("small.yaml", &on("{file: {path: large.qcow2}}", "1GiB"));
    contains_all(&bake(&home, ["build", &path]).fails(FILE), &["1GiB", "disk: 2GiB", "smaller"]);
}

#[test]
fn another_checksum_is_refused_with_both() {
    let home = TestHome::empty();
    qcow2_disk(&home.work().join("base.qcow2"), 1, 1 << 20);
    let wrong = format!("sha256:{}", "ab".repeat(32));
    let path = home.file("sum.yaml", &on(&format!("{{file: {{path: base.qcow2, checksum: '{wrong}'}}}}"), "1GiB"));
    let found = format!("sha256:{}", sha256(&home.work().join("base.qcow2")));
    contains_all(&bake(&home, ["fetch", &path]).fails(IMAGE), &["base.qcow2", &wrong, &found]);
    assert_clean(&home);
    let path = home.file("sum.yaml", &on(&format!("{{file: {{path: base.qcow2, checksum: '{found}'}}}}"), "1GiB"));
    contains_all(&bake(&home, ["fetch", &path]).ok(), &["base.qcow2", &found]);
    assert!(!home.work().join("kiln.lock").exists(), "what has a checksum needs no pin");
}

#[test]
fn a_file_is_pinned_on_first_use_and_must_stay_what_it_was() {
    let home = TestHome::empty();
    let disk = home.work().join("base.qcow2");
    qcow2_disk(&disk, 1, 1 << 20);
    let first = sha256(&disk);
    let path = home.file("pin.yaml", &on("{file: {path: base.qcow2}}", "1GiB"));
    let fetched = bake(&home, ["fetch", &path]).finish();
    contains_all(&fetched.stderr(), &["pinned", "base.qcow2", &first, "kiln.lock"]);
    contains_all(&fetched.ok(), &[&first]);
    contains_all(&fs::read_to_string(home.work().join("kiln.lock")).unwrap(), &["base.qcow2", &first]);
    assert!(!bake(&home, ["fetch", &path]).finish().stderr().contains("pinned"), "it was pinned before");

    qcow2_disk(&disk, 2, 1 << 20);
    let second = sha256(&disk);
    contains_all(&bake(&home, ["build", &path]).fails(IMAGE), &["base.qcow2", &first, &second, "kiln.lock"]);
}

fn sha256(path: &Utf8Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}
