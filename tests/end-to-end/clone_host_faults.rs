//! What a host can lack for a lab: ports, and space on its disk.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, id};

use kiln_tests::{Guest, TestHome, clone, program};
use rustix::process::geteuid;
use serde_json::Value;

/// The exit code that `clone --help` documents for what the host lacks.
const HOST: i32 = 4;

/// The ports that lead to the SSH servers of a lab.
fn ports(home: &TestHome, lab: &str) -> BTreeSet<u16> {
    home.status(lab).iter().map(|row| u16::try_from(row["ssh-port"].as_u64().unwrap()).unwrap()).collect()
}

fn listen(port: u16) -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap()
}

#[test]
fn a_port_of_the_lab_file_that_is_taken_is_named_with_who_has_it() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    let listener = listen(0);
    let port = listener.local_addr().unwrap().port();
    let text = fs::read_to_string(home.lab("web", "silent", 1)).unwrap();
    let text = text.replace("192.168.206.1}", &format!("192.168.206.1, forwards: [{{host: {port}, guest: 80}}]}}"));
    let lab = home.file("web.yaml", &text);
    let said = clone(&home, ["up", &lab, "--no-wait"]).fails(HOST);
    for part in [format!("port {port}"), "node1".to_owned(), format!("process {}", id()), "another port".to_owned()] {
        assert!(said.contains(&part), "{part:?} is missing in:\n{said}");
    }
    home.assert_no_labs();

    // Free again, it leads into the node; taken while the lab is down, it stands in the way again.
    drop(listener);
    clone(&home, ["up", &lab, "--no-wait"]).ok();
    clone(&home, ["down", "web", "--timeout", "1"]).ok();
    let listener = listen(port);
    let said = clone(&home, ["up", "web", "--no-wait"]).fails(HOST);
    assert!(said.contains(&format!("port {port}")), "{said}");
    assert_eq!(home.states("web"), ["stopped"]);
    drop(listener);
    clone(&home, ["up", "web", "--no-wait"]).ok();
    assert_eq!(home.states("web"), ["starting"]);
    clone(&home, ["destroy", "web", "--yes"]).ok();
    home.assert_no_labs();
    golden.assert_untouched();
}

#[test]
fn ports_that_nobody_asked_for_move_on() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("first", "silent", 2), "--no-start"]).ok();
    let first = ports(&home, "first");
    // Nothing listens on them, and yet they are those of the first lab.
    clone(&home, ["up", &home.lab("second", "silent", 2), "--no-start"]).ok();
    let second = ports(&home, "second");
    assert!(first.is_disjoint(&second) && first.len() + second.len() == 4, "{first:?} {second:?}");

    let taken = *first.first().unwrap();
    // If a test beside this one has it by now, it is taken, too.
    let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, taken));
    clone(&home, ["up", "first", "--no-wait"]).ok();
    let moved = ports(&home, "first");
    assert!(!moved.contains(&taken) && moved.is_disjoint(&second) && moved.len() == 2, "{moved:?}");
    let config = fs::read_to_string(home.root().join("labs/first/ssh/config")).unwrap();
    assert!(moved.iter().all(|port| config.contains(&format!("Port {port}\n"))), "{config}");
    assert!(!config.contains(&format!("Port {taken}\n")), "{config}");
}

#[test]
fn labs_that_are_made_at_the_same_moment_get_ports_of_their_own() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    let labs = ["first", "second"].map(|name| home.lab(name, "silent", 2));
    for round in 1..=10 {
        let runs = labs.each_ref().map(|lab| clone(&home, ["up", lab.as_str(), "--no-start"]).start());
        runs.into_iter().for_each(|run| drop(run.finish().ok()));
        let [first, second] = ["first", "second"].map(|lab| ports(&home, lab));
        assert!(first.is_disjoint(&second) && first.len() + second.len() == 4, "{round}: {first:?} {second:?}");
        ["first", "second"].iter().for_each(|lab| drop(clone(&home, ["destroy", lab, "--yes"]).ok()));
    }
    home.assert_no_labs();
}

#[test]
fn a_lab_that_needs_more_memory_than_there_is_is_refused_with_both_numbers() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    let text = fs::read_to_string(home.lab("huge", "silent", 1)).unwrap().replace("128MiB", "900GiB");
    let said = clone(&home, ["up", &home.file("huge.yaml", &text)]).fails(HOST);
    let available = said.split("this host has ").nth(1).and_then(|rest| rest.split(" MiB available").next());
    assert!(available.is_some_and(|mib| mib.parse::<u64>().is_ok()), "{said}");
    assert!(said.contains("need 921600 MiB of memory") && said.contains("--overcommit"), "{said}");
    home.assert_no_labs();
}

#[test]
fn labs_are_listed_where_the_hypervisor_cannot_be_asked() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("lab", "silent", 2), "--no-start"]).ok();
    let listed = clone(&home, ["list", "-o", "json"]).env("KILN_QEMU_SYSTEM_X86_64", "/nowhere").finish();
    assert!(listed.stderr().contains("what runs of lab lab is not known"), "{}", listed.stderr());
    let rows = listed.json();
    assert_eq!((&rows[0]["lab"], &rows[0]["nodes"], &rows[0]["running"]), (&"lab".into(), &2.into(), &Value::Null));
}

/// In a namespace of its own for mounts, the home lies on a file system that is full but for `$3` KiB; in one for
/// processes, so that none outlives the test. `$1` is `clone`, `$2` the lab, `$4` an option. Prints the exit codes, and
/// what was said.
const FULL_DISK: &str = r#"
cp -a "$KILN_HOME" full && mount -t tmpfs -o size=64m tmpfs "$KILN_HOME" && cp -a full/. "$KILN_HOME" || exit
mkdir "$KILN_HOME/labs"
free=$(df --output=avail -k "$KILN_HOME" | tail -n 1)
head -c "$((free - $3))k" /dev/zero > "$KILN_HOME/ballast"
"$1" up "$2" $4 2>&1
echo "full: $?"
"$1" list > /dev/null 2>&1
echo "list: $?"
rm "$KILN_HOME/ballast"
# A guest that was waited for, and hears nobody, would be given its time to shut down.
[ -n "$4" ] || "$1" down lab --timeout 1 > down.txt 2>&1
"$1" up "$2" --no-wait 2>&1
echo "space: $?"
"$1" list -o json 2>&1
"$1" destroy lab --yes 2>&1
echo "destroyed: $?"
ls "$KILN_HOME/labs" "$KILN_HOME/scratch"
"#;

/// What happens to a lab on a disk with this much space, in KiB.
fn on_a_full_disk(home: &TestHome, free_kib: u32, lab: &str, option: &str) -> String {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    if !geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare.args(["sh", "-c", FULL_DISK, "sh", program("clone").as_str(), lab, &free_kib.to_string(), option]);
    let output = unshare.env("KILN_HOME", home.root()).current_dir(home.work()).output().unwrap();
    assert!(output.status.success(), "unshare: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn on_a_full_disk_nothing_is_broken_and_with_space_it_goes_on() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    let lab = home.lab("lab", "silent", 2);
    // What can be full when the lock, the state, the keys, the seeds, the disks are written.
    for free_kib in [0, 4, 12, 24, 40, 60, 100, 200] {
        let said = on_a_full_disk(&home, free_kib, &lab, "--no-wait");
        for part in ["No space left on device", "full: 4\n", "list: 0\n", "space: 0\n", "\"nodes\":2", "destroyed: 0\n"]
        {
            assert!(said.contains(part), "{free_kib} KiB: {part:?} is missing in:\n{said}");
        }
        let left = said.split("destroyed: 0\n").last().unwrap().lines().filter(|line| !line.ends_with(':'));
        assert_eq!(left.collect::<String>(), "", "{free_kib} KiB");
    }
    golden.assert_untouched();
}

#[test]
fn a_guest_that_fills_the_disk_is_halted_and_says_why() {
    let home = TestHome::empty();
    let golden = home.publish("fills", Guest::Fills);
    let said = on_a_full_disk(&home, 4 << 10, &home.lab("lab", "fills", 1), "");
    for part in
        ["full: 8\n", "node1: phase `reachable` failed", "io-error", "is the disk of this host full?", "space: 0\n"]
    {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    golden.assert_untouched();
}
