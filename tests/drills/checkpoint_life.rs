//! A lab of two real machines that is saved, changed, taken back, suspended and resumed, and stopped as it is saved: what was in
//! its memory and on its disks is there again.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::time::{Duration, Instant};

use kiln_tests::{TestHome, clone, debian, until};

const LAB: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
defaults: {cpus: 1, memory: 512MiB}
nodes:
- {name: node1, ip: 192.168.206.196}
- {name: node2, ip: 192.168.206.197}
";

/// Counts in a process, which has its number in its memory only until somebody asks for it.
const COUNT: &str = "\
setsid sh -c 'n=0; trap \"echo \\$n > /dev/shm/count\" USR1; echo $$ > /dev/shm/pid
  while :; do n=$((n + 1)); sleep 0.2; done' > /dev/null 2>&1 < /dev/null &";
/// Asks it.
const ASK: &str = "rm -f /dev/shm/count; kill -USR1 $(cat /dev/shm/pid); until [ -s /dev/shm/count ]; do sleep 0.1; done; cat /dev/shm/count";

struct Life {
    home: TestHome,
    begun: Instant,
}

impl Life {
    fn chapter(&self, title: &str) {
        println!("{:6.1} s  {title}", self.begun.elapsed().as_secs_f64());
    }

    #[track_caller]
    fn on(&self, node: &str, script: &str) -> String {
        clone(&self.home, ["exec", node, "--", "sudo", "sh", "-c", script]).ok().trim().to_owned()
    }

    #[track_caller]
    fn count(&self) -> u64 {
        self.on("node1", ASK).parse().unwrap()
    }

    #[track_caller]
    fn run(&self, command: &[&str]) {
        print!("{}", clone(&self.home, command).ok());
    }
}

#[test]
fn a_lab_comes_back_with_its_memory_and_its_disks() {
    let life = Life { home: TestHome::with_debian(), begun: Instant::now() };
    let file = life.home.file("lab.yaml", LAB);
    life.run(&["up", &file]);
    life.chapter("it is up, and saved as `ready`");
    let list = clone(&life.home, ["checkpoint", "list", "-o", "json"]).json();
    assert_eq!(list[0]["name"], "ready", "{list}");

    life.on("node1", COUNT);
    life.on("node2", "echo before > /var/tmp/file && sync");
    until("the counter counts", Duration::from_secs(60), || life.count() > 5);
    life.run(&["checkpoint", "save", "before"]);
    let at_save = life.count();
    life.chapter("saved; it goes on");
    life.on("node2", "echo after > /var/tmp/file && sync");
    until("the counter is far ahead", Duration::from_secs(120), || life.count() > at_save + 100);
    life.on("node1", "kill -9 $(cat /dev/shm/pid)");

    for round in ["once", "and again"] {
        life.run(&["reset", "--to", "before"]);
        life.chapter(&format!("taken back, {round}"));
        let count = life.count();
        assert!((6..at_save + 100).contains(&count), "{count} after {at_save}");
        assert_eq!(life.on("node2", "cat /var/tmp/file"), "before");
        let ahead = life.on("node2", "date +%s").parse::<i64>().unwrap() - now();
        assert!(ahead.abs() < 30, "its clock is {ahead} s ahead");
        life.on("node2", "echo after > /var/tmp/file && ping -c 1 -w 20 -q node1 && sync");
    }
    life.chapter("suspended and resumed");
    let before = life.count();
    life.run(&["suspend", "lab"]);
    assert_eq!(life.home.states("lab"), ["stopped", "stopped"]);
    life.run(&["resume", "lab"]);
    assert_eq!(life.home.states("lab"), ["running", "running"]);
    assert!(life.count() >= before);
    assert_eq!(life.on("node2", "cat /var/tmp/file"), "after");

    life.chapter("saved and stopped, and taken back");
    life.on("node2", "echo friday > /var/tmp/file");
    let before = life.count();
    let saved = clone(&life.home, ["checkpoint", "save", "friday", "--stop", "-o", "json"]).json();
    assert_eq!((&saved["name"], &saved["stopped"]), (&"friday".into(), &true.into()), "{saved}");
    assert_eq!(life.home.states("lab"), ["stopped", "stopped"]);
    life.run(&["reset", "--to", "friday"]);
    assert!(life.count() >= before);
    assert_eq!(life.on("node2", "cat /var/tmp/file"), "friday", "it was in its memory alone");
    life.on("node2", "echo after > /var/tmp/file && sync");
    life.run(&["checkpoint", "rm", "friday", "--yes"]);

    life.chapter("saved from there, and the first one removed");
    life.run(&["checkpoint", "save", "later"]);
    life.run(&["checkpoint", "rm", "before", "--yes"]);
    life.run(&["checkpoint", "verify"]);
    life.run(&["reset", "--to", "later"]);
    assert_eq!(life.on("node2", "cat /var/tmp/file"), "after");
    life.run(&["up", "lab"]);

    life.chapter("what no checkpoint needs is pulled into the disks of the machines that run");
    let before = life.count();
    life.run(&["checkpoint", "rm", "later", "--yes"]);
    let flattened = clone(&life.home, ["checkpoint", "flatten", "-o", "json"]).json();
    let flattened = flattened.as_array().unwrap();
    assert!(flattened.len() == 2 && flattened.iter().all(|row| row["files"].as_u64() >= Some(2)), "{flattened:?}");
    assert_eq!(life.home.root().join("labs/lab/checkpoints").read_dir_utf8().unwrap().count(), 1, "`ready` is left");
    assert!(life.count() >= before);
    assert_eq!(life.on("node2", "echo 3 > /proc/sys/vm/drop_caches; cat /var/tmp/file"), "after");
    life.run(&["reset", "--to", "ready"]);
    life.run(&["destroy", "lab", "--yes"]);
    life.home.assert_no_labs();
    debian().assert_untouched();
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}
