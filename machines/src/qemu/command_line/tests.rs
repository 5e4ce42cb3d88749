//! The command lines of some machines.

use super::*;
use crate::{Lifetime, Segment};

fn node() -> Machine {
    Machine {
        name: "node1".into(),
        lab: "demo".into(),
        folder: "/labs/a,b/nodes/node1".into(),
        product_uuid: uuid::Uuid::from_u128(1),
        board: None,
        cpu: None,
        cpus: 2,
        memory_mib: 1024,
        memory: Memory::Private,
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
    words_of(machine, accelerator, Beginning::Boot)
}

fn words_of(machine: &Machine, accelerator: Accelerator, beginning: Beginning<'_>) -> Vec<String> {
    let facts = Facts {
        hypervisor: "QEMU 10.0.2".into(),
        board: "pc-q35-10.0".into(),
        boards: Vec::new(),
        accelerator,
        reason: String::new(),
        processors: vec!["Haswell-v4".into()],
    };
    arguments(machine, &facts, beginning)
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
        "-accel tcg,thread=multi,tb-size=2048 -cpu qemu64,+nx,+rdtscp",
        "+clflushopt,enforce -smp cpus=2",
        "-m size=1024M",
        "-uuid 00000000-0000-0000-0000-000000000001",
        "-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        "-pidfile /labs/a,b/nodes/node1/pid",
        "socket,id=monitor,path=/labs/a,,b/nodes/node1/qmp.sock,server=on,wait=off",
        "-vnc vnc=unix:/labs/a,,b/nodes/node1/vnc.sock",
        "logfile=/labs/a,,b/nodes/node1/console.log,logappend=on",
        "file.filename=/labs/a,,b/nodes/node1/disk.qcow2",
        "read-only=on,file.driver=file,file.filename=/labs/a,,b/nodes/node1/seed.iso",
        "user,id=nat,ipv6=off,hostfwd=tcp:127.0.0.1:20000-:22,hostfwd=tcp:127.0.0.1:20001-:6443",
        "virtio-serial-pci,bus=pcie.0,addr=04.0,ioeventfd=off,",
        "virtio-rng-pci,bus=pcie.0,addr=05.0,ioeventfd=off,",
        "virtio-scsi-pci,bus=pcie.0,addr=03.0,ioeventfd=off,",
        "virtio-net-pci,bus=pcie.0,addr=08.0,netdev=nat,mac=52:54:00:00:00:01,romfile=",
        "vde,id=service,sock=/labs/a,,b/net/ctl",
        "virtio-net-pci,bus=pcie.0,addr=09.0,netdev=service,mac=52:54:00:00:00:02",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

#[test]
fn a_machine_keeps_its_processor() {
    let machine = Machine { cpu: Some("Nehalem-v1".into()), ..node() };
    for accelerator in [Accelerator::Tcg, Accelerator::Kvm] {
        assert!(line(&machine, accelerator).contains("-cpu Nehalem-v1 "));
    }
}

#[test]
fn the_memory_is_a_file_where_it_is_saved_or_was() {
    let mapping = Mapping { file: "/c,d/node1.ram".into(), offset_bytes: 4096 };
    let saved = Beginning::Load { memory: Some(mapping) };
    let streamed = Beginning::Load { memory: None };
    let private = "-object memory-backend-ram,id=ram,size=1024M -machine memory-backend=ram";
    let inherited = "-object memory-backend-file,id=ram,size=1024M,mem-path=/proc/self/fd/0,share=on";
    let mapped = "mem-path=/c,,d/node1.ram,offset=4096,share=off,readonly=on,rom=off";
    for (memory, beginning, expected, handed_down) in [
        (Memory::Private, Beginning::Boot, private, false),
        (Memory::Shared, Beginning::Boot, inherited, true),
        (Memory::Private, streamed, private, false),
        (Memory::Shared, streamed, inherited, true),
        (Memory::Private, saved, mapped, false),
        (Memory::Shared, saved, mapped, false),
    ] {
        let machine = Machine { memory, ..node() };
        let text = words_of(&machine, Accelerator::Tcg, beginning).join(" ");
        assert_eq!(beginning.hands_memory_down(&machine), handed_down, "{memory:?} {beginning:?}");
        assert_eq!(text.contains("-incoming defer"), beginning != Beginning::Boot, "{text}");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn kvm_gets_the_processor_of_the_host() {
    assert!(line(&node(), Accelerator::Kvm).contains("-accel kvm -cpu Haswell-v4,enforce"));
}

#[test]
fn what_a_machine_does_not_have_is_not_mentioned() {
    let text = line(&Machine { seed: None, nat: None, service: None, ..node() }, Accelerator::Tcg);
    for absent in ["-netdev", "virtio-net", "scsi", "drive=seed"] {
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
