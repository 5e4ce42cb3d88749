//! Golden images that were not baked: of a boot sector each, for what goes wrong before there is a guest.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use crate::TestHome;
use crate::disks::qemu_img;

/// How large a sector is, and where the BIOS loads the first one of a disk to.
const SECTOR_BYTES: usize = 512;
const LOAD_ADDRESS: u16 = 0x7c00;
/// What the BIOS looks for at the end of the first sector.
const BOOTABLE: [u8; 2] = [0x55, 0xaa];

/// What a machine does that boots from such an image.
#[derive(Debug, Clone, Copy)]
pub enum Guest {
    /// It halts.
    Silent,
    /// It says this on the first serial port, and halts.
    Says(&'static str),
    /// It answers every byte that comes in on the first serial port with the next one: `A` with `B`.
    Answers,
    /// It writes to its disk without end, from 32 KiB on.
    Fills,
    /// It switches itself off.
    SwitchesOff,
}

impl Guest {
    /// The boot sector, in 8086 machine code.
    fn boot_sector(self) -> Vec<u8> {
        let mut sector = match self {
            Self::Silent => HALT.to_vec(),
            Self::Says(text) => says(text),
            Self::Answers => ANSWERS.to_vec(),
            Self::Fills => fills(),
            Self::SwitchesOff => SWITCHES_OFF.to_vec(),
        };
        assert!(sector.len() <= SECTOR_BYTES - BOOTABLE.len(), "the boot sector of {self:?} is too long");
        sector.resize(SECTOR_BYTES - BOOTABLE.len(), 0);
        sector.extend(BOOTABLE);
        sector
    }
}

/// `halt: hlt; jmp halt`
const HALT: [u8; 3] = [0xf4, 0xeb, 0xfd];

/// Sets the bit SLP_EN of PM1 control (ACPI, "PM1 Control Registers"), which SeaBIOS has put to 0x604 on a q35.
const SWITCHES_OFF: [u8; 10] = [
    0xba, 0x04, 0x06, // mov dx, 0x604
    0xb8, 0x00, 0x20, // mov ax, 0x2000
    0xef, // out dx, ax
    HALT[0], HALT[1], HALT[2],
];

/// Reads from the 16550 at 0x3f8 when it has a byte (line status register, bit 0), and writes to it when it takes one (bit 5).
const ANSWERS: [u8; 32] = [
    0xba, 0xfd, 0x03, // next: mov dx, 0x3fd
    0xec, // wait: in al, dx
    0xa8, 0x01, // test al, 0x01
    0x74, 0xfb, // jz wait
    0xba, 0xf8, 0x03, // mov dx, 0x3f8
    0xec, // in al, dx
    0x88, 0xc4, // mov ah, al
    0xfe, 0xc4, // inc ah
    0xba, 0xfd, 0x03, // mov dx, 0x3fd
    0xec, // full: in al, dx
    0xa8, 0x20, // test al, 0x20
    0x74, 0xfb, // jz full
    0x88, 0xe0, // mov al, ah
    0xba, 0xf8, 0x03, // mov dx, 0x3f8
    0xee, // out dx, al
    0xeb, 0xe0, // jmp next
];

/// Writes a text to the 16550 at 0x3f8, waiting before each byte until it takes one (line status register, bit 5).
fn says(text: &str) -> Vec<u8> {
    let code: [u8; 34] = [
        0xfc, // cld
        0x31, 0xc0, // xor ax, ax
        0x8e, 0xd8, // mov ds, ax
        0xbe, 0, 0,    // mov si, text
        0xac, // next: lodsb
        0x84, 0xc0, // test al, al
        0x74, 0x12, // jz halt
        0x88, 0xc4, // mov ah, al
        0xba, 0xfd, 0x03, // mov dx, 0x3fd
        0xec, // wait: in al, dx
        0xa8, 0x20, // test al, 0x20
        0x74, 0xfb, // jz wait
        0xba, 0xf8, 0x03, // mov dx, 0x3f8
        0x88, 0xe0, // mov al, ah
        0xee, // out dx, al
        0xeb, 0xe9, // jmp next
        HALT[0], HALT[1], HALT[2],
    ];
    let mut bytes = code.to_vec();
    let text_address = LOAD_ADDRESS + code.len() as u16;
    bytes[6..8].copy_from_slice(&text_address.to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.push(0);
    bytes
}

/// Writes the memory from the boot sector on, which is not empty, to 64 sectors after the other (interrupt 0x13,
/// function 0x43 of the BIOS: "extended write", EDD-3).
fn fills() -> Vec<u8> {
    let code: [u8; 24] = [
        0x31, 0xc0, // xor ax, ax
        0x8e, 0xd8, // mov ds, ax
        0xbe, 0x18, 0x7c, // next: mov si, packet
        0xb8, 0x00, 0x43, // mov ax, 0x4300
        0xb2, 0x80, // mov dl, 0x80
        0xcd, 0x13, // int 0x13
        0x81, 0x06, 0x20, 0x7c, 0x40, 0x00, // add word [packet.sector], 64
        0xeb, 0xee, // jmp next
        0x90, 0x90, // nop; nop
    ];
    let packet: [u8; 16] = [0x10, 0, 64, 0, 0x00, 0x7c, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0];
    [&code[..], &packet].concat()
}

/// A golden image in the store of a test's home.
#[derive(Debug)]
pub struct Golden {
    digest: String,
    disk: Utf8PathBuf,
}

impl Golden {
    /// The digest of the disk, in hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Its disk, in the store.
    pub fn disk(&self) -> Utf8PathBuf {
        self.disk.clone()
    }

    /// Asserts that nobody has changed a byte of it.
    #[track_caller]
    pub fn assert_untouched(&self) {
        assert_eq!(sha256(&self.disk), self.digest, "the golden image was written to");
    }
}

impl TestHome {
    /// Puts an image of 32 MiB into the store, as `bake` would have, with a manifest that says it is Debian.
    pub fn publish(&self, name: &str, guest: Guest) -> Golden {
        let (raw, flat) = (self.work().join("golden.raw"), self.work().join("golden.qcow2"));
        fs::write(&raw, guest.boot_sector()).unwrap();
        qemu_img(&["convert", "-f", "raw", "-O", "qcow2", raw.as_str(), flat.as_str()]);
        qemu_img(&["resize", "-q", flat.as_str(), "32M"]);
        fs::remove_file(&raw).unwrap();
        let (digest, size) = (sha256(&flat), fs::metadata(&flat).unwrap().len());
        let folder = self.root().join("images").join(&digest);
        for folder in [&self.root(), &self.root().join("images"), &self.root().join("names"), &folder] {
            self.private_folder(folder);
        }
        let disk = folder.join("disk.qcow2");
        fs::rename(&flat, &disk).unwrap();
        fs::set_permissions(&disk, Permissions::from_mode(0o444)).unwrap();
        fs::write(folder.join("manifest.json"), manifest(name, &digest, size)).unwrap();
        fs::write(self.root().join("names").join(name), format!("sha256:{digest}\n")).unwrap();
        Golden { digest, disk }
    }

    /// Makes a folder as the programs make theirs.
    pub(crate) fn private_folder(&self, path: &Utf8Path) {
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.unwrap(),
        }
        self.give_to_owner(path);
    }
}

fn manifest(name: &str, digest: &str, file_size_bytes: u64) -> String {
    let digest = format!("sha256:{digest}");
    serde_json::json!({
        "format": 1, "digest": digest, "virtual-size-bytes": 32 << 20, "file-size-bytes": file_size_bytes,
        "name": name, "recipe": name, "created": "2026-01-01T00:00:00Z", "kiln": "0.1.0",
        "os": {"id": "debian", "version": "12", "family": "debian", "name": "a boot sector"},
        "user": "debian", "nics": ["eth0", "eth1"], "kubernetes": null, "container-runtime": null,
        "base": {"what": "a boot sector", "digest": digest}, "layers": [], "checks": [], "packages": [],
    })
    .to_string()
}

/// Hashes a file with the system's own `sha256sum`.
pub fn sha256(path: &Utf8Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8_lossy(&output.stdout).split(' ').next().unwrap_or_default().to_owned()
}
