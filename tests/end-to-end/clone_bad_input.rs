//! What `clone` says of labs that are wrong: all of it, where it is, and what to do. Nothing is left behind.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use kiln_tests::{Guest, TestHome, clone};
use serde_json::Value;

/// The exit codes that `clone --help` documents.
const USAGE: i32 = 2;
const FILE: i32 = 3;
const MACHINE: i32 = 7;
const NOT_FOUND: i32 = 10;

/// A lab on the image `tiny` with these nodes.
fn lab(nodes: &str) -> String {
    format!("name: mine\nimage: tiny\nnetwork: 192.168.206.0/24\nnodes: {nodes}\n")
}

#[track_caller]
fn contains_all(text: &str, expected: &[&str]) {
    for part in expected {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn every_problem_of_a_lab_is_reported_at_once_where_it_is() {
    let home = TestHome::empty();
    let text = "\
name: mine
image: debian-12
network: 192.168.206.0/24
nodes:
- {name: node1, ip: 10.9.8.7}
- {name: node2, ip: 192.168.206.0}
- {name: node3, ip: 192.168.206.255, cpus: 0}
- {name: node4, ip: 192.168.206.4}
- {name: node4, ip: 192.168.206.5, memory: 1MiB}
- {name: node6, ip: 192.168.206.4, forwards: [{host: 80, guest: 80}]}
";
    let path = home.file("wrong.yaml", text);
    for command in ["validate", "plan", "up"] {
        contains_all(
            &clone(&home, [command, &path]).fails(FILE),
            &[
                "wrong.yaml:5:21",
                "10.9.8.7 is not in the lab's network 192.168.206.0/24",
                "5 | - {name: node1, ip: 10.9.8.7}",
                "wrong.yaml:6:21",
                "the address of the network itself",
                "wrong.yaml:7:21",
                "the broadcast address",
                "wrong.yaml:7:44",
                "virtual CPUs",
                "wrong.yaml:9:10",
                "two nodes are named `node4`",
                "wrong.yaml:9:44",
                "1MiB of memory is too little",
                "wrong.yaml:10:21",
                "two nodes have the address `192.168.206.4`",
                "wrong.yaml:10:54",
                "port 80 needs root",
            ],
        );
    }
    let said = clone(&home, ["up", &path, "-o", "json"]).fails(FILE);
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["error"]["code"], FILE);
    let problems = json["error"]["details"]["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 8, "{json:#}");
    assert!(problems.iter().all(|problem| problem["line"].is_u64() && problem["column"].is_u64()), "{json:#}");
    home.assert_no_labs();
}

#[test]
fn what_is_no_lab_at_all_is_shown_where_it_goes_wrong() {
    let home = TestHome::empty();
    for (text, expected) in [
        ("name: [mine\n", &["lab.yaml:"][..]),
        ("name: mine\n", &["lab.yaml:1", "`image`", "1 | name: mine"]),
        (&lab("[{name: node1, ip: 192.168.206.1, disc: 10GiB}]"), &["lab.yaml:4:", "disc", "disk"]),
        (&lab("[{name: node1, ip: 192.168.206.300}]"), &["lab.yaml:4:", "192.168.206.300"]),
        (&lab("[{name: node1, ip: 192.168.206.1, memory: 1G}]"), &["lab.yaml:4:", "1GiB"]),
        (&lab("[]"), &["lab.yaml:4:", "at least one node"]),
        (&lab("[]").replace("192.168.206.0/24", "192.168.206.7/24"), &["lab.yaml:3:", "192.168.206.0/24"]),
        (&lab("[]").replace("192.168.206.0/24", "10.0.2.0/24"), &["lab.yaml:3:", "10.0.2.0/24", "another network"]),
        (&(lab("[]") + "cloud-init: {config: {users: []}}\n"), &["lab.yaml:5:", "`users` is set by Kiln itself"]),
        ("\u{0}\u{1}\u{2}", &["lab.yaml"]),
        ("", &["lab.yaml"]),
    ] {
        let path = home.file("lab.yaml", text);
        contains_all(&clone(&home, ["up", &path]).fails(FILE), expected);
    }
    home.assert_no_labs();
}

#[test]
fn names_that_would_leave_their_folder_are_refused() {
    let home = TestHome::empty();
    home.publish("tiny", Guest::Silent);
    for name in ["../mine", "a/b", "it's", "a\"b", "Mine", "", ".", "..", "a.b", "-o", "$(reboot)", &"a".repeat(64)] {
        let quoted = Value::from(name).to_string();
        let text = lab("[{name: node1, ip: 192.168.206.1}]").replace("mine", &quoted);
        let path = home.file("name.yaml", &text);
        contains_all(&clone(&home, ["up", &path]).fails(FILE), &["name.yaml:1:7"]);
        let path = home.file("node.yaml", &lab(&format!("[{{name: {quoted}, ip: 192.168.206.1}}]")));
        contains_all(&clone(&home, ["up", &path]).fails(FILE), &["node.yaml:4:16"]);
        let path = home.file("image.yaml", &lab("[{name: node1, ip: 192.168.206.1}]").replace("tiny", &quoted));
        let said = clone(&home, ["up", &path]).finish();
        assert!([Some(FILE), Some(NOT_FOUND)].contains(&said.code()), "image {name:?}: {}", said.stderr());
        for command in ["down", "destroy", "status", "ssh-config", "collect"] {
            let said = clone(&home, [command, "--", name]).finish();
            assert!([Some(FILE), Some(NOT_FOUND)].contains(&said.code()), "{command} {name:?}: {}", said.stderr());
        }
    }
    home.assert_no_labs();
}

#[test]
fn what_is_not_there_is_not_found_and_what_is_there_is_named() {
    let home = TestHome::empty();
    contains_all(&clone(&home, ["up", "no-such"]).fails(NOT_FOUND), &["no-such", "three-nodes", "./no-such.yaml"]);
    contains_all(&clone(&home, ["up", "./none.yaml"]).fails(FILE), &["none.yaml", "No such file"]);
    let said = clone(&home, ["up", "three-nodes"]).fails(NOT_FOUND);
    contains_all(&said, &["there is no image `debian-12`", "bake build"]);
    for command in ["status", "down", "destroy"] {
        contains_all(&clone(&home, [command, "three-nodes"]).fails(NOT_FOUND), &["no lab `three-nodes`", "clone up"]);
    }
    contains_all(&clone(&home, ["status"]).fails(NOT_FOUND), &["which lab?"]);
    home.assert_no_labs();

    home.publish("tiny", Guest::Silent);
    let path = home.file("lab.yaml", &lab("[{name: node1, ip: 192.168.206.1}, {name: node2, ip: 192.168.206.2}]"));
    clone(&home, ["up", &path, "--no-start"]).ok();
    for command in [&["ssh", "node7"][..], &["exec", "node7", "--", "true"], &["reset", "node7", "--to", "golden"]] {
        contains_all(&clone(&home, command).fails(NOT_FOUND), &["no node `node7`", "node1, node2"]);
    }
    for command in [
        &["ssh", "node1"][..],
        &["exec", "node2", "--", "true"],
        &["exec", "--all", "--", "true"],
        &["cp", "node1:/etc/motd", "."],
        &["console", "node1", "--dump"],
        &["screenshot", "node1"],
        &["view", "node1", "--print"],
        &["checkpoint", "save", "good"],
    ] {
        contains_all(&clone(&home, command).fails(MACHINE), &["of lab mine does not run", "clone up mine"]);
    }
    let said = clone(&home, ["checkpoint", "import", &path]).fails(FILE);
    contains_all(&said, &["lab.yaml", "no archive", "clone checkpoint export"]);
    contains_all(&clone(&home, ["cp", "a", "b"]).fails(USAGE), &["NODE:PATH"]);
    contains_all(&clone(&home, ["destroy", "mine"]).fails(USAGE), &["--yes"]);

    // In the folder of another lab, the only lab that exists is not the one that is meant.
    home.file("lab.yaml", &lab("[{name: node1, ip: 192.168.206.1}]").replace("mine", "other"));
    for command in ["status", "down", "destroy"] {
        contains_all(
            &clone(&home, [command]).fails(NOT_FOUND),
            &["no lab `other`", "lab.yaml is for", "there are: mine"],
        );
    }
    let planned = clone(&home, ["plan"]).finish();
    assert!(planned.stderr().contains("to lab other"), "{}", planned.stderr());
    assert!(planned.ok().contains("it is new"));
}

#[test]
fn a_disk_smaller_than_its_image_is_refused() {
    let home = TestHome::empty();
    let golden = home.publish("tiny", Guest::Silent);
    let nodes = "[{name: node1, ip: 192.168.206.1}, {name: node2, ip: 192.168.206.2, disk: 16MiB}]";
    let path = home.file("small.yaml", &lab(nodes));
    for command in ["plan", "up"] {
        contains_all(&clone(&home, [command, &path]).fails(FILE), &["node2", "16MiB", "tiny", "32"]);
    }
    home.assert_no_labs();
    golden.assert_untouched();
}
