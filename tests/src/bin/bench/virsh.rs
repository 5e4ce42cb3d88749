//! What keeps a machine's memory without Kiln: `virsh save` and `virsh restore`, of one domain after the other.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tests::{TestHome, debian};
use serde_json::Value;

use crate::measure::run;

/// How long emulated machines may take to boot.
const BOOT_LIMIT: Duration = Duration::from_secs(20 * 60);
/// How long anything else may take.
const LIMIT: Duration = Duration::from_secs(300);
/// How often the agent of a machine that boots is asked.
const PAUSE: Duration = Duration::from_secs(1);

/// How long it took to save all domains, and to have them run again.
#[derive(Debug, Default)]
pub struct Times {
    /// `virsh save`.
    pub save: Vec<Duration>,
    /// `virsh restore`.
    pub restore: Vec<Duration>,
}

/// Boots as many machines as a lab has, from the same image and with as much memory, and saves and restores them `runs`
/// times. Nothing where no libvirt answers.
pub fn measure(home: &TestHome, count: usize, memory_mib: u32, runs: usize) -> Option<Times> {
    if !virsh(&["version"]).status().is_ok_and(|status| status.success()) {
        return None;
    }
    eprintln!("bench: {count} domains of libvirt");
    let domains = Domains::boot(home, count, memory_mib);
    let mut times = Times::default();
    for _ in 0..runs {
        rustix::fs::sync();
        times.save.push(domains.each(&|domain| virsh(&["save", &domain.name, domain.file.as_str()])));
        rustix::fs::sync();
        times.restore.push(domains.each(&|domain| virsh(&["restore", domain.file.as_str()])));
    }
    Some(times)
}

/// Machines of libvirt, which end with it.
struct Domains(Vec<Domain>);

struct Domain {
    name: String,
    file: Utf8PathBuf,
}

impl Domains {
    fn boot(home: &TestHome, count: usize, memory_mib: u32) -> Self {
        let mut domains = Self(Vec::new());
        let kind = kind(home);
        for number in 1..=count {
            let name = format!("kiln-bench-{}-{number}", std::process::id());
            let disk = home.work().join(format!("{name}.qcow2"));
            let mut create = Command::new("qemu-img");
            create.args(["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b"]).args([&debian().disk(), &disk]);
            run(create, LIMIT);
            let xml = home.file(&format!("{name}.xml"), &definition(kind, &name, &disk, memory_mib));
            run(virsh(&["create", &xml]), LIMIT);
            domains.0.push(Domain { file: home.work().join(format!("{name}.save")), name });
        }
        domains.0.iter().for_each(|domain| domain.wait());
        domains
    }

    fn each(&self, command: &dyn Fn(&Domain) -> Command) -> Duration {
        self.0.iter().map(|domain| run(command(domain), LIMIT).took).sum()
    }
}

impl Domain {
    /// Waits until it has booted so far that its agent answers.
    fn wait(&self) {
        let begin = Instant::now();
        let ping = || virsh(&["qemu-agent-command", &self.name, r#"{"execute": "guest-ping"}"#]).status();
        while !ping().unwrap().success() {
            assert!(begin.elapsed() < BOOT_LIMIT, "the agent of domain {} does not answer", self.name);
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Domains {
    fn drop(&mut self) {
        for domain in &self.0 {
            let ended = virsh(&["destroy", &domain.name]).status();
            if !ended.is_ok_and(|status| status.success()) {
                eprintln!("bench: domain {} could not be ended: virsh destroy {0}", domain.name);
            }
        }
    }
}

fn virsh(words: &[&str]) -> Command {
    let mut virsh = Command::new("virsh");
    virsh.arg("--quiet").args(words).stdout(Stdio::null()).stderr(Stdio::null());
    virsh
}

/// What libvirt calls the accelerator that the machines of the home have.
fn kind(home: &TestHome) -> &'static str {
    let facts: Value = serde_json::from_str(&fs::read_to_string(home.root().join("hypervisor.json")).unwrap()).unwrap();
    if facts["facts"]["accelerator"] == "tcg" { "qemu" } else { "kvm" }
}

/// A machine without a network. It runs as who runs this: the files of a home are nobody else's.
fn definition(kind: &str, name: &str, disk: &Utf8Path, memory_mib: u32) -> String {
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    format!(
        "<domain type='{kind}'>
  <name>{name}</name>
  <memory unit='MiB'>{memory_mib}</memory>
  <os><type arch='x86_64'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='{disk}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
  </devices>
  <seclabel type='static' model='dac' relabel='no'><label>+{user}:+{group}</label></seclabel>
</domain>
"
    )
}
