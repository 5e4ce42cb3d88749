//! The life of one real machine, as an ordinary user: no root, no daemon. The lab gives cloud-init something to do of its
//! own, is down for a while, and its kernel panics.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use kiln_tests::{TestHome, clone, debian, processes, until};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// The exit code that `clone --help` documents for what fails inside of a node.
const GUEST: i32 = 8;
/// Within this time a program has done what takes it a second on a host with nothing else to do.
const SOON: Duration = Duration::from_secs(60);

const LAB: &str = r#"
name: own
image: debian-12
network: 192.168.205.0/24
nodes:
- {name: node1, ip: 192.168.205.11, cpus: 2, memory: 512MiB, disk: 12GiB}
cloud-init:
  files:
  - {path: /etc/of-the-lab, content: "it's a \"file\"\n", mode: "0640"}
  runcmd:
  - sleep 3; touch /run/ran-to-the-end
  - test -f /etc/of-the-lab
"#;

/// Whether everything that the lab asked for is there, and the disk is as large as it should be.
const LOOK: &str =
    "stat -c %a /etc/of-the-lab; cat /etc/of-the-lab; ls /run/ran-to-the-end; nproc; lsblk -bdno SIZE /dev/vda";

#[test]
fn a_lab_of_an_ordinary_user_waits_for_what_it_asked_cloud_init_for() {
    let home = TestHome::of_ordinary_user().and_debian();
    let begun = Instant::now();
    let lab = home.file("own.yaml", LAB);
    // Killed when the node had answered, and before that was written down: the next run sees that it answers.
    let died = clone(&home, ["up", &lab]).env("KILN_TEST_CRASH_AT", "answered").finish();
    assert_eq!(died.code(), None, "{}", died.stderr());
    println!("{:6.1} s  the node has answered", begun.elapsed().as_secs_f64());
    assert_eq!(home.states("own"), ["starting"]);
    clone(&home, ["up", &lab]).ok();
    assert_eq!(home.states("own"), ["running"]);
    println!("{:6.1} s  the lab is up", begun.elapsed().as_secs_f64());

    let said = clone(&home, ["exec", "node1", "--", "sudo", "sh", "-c", LOOK]).ok();
    assert_eq!(said, format!("640\nit's a \"file\"\n/run/ran-to-the-end\n2\n{}\n", 12_u64 << 30));

    everything_belongs_to_the_user(&home);
    survives_being_down(&home);
    println!("{:6.1} s  the lab was down, and is up again", begun.elapsed().as_secs_f64());
    goes_on_where_it_is_held(&home);
    dies_of_a_kernel_panic(&home);
    println!("{:6.1} s  its kernel has panicked", begun.elapsed().as_secs_f64());
    clone(&home, ["destroy", "--yes"]).ok();
    until("all processes have ended", SOON, || processes(&home).is_empty());
    home.assert_no_labs();
    debian().assert_untouched();
}

fn everything_belongs_to_the_user(home: &TestHome) {
    let owner = fs::metadata(home.root()).unwrap().uid();
    let machines = processes(home);
    assert!(machines.iter().any(|process| process.is_machine()), "{machines:?}");
    for process in machines {
        assert_eq!(fs::metadata(format!("/proc/{}", process.pid)).unwrap().uid(), owner, "{}", process.line);
    }
}

/// Prints what identifies the node, and what is on its disk; and last what is another after each boot.
const FACTS: &str = "\
hostname; cat /etc/machine-id /sys/class/dmi/id/product_uuid /var/lib/cloud/data/instance-id
cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub; cat /sys/class/net/eth*/address; cat /var/tmp/kept
ip -o -4 addr show dev eth1 | awk '{print $4}'; cat /proc/sys/kernel/random/boot_id";

/// The node is switched off and on.
fn survives_being_down(home: &TestHome) {
    let on = |script| clone(home, ["exec", "node1", "--", "sudo", "sh", "-c", script]).ok();
    on("echo here > /var/tmp/kept && sync");
    let before = on(FACTS);
    let down = clone(home, ["down"]).finish();
    // A guest that has an agent shuts down when it is asked to.
    assert!(!down.stderr().contains("was ended"), "{}", down.stderr());
    down.ok();
    assert_eq!(home.states("own"), ["stopped"]);
    until("everything has ended", SOON, || processes(home).is_empty());

    clone(home, ["up"]).ok();
    assert_eq!(home.states("own"), ["running"]);
    let after = on(FACTS);
    let (before, after): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    assert_eq!(before[..before.len() - 1], after[..after.len() - 1]);
    assert!(before.contains(&"here") && before.contains(&"192.168.205.11/24"), "{before:?}");
    assert_ne!(before.last(), after.last(), "it was not started again");
}

/// As a command leaves it that is killed in the moment for which it holds the machine.
fn goes_on_where_it_is_held(home: &TestHome) {
    let boot = || clone(home, ["exec", "node1", "--", "cat", "/proc/sys/kernel/random/boot_id"]).ok();
    let before = boot();
    let mut monitor = UnixStream::connect(home.root().join("labs/own/nodes/node1/qmp.sock")).unwrap();
    monitor.write_all(b"{\"execute\": \"qmp_capabilities\"} {\"execute\": \"stop\"}").unwrap();
    // QEMU speaks to one at a time, and forgets what one has asked for who hangs up.
    let answers = BufReader::new(monitor).lines().map_while(Result::ok);
    assert!(answers.take(10).any(|line| line.contains("\"STOP\"")));
    assert_eq!(home.states("own"), ["paused"]);
    assert!(clone(home, ["plan", "own"]).ok().contains("it is paused"));
    clone(home, ["up", "own"]).ok();
    assert_eq!(home.states("own"), ["running"]);
    assert_eq!(boot(), before, "it was started anew");
}

/// As it does by itself where it cannot go on (sysrq(7), command `c`).
fn dies_of_a_kernel_panic(home: &TestHome) {
    let panic = "echo 1 > /proc/sys/kernel/sysrq; echo 0 > /proc/sys/kernel/panic; echo c > /proc/sysrq-trigger";
    // Nobody is left in it to say how that ended.
    let mut connection = clone(home, ["exec", "node1", "--", "sudo", "sh", "-c", panic]).spawn();
    until("the kernel has panicked", SOON, || {
        clone(home, ["console", "node1", "--dump"]).ok().contains("Kernel panic - not syncing")
    });
    connection.kill().unwrap();
    connection.wait().unwrap();
    let up = clone(home, ["up", "own"]).fails(GUEST);
    for part in ["node1", "Kernel panic - not syncing", "clone down, then clone up", "clone reset node1 --to golden"] {
        assert!(up.contains(part), "{part:?} is missing in:\n{up}");
    }
}
