//! One real machine, as an ordinary user: no root, no daemon. The lab gives cloud-init something to do of its own.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use kiln_tests::{TestHome, clone, debian, processes, until};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

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

    // Everything belongs to the user.
    let owner = fs::metadata(home.root()).unwrap().uid();
    let machines = processes(&home);
    assert!(machines.iter().any(|process| process.is_machine()), "{machines:?}");
    for process in machines {
        assert_eq!(fs::metadata(format!("/proc/{}", process.pid)).unwrap().uid(), owner, "{}", process.line);
    }
    clone(&home, ["destroy", "--yes"]).ok();
    until("all processes have ended", Duration::from_secs(60), || processes(&home).is_empty());
    home.assert_no_labs();
    debian().assert_untouched();
}
