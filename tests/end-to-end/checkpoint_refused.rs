//! Checkpoints that cannot be made or gone back to now: it is said why, and the lab runs on as it did.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use kiln_tests::{Guest, TestHome, clone, program, until};

/// The exit codes of `clone`: the command line is wrong; a file is; something is wrong with this host; another command is at work; there is nothing of that name.
const USAGE: i32 = 2;
const FILE: i32 = 3;
const HOST: i32 = 4;
const BUSY: i32 = 9;
const NOT_FOUND: i32 = 10;
/// How long a program takes to be at work.
const SOON: Duration = Duration::from_secs(60);

#[test]
fn nothing_is_saved_or_restored_while_another_command_holds_the_lab() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    let lab = home.lab("lab", "silent", 1);
    clone(&home, ["up", &lab, "--no-wait"]).ok();
    clone(&home, ["checkpoint", "save", "before"]).ok();
    let pid = home.status("lab")[0]["pid"].clone();
    // Nobody answers it, so it waits.
    let up = clone(&home, ["up", "lab"]).start();
    let holder = format!("process {}", up.pid());
    until("it holds the lab", SOON, || up.has_locked(&home.root().join("labs/lab/lock")));
    for command in [
        &["checkpoint", "save", "again", "--replace"][..],
        &["checkpoint", "rm", "before", "--yes"],
        &["reset", "--to", "before"],
        &["suspend", "lab"],
        &["resume", "lab"],
    ] {
        let said = clone(&home, command).fails(BUSY);
        assert!(said.contains("lab lab is being changed by") && said.contains(&holder), "{command:?}: {said}");
    }
    up.kill();
    assert_eq!(home.status("lab")[0]["pid"], pid, "the machine was touched");
    clone(&home, ["reset", "--to", "before", "--no-wait"]).ok();
    clone(&home, ["destroy", "lab", "--yes"]).ok();
    home.assert_no_labs();
    golden.assert_untouched();
}

#[test]
fn a_checkpoint_of_a_later_version_is_left_alone() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("lab", "silent", 1), "--no-wait"]).ok();
    clone(&home, ["checkpoint", "save", "before"]).ok();
    let folders = home.root().join("labs/lab/checkpoints").read_dir_utf8().unwrap();
    let manifest =
        folders.map(|folder| folder.unwrap().path().join("manifest.json")).find(|path| path.exists()).unwrap();
    let text = fs::read_to_string(&manifest).unwrap();
    let later = text.replacen("\"format\": 1", "\"format\": 99", 1);
    assert_ne!(text, later, "it has another format now");
    fs::write(&manifest, &later).unwrap();
    let pid = home.status("lab")[0]["pid"].clone();
    let said = clone(&home, ["reset", "--to", "before", "--no-wait"]).fails(NOT_FOUND);
    assert!(said.contains("has format 99, but this version of Kiln reads format 1"), "{said}");
    let listed = clone(&home, ["checkpoint", "list"]).finish();
    assert!(listed.stdout().contains("has format 99"), "{}", listed.stdout());
    assert_eq!(home.status("lab")[0]["pid"], pid, "the machine was touched");
    let id = manifest.parent().unwrap().file_name().unwrap();
    let said = clone(&home, ["checkpoint", "rm", id, "--yes"]).fails(FILE);
    assert!(said.contains("has format 99"), "{said}");
    assert_eq!(fs::read_to_string(&manifest).unwrap(), later, "it was written to");
    clone(&home, ["destroy", "lab", "--yes"]).ok();
}

#[test]
fn a_lab_keeps_as_many_as_its_file_says_and_goes_back_as_a_whole() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    let text = fs::read_to_string(home.lab("lab", "silent", 1)).unwrap();
    let lab = home.file("keep.yaml", &format!("{text}checkpoint: {{keep: 2}}\n"));
    clone(&home, ["up", &lab, "--no-wait"]).ok();
    for _ in 0..3 {
        let saved = clone(&home, ["checkpoint", "save", "ready", "--replace"]).finish();
        assert_eq!(saved.code(), Some(0), "{}", saved.stderr());
        assert!(saved.stderr().contains("the checkpoint takes up to"), "{}", saved.stderr());
    }
    let list = clone(&home, ["checkpoint", "list", "-o", "json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 2, "{list}");
    let said = clone(&home, ["reset", "node1", "--to", "ready"]).fails(USAGE);
    assert!(said.contains("whole lab"), "{said}");
    clone(&home, ["destroy", "lab", "--yes"]).ok();
}

#[test]
fn a_damaged_checkpoint_is_removed_by_its_id_and_one_that_is_named_twice_once() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("lab", "silent", 1), "--no-wait"]).ok();
    for name in ["damaged", "good"] {
        clone(&home, ["checkpoint", "save", name]).ok();
    }
    let list = || clone(&home, ["checkpoint", "list", "-o", "json"]).json().as_array().unwrap().clone();
    let before = list();
    let said = clone(&home, ["checkpoint", "rm", "good", "damaged", "--dry-run", "-o", "json"]).json();
    let names: Vec<_> = said.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["good", "damaged"]);
    assert_eq!(list(), before, "it was not only said");
    let id = before.iter().find(|row| row["name"] == "damaged").unwrap()["id"].as_str().unwrap();
    fs::write(home.root().join("labs/lab/checkpoints").join(id).join("manifest.json"), "{").unwrap();
    clone(&home, ["checkpoint", "verify"]).fails(FILE);
    clone(&home, ["checkpoint", "rm", id, "--yes"]).ok();
    clone(&home, ["checkpoint", "rm", "good", "good", "--yes"]).ok();
    assert_eq!(list(), [] as [serde_json::Value; 0]);
    clone(&home, ["destroy", "lab", "--yes"]).ok();
}

#[test]
fn a_port_that_somebody_else_has_by_now_is_named_before_anything_is_ended() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let lab = home.lab("lab", "silent", 1);
    let text = fs::read_to_string(&lab).unwrap();
    let forwarding = text.replace("206.1}", &format!("206.1, forwards: [{{host: {port}, guest: 22}}]}}"));
    clone(&home, ["up", &home.file("forwarding.yaml", &forwarding), "--no-wait"]).ok();
    clone(&home, ["checkpoint", "save", "before"]).ok();
    // It is its own.
    clone(&home, ["reset", "--to", "before", "--no-wait"]).ok();
    // Nobody answers in it, so it is not asked for long.
    clone(&home, ["down", "lab", "--timeout", "1"]).ok();
    clone(&home, ["up", &lab, "--no-wait"]).ok();
    let pid = home.status("lab")[0]["pid"].clone();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let said = clone(&home, ["reset", "--to", "before", "--no-wait"]).fails(HOST);
    assert!(said.contains(&format!("port {port}")) && said.contains("node1"), "{said}");
    assert_eq!(home.status("lab")[0]["pid"], pid, "the machine was touched");
    drop(listener);
    clone(&home, ["reset", "--to", "before", "--no-wait"]).ok();
    clone(&home, ["destroy", "lab", "--yes"]).ok();
}

/// In a namespace of its own for mounts, the home lies on a small file system; in one for processes, so that none outlives
/// the test. `$1` is `clone`, `$2` the lab. The disk is filled but for what is less than a checkpoint needs.
const FULL_DISK: &str = r#"
cp -a "$KILN_HOME" full && mount -t tmpfs -o size=128m tmpfs "$KILN_HOME" && cp -a full/. "$KILN_HOME" || exit
"$1" up "$2" --no-wait 2>&1
free=$(df --output=avail -k "$KILN_HOME" | tail -n 1)
head -c "$((free - 8192))k" /dev/zero > "$KILN_HOME/ballast"
"$1" checkpoint save x 2>&1
echo "full: $?"
"$1" checkpoint list -o json 2>&1
"$1" status lab -o json 2>&1 | grep -o '"state":"[a-z]*"'
rm "$KILN_HOME/ballast"
"$1" checkpoint save x 2>&1
echo "space: $?"
"$1" reset --to x --no-wait 2>&1
echo "restored: $?"
"$1" destroy lab --yes 2>&1
"#;

#[test]
fn without_space_nothing_is_saved_and_the_lab_runs_on() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    let lab = home.lab("lab", "silent", 1);
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    if !rustix::process::geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare.args(["sh", "-c", FULL_DISK, "sh", program("clone").as_str(), &lab]);
    let output = unshare.env("KILN_HOME", home.root()).current_dir(home.work()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let parts = ["needs up to", "full: 4\n", "[]\n", "\"state\":\"starting\"", "space: 0\n", "restored: 0\n"];
    for part in parts {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
}
