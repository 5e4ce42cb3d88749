//! Labs that run: what Kiln adds to the guests' own boot, and what it answers how fast.

use std::process::Command;
use std::time::{Duration, Instant};

use kiln_tests::{TestHome, clone};

use crate::measure::run;
use crate::observer::Observer;
use crate::table::{Figure, Row, Target};
use crate::virsh;

/// How long three emulated machines may take to boot.
const BOOT_LIMIT: Duration = Duration::from_secs(20 * 60);

/// How long anything else may take.
const LIMIT: Duration = Duration::from_secs(120);

const LAB: &str = "three-nodes";
/// Its file, which says nothing of checkpoints: a lab then saves one by itself when it is up.
const FILE: &str = include_str!("../../../../labs/three-nodes.yaml");
/// How many nodes it has, and how much memory each (labs/three-nodes.yaml).
const NODES: usize = 3;
const MEMORY_MIB: u32 = 1024;

/// What was measured.
#[derive(Debug, Default)]
struct Times {
    boot: Vec<Duration>,
    added: Vec<Duration>,
    login: Vec<Duration>,
    save: Vec<Duration>,
    status: Vec<Duration>,
    again: Vec<Duration>,
    suspend: Vec<Duration>,
    resume: Vec<Duration>,
    reset: Vec<Duration>,
}

/// Boots the lab of three nodes as often as `boots` says, and asks each time `runs` times how it is.
pub fn rows(home: &TestHome, runs: usize, boots: usize) -> Vec<Row> {
    let mut times = Times::default();
    for number in 1..=boots {
        eprintln!("bench: three nodes, {number} of {boots}");
        once(home, runs, &mut times);
    }
    let peer = virsh::measure(home, NODES, MEMORY_MIB, boots);
    let (saved, restored) = peer.map(|times| (Figure::seconds(&times.save), Figure::seconds(&times.restore))).unzip();
    vec![
        Row::new("boot of three nodes, until the last SSH server answered", Figure::seconds(&times.boot)),
        Row::new("… from there until clone up had seen all", Figure::seconds(&times.added))
            .against("one login with ssh, later", Some(Figure::seconds(&times.login)))
            .target(Target::Below(1.0)),
        Row::new("clone checkpoint save, three running nodes", Figure::seconds(&times.save)),
        Row::new("clone status, three running nodes", Figure::seconds(&times.status)).target(Target::Below(0.3)),
        Row::new("clone up, three running nodes", Figure::seconds(&times.again)).target(Target::Below(1.0)),
        Row::new("clone suspend, three running nodes", Figure::seconds(&times.suspend))
            .against("virsh save, one after the other", saved),
        Row::new("clone resume, until three nodes run", Figure::seconds(&times.resume))
            .against("virsh restore, one after the other", restored),
        Row::new("clone reset of three running nodes, until they boot", Figure::seconds(&times.reset))
            .target(Target::Below(2.0)),
    ]
}

fn once(home: &TestHome, runs: usize, times: &mut Times) {
    let file = home.file("three-nodes.yaml", &format!("{FILE}checkpoint: off\n"));
    run(command(home, &["up", &file, "--no-start"]), LIMIT);
    let observer = Observer::of(&ports(home), BOOT_LIMIT);
    let begin = Instant::now();
    let up = run(command(home, &["up", LAB]), BOOT_LIMIT);
    let last = observer.last_answer();
    times.boot.push(last - begin);
    // Kiln can have seen the answer of a server a moment before the observer has.
    times.added.push(up.end.saturating_duration_since(last));
    times.login.push(run(login(home), LIMIT).took);

    times.status.extend((0..runs).map(|_| run(command(home, &["status", LAB]), LIMIT).took));
    times.again.extend((0..runs).map(|_| run(command(home, &["up", LAB]), LIMIT).took));
    assert_eq!(states(home), ["running"; NODES]);

    rustix::fs::sync();
    times.save.push(run(command(home, &["checkpoint", "save", "bench", "--lab", LAB]), LIMIT).took);
    rustix::fs::sync();
    times.suspend.push(run(command(home, &["suspend", LAB]), LIMIT).took);
    rustix::fs::sync();
    times.resume.push(run(command(home, &["resume", LAB, "--no-wait"]), LIMIT).took);

    rustix::fs::sync();
    times.reset.push(run(command(home, &["reset", "--lab", LAB, "--to", "golden", "--no-wait"]), LIMIT).took);
    assert_eq!(states(home), ["starting"; NODES]);
    run(command(home, &["destroy", "--yes", LAB]), LIMIT);
}

/// What no tool can do without that has to be let in: most of it is the guest's own time.
fn login(home: &TestHome) -> Command {
    let config = home.file("ssh-config", &clone(home, ["ssh-config", LAB]).ok());
    let mut ssh = Command::new("ssh");
    ssh.args(["-F", &config, &format!("node1.{LAB}"), "true"]);
    ssh
}

fn command(home: &TestHome, words: &[&str]) -> Command {
    clone(home, words).into_command()
}

fn ports(home: &TestHome) -> Vec<u16> {
    let nodes = clone(home, ["status", LAB, "-o", "json"]).json();
    let port = |node: &serde_json::Value| u16::try_from(node["ssh-port"].as_u64().unwrap()).unwrap();
    nodes.as_array().unwrap().iter().map(port).collect()
}

fn states(home: &TestHome) -> Vec<String> {
    let nodes = clone(home, ["status", LAB, "-o", "json"]).json();
    nodes.as_array().unwrap().iter().map(|node| node["state"].as_str().unwrap().to_owned()).collect()
}
