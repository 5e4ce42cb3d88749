//! A guest whose memory, disk and output tell how far it is, and the way a lab saves and restores one.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::digest::Digest;
use kiln_machines::{Hypervisor, Machine, Memory, Saved, SavedMemory};

use super::{Guest, HELLO, Lab, eventually};

/// Counts in the four bytes at 0x5000; every 2^20 makes one count, a byte that begins again after 255. Under TCG there are
/// some fifty of them in a second. The page at 0x8000 is empty after every other count, and after the others not.
pub(super) const CODE: &[u8] = &[
    0x31, 0xc0, 0x8e, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x70, // xor ax, ax; mov es, ax; mov ss, ax; mov sp, 0x7000
    0x66, 0xc7, 0x06, 0x00, 0x50, 0, 0, 0, 0, // mov dword [0x5000], 0
    0x66, 0xff, 0x06, 0x00, 0x50, // loop: inc dword [0x5000]
    0x66, 0xf7, 0x06, 0x00, 0x50, 0xff, 0xff, 0x0f, 0x00, // test dword [0x5000], 0xfffff
    0x75, 0xf0, // jnz loop
    0x66, 0xa1, 0x00, 0x50, 0x66, 0xc1, 0xe8, 0x14, // mov eax, [0x5000]; shr eax, 20
    0xba, 0xf8, 0x03, 0xee, // mov dx, 0x3f8; out dx, al
    0xa2, 0x00, 0x10, // mov [0x1000], al
    0x24, 0x01, 0xa2, 0x00, 0x80, // and al, 1; mov [0x8000], al
    0xb8, 0x01, 0x03, 0xb9, 0x02, 0x00, // mov ax, 0x301 (write one sector); mov cx, 2 (the second)
    0xba, 0x80, 0x00, 0xbb, 0x00, 0x10, 0xcd, 0x13, // mov dx, 0x80 (the disk); mov bx, 0x1000; int 0x13
    0xeb, 0xcc, // jmp loop
];

/// A machine that is saved and restored.
pub fn machine(lab: &mut Lab, name: &str) -> Machine {
    Machine { memory: Memory::Shared, ..lab.machine(name, Guest::Counting) }
}

/// What the machine has counted since it booted, or since each of the times that it was restored.
pub fn counts(lab: &Lab, machine: &Machine) -> Vec<u8> {
    let log = fs::read(lab.qemu.console_log(machine)).unwrap_or_default();
    let hello = format!("{HELLO}\r\n");
    let begin = log.windows(hello.len()).position(|window| window == hello.as_bytes());
    begin.map_or_else(Vec::new, |begin| log[begin + hello.len()..].to_vec())
}

/// Waits until it has counted on by `more`.
pub async fn wait_for_counts(lab: &Lab, machine: &Machine, more: usize) {
    let before = counts(lab, machine).len();
    eventually(&format!("{} counts on {more}", machine.name), || counts(lab, machine).len() >= before + more).await;
}

/// A checkpoint of one machine.
pub struct Checkpoint {
    pub disk: Utf8PathBuf,
    pub disk_digest: Digest,
    pub files: Saved,
    pub memory: SavedMemory,
    /// The last count before it.
    pub count: u8,
}

/// Saves the machine as a lab does, to a new folder, and lets it go on.
pub async fn save(lab: &Lab, machine: &Machine, name: &str) -> Checkpoint {
    let mut files = files(lab, name);
    lab.qemu.save_ahead(machine, &files).await.unwrap();
    lab.qemu.pause(machine).await.unwrap();
    let count = *counts(lab, machine).last().unwrap();
    let disk = switch_disk(lab, machine, name).await;
    let memory = lab.qemu.save(machine, &files).await.unwrap();
    if memory == SavedMemory::Streamed {
        files.memory = None;
    }
    fs::rename(next(machine), &machine.disk).unwrap();
    lab.qemu.resume(machine).await.unwrap();
    Checkpoint { disk_digest: Digest::of_file(&disk).unwrap(), disk, files, memory, count }
}

/// Gives the machine an overlay, not yet under the name of its disk, and returns where the frozen disk is.
pub async fn switch_disk(lab: &Lab, machine: &Machine, name: &str) -> Utf8PathBuf {
    let frozen = lab.folder().join(format!("{name}.qcow2"));
    fs::hard_link(&machine.disk, &frozen).unwrap();
    overlay(&frozen, &next(machine));
    lab.qemu.switch_disk(machine, &next(machine)).await.unwrap();
    frozen
}

/// Where the overlay is until it is the disk.
pub fn next(machine: &Machine) -> Utf8PathBuf {
    machine.folder.join("disk.next.qcow2")
}

/// Where the parts of a checkpoint go.
pub fn files(lab: &Lab, name: &str) -> Saved {
    let path = |end: &str| lab.folder().join(format!("{name}.{end}"));
    Saved { state: path("state"), memory: Some(path("ram")) }
}

/// Kills the machine, and lets it go on from the checkpoint.
pub async fn restore(lab: &Lab, machine: &Machine, from: &Checkpoint) {
    prepare(lab, machine, from).await;
    lab.qemu.restore(machine, &from.files).await.unwrap();
    lab.qemu.resume(machine).await.unwrap();
}

/// Kills the machine, and gives it a new overlay of the checkpoint's disk.
pub async fn prepare(lab: &Lab, machine: &Machine, from: &Checkpoint) {
    lab.qemu.kill(machine).await.unwrap();
    fs::remove_file(&machine.disk).unwrap();
    overlay(&from.disk, &machine.disk);
}

pub fn overlay(backing: &Utf8Path, path: &Utf8Path) {
    qemu_img(&["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", backing.as_str(), path.as_str()]);
}

/// The last count that is on the disk.
pub fn count_on(disk: &Utf8Path) -> u8 {
    let raw = disk.with_extension("read");
    // `-U`: a machine may run on it.
    qemu_img(&["convert", "-U", "-f", "qcow2", "-O", "raw", disk.as_str(), raw.as_str()]);
    fs::read(raw).unwrap()[512]
}

fn qemu_img(arguments: &[&str]) {
    let output = Command::new("qemu-img").args(arguments).output().expect("qemu-img (package qemu-utils) runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Says something to the machine's monitor, and returns the answer to the last of it.
pub fn tell(machine: &Machine, commands: &[&str]) -> String {
    let mut monitor = UnixStream::connect(machine.folder.join("qmp.sock")).unwrap();
    let mut lines = BufReader::new(monitor.try_clone().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains("QMP"));
    let mut answer = String::new();
    for command in std::iter::once(&r#"{"execute": "qmp_capabilities"}"#).chain(commands) {
        writeln!(monitor, "{command}").unwrap();
        answer = lines.find(|line| line.contains("\"return\"") || line.contains("\"error\"")).unwrap();
        assert!(answer.contains("\"return\""), "{command}: {answer}");
    }
    answer
}
