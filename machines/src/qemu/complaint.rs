//! What QEMU says when it cannot start, read into what a caller can do something about. The texts are QEMU's; the tests
//! have them as they were recorded.

use crate::{Machine, StartProblem, ports};

/// What a QEMU that ended at its start means.
#[derive(Debug)]
pub(super) enum Complaint {
    /// Another QEMU runs this very machine: it was started in the meantime.
    AlreadyRuns,
    /// One of the problems that are told apart.
    Known(StartProblem),
    /// Anything else.
    Unknown,
}

/// Reads QEMU's last words.
pub(super) fn read(said: &str, machine: &Machine) -> Complaint {
    let has = |text: &str| said.contains(text);
    let words = || said.to_owned();
    if has("Cannot lock pid file") {
        return Complaint::AlreadyRuns;
    }
    if let Some(port) = refused_port(said) {
        return Complaint::Known(StartProblem::PortTaken { port, holder: ports::holder(port) });
    }
    if has("Failed to get \"write\" lock") || has("Failed to get shared \"write\" lock") {
        return Complaint::Known(StartProblem::DiskLocked { disk: machine.disk.clone(), said: words() });
    }
    if has("Could not open vde")
        && let Some(service) = &machine.service
    {
        return Complaint::Known(StartProblem::SegmentDown { folder: service.segment.folder.clone() });
    }
    if has("Cannot allocate memory") {
        return Complaint::Known(StartProblem::OutOfMemory { memory_mib: machine.memory_mib, said: words() });
    }
    if has("KVM kernel module") || has("failed to initialize kvm") {
        return Complaint::Known(StartProblem::Accelerator { said: words() });
    }
    Complaint::Unknown
}

/// The host's port in `Could not set up host forwarding rule 'tcp:127.0.0.1:20000-:22'`.
fn refused_port(said: &str) -> Option<u16> {
    let rule = said.split_once("Could not set up host forwarding rule '")?.1;
    let host = rule.split_once('-')?.0;
    host.rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{Lifetime, Memory, Segment, ServiceNic};

    pub(in crate::qemu) fn machine() -> Machine {
        Machine {
            name: "node1".into(),
            lab: "demo".into(),
            folder: "/labs/demo/nodes/node1".into(),
            product_uuid: uuid::Uuid::nil(),
            board: None,
            cpu: None,
            cpus: 1,
            memory_mib: 4096,
            memory: Memory::Private,
            disk: "/labs/demo/nodes/node1/disk.qcow2".into(),
            seed: None,
            nat: None,
            service: Some(ServiceNic { mac: "52:54:00:00:00:02".into(), segment: Segment::new("demo", "/net".into()) }),
            media: Vec::new(),
            lifetime: Lifetime::ItsOwn,
        }
    }

    /// Recorded from QEMU 10.0.2, and a part of the message that each must lead to.
    const RECORDED: [(&str, &str); 6] = [
        (
            "2026-11-22T20:54:57.623551Z qemu-system-x86_64: -netdev user,id=nat,ipv6=off,hostfwd=tcp:127.0.0.1:2222-:22: \
             Could not set up host forwarding rule 'tcp:127.0.0.1:2222-:22'",
            "port 2222 of 127.0.0.1 is in use",
        ),
        (
            "qemu-system-x86_64: -device virtio-blk-pci,drive=root: Failed to get \"write\" lock\n\
             Is another process using the image [/labs/demo/nodes/node1/disk.qcow2]?",
            "its disk /labs/demo/nodes/node1/disk.qcow2 is in use",
        ),
        (
            "qemu-system-x86_64: -netdev vde,id=service,sock=/net/ctl: Could not open vde: No such file or directory",
            "the network of the lab is not up (/net)",
        ),
        (
            "qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory",
            "the host cannot give it 4096 MiB of memory",
        ),
        (
            "qemu-system-x86_64: -accel kvm: Could not access KVM kernel module: Permission denied\n\
             qemu-system-x86_64: -accel kvm: failed to initialize kvm: Permission denied",
            "set KILN_ACCEL=tcg",
        ),
        ("qemu-system-x86_64: -accel kvm: failed to initialize kvm: Permission denied", "KVM does not work"),
    ];

    #[test]
    fn known_troubles_are_told_apart() {
        for (said, expected) in RECORDED {
            let Complaint::Known(problem) = read(said, &machine()) else { panic!("{said} is not known") };
            assert!(problem.to_string().contains(expected), "{problem}");
        }
    }

    #[test]
    fn a_locked_pid_file_is_no_trouble() {
        let said = "qemu-system-x86_64: cannot create PID file: Cannot lock pid file: Resource temporarily unavailable";
        assert!(matches!(read(said, &machine()), Complaint::AlreadyRuns));
    }

    #[test]
    fn anything_else_is_left_to_the_reader() {
        for said in ["", "qemu-system-x86_64: -uuid x: Parameter 'uuid' expects a UUID"] {
            assert!(matches!(read(said, &machine()), Complaint::Unknown), "{said}");
        }
    }
}
