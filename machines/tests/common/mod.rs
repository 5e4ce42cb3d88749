//! A lab of tiny guests: a boot sector that says hello on the serial port and then does one thing.

#![allow(dead_code, reason = "every test program uses another part of this")]

pub mod counting;

use std::process::Command;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_machines::qemu::Qemu;
use kiln_machines::{Forward, Hypervisor, Lifetime, Machine, Memory, NatNic, Segment, ServiceNic, State};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep};

/// What the guest writes to its serial port.
pub const HELLO: &str = "hello from the boot sector";

/// How long anything is waited for. Long, so that a busy host fails no test.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the guest does after it said hello.
#[derive(Debug, Clone, Copy)]
pub enum Guest {
    /// It halts, and hears nothing any more.
    Deaf,
    /// It waits for the power button and switches the machine off.
    Obedient,
    /// It counts in its memory. Each [`counting`] it writes to the serial port and then to the second sector of its disk.
    Counting,
}

/// A lab in a temporary folder. Its machines are killed and its segment ended with [`Lab::end`], and where a test does not
/// come to that, because it has failed, when it is dropped.
pub struct Lab {
    pub qemu: &'static Qemu,
    folder: TempDir,
    machines: Vec<Machine>,
}

impl Lab {
    pub async fn new() -> Self {
        static QEMU: OnceCell<Qemu> = OnceCell::const_new();
        let qemu = QEMU.get_or_init(async || {
            let cache = tempfile::tempdir().unwrap();
            Qemu::open(&Utf8Path::from_path(cache.path()).unwrap().join("qemu.json")).await.unwrap()
        });
        Self { qemu: qemu.await, folder: tempfile::tempdir().unwrap(), machines: Vec::new() }
    }

    pub fn folder(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).unwrap()
    }

    /// A machine with a disk of its own and no NIC.
    pub fn machine(&mut self, name: &str, guest: Guest) -> Machine {
        let folder = self.folder().join(name);
        std::fs::create_dir(&folder).unwrap();
        let disk = folder.join("disk.qcow2");
        make_disk(&disk, guest);
        let machine = Machine {
            name: name.to_owned(),
            lab: "test".to_owned(),
            disk,
            seed: None,
            folder,
            product_uuid: uuid::Uuid::new_v4(),
            board: None,
            cpu: None,
            cpus: 1,
            memory_mib: 32,
            memory: Memory::Private,
            nat: None,
            service: None,
            media: Vec::new(),
            lifetime: Lifetime::ItsOwn,
        };
        self.machines.push(machine.clone());
        machine
    }

    /// The machine, in a folder of another name.
    pub fn moved(&mut self, machine: Machine, name: &str) -> Machine {
        let folder = self.folder().join(name);
        std::fs::rename(&machine.folder, &folder).unwrap();
        let moved = Machine { disk: folder.join("disk.qcow2"), folder, ..machine };
        self.machines.push(moved.clone());
        moved
    }

    pub fn segment(&self) -> Segment {
        Segment::new("test", &self.folder().join("net"))
    }

    /// Waits until the machine has said hello `times` times since its console log was begun.
    pub async fn wait_for_hello(&self, machine: &Machine, times: usize) {
        let log = self.qemu.console_log(machine);
        eventually(&format!("{times} times hello in {log}"), || {
            std::fs::read_to_string(&log).unwrap_or_default().matches(HELLO).count() == times
        })
        .await;
    }

    pub async fn state(&self, machine: &Machine) -> State {
        self.qemu.state(machine).await.unwrap()
    }

    /// Ends everything that runs, so that no test leaves a process behind.
    pub async fn end(self) {
        assert_eq!(self.end_all().await, [""; 0]);
    }

    /// Ends everything that runs: who that is, the locks and sockets in the lab's folder tell. Says what could not be ended.
    async fn end_all(&self) -> Vec<String> {
        let mut left = Vec::new();
        for machine in &self.machines {
            left.extend(self.qemu.kill(machine).await.err().map(|error| error.to_string()));
        }
        left.extend(self.qemu.segment_down(&self.segment()).await.err().map(|error| error.to_string()));
        left
    }
}

impl Drop for Lab {
    /// On a thread of its own: whoever drops it may be in the midst of a runtime, or of a panic.
    fn drop(&mut self) {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let left = std::thread::scope(|scope| scope.spawn(|| runtime().block_on(self.end_all())).join());
        left.unwrap_or_default().iter().for_each(|what| eprintln!("it is left running: {what}"));
    }
}

/// Waits until `condition` holds.
pub async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain for: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Names a test to itself when it runs where it may mount something.
const INSIDE: &str = "KILN_TEST_INSIDE";

/// Whether this is where file systems may be mounted. If it is not, the test of this name is run there, and is over here.
pub fn may_mount(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    // What is mounted in there is in the way of whoever tidies up there, and not here.
    let folder = tempfile::tempdir().unwrap();
    let mut inside = Command::new("unshare");
    inside.args(["--user", "--map-root-user", "--mount"]).arg(std::env::current_exe().unwrap());
    inside.args(["--exact", test]).env(INSIDE, "1").env("TMPDIR", folder.path());
    let output = inside.output().expect("unshare (package util-linux) runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}

/// Mounts a file system of this size, as mount(8) says it, on a new folder.
pub fn mount(folder: &Utf8Path, size: &str) {
    std::fs::create_dir(folder).unwrap();
    let options = format!("size={size}");
    let status = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs", folder.as_str()]).status();
    assert!(status.expect("mount (package mount) runs").success());
}

/// The number in the machine's pid file. Only a test that kills from outside reads it.
pub fn pid(machine: &Machine) -> rustix::process::Pid {
    let text = std::fs::read_to_string(machine.folder.join("pid")).unwrap();
    rustix::process::Pid::from_raw(text.trim().parse().unwrap()).unwrap()
}

pub fn nat(host_port: u16) -> Option<NatNic> {
    let forwards = vec![Forward { host_port, guest_port: 22 }];
    Some(NatNic { mac: "52:54:00:00:00:01".to_owned(), forwards, isolated: false })
}

pub fn service(segment: &Segment, last_byte: u8) -> Option<ServiceNic> {
    Some(ServiceNic { mac: format!("52:54:00:00:01:{last_byte:02x}"), segment: segment.clone() })
}

fn make_disk(path: &Utf8PathBuf, guest: Guest) {
    let raw = path.with_extension("raw");
    std::fs::write(&raw, boot_sector(guest)).unwrap();
    let status = Command::new("qemu-img").args(["convert", "-f", "raw", "-O", "qcow2"]).args([&raw, path]).status();
    assert!(status.expect("qemu-img (package qemu-utils) runs").success());
}

/// The first sector of the disk, which the BIOS loads to 0x7c00.
fn boot_sector(guest: Guest) -> Vec<u8> {
    let then: &[u8] = match guest {
        // hlt; jmp to it
        Guest::Deaf => &[0xf4, 0xeb, 0xfd],
        Guest::Counting => counting::CODE,
        // The ACPI registers of q35 are where SeaBIOS puts them, at 0x600: allow the power button event (bit 8 of 0x602),
        // wait for it (bit 8 of 0x600), and sleep in the state "off" (bit 13 of 0x604).
        Guest::Obedient => &[
            0xba, 0x02, 0x06, // mov dx, 0x602
            0xb8, 0x00, 0x01, // mov ax, 0x100
            0xef, // out dx, ax
            0xba, 0x00, 0x06, // mov dx, 0x600
            0xed, // wait: in ax, dx
            0xf6, 0xc4, 0x01, // test ah, 1
            0x74, 0xfa, // jz wait
            0xba, 0x04, 0x06, // mov dx, 0x604
            0xb8, 0x00, 0x20, // mov ax, 0x2000
            0xef, // out dx, ax
            0xf4, // hlt
        ],
    };
    let mut code = vec![
        0xfa, // cli
        0x31, 0xc0, 0x8e, 0xd8, // xor ax, ax; mov ds, ax
        0xbe, 0x00, 0x00, // mov si, text (its address is set below)
        0xba, 0xf8, 0x03, // mov dx, 0x3f8, the first serial port
        0xac, // next: lodsb
        0x08, 0xc0, 0x74, 0x03, // or al, al; jz over the next two
        0xee, 0xeb, 0xf8, // out dx, al; jmp next
    ];
    code.extend(then);
    let text = 0x7c00 + u16::try_from(code.len()).unwrap();
    code[6..8].copy_from_slice(&text.to_le_bytes());
    code.extend(format!("{HELLO}\r\n\0").bytes());
    assert!(code.len() <= 510);
    code.resize(510, 0);
    code.extend([0x55, 0xaa]);
    // SeaBIOS wants a disk of some size.
    code.resize(1 << 20, 0);
    code
}
