//! What is generated from the definition of the command line, and the shape of what is printed.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use camino::Utf8Path;
use kiln_tests::{Guest, Schema, Server, TestHome, clone, qemu_img, sha256_of};
use serde_json::{Value, json};

/// The exit codes of `clone --help`.
const USAGE: i32 = 2;
const FILE: i32 = 3;
const HOST: i32 = 4;
const IMAGE: i32 = 5;
const NOT_FOUND: i32 = 10;

/// The commands that users see, as the overview lists them.
fn commands(home: &TestHome) -> Vec<String> {
    let overview = clone(home, ["--help"]).ok();
    let (_, list) = overview.split_once("Commands:\n").unwrap();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.map(|line| line.split_whitespace().next().unwrap().to_owned()).filter(|name| name != "help").collect()
}

#[test]
fn help_completions_and_manual_know_every_command() {
    let home = TestHome::empty();
    let commands = commands(&home);
    for known in ["up", "reset", "checkpoint", "fork", "node", "kubectl", "timings", "collect"] {
        assert!(commands.iter().any(|command| command == known), "{known} is not among {commands:?}");
    }
    let folder = home.work().join("man");
    clone(&home, ["manual", folder.as_str()]).ok();
    let scripts = ["bash", "zsh", "fish"].map(|shell| clone(&home, ["completion", shell]).ok());
    for command in &commands {
        assert!(clone(&home, [command, "--help"]).ok().contains("Usage: clone "), "{command}");
        assert!(scripts.iter().all(|script| script.contains(command)), "a shell does not know {command}");
        let page = fs::read_to_string(folder.join(format!("clone-{command}.1"))).unwrap();
        assert!(page.contains(".TH") && page.contains(".SH"), "{page}");
    }
    let script = home.file("clone.bash", &scripts[0]);
    assert!(Command::new("bash").args(["-n", &script]).status().unwrap().success());
    assert!(!home.root().join("images").exists(), "asking for help made a home");
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let home = TestHome::empty();
    for arguments in [&["upp"] as &[&str], &["reset", "--to"], &["node"], &["up", "--pace", "fast"], &["cp", "one"]] {
        let said = clone(&home, arguments).fails(USAGE);
        assert!(said.contains("--help"), "{said}");
    }
}

/// A node that one sits at, and one that one does not.
#[test]
fn a_node_can_be_a_clone_of_another_image_than_the_others() {
    let home = TestHome::empty();
    let goldens = [home.publish("plain", Guest::Silent), home.publish("desktop", Guest::Says("hello"))];
    let nodes = "[{name: node1, ip: 10.1.1.1, image: desktop}, {name: node2, ip: 10.1.1.2}]";
    let lab = home.file("two.yaml", &format!("name: two\nimage: plain\nnetwork: 10.1.1.0/24\nnodes: {nodes}\n"));
    clone(&home, ["up", &lab, "--no-start"]).ok();
    let disk = |node: &str| home.root().join("labs/two/nodes").join(node).join("disk.qcow2");
    for (node, golden) in [("node1", &goldens[1]), ("node2", &goldens[0])] {
        let info = qemu_img(&["info", "--output=json", disk(node).as_str()]);
        assert!(info.contains(golden.digest()), "{node}: {info}");
    }
    let images = |row: &Value| (row["node"].as_str().unwrap().to_owned(), row["image"].as_str().unwrap().to_owned());
    let shown: Vec<_> = home.status("two").iter().map(images).collect();
    assert_eq!(shown, [("node1".into(), "desktop".into()), ("node2".into(), "plain".into())]);
    let said = clone(&home, ["up", &home.file("none.yaml", &nodes_of("none", "missing"))]).fails(NOT_FOUND);
    assert!(said.contains("missing"), "{said}");
}

fn nodes_of(lab: &str, image: &str) -> String {
    format!("name: {lab}\nimage: plain\nnetwork: 10.1.1.0/24\nnodes: [{{name: node1, ip: 10.1.1.1, image: {image}}}]\n")
}

#[test]
fn the_schema_takes_what_clone_takes() {
    let home = TestHome::empty();
    let schema = Schema::new(&home, &clone(&home, ["schema"]).ok());
    let own = home.work().join("own.yaml").into_string();
    clone(&home, ["init", &own]).ok();
    clone(&home, ["init", &own]).fails(FILE);
    let labs = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../labs");
    let mut labs: Vec<_> = labs.read_dir_utf8().unwrap().map(|lab| lab.unwrap().path().to_string()).collect();
    assert!(labs.len() > 3, "{labs:?}");
    labs.push(own);
    for lab in labs {
        assert_eq!(schema.faults(&lab), "", "{lab}");
        // Two of its manifests are made by whoever brings it up, as it says itself.
        if lab.ends_with("mesh-1-30.yaml") {
            let said = clone(&home, ["validate", &lab]).fails(FILE);
            assert!(said.contains("istio-1.30.yaml does not exist") && said.contains("2 problems"), "{said}");
            clone(&home, ["validate", "mesh-1-30"]).ok();
        } else {
            clone(&home, ["validate", &lab]).ok();
        }
    }
    let bad = home.file("bad.yaml", "name: bad\nimage: debian-12\nnodse: []\n");
    assert!(schema.faults(&bad).contains("nodse"));
    clone(&home, ["validate", &bad]).fails(FILE);
}

#[test]
fn json_is_json_everywhere() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    let lab = home.lab("one", "silent", 1);
    for arguments in [
        &["list"] as &[&str],
        &["doctor"],
        &["validate", &lab],
        &["plan", &lab],
        &["up", &lab, "--no-start"],
        &["list"],
        &["status", "one"],
        &["plan", "one"],
        &["checkpoint", "list", "--lab", "one"],
        &["timings", "one"],
        &["down", "one"],
        &["destroy", "one", "--yes"],
    ] {
        let said = clone(&home, arguments).env("KILN_OUTPUT", "json").ok();
        for line in said.lines() {
            serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{arguments:?}: {error} in {line}"));
        }
        assert!(!said.is_empty(), "{arguments:?} said nothing");
    }
    for arguments in [&["status", "one"] as &[&str], &["up", "one"], &["destroy", "one", "--yes"]] {
        let said = clone(&home, arguments).env("KILN_OUTPUT", "json").fails(NOT_FOUND);
        let failed: Value = serde_json::from_str(said.trim()).unwrap();
        assert_eq!(failed["error"]["class"], "not-found");
    }
}

#[test]
fn a_node_is_added_as_far_as_one_likes() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    let lab = home.lab("one", "silent", 1);
    clone(&home, ["up", &lab, "--no-start"]).ok();
    let planned = clone(&home, ["node", "add", "node2", "--lab", "one", "--dry-run"]).ok();
    assert!(planned.lines().any(|line| line.contains("node2") && line.contains("it is new")), "{planned}");
    assert_eq!(home.states("one"), ["stopped"]);
    let added = clone(&home, ["node", "add", "node2", "--lab", "one", "--no-start"]).finish();
    assert!(added.stderr().contains("node2 has its disk and seed, and was not started"), "{}", added.stderr());
    assert!(added.stderr().contains("- {name: node2, ip: "), "{}", added.stderr());
    assert_eq!(home.states("one"), ["stopped", "stopped"]);
    assert!(home.root().join("labs/one/nodes/node2/disk.qcow2").exists());
}

#[test]
fn what_a_reset_would_do_is_said_and_not_done() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("lab", "silent", 2), "--no-start"]).ok();
    let lab = home.root().join("labs/lab");
    let files = ["state.json", "nodes/node1/disk.qcow2", "nodes/node2/seed.iso"].map(|file| lab.join(file));
    let look = || files.each_ref().map(|file| fs::read(file).unwrap());
    let before = look();
    let said = clone(&home, ["reset", "node1", "--to", "golden", "--dry-run"]).ok();
    let line = |node: &str| format!("{node} of lab lab would be made anew; its disk is lost\n");
    assert_eq!(said, line("node1"));
    let said = clone(&home, ["reset", "--to", "golden"]).env("KILN_DRY_RUN", "1").ok();
    assert_eq!(said, line("node1") + &line("node2"));
    let preview = clone(&home, ["reset", "--to", "golden", "-n", "-o", "json"]).json();
    assert_eq!((&preview["to"], preview["effects"].as_array().unwrap().len()), (&json!("golden"), 2));
    let said = clone(&home, ["reset", "node1", "node7", "--to", "golden", "-n"]).fails(NOT_FOUND);
    assert!(said.contains("no node `node7`"), "{said}");
    // Nobody is asked about what is not there.
    clone(&home, ["checkpoint", "rm", "nope"]).fails(NOT_FOUND);
    assert!(look() == before, "something was done");
}

#[test]
fn of_what_was_said_one_phase_of_one_node_can_be_had() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("lab", "silent", 2), "--no-start"]).ok();
    let logs = home.root().join("labs/lab/logs");
    for name in ["reachable-node1", "join-node1", "join-node2"] {
        fs::write(logs.join(format!("{name}.log")), format!("this is \x1b[31m{name}\n")).unwrap();
    }
    for (arguments, expected) in [
        (&["logs", "node1", "--phase", "join"] as &[&str], &["join-node1"] as &[&str]),
        (&["logs", "--phase", "join"], &["join-node1", "join-node2"]),
        (&["logs", "node1"], &["join-node1", "reachable-node1"]),
        (&["logs", "--phase", "ready"], &[]),
    ] {
        // Into a pipe goes what was said, byte by byte.
        let expected: String = expected.iter().map(|name| format!("this is \x1b[31m{name}\n")).collect();
        // An empty variable is no wish.
        assert_eq!(clone(&home, arguments).env("KILN_LAB", "").ok(), expected, "{arguments:?}");
    }
    let said = clone(&home, ["logs", "--phase", "joining"]).fails(NOT_FOUND);
    assert!(said.contains("`joining`") && said.contains("join, "), "{said}");
}

#[test]
fn a_command_line_that_is_not_understood_is_refused_as_it_was_asked_for() {
    let home = TestHome::empty();
    let said = clone(&home, ["uup", "-o", "json"]).fails(USAGE);
    let failed: Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!((&failed["error"]["class"], &failed["error"]["code"]), (&json!("usage"), &json!(USAGE)));
    assert!(failed["error"]["message"].as_str().unwrap().contains("uup"), "{said}");
    assert!(clone(&home, ["uup", "--color", "always"]).fails(USAGE).contains("\x1b["));
    assert!(clone(&home, ["list", "--yess"]).env("KILN_COLOR", "never").fails(USAGE).starts_with("error: "));
    let help = clone(&home, [] as [&str; 0]).fails(USAGE);
    assert!(help.contains("reset") && !help.contains("manual"), "{help}");
    let written = clone(&home, ["init", "labs/mine.yaml"]).finish();
    assert!(written.stdout().contains("clone up labs/mine.yaml"), "{}", written.stdout());
    clone(&home, ["validate", "labs/mine.yaml"]).ok();
}

#[test]
fn files_are_written_where_they_are_wanted() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("lab", "silent", 1), "--no-wait"]).ok();
    assert_eq!(clone(&home, ["screenshot", "node1", "--file", "shot.png"]).ok(), "shot.png\n");
    assert!(fs::read(home.work().join("shot.png")).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(clone(&home, ["collect", "--file", "fault.tar.gz"]).ok(), "fault.tar.gz\n");
    let tar = Command::new("tar").args(["-tzf", "fault.tar.gz"]).current_dir(home.work()).output().unwrap();
    assert!(String::from_utf8_lossy(&tar.stdout).contains("lab/nodes/node1/console.log"), "{tar:?}");
    let left: Vec<_> = ["node1.png", "lab.tar.gz"].map(|usual| home.work().join(usual).exists()).into();
    assert_eq!(left, [false, false]);
}

#[test]
fn a_program_that_is_missing_is_named_with_its_package() {
    let home = TestHome::empty();
    // Without a home, what needs none says what there is to say.
    let (lab, nowhere) = (home.lab("one", "silent", 1), "/proc/kiln");
    clone(&home, ["validate", &lab]).env("KILN_HOME", nowhere).ok();
    let said = clone(&home, ["doctor"]).env("KILN_HOME", nowhere).finish();
    assert!(said.code() == Some(HOST) && said.stdout().contains("program vde_switch"), "{}", said.stdout());
    assert!(said.stdout().contains("BAD   home: ") && said.stdout().contains("No such file"), "{}", said.stdout());
    let said = clone(&home, ["doctor"]).env("KILN_VDE_SWITCH", "/nowhere/vde_switch").finish();
    assert_eq!(said.code(), Some(HOST));
    let said = said.stdout() + &said.stderr();
    assert!(said.contains("program vde_switch: not found") && said.contains("apt-get install vde2"), "{said}");
}

/// A lab that takes the manifest of its network and an archive from elsewhere: by a second source, and by a mirror.
fn lab_from_elsewhere(home: &TestHome, also: &str, digest: &str) -> String {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    home.file(
        "elsewhere.yaml",
        &format!(
            "name: elsewhere\nimage: any\nnetwork: 192.168.206.0/24\nkubernetes:\n  network:\n    flannel: \
             {{manifest: 'http://{gone}/net.yml', also: ['{also}'], sha256: {digest}}}\nnodes:\n\
             - {{name: node1, ip: 192.168.206.196, role: control-plane, cpus: 2, memory: 2GiB}}\nmesh:\n  \
             archive: {{source: '{ARCHIVE}'}}\n  groups: [{{name: a, manifests: [{{archive: a/b.yaml}}]}}]\n"
        ),
    )
}

/// A URL that leads nowhere (RFC 6761), and so must be mirrored.
const ARCHIVE: &str = "https://meshes.invalid/1.0/mesh.tar.gz";

#[test]
fn what_a_lab_takes_from_elsewhere_is_fetched_once() {
    let home = TestHome::empty();
    let manifest = home.file("net.yml", "kind: List\n");
    let server = Server::of(fs::read(&manifest).unwrap());
    let also = server.url("second/net.yml");
    let lab = lab_from_elsewhere(&home, &also, &sha256_of(manifest.as_str().into()));
    let mirror = home.work().join("mirror");
    fs::create_dir_all(mirror.join("1.0")).unwrap();
    fs::write(mirror.join("1.0/mesh.tar.gz"), [0x1f, 0x8b, 0]).unwrap();
    let config = home.file("config.yaml", &format!("mirrors:\n  meshes.invalid: {mirror}\n"));

    let bundle = home.work().join("bundle");
    let fetched = clone(&home, ["fetch", &lab, "--bundle", bundle.as_str()]).env("KILN_CONFIG", &config).finish();
    let said = fetched.stderr();
    assert!(said.contains("next source") && said.contains(&format!("net.yml came from {also}")), "{said}");
    assert!(said.contains("nothing was known of mesh.tar.gz"), "{said}");
    fetched.ok();

    // It is here from now on: nobody is asked.
    drop(server);
    fs::remove_dir_all(&mirror).unwrap();
    let rows = clone(&home, ["fetch", &lab, "-o", "json"]).json();
    assert_eq!((&rows[0]["what"], &rows[1]["what"]), (&"flannel".into(), &"archive".into()), "{rows}");
    assert_eq!(rows[1]["source"], ARCHIVE, "it is called by what it is, not by where it was");

    let said = clone(&TestHome::empty(), ["fetch", &lab]).env("KILN_CONFIG", &config).fails(IMAGE);
    assert!(said.contains(&also), "the last source is not named: {said}");

    // Elsewhere it comes from the bundle.
    let offline = ["fetch", &lab, "--offline", "--bundle", bundle.as_str()];
    let elsewhere = TestHome::empty();
    assert!(clone(&elsewhere, offline).ok().contains(ARCHIVE));
    clone(&elsewhere, ["fetch", &lab]).ok();
    fs::write(bundle.join("web/https/meshes.invalid/1.0/mesh.tar.gz"), "half").unwrap();
    let said = clone(&TestHome::empty(), offline).fails(FILE);
    assert!(said.contains("is not what was put there") && said.contains(ARCHIVE), "{said}");
}

#[test]
fn what_is_something_else_than_it_should_be_is_not_taken() {
    let home = TestHome::empty();
    let manifest = home.file("net.yml", "kind: List\n");
    let digest = sha256_of(manifest.as_str().into());
    for body in ["kind: Lis", "<!DOCTYPE html><html><body>Log in</body></html>"] {
        let server = Server::of(body.into());
        let lab = lab_from_elsewhere(&home, &server.url("net.yml"), &digest);
        let said = clone(&home, ["fetch", &lab]).fails(IMAGE);
        assert!(said.contains(&server.url("net.yml")), "{said}");
    }
}

#[test]
fn a_mistake_in_the_configuration_is_shown_in_its_place() {
    let home = TestHome::empty();
    let lab = lab_from_elsewhere(&home, "https://meshes.invalid/net.yml", &"0".repeat(64));
    let config = home.file("config.yaml", "mirorrs: {}\n");
    let said = clone(&home, ["fetch", &lab]).env("KILN_CONFIG", &config).fails(FILE);
    assert!(said.starts_with("error: unknown field `mirorrs`") && said.contains("config.yaml:1:1"), "{said}");
    let said = clone(&home, ["doctor"]).env("KILN_CONFIG", &config).finish();
    assert!(said.stdout().contains("mirorrs"), "{}", said.stdout());
}

#[test]
fn built_in_labs_are_listed_and_printed() {
    let home = TestHome::empty();
    let labs = clone(&home, ["labs", "-o", "json"]).json();
    let three = labs.as_array().unwrap().iter().find(|lab| lab["name"] == "three-nodes").unwrap();
    assert_eq!((&three["image"], &three["nodes"]), (&"debian-12".into(), &3.into()));
    let printed = home.file("mine.yaml", &clone(&home, ["labs", "debian-k8s"]).ok());
    clone(&home, ["validate", &printed]).ok();
    assert!(clone(&home, ["labs", "debian-k9s"]).fails(10).contains("debian-k8s"));
}
