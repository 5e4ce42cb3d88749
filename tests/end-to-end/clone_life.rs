//! The life of a lab of three real machines, from the plan to the end, in one test: booting them is what costs time.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use kiln_tests::{TestHome, bake, clone, debian, processes, until};
use serde_json::Value;

const NODES: [&str; 3] = ["node1", "node2", "node3"];
/// Within this time a program has done what takes it a second on a host with nothing else to do.
const SOON: Duration = Duration::from_secs(60);

/// Prints a fact a line, `<name> <value>`, as the node itself sees it.
const FACTS: &str = r#"
echo "fqdn $(hostname -f)"
echo "hostname $(hostname)"
echo "machine-id $(cat /etc/machine-id)"
echo "product-uuid $(cat /sys/class/dmi/id/product_uuid)"
echo "boot-id $(cat /proc/sys/kernel/random/boot_id)"
echo "instance-id $(cat /var/lib/cloud/data/instance-id)"
echo "host-key $(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)"
echo "host-keys $(ls /etc/ssh/ssh_host_*_key.pub)"
for card in eth0 eth1; do
  echo "$card-mac $(cat /sys/class/net/$card/address)"
  echo "$card-ip $(ip -o -4 addr show dev $card | awk '{print $4}')"
done
echo "hosts $(grep -c -E '^192\.168\.206\.19[678] node[123]' /etc/hosts)"
for node in node1 node2 node3; do
  ping -c 1 -w 20 -q $node > /dev/null && echo "reaches-$node $(getent hosts $node | awk '{print $1}')"
done
echo "kept $(cat /var/tmp/kept 2>/dev/null)"
"#;

/// What cloud-init says of itself when it has ended, and of what it was given and has done.
const CLOUD_INIT: &str = "\
cloud-init status --wait
cloud-init schema --system 2>&1
echo slack: $(systemd-detect-virt) $(cat /proc/self/timerslack_ns)
echo servers: $(journalctl -b -u ssh -o cat | grep -c 'Server listening on 0.0.0.0')";

type Facts = BTreeMap<String, String>;

/// The lab of the test.
struct Life {
    home: TestHome,
    begun: Instant,
}

impl Life {
    /// Says how far the story has come, and when.
    fn chapter(&self, title: &str) {
        println!("{:6.1} s  {title}", self.begun.elapsed().as_secs_f64());
    }

    /// What a node says of itself.
    #[track_caller]
    fn facts(&self, node: &str) -> Facts {
        let said = clone(&self.home, ["exec", node, "--", "sudo", "sh", "-c", FACTS]).ok();
        let facts = said.lines().filter_map(|line| line.split_once(' '));
        facts.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
    }

    fn all_facts(&self) -> [Facts; 3] {
        NODES.map(|node| self.facts(node))
    }

    fn states(&self) -> Vec<String> {
        self.home.states("three-nodes")
    }

    fn pid(&self, node: &str) -> i64 {
        let status = self.home.status("three-nodes");
        status.iter().find(|row| row["node"] == node).unwrap()["pid"].as_i64().unwrap()
    }

    /// What `clone plan` would do to each node.
    fn plan(&self) -> Vec<String> {
        let plan = clone(&self.home, ["plan", "three-nodes", "-o", "json"]).json();
        plan.as_array().unwrap().iter().map(|step| step["action"].as_str().unwrap().to_owned()).collect()
    }

    fn folder(&self) -> camino::Utf8PathBuf {
        self.home.root().join("labs/three-nodes")
    }
}

#[test]
fn a_lab_lives_from_its_plan_to_its_end() {
    let life = Life { home: TestHome::with_debian(), begun: Instant::now() };
    is_planned(&life);
    comes_up(&life);
    let born = life.all_facts();
    life.chapter("the nodes have said who they are");
    have_identities(&life, &born);
    cloud_init_is_content(&life);
    can_be_used(&life);
    up_again_changes_nothing(&life);
    survives_a_killed_machine_and_a_killed_reset(&life, &born);
    one_node_goes_down_and_comes_back(&life, &born);
    ends(&life);
    debian().assert_untouched();
    life.chapter("the golden image is what it was");
}

fn is_planned(life: &Life) {
    assert_eq!(life.plan(), ["create"; 3]);
    let dry = clone(&life.home, ["up", "three-nodes", "--dry-run"]).ok();
    assert!(NODES.iter().all(|node| dry.contains(node)) && dry.contains("it is new"), "{dry}");
    assert!(!life.folder().exists(), "a plan has made something");
    assert_eq!(clone(&life.home, ["list", "-o", "json"]).json(), Value::Array(Vec::new()));
}

fn comes_up(life: &Life) {
    let said = clone(&life.home, ["up", "three-nodes", "-o", "json"]).ok();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (table, events) = lines.split_last().unwrap();
    assert_eq!(table.as_array().unwrap().len(), 3, "{said}");
    for node in NODES {
        for phase in ["start", "reachable", "identity", "links"] {
            let ended = |event: &Value| event["subject"] == node && event["phase"] == phase && event["state"] == "done";
            let event = events.iter().find(|event| ended(event));
            let event = event.unwrap_or_else(|| panic!("{phase} of {node} is not told of:\n{said}"));
            assert!(event["seconds"].is_number() && event["time"].is_string(), "{event}");
        }
    }
    life.chapter("the lab is up");
    assert_eq!(life.states(), ["running"; 3]);
    let listed = clone(&life.home, ["list", "-o", "json"]).json();
    assert_eq!((&listed[0]["nodes"], &listed[0]["running"]), (&Value::from(3), &Value::from(3)), "{listed}");
    let text = clone(&life.home, ["status"]).ok();
    assert!(text.contains("192.168.206.197") && text.contains("running"), "{text}");
}

fn have_identities(life: &Life, facts: &[Facts; 3]) {
    let known_hosts = fs::read_to_string(life.folder().join("ssh/known_hosts")).unwrap();
    for (number, (node, facts)) in NODES.iter().zip(facts).enumerate() {
        let fact = |name: &str| facts.get(name).map(String::as_str).unwrap_or_default();
        assert_eq!((fact("hostname"), fact("fqdn")), (*node, *node), "{facts:#?}");
        assert_eq!(fact("eth1-ip"), format!("192.168.206.{}/24", 196 + number), "{facts:#?}");
        assert_eq!(fact("eth0-ip"), "10.0.2.15/24", "{facts:#?}");
        assert_eq!(fact("hosts"), "3", "{facts:#?}");
        assert_eq!(fact("host-keys"), "/etc/ssh/ssh_host_ed25519_key.pub", "a host key that was not handed in");
        assert!(known_hosts.contains(&format!("{node} {}", fact("host-key"))), "{node} is not in:\n{known_hosts}");
        for (number, other) in NODES.iter().enumerate() {
            let found = fact(&format!("reaches-{other}"));
            // Debian gives a host's own name another address (127.0.1.1), if anybody lets it.
            assert_eq!(found, format!("192.168.206.{}", 196 + number), "{node} does not reach {other}: {facts:#?}");
        }
    }
    let own = ["machine-id", "product-uuid", "boot-id", "instance-id", "host-key", "eth0-mac", "eth1-mac"];
    for name in own {
        let values: BTreeSet<_> =
            facts.iter().filter_map(|facts| facts.get(name)).filter(|value| !value.is_empty()).collect();
        assert_eq!(values.len(), 3, "{name}: {values:?}");
    }
    assert_eq!(known_hosts.lines().count(), 3, "{known_hosts}");
}

fn cloud_init_is_content(life: &Life) {
    let said = clone(&life.home, ["exec", "--all", "--", "sudo", "sh", "-c", CLOUD_INIT]).ok();
    for node in NODES {
        for expected in ["status: done", "Valid cloud-config: system userdata", "servers: 1"] {
            let told = said.lines().any(|line| line.starts_with(node) && line.contains(expected));
            assert!(told, "{node}: {expected:?} is missing in:\n{said}");
        }
    }
    assert!(!said.contains("rror"), "{said}");
    let slacks: Vec<_> = said.lines().filter_map(|line| line.split_once("slack: ")).map(|(_, slack)| slack).collect();
    let expected = if slacks[0].starts_with("qemu") { "qemu 5000000" } else { "kvm 50000" };
    assert_eq!(slacks, [expected; 3], "only an emulated processor is spared its timers");
    life.chapter("cloud-init has ended without complaints");
}

fn can_be_used(life: &Life) {
    let home = &life.home;
    // Exit codes, and words that no shell may take apart.
    assert_eq!(clone(home, ["ssh", "node1", "exit", "7"]).finish().code(), Some(7));
    assert_eq!(clone(home, ["exec", "node2", "--", "sh", "-c", "exit 42"]).finish().code(), Some(42));
    assert_eq!(clone(home, ["exec", "node2", "no-such-program", "-o", "x"]).finish().code(), Some(127));
    assert_eq!(clone(home, ["exec", "node3", "--", "echo", "it's", "$HOME  *"]).ok(), "it's $HOME  *\n");
    let all = clone(home, ["exec", "--all", "--", "sh", "-c", "test $(hostname) != node2 || exit 3"]).finish();
    assert_eq!(all.code(), Some(3), "{}", all.stderr());

    home.file("there.txt", "to the node and back\n");
    clone(home, ["cp", "there.txt", "node1:/var/tmp/kept"]).ok();
    clone(home, ["cp", "node1:/var/tmp/kept", "back.txt"]).ok();
    assert_eq!(fs::read_to_string(home.work().join("back.txt")).unwrap(), "to the node and back\n");
    assert_ne!(clone(home, ["cp", "node1:/no/such/file", "."]).finish().code(), Some(0));
    clone(home, ["cp", "there.txt", "node2:/var/tmp/kept"]).ok();
    clone(home, ["exec", "--all", "--", "sync"]).ok();

    // OpenSSH alone, as ansible or rsync would use it.
    home.file("config", &clone(home, ["ssh-config"]).ok());
    let ssh = ["-F", "config", "node3.three-nodes", "hostname"];
    let output = Command::new("ssh").args(ssh).current_dir(home.work()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "node3\n", "{}", String::from_utf8_lossy(&output.stderr));

    clone(home, ["screenshot", "node1"]).ok();
    assert!(fs::read(home.work().join("node1.png")).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    can_be_looked_at(life);
    let console = clone(home, ["console", "node1", "--dump"]).ok();
    assert!(console.contains("Linux version") || console.contains("systemd"), "{console}");
    let logs = clone(home, ["logs", "node1"]).finish();
    assert!(logs.stderr().contains("reachable-node1.log") && !logs.stderr().contains("node2"), "{}", logs.stderr());
    clone(home, ["collect"]).ok();
    let tar = Command::new("tar").args(["-tzf", "three-nodes.tar.gz"]).current_dir(home.work()).output().unwrap();
    let packed = String::from_utf8_lossy(&tar.stdout).into_owned();
    for file in ["lab.yaml", "state.json", "doctor.txt", "nodes/node2/console.log", "nodes/node3/qemu.log"] {
        assert!(packed.contains(&format!("three-nodes/{file}")), "{file} is missing in:\n{packed}");
    }
    assert!(!packed.contains("id_ed25519") && !packed.contains("qcow2") && !packed.contains("seed"), "{packed}");

    let in_use = bake(home, ["rm", "debian-12"]).finish();
    assert!(in_use.code() != Some(0) && in_use.stderr().contains("three-nodes"), "{}", in_use.stderr());
    life.chapter("the nodes were used");
}

/// Its screen is served on a socket that only its owner may enter, by the protocol of every viewer (RFC 6143, 7.1.1).
fn can_be_looked_at(life: &Life) {
    let home = &life.home;
    let socket = clone(home, ["view", "node1", "--print"]).ok();
    let mut greeting = [0; 4];
    UnixStream::connect(socket.trim()).unwrap().read_exact(&mut greeting).unwrap();
    assert_eq!(&greeting, b"RFB ");
    let folder = Path::new(socket.trim()).parent().unwrap();
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o077, 0);

    // A stand-in for the viewer says what it was given, and how it ended is told.
    let viewer = home.file("viewer", "#!/bin/sh\necho \"$@\" > shown\nexit 3\n");
    fs::set_permissions(&viewer, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(clone(home, ["view", "node1"]).env("KILN_VNCVIEWER", &viewer).finish().code(), Some(3));
    assert_eq!(fs::read_to_string(home.work().join("shown")).unwrap(), socket);
}

fn up_again_changes_nothing(life: &Life) {
    let state = |life: &Life| fs::read(life.folder().join("state.json")).unwrap();
    let (before, started) = (state(life), Instant::now());
    assert_eq!(life.plan(), ["keep"; 3]);
    let up = clone(&life.home, ["up", "three-nodes"]).finish();
    for part in ["is up; nothing was changed", "log in: clone ssh node1"] {
        assert!(up.stderr().contains(part), "{}", up.stderr());
    }
    up.ok();
    // A second where nothing else runs.
    assert!(started.elapsed() < SOON / 4, "it took {:?}", started.elapsed());
    assert!(state(life) == before, "state.json has changed");
    life.chapter("up was run again");
}

/// node1 loses its machine, and node2 is being reset by a program that is killed in the middle of it. Both are one `up`
/// away from being well, and node3 hears nothing of it.
fn survives_a_killed_machine_and_a_killed_reset(life: &Life, born: &[Facts; 3]) {
    let pids = NODES.map(|node| life.pid(node));
    let machines = processes(&life.home);
    machines.iter().find(|process| i64::from(process.pid) == pids[0]).unwrap().kill();
    until("the killed machine is seen", SOON, || life.states() == ["crashed", "running", "running"]);

    let mut reset = clone(&life.home, ["reset", "node2", "--to", "golden"]).start();
    reset.until("node2 is started anew", SOON, || {
        let row = &life.home.status("three-nodes")[1];
        row["generation"] == 1 && row["state"] == "starting" && row["pid"].as_i64() != Some(pids[1])
    });
    reset.kill();
    assert_eq!(life.states(), ["crashed", "starting", "running"]);
    assert_eq!(life.plan(), ["start", "wait", "keep"]);
    life.chapter("node1 was killed, and the reset of node2, too");

    clone(&life.home, ["up", "three-nodes"]).ok();
    assert_eq!(life.states(), ["running"; 3]);
    assert_eq!(life.pid("node3"), pids[2]);
    life.chapter("all are up again");
    let now = life.all_facts();
    let same = |node: usize, names: &[&str]| {
        for &name in names {
            assert_eq!(now[node].get(name), born[node].get(name), "{name} of {}", NODES[node]);
        }
    };
    let differ = |node: usize, names: &[&str]| {
        for &name in names {
            assert_ne!(now[node].get(name), born[node].get(name), "{name} of {}", NODES[node]);
        }
    };
    // node1 was switched off and on: what was on its disk is there.
    same(0, &["hostname", "machine-id", "product-uuid", "instance-id", "host-key", "eth0-mac", "eth1-mac", "eth1-ip"]);
    differ(0, &["boot-id"]);
    assert_eq!(now[0]["kept"], "to the node and back");
    // node2 is another installation with the same name, addresses and keys. Its machine-id may be the one it had: in a
    // virtual machine systemd takes it from the product UUID (machine-id(5), "Initialization").
    same(1, &["hostname", "fqdn", "product-uuid", "host-key", "eth0-mac", "eth1-mac", "eth1-ip", "hosts"]);
    differ(1, &["boot-id", "instance-id"]);
    assert_eq!(now[1]["kept"], "");
    // node3 ran on.
    same(2, &["machine-id", "boot-id", "instance-id", "host-key"]);
    have_identities(life, &now);
}

fn one_node_goes_down_and_comes_back(life: &Life, born: &[Facts; 3]) {
    let pids = NODES.map(|node| life.pid(node));
    clone(&life.home, ["node", "stop", "node3", "--force"]).ok();
    assert_eq!(life.states(), ["running", "running", "stopped"]);
    assert_eq!(life.plan(), ["keep", "keep", "start"]);
    clone(&life.home, ["node", "start", "node3"]).ok();
    assert_eq!(life.states(), ["running"; 3]);
    assert_eq!([life.pid("node1"), life.pid("node2")], [pids[0], pids[1]], "the other nodes run on");
    let back = life.facts("node3");
    for name in ["machine-id", "instance-id", "host-key", "eth1-ip"] {
        assert_eq!(back.get(name), born[2].get(name), "{name}");
    }
    assert_ne!(back.get("boot-id"), born[2].get("boot-id"));
    clone(&life.home, ["node", "start", "node3"]).ok();
    assert_eq!(life.facts("node3").get("boot-id"), back.get("boot-id"), "a node that runs is left alone");
    life.chapter("one node was stopped and started");
}

fn ends(life: &Life) {
    let refused = clone(&life.home, ["destroy"]).fails(2);
    assert!(refused.contains("--yes"), "{refused}");
    assert_eq!(life.states(), ["running"; 3]);
    let died = clone(&life.home, ["destroy", "--yes"]).env("KILN_TEST_CRASH_AT", "destroy-killed").finish();
    assert_eq!(died.code(), None, "{}", died.stderr());
    clone(&life.home, ["destroy", "three-nodes", "--yes"]).ok();
    // Connections of OpenSSH that were shared end when their other end has gone.
    until("all processes have ended", SOON, || processes(&life.home).is_empty());
    life.home.assert_no_labs();
    assert!(!Path::new(life.folder().as_str()).exists());
    life.chapter("the lab is gone");
}
