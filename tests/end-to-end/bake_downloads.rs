//! Bases from the network: resumed, checked, pinned, unpacked.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::process::Command;

use kiln_tests::{Server, TestHome, bake, qcow2_disk};
use serde_json::Value;

/// The exit code for images and downloads.
const IMAGE: i32 = 5;

fn recipe(home: &TestHome, base: &str) -> String {
    home.file("web.yaml", &format!("name: web\nbase: {base}\nuser: debian\ndisk: 1GiB\n"))
}

fn disk(home: &TestHome, seed: u64) -> Vec<u8> {
    let path = home.work().join("source.qcow2");
    qcow2_disk(&path, seed, 3 << 20);
    fs::read(path).unwrap()
}

fn pinned(home: &TestHome) -> String {
    fs::read_to_string(home.work().join("kiln.lock")).unwrap_or_default()
}

#[test]
fn a_download_that_broke_off_goes_on_where_it_did() {
    let home = TestHome::empty();
    let body = disk(&home, 1);
    let server = Server::of(body.clone());
    let path = recipe(&home, &format!("{{url: {{from: ['{}']}}}}", server.url("base.qcow2")));
    let half = body.len() / 2;
    server.cut_at(Some(half));
    let said = bake(&home, ["fetch", &path]).fails(IMAGE);
    assert!(said.contains(&format!("{half} of {}", body.len())) && said.contains("base.qcow2"), "{said}");
    assert_eq!(pinned(&home), "", "half a file was pinned");

    server.cut_at(None);
    let fetched = bake(&home, ["fetch", &path, "-o", "json"]).json();
    assert_eq!(server.ranges(), [None, Some(format!("bytes={half}-"))]);
    let digest = fetched["digest"].as_str().unwrap();
    assert!(pinned(&home).contains(digest), "{digest} was not pinned");
    let kept = home.root().join("downloads").join(digest.trim_start_matches("sha256:"));
    assert!(fs::read(kept).unwrap() == body, "the halves do not fit together");

    // It is here: nobody is asked for it again.
    assert_eq!(bake(&home, ["fetch", &path, "-o", "json"]).json()["digest"], digest);
    assert_eq!(server.ranges().len(), 2);
}

#[test]
fn what_changed_on_the_server_is_refused() {
    let home = TestHome::empty();
    let server = Server::of(disk(&home, 1));
    let path = recipe(&home, &format!("{{url: {{from: ['{}']}}}}", server.url("base.qcow2")));
    let fetched = bake(&home, ["fetch", &path]).finish();
    assert!(fetched.stderr().contains("pinned") && fetched.stderr().contains("kiln.lock"), "{}", fetched.stderr());
    let first = fetched.ok();

    // Somebody else, who has the recipe and its kiln.lock, but not the file.
    server.replace(disk(&home, 2));
    let other = home.work().join("other-home");
    let said = bake(&home, ["fetch", &path, "--home", other.as_str()]).fails(IMAGE);
    let known: Value = serde_json::from_str(&pinned(&home)).unwrap();
    let expected = known["pins"][server.url("base.qcow2")]["sha256"].as_str().unwrap().to_owned();
    assert!(first.contains(&expected), "{first}");
    for part in ["base.qcow2", "expected", &expected, "found", "kiln.lock"] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
    let left: Vec<_> = fs::read_dir(other.join("downloads")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_interrupted_download_of_something_else_by_now_begins_anew() {
    let home = TestHome::empty();
    let server = Server::of(disk(&home, 1));
    let path = recipe(&home, &format!("{{url: {{from: ['{}']}}}}", server.url("base.qcow2")));
    server.cut_at(Some(1 << 20));
    assert!(bake(&home, ["fetch", &path]).fails(IMAGE).contains("interrupted"));
    server.cut_at(None);
    let body = disk(&home, 2);
    server.replace(body.clone());
    let fetched = bake(&home, ["fetch", &path, "-o", "json"]).json();
    let digest = fetched["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    assert!(fs::read(home.root().join("downloads").join(digest)).unwrap() == body, "two files were mixed");
}

#[test]
fn a_packed_base_is_unpacked() {
    let home = TestHome::empty();
    let body = disk(&home, 1);
    let packed = home.work().join("source.qcow2.xz");
    assert!(Command::new("xz").args(["-k", "-1"]).arg(home.work().join("source.qcow2")).status().unwrap().success());
    let server = Server::of(fs::read(&packed).unwrap());
    let from_web = format!("{{url: {{from: ['{}']}}}}", server.url("base.qcow2.xz"));
    for base in [&from_web, "{file: {path: source.qcow2.xz}}"] {
        let path = recipe(&home, base);
        let commands = bake(&home, ["build", &path, "--dry-run", "-o", "json"]).json();
        let convert = commands[0].as_str().unwrap();
        let source = convert.split_whitespace().rev().nth(1).unwrap();
        assert!(convert.contains(" convert ") && fs::read(source).unwrap() == body, "{convert}");
    }
    fs::write(home.work().join("broken.qcow2.xz"), &fs::read(&packed).unwrap()[..1000]).unwrap();
    let path = recipe(&home, "{file: {path: broken.qcow2.xz}}");
    assert!(bake(&home, ["fetch", &path]).fails(IMAGE).contains("broken.qcow2.xz"));
}

#[test]
fn plain_http_needs_a_digest() {
    let home = TestHome::empty();
    // A name that never resolves (RFC 6761): it is refused before anybody is asked.
    let path = recipe(&home, "{url: {from: ['http://mirror.invalid/base.qcow2']}}");
    let said = bake(&home, ["fetch", &path]).fails(IMAGE);
    assert!(said.contains("http://mirror.invalid/base.qcow2") && said.contains("https"), "{said}");
    for (url, why) in [("ftp://mirror.invalid/x", "https"), ("https://me:secret@mirror.invalid/x", "password")] {
        let path = recipe(&home, &format!("{{url: {{from: ['{url}']}}}}"));
        let said = bake(&home, ["fetch", &path]).finish();
        assert!(said.code() != Some(0) && said.stderr().contains(why), "{}", said.stderr());
    }
}

#[test]
fn a_source_that_does_not_answer_is_passed_over() {
    let home = TestHome::empty();
    let server = Server::of(disk(&home, 1));
    // The port of a listener that is gone again.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let urls = format!("['http://{gone}/a.qcow2', '{}']", server.url("b.qcow2"));
    let path = recipe(&home, &format!("{{url: {{from: {urls}}}}}"));
    let fetched = bake(&home, ["fetch", &path]).finish();
    assert!(fetched.stderr().contains("next source"), "{}", fetched.stderr());
    assert!(fetched.ok().contains("b.qcow2"));
    let path = recipe(&home, &format!("{{url: {{from: ['http://{gone}/a.qcow2']}}}}"));
    assert!(bake(&home, ["fetch", &path]).fails(IMAGE).contains(&gone.to_string()));
}
