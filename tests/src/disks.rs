//! Small disk images, made by qemu-img.

use std::fs;
use std::process::Command;

use camino::Utf8Path;

/// Runs qemu-img.
///
/// # Panics
/// When it fails.
#[track_caller]
pub fn qemu_img(arguments: &[&str]) -> String {
    let ran = Command::new("qemu-img").args(arguments).output().unwrap_or_else(|error| panic!("qemu-img: {error}"));
    assert!(ran.status.success(), "qemu-img {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

/// A raw disk with the mark of a partition table, and with bytes after it that depend on `seed` and do not compress.
pub fn raw_disk(seed: u64, bytes: usize) -> Vec<u8> {
    // Marsaglia's xorshift64.
    let mut state = 2 * seed + 1;
    let mut disk: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(bytes)
    .collect();
    disk[..446].fill(0);
    disk[510..512].copy_from_slice(b"\x55\xaa");
    disk
}

/// The same as a qcow2 file.
pub fn qcow2_disk(path: &Utf8Path, seed: u64, bytes: usize) {
    let raw = path.with_extension("raw");
    fs::write(&raw, raw_disk(seed, bytes)).unwrap();
    qemu_img(&["convert", "-f", "raw", "-O", "qcow2", raw.as_str(), path.as_str()]);
    fs::remove_file(&raw).unwrap();
}
