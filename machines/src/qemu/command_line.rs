//! The command line of a machine: a pure function of what the machine is and what this host can do.
//!
//! The same machine must get the same devices at the same PCI addresses from every later version of Kiln and QEMU, or
//! a checkpoint cannot be restored and a guest finds its NICs renamed. So the machine type is a versioned one, QEMU's
//! defaults are switched off, and the addresses are fixed below. All paths are absolute.

#[cfg(test)]
mod tests;

use camino::Utf8Path;

use super::files::Files;
use super::log;
use super::options::Options;
use super::ram;
use crate::machine::medium_serial;
use crate::{Accelerator, Facts, Forward, Machine, Memory, NatNic, ServiceNic};

/// How much translated code TCG keeps, in MiB: the most that it can on x86-64 (`MAX_CODE_GEN_BUFFER_SIZE` in QEMU's
/// tcg/i386/tcg-target.h). When it is full, all of it is thrown away and translated again. Its own 1 GiB are full after five minutes
/// of a Kubernetes control plane, while the API server starts. Memory that is not used for it is not taken.
const TRANSLATED_MIB: &str = "2048";

/// PCI slots on the root bus of the q35 machine. Slot 0 is the host bridge and 0x1f the chipset.
mod slot {
    pub(super) const SCREEN: &str = "01.0";
    pub(super) const ROOT_DISK: &str = "02.0";
    pub(super) const SCSI: &str = "03.0";
    pub(super) const SERIAL_PORTS: &str = "04.0";
    pub(super) const ENTROPY: &str = "05.0";
    pub(super) const NAT: &str = "08.0";
    pub(super) const SERVICE: &str = "09.0";
}

/// The name of the serial port on which the agent of QEMU listens in the guest (qemu-ga(8)).
const AGENT_PORT: &str = "org.qemu.guest_agent.0";

/// How much of a process name the kernel keeps: `TASK_COMM_LEN` is 16, with the zero at its end (prctl(2)).
const PROCESS_NAME_LIMIT: usize = 15;

/// The id of the root disk's device.
pub(super) const DISK: &str = "disk";

/// The name of the block node with the disk that the machine is started with.
pub(super) const ROOT: &str = "root";

/// The name of the memory: in QEMU, and in its migration stream.
pub(super) const MEMORY: &str = "ram";

/// What a machine begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beginning<'a> {
    /// It boots.
    Boot,
    /// It waits to be told where a saved state is. Its memory is mapped, or loaded from there.
    Load { memory: Option<Mapping<'a>> },
}

/// Saved memory, as a part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mapping<'a> {
    /// The file.
    pub(crate) file: &'a Utf8Path,
    /// Where in it the memory begins, in bytes.
    pub(crate) offset_bytes: u64,
}

impl Beginning<'_> {
    /// Whether the machine's memory is a file that QEMU inherits from us ([`ram::create`]).
    pub(crate) fn hands_memory_down(self, machine: &Machine) -> bool {
        machine.memory == Memory::Shared && !matches!(self, Self::Load { memory: Some(_) })
    }
}

/// Builds QEMU's arguments for `machine` on a host with these `facts`.
pub(crate) fn arguments(machine: &Machine, facts: &Facts, beginning: Beginning<'_>) -> Vec<String> {
    let mut line = Line::default();
    board(&mut line, machine, facts);
    memory(&mut line, machine, beginning);
    monitor_and_consoles(&mut line, machine);
    disks(&mut line, machine);
    if let Some(nic) = &machine.nat {
        nat(&mut line, nic);
    }
    if let Some(nic) = &machine.service {
        service(&mut line, nic);
    }
    line.0
}

/// A command line under construction.
#[derive(Default)]
struct Line(Vec<String>);

impl Line {
    fn flag(&mut self, flag: &str) {
        self.0.push(flag.to_owned());
    }

    fn add(&mut self, flag: &str, value: impl Into<String>) {
        self.0.extend([flag.to_owned(), value.into()]);
    }
}

fn board(line: &mut Line, machine: &Machine, facts: &Facts) {
    line.flag("-nodefaults");
    line.flag("-no-user-config");
    let process: String = format!("kiln-{}", machine.name).chars().take(PROCESS_NAME_LIMIT).collect();
    let guest = format!("{}/{}", machine.lab, machine.name);
    line.add("-name", Options::keyed("guest", guest).with("process", process).with("debug-threads", "on"));
    // No device of ours is on AHCI, and the guest need not look for any. System management mode is for secure boot.
    let board = Options::new(machine.board.as_ref().unwrap_or(&facts.board))
        .with("sata", "off")
        .with("smm", "off")
        .with("vmport", "off");
    line.add("-machine", board.with("dump-guest-core", "off"));
    let accel = match facts.accelerator {
        Accelerator::Kvm => Options::new("kvm"),
        Accelerator::Tcg => Options::new("tcg").with("thread", "multi").with("tb-size", TRANSLATED_MIB),
    };
    line.add("-accel", accel);
    line.add("-cpu", machine.cpu.clone().unwrap_or_else(|| facts.cpu()));
    line.add("-smp", Options::keyed("cpus", machine.cpus));
    line.add("-uuid", machine.product_uuid.to_string());
    line.add("-rtc", Options::keyed("base", "utc"));
    // A guest that breaks out of QEMU can start no program, gain no rights and give itself no priority.
    let sandbox = Options::new("on").with("obsolete", "deny").with("elevateprivileges", "deny");
    line.add("-sandbox", sandbox.with("spawn", "deny").with("resourcecontrol", "deny"));
    line.add("-msg", Options::keyed("timestamp", "on"));
    line.add("-trace", Options::keyed("enable", log::TRACED));
    line.add("-pidfile", Files::of(machine).pid());
}

/// The memory is a file wherever it may be saved or was: only that of a named file can be left out of a saved state
/// (`migrate_ram_is_ignored` in QEMU's migration/ram.c). Both sides must give it the same name.
fn memory(line: &mut Line, machine: &Machine, beginning: Beginning<'_>) {
    let size = format!("{}M", machine.memory_mib);
    line.add("-m", Options::keyed("size", &size));
    let saved = match beginning {
        Beginning::Boot => None,
        Beginning::Load { memory } => {
            // It does not go on by itself when it has loaded.
            line.flag("-S");
            line.add("-incoming", "defer");
            memory
        }
    };
    let backend = |driver: &str| Options::new(driver).with("id", MEMORY).with("size", &size);
    let backend = match (saved, machine.memory) {
        // Pages are read when they are touched, and copied when they are written to: the file itself may be read-only,
        // which does not make the memory read-only (`rom`).
        (Some(Mapping { file, offset_bytes }), _) => {
            let file = backend("memory-backend-file").with("mem-path", file).with("offset", offset_bytes);
            file.with("share", "off").with("readonly", "on").with("rom", "off")
        }
        (None, Memory::Shared) => {
            backend("memory-backend-file").with("mem-path", ram::PATH_IN_QEMU).with("share", "on")
        }
        (None, Memory::Private) => backend("memory-backend-ram"),
    };
    line.add("-object", backend);
    line.add("-machine", Options::keyed("memory-backend", MEMORY));
}

fn monitor_and_consoles(line: &mut Line, machine: &Machine) {
    let files = Files::of(machine);
    let server = |id: &str, path| {
        Options::new("socket").with("id", id).with("path", path).with("server", "on").with("wait", "off")
    };
    line.add("-chardev", server("monitor", files.monitor()));
    line.add("-mon", Options::keyed("chardev", "monitor").with("mode", "control"));

    // The log has all that was ever written, whether or not somebody is connected.
    let console = server("console", files.console()).with("logfile", files.console_log()).with("logappend", "on");
    line.add("-chardev", console);
    line.add("-serial", "chardev:console");

    line.add("-device", quiet("virtio-serial-pci", slot::SERIAL_PORTS).with("id", "ports"));
    line.add("-chardev", Options::new("pipe").with("id", "agent").with("path", files.agent()));
    let port = Options::new("virtserialport").with("bus", "ports.0").with("chardev", "agent");
    line.add("-device", port.with("name", AGENT_PORT));

    line.add("-display", "none");
    // Whoever may enter the folder may see the screen: VNC's own passwords are worth little.
    line.add("-vnc", Options::keyed("vnc", format!("unix:{}", files.screen())));
    line.add("-device", device("VGA", slot::SCREEN));

    line.add("-object", Options::new("rng-random").with("id", "entropy").with("filename", "/dev/urandom"));
    line.add("-device", quiet("virtio-rng-pci", slot::ENTROPY).with("rng", "entropy"));
}

fn disks(line: &mut Line, machine: &Machine) {
    // What the guest trims or fills with zeroes takes no place in the overlay. Threads work everywhere; io_uring is
    // forbidden in most containers, and native I/O needs a disk opened past the page cache. The overlays that take the
    // disk's place later are opened likewise (`checkpoint::disk`).
    let root = Options::keyed("driver", "qcow2").with("node-name", ROOT);
    let root = root.with("discard", "unmap").with("detect-zeroes", "unmap");
    let root = root.with("file.driver", "file").with("file.filename", &machine.disk).with("file.aio", "threads");
    line.add("-blockdev", root);
    let disk = device("virtio-blk-pci", slot::ROOT_DISK).with("id", DISK).with("drive", ROOT);
    line.add("-device", disk.with("bootindex", 0));

    if let Some(seed) = &machine.seed {
        line.add("-blockdev", read_only("seed", seed));
        line.add("-device", scsi_controller());
        line.add("-device", Options::new("scsi-cd").with("bus", "scsi.0").with("drive", "seed"));
    } else if !machine.media.is_empty() {
        line.add("-device", scsi_controller());
    }
    for (place, file) in machine.media.iter().enumerate() {
        let serial = medium_serial(place);
        line.add("-blockdev", read_only(&serial, file));
        let disk = Options::new("scsi-hd").with("bus", "scsi.0").with("drive", &serial).with("serial", &serial);
        // The place 0 of the bus is the seed's.
        line.add("-device", disk.with("scsi-id", place + 1));
    }
}

/// The bytes of a file, as they are.
fn read_only(node: &str, file: &Utf8Path) -> Options {
    let medium = Options::keyed("driver", "raw").with("node-name", node).with("read-only", "on");
    medium.with("file.driver", "file").with("file.filename", file).with("file.read-only", "on")
}

fn scsi_controller() -> Options {
    quiet("virtio-scsi-pci", slot::SCSI).with("id", "scsi")
}

fn nat(line: &mut Line, nic: &NatNic) {
    // A guest that is offered IPv6 tries it first, and on most hosts it leads nowhere.
    let backend = Options::new("user").with("id", "nat").with("ipv6", "off");
    let backend = if nic.isolated { backend.with("restrict", "on") } else { backend };
    let backend = nic.forwards.iter().fold(backend, |backend, forward| backend.with("hostfwd", rule(*forward)));
    line.add("-netdev", backend);
    line.add("-device", network_card("nat", slot::NAT, &nic.mac));
}

fn service(line: &mut Line, nic: &ServiceNic) {
    let socket = super::segment::control_folder(&nic.segment);
    line.add("-netdev", Options::new("vde").with("id", "service").with("sock", socket));
    line.add("-device", network_card("service", slot::SERVICE, &nic.mac));
}

/// How a forward is written in `hostfwd=`, and quoted by QEMU when it cannot be had.
fn rule(forward: Forward) -> String {
    format!("tcp:127.0.0.1:{}-:{}", forward.host_port, forward.guest_port)
}

/// A NIC without a boot ROM: nothing boots from the network, and the ROMs are a Debian package of their own.
fn network_card(backend: &str, slot: &str, mac: &str) -> Options {
    device("virtio-net-pci", slot).with("netdev", backend).with("mac", mac).with("romfile", "")
}

/// A virtio device that is rarely asked for anything. Each queue of one is a descriptor that QEMU's main loop polls whenever it
/// wakes, which is at every timer of a guest; the serial ports alone have 64. Without them (`ioeventfd`), the processor that
/// asks waits for the answer. The guest sees no difference, and neither does a saved state.
fn quiet(driver: &str, slot: &str) -> Options {
    device(driver, slot).with("ioeventfd", "off")
}

fn device(driver: &str, slot: &str) -> Options {
    Options::new(driver).with("bus", "pcie.0").with("addr", slot)
}
