//! Forks of a lab of real machines: they go on from the same memory, each its own way, and share what none has changed;
//! and the same memory in one file, from which a lab is made.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::time::{Duration, Instant};

use kiln_tests::{TestHome, clone, debian, until};

const MEMORY_MIB: u64 = 512;
const LAB: &str = "\
name: origin
image: debian-12
network: 192.168.206.0/24
defaults: {cpus: 1, memory: 512MiB}
checkpoint: off
nodes:
- {name: node1, ip: 192.168.206.196, forwards: [{host: 24222, guest: 22}]}
- {name: node2, ip: 192.168.206.197, memory: 256MiB}
";

/// Counts in a process, which has its number in its memory only until somebody asks for it.
const COUNT: &str = "\
setsid sh -c 'n=0; trap \"echo \\$n > /dev/shm/count\" USR1; echo $$ > /dev/shm/pid
  while :; do n=$((n + 1)); sleep 0.2; done' > /dev/null 2>&1 < /dev/null &";
/// Asks it.
const ASK: &str = "\
rm -f /dev/shm/count; kill -USR1 $(cat /dev/shm/pid); until [ -s /dev/shm/count ]; do sleep 0.1; done
cat /dev/shm/count";

struct Story {
    home: TestHome,
    begun: Instant,
}

impl Story {
    fn chapter(&self, title: &str) {
        println!("{:6.1} s  {title}", self.begun.elapsed().as_secs_f64());
    }

    #[track_caller]
    fn run(&self, command: &[&str]) {
        print!("{}", clone(&self.home, command).ok());
    }

    #[track_caller]
    fn on(&self, lab: &str, script: &str) -> String {
        let command = ["exec", "--lab", lab, "node1", "--", "sudo", "sh", "-c", script];
        clone(&self.home, command).ok().trim().to_owned()
    }

    #[track_caller]
    fn count(&self, lab: &str) -> u64 {
        self.on(lab, ASK).parse().unwrap()
    }

    /// How much of the memory of a lab's machine is its own, and its share of what others have, too: the PSS of what QEMU
    /// has mapped of the checkpoint, in KiB (proc_pid_smaps(5)).
    fn pss_kib(&self, lab: &str) -> u64 {
        let pid = self.home.status(lab)[0]["pid"].as_i64().unwrap();
        let smaps = fs::read_to_string(format!("/proc/{pid}/smaps")).unwrap();
        let (mut is_memory, mut sum) = (false, 0);
        for line in smaps.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("Pss:") if is_memory => sum += words.next().unwrap().parse::<u64>().unwrap(),
                // The line that begins a mapping has no colon after its first word, and ends with the file.
                Some(word) if !word.ends_with(':') => is_memory = line.contains("/checkpoints/"),
                _ => {}
            }
        }
        sum
    }
}

#[test]
fn forks_go_their_own_ways_from_one_memory() {
    let story = Story { home: TestHome::with_debian(), begun: Instant::now() };
    let file = story.home.file("lab.yaml", LAB);
    story.run(&["up", &file]);
    let list = clone(&story.home, ["checkpoint", "list", "-o", "json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 0, "it makes none by itself: {list}");
    story.on("origin", COUNT);
    story.on("origin", "echo origin > /var/tmp/file && sync");
    until("the counter counts", Duration::from_secs(60), || story.count("origin") > 5);
    story.run(&["checkpoint", "save", "base"]);
    let at_save = story.count("origin");
    story.chapter("a lab is up, and saved");

    for fork in ["fork-a", "fork-b"] {
        story.run(&["fork", fork, "--from", "origin@base"]);
        story.chapter(&format!("{fork} is up"));
    }
    share_their_memory(&story);
    reach_their_own_nodes(&story);
    go_their_own_ways(&story, at_save);
    protect_what_they_stand_on(&story);
    have_checkpoints_and_disks_of_their_own(&story);
    travel_as_one_file(&story);
    for fork in ["fork-a", "fork-b", "copy"] {
        story.run(&["destroy", fork, "--yes"]);
    }
    story.run(&["checkpoint", "rm", "base", "--lab", "origin", "--yes"]);
    story.run(&["destroy", "origin", "--yes"]);
    story.home.assert_no_labs();
    debian().assert_untouched();
}

fn share_their_memory(story: &Story) {
    let pss = ["fork-a", "fork-b"].map(|fork| story.pss_kib(fork) / 1024);
    println!("PSS of the memory of the two forks, of {MEMORY_MIB} MiB each: {} MiB and {} MiB", pss[0], pss[1]);
    assert!(pss.iter().all(|pss| *pss > 0), "no machine has mapped the memory of the checkpoint");
    assert!(pss[0] + pss[1] < MEMORY_MIB, "two forks take as much memory as one machine has: {pss:?} MiB");
}

/// With the addresses that the others have, too.
fn reach_their_own_nodes(story: &Story) {
    for lab in ["origin", "fork-a", "fork-b"] {
        let command = ["exec", "--lab", lab, "node2", "--", "sudo", "sh", "-c", &format!("echo {lab} > /dev/shm/lab")];
        clone(&story.home, command).ok();
    }
    for lab in ["origin", "fork-a", "fork-b"] {
        story.on(lab, "ping -c 3 -W 20 192.168.206.197");
        let other =
            ["exec", "--lab", lab, "node2", "--", "sh", "-c", "ping -c 3 -W 20 192.168.206.196; cat /dev/shm/lab"];
        let said = clone(&story.home, other).ok();
        assert!(said.contains(" 0% packet loss") && said.trim().ends_with(lab), "{said}");
    }
    story.chapter("the nodes of each reach each other");
}

fn go_their_own_ways(story: &Story, at_save: u64) {
    let labs = ["origin", "fork-a", "fork-b"];
    let ids = labs.map(|lab| story.on(lab, "cat /etc/machine-id /proc/sys/kernel/random/boot_id"));
    assert!(ids.iter().all(|id| *id == ids[0]), "they are other machines: {ids:?}");
    story.on("fork-a", "echo fork-a > /var/tmp/file && sync");
    story.on("fork-b", "kill -9 $(cat /dev/shm/pid)");
    let ahead = || story.count("fork-a") > at_save;
    until("the counter of the fork goes on", Duration::from_secs(120), ahead);
    assert_eq!(labs.map(|lab| story.on(lab, "cat /var/tmp/file")), ["origin", "fork-a", "origin"]);
    let alive = labs.map(|lab| story.on(lab, "kill -0 $(cat /dev/shm/pid) 2> /dev/null && echo yes || echo no"));
    assert_eq!(alive, ["yes", "yes", "no"]);
    // Each has the addresses of the others on a network of its own, and ports of its own on this host.
    let text = fs::read_to_string(story.home.root().join("labs/fork-a/lab.yaml")).unwrap();
    assert!(text.contains("name: fork-a") && !text.contains("24222"), "{text}");
    let ports = labs.map(|lab| story.home.status(lab)[0]["ssh-port"].as_u64());
    assert!(ports[0] != ports[1] && ports[1] != ports[2] && ports[0] != ports[2], "{ports:?}");
    story.chapter("each is itself");
}

fn protect_what_they_stand_on(story: &Story) {
    for command in [&["destroy", "origin", "--yes"][..], &["checkpoint", "rm", "base", "--lab", "origin", "--yes"]] {
        let said = clone(&story.home, command).fails(2);
        assert!(said.contains("fork-a, fork-b"), "{said}");
    }
    assert_eq!(story.home.states("origin"), ["running", "running"]);
    let said = clone(&story.home, ["fork", "fork-a", "--from", "origin@base"]).fails(2);
    assert!(said.contains("there is a lab fork-a already"), "{said}");
    story.chapter("the origin is kept");
}

fn have_checkpoints_and_disks_of_their_own(story: &Story) {
    story.run(&["checkpoint", "save", "mine", "--lab", "fork-a"]);
    story.on("fork-a", "echo later > /var/tmp/file && sync");
    story.run(&["reset", "--lab", "fork-a", "--to", "mine"]);
    assert_eq!(story.on("fork-a", "cat /var/tmp/file"), "fork-a");
    story.chapter("a fork was saved and taken back");
    story.run(&["reset", "--lab", "fork-b", "--to", "golden"]);
    assert_eq!(story.on("fork-b", "cat /var/tmp/file 2> /dev/null || echo none"), "none");
    story.chapter("the other was made anew from its golden image");
}

fn travel_as_one_file(story: &Story) {
    let file = story.home.work().join("mine.tar.zst");
    story.run(&["checkpoint", "export", "mine", "--lab", "fork-a", "--to", file.as_str()]);
    println!("the file has {} MiB", fs::metadata(&file).unwrap().len() >> 20);
    story.run(&["checkpoint", "import", file.as_str(), "--as", "copy"]);
    assert_eq!(story.home.states("copy"), ["stopped", "stopped"]);
    story.run(&["resume", "copy"]);
    assert_eq!(story.on("copy", "cat /var/tmp/file"), "fork-a");
    assert!(story.count("copy") > 5);
    story.chapter("a lab was made of a file");
}
