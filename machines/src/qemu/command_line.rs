//! The command line of a machine: a pure function of what the machine is and what this host can do.
//!
//! The same machine must get the same devices at the same PCI addresses from every later version of Kiln and QEMU, or
//! a checkpoint cannot be restored and a guest finds its NICs renamed. So the machine type is a versioned one, QEMU's
//! defaults are switched off, and the addresses are fixed below. All paths are absolute.

use camino::Utf8Path;

use super::files::Files;
use super::options::Options;
use crate::machine::medium_serial;
use crate::{Accelerator, Facts, Forward, Machine, NatNic, ServiceNic};

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

/// Builds QEMU's arguments for `machine` on a host with these `facts`.
pub(crate) fn arguments(machine: &Machine, facts: &Facts) -> Vec<String> {
    let mut line = Line::default();
    board(&mut line, machine, facts);
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
    let (accel, cpu) = match facts.accelerator {
        Accelerator::Kvm => (Options::new("kvm"), "host"),
        Accelerator::Tcg => (Options::new("tcg").with("thread", "multi"), "max"),
    };
    line.add("-accel", accel);
    line.add("-cpu", cpu);
    line.add("-smp", Options::keyed("cpus", machine.cpus));
    line.add("-m", Options::keyed("size", format!("{}M", machine.memory_mib)));
    line.add("-uuid", machine.product_uuid.to_string());
    line.add("-rtc", Options::keyed("base", "utc"));
    // A guest that breaks out of QEMU can start no program, gain no rights and give itself no priority.
    let sandbox = Options::new("on").with("obsolete", "deny").with("elevateprivileges", "deny");
    line.add("-sandbox", sandbox.with("spawn", "deny").with("resourcecontrol", "deny"));
    line.add("-msg", Options::keyed("timestamp", "on"));
    line.add("-pidfile", Files::of(machine).pid());
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

    line.add("-device", device("virtio-serial-pci", slot::SERIAL_PORTS).with("id", "ports"));
    line.add("-chardev", server("agent", files.agent()));
    let port = Options::new("virtserialport").with("bus", "ports.0").with("chardev", "agent");
    line.add("-device", port.with("name", AGENT_PORT));

    line.add("-display", "none");
    // Whoever may enter the folder may see the screen: VNC's own passwords are worth little.
    line.add("-vnc", Options::keyed("vnc", format!("unix:{}", files.screen())));
    line.add("-device", device("VGA", slot::SCREEN));

    line.add("-object", Options::new("rng-random").with("id", "entropy").with("filename", "/dev/urandom"));
    line.add("-device", device("virtio-rng-pci", slot::ENTROPY).with("rng", "entropy"));
}

fn disks(line: &mut Line, machine: &Machine) {
    // What the guest trims or fills with zeroes takes no place in the overlay. Threads work everywhere; io_uring is
    // forbidden in most containers, and native I/O needs a disk opened past the page cache.
    let root = Options::keyed("driver", "qcow2").with("node-name", "root");
    let root = root.with("discard", "unmap").with("detect-zeroes", "unmap");
    let root = root.with("file.driver", "file").with("file.filename", &machine.disk).with("file.aio", "threads");
    line.add("-blockdev", root);
    line.add("-device", device("virtio-blk-pci", slot::ROOT_DISK).with("drive", "root").with("bootindex", 0));

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
    device("virtio-scsi-pci", slot::SCSI).with("id", "scsi")
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

fn device(driver: &str, slot: &str) -> Options {
    Options::new(driver).with("bus", "pcie.0").with("addr", slot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lifetime, Segment};

    fn node() -> Machine {
        Machine {
            name: "node1".into(),
            lab: "demo".into(),
            folder: "/labs/a,b/nodes/node1".into(),
            product_uuid: uuid::Uuid::from_u128(1),
            board: None,
            cpus: 2,
            memory_mib: 1024,
            disk: "/labs/a,b/nodes/node1/disk.qcow2".into(),
            seed: Some("/labs/a,b/nodes/node1/seed.iso".into()),
            media: Vec::new(),
            nat: Some(NatNic {
                mac: "52:54:00:00:00:01".into(),
                forwards: vec![
                    Forward { host_port: 20_000, guest_port: 22 },
                    Forward { host_port: 20_001, guest_port: 6443 },
                ],
                isolated: false,
            }),
            service: Some(ServiceNic {
                mac: "52:54:00:00:00:02".into(),
                segment: Segment::new("demo", "/labs/a,b/net".into()),
            }),
            lifetime: Lifetime::ItsOwn,
        }
    }

    fn words(machine: &Machine, accelerator: Accelerator) -> Vec<String> {
        let facts =
            Facts { hypervisor: "QEMU 10.0.2".into(), board: "pc-q35-10.0".into(), accelerator, reason: String::new() };
        arguments(machine, &facts)
    }

    fn line(machine: &Machine, accelerator: Accelerator) -> String {
        words(machine, accelerator).join(" ")
    }

    #[test]
    fn a_machine_keeps_its_board() {
        let machine = Machine { board: Some("pc-q35-9.2".into()), ..node() };
        assert!(line(&machine, Accelerator::Tcg).contains("-machine pc-q35-9.2,"));
    }

    #[test]
    fn the_parts_of_a_machine_are_on_its_command_line() {
        let text = line(&node(), Accelerator::Tcg);
        for part in [
            "-nodefaults -no-user-config",
            "-name guest=demo/node1,process=kiln-node1,",
            "-machine pc-q35-10.0,",
            "-accel tcg,thread=multi -cpu max -smp cpus=2 -m size=1024M",
            "-uuid 00000000-0000-0000-0000-000000000001",
            "-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-pidfile /labs/a,b/nodes/node1/pid",
            "socket,id=monitor,path=/labs/a,,b/nodes/node1/qmp.sock,server=on,wait=off",
            "logfile=/labs/a,,b/nodes/node1/console.log,logappend=on",
            "-vnc vnc=unix:/labs/a,,b/nodes/node1/vnc.sock",
            "file.filename=/labs/a,,b/nodes/node1/disk.qcow2",
            "read-only=on,file.driver=file,file.filename=/labs/a,,b/nodes/node1/seed.iso",
            "user,id=nat,ipv6=off,hostfwd=tcp:127.0.0.1:20000-:22,hostfwd=tcp:127.0.0.1:20001-:6443",
            "virtio-net-pci,bus=pcie.0,addr=08.0,netdev=nat,mac=52:54:00:00:00:01,romfile=",
            "vde,id=service,sock=/labs/a,,b/net/ctl",
            "virtio-net-pci,bus=pcie.0,addr=09.0,netdev=service,mac=52:54:00:00:00:02",
        ] {
            assert!(text.contains(part), "{part}\nis not in\n{text}");
        }
    }

    #[test]
    fn kvm_gets_the_processor_of_the_host() {
        assert!(line(&node(), Accelerator::Kvm).contains("-accel kvm -cpu host"));
    }

    #[test]
    fn what_a_machine_does_not_have_is_not_mentioned() {
        let text = line(&Machine { seed: None, nat: None, service: None, ..node() }, Accelerator::Tcg);
        for absent in ["-netdev", "virtio-net", "scsi", "seed"] {
            assert!(!text.contains(absent), "{absent} is in {text}");
        }
    }

    #[test]
    fn media_come_behind_the_seed_and_change_nothing_else() {
        let with_media = words(&Machine { media: vec!["/a.tar".into(), "/b,c".into()], ..node() }, Accelerator::Tcg);
        let text = with_media.join(" ");
        for part in [
            "raw,node-name=medium0,read-only=on,file.driver=file,file.filename=/a.tar,file.read-only=on",
            "file.filename=/b,,c,",
            "scsi-hd,bus=scsi.0,drive=medium1,serial=medium1,scsi-id=2",
        ] {
            assert!(text.contains(part), "{part}\nis not in\n{text}");
        }
        let without: Vec<_> = words(&node(), Accelerator::Tcg);
        assert!(without.iter().all(|word| with_media.contains(word)), "{text}");
        let only_media = line(&Machine { seed: None, media: vec!["/a.tar".into()], ..node() }, Accelerator::Tcg);
        assert_eq!(only_media.matches("virtio-scsi-pci").count(), 1, "{only_media}");
    }

    #[test]
    fn an_isolated_guest_is_restricted() {
        let nat = node().nat.map(|nic| NatNic { isolated: true, ..nic });
        let text = line(&Machine { nat, ..node() }, Accelerator::Tcg);
        assert!(text.contains("user,id=nat,ipv6=off,restrict=on,hostfwd="), "{text}");
    }

    #[test]
    fn leaving_a_device_out_moves_no_other() {
        let full = words(&node(), Accelerator::Tcg);
        let bare = words(&Machine { seed: None, nat: None, ..node() }, Accelerator::Tcg);
        let missing: Vec<_> = bare.iter().filter(|word| !full.contains(word)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_device_has_a_slot_of_its_own() {
        let slots: Vec<_> = words(&node(), Accelerator::Tcg)
            .iter()
            .filter_map(|word| word.split("addr=").nth(1)?.split(',').next().map(str::to_owned))
            .collect();
        let distinct: std::collections::BTreeSet<_> = slots.iter().collect();
        assert_eq!((slots.len(), distinct.len()), (7, 7), "{slots:?}");
    }

    #[test]
    fn a_long_name_fits_the_process_table() {
        let machine = Machine { name: "n".repeat(40), ..node() };
        assert!(line(&machine, Accelerator::Tcg).contains("process=kiln-nnnnnnnnnn,"));
    }
}
