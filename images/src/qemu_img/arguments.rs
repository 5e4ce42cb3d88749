//! The command lines of `qemu-img`. All paths are absolute here, so that none can look like an option or a protocol.

use std::fmt;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use crate::size::DiskSize;

/// A disk format, by QEMU's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// QEMU's own.
    Qcow2,
    /// The bytes of the disk and nothing else.
    Raw,
    /// VMware's.
    Vmdk,
}

impl Format {
    /// QEMU's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Qcow2 => "qcow2",
            Self::Raw => "raw",
            Self::Vmdk => "vmdk",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How [`super::QemuImg::rebase`] does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebase {
    /// The guest sees what it saw: what the new backing file has not, is copied into the overlay.
    KeepContent,
    /// Only the name in the header is changed: right when the backing file was moved.
    HeaderOnly,
}

/// One conversion of a disk.
#[derive(Debug, Clone, Copy)]
pub struct Conversion<'a> {
    /// The disk to read, with the backing files it has.
    pub source: &'a Utf8Path,
    /// Its format.
    pub source_format: Format,
    /// The file to write.
    pub target: &'a Utf8Path,
    /// Its format.
    pub target_format: Format,
    /// Whether to compress it (qcow2, and vmdk of subformat `streamOptimized`).
    pub compressed: bool,
    /// The format's options, such as `subformat=streamOptimized`; see `qemu-img convert -O vmdk -o help`.
    pub options: &'a [&'a str],
}

impl Conversion<'_> {
    /// Without `-W` (writing out of order): the same content must give the same bytes, and so the same digest.
    pub(super) fn arguments(&self, source: &Utf8Path, target: &Utf8Path) -> Vec<String> {
        let mut line = words(&["convert", "-q", "-f", self.source_format.as_str(), "-O", self.target_format.as_str()]);
        if self.compressed {
            line.push("-c".to_owned());
        }
        for option in self.options {
            line.extend(["-o".to_owned(), (*option).to_owned()]);
        }
        line.extend([source.to_string(), target.to_string()]);
        line
    }
}

pub(super) fn create(disk: &Utf8Path, size: DiskSize) -> Vec<String> {
    words(&["create", "-q", "-f", "qcow2", disk.as_str(), &size.bytes().to_string()])
}

pub(super) fn create_overlay(
    overlay: &Utf8Path,
    backing: &Utf8Path,
    backing_format: Format,
    size: Option<DiskSize>,
) -> Vec<String> {
    let mut line = words(&[
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        backing_format.as_str(),
        "-b",
        backing.as_str(),
        overlay.as_str(),
    ]);
    line.extend(size.map(|size| size.bytes().to_string()));
    line
}

/// The clusters are as large as the blocks of file systems. To give back a part of a cluster does nothing (QEMU,
/// `block/qcow2.c`, `qcow2_co_pdiscard`).
pub(super) fn create_fine_overlay(overlay: &Utf8Path, backing: &Utf8Path) -> Vec<String> {
    let (backing, overlay) = (backing.as_str(), overlay.as_str());
    words(&["create", "-q", "-f", "qcow2", "-o", "cluster_size=4096", "-F", "qcow2", "-b", backing, overlay])
}

/// With `-u` the backing file is not opened; then the size has to be given.
pub(super) fn create_overlay_unseen(overlay: &Utf8Path, backing: &Utf8Path, size_bytes: u64) -> Vec<String> {
    let (backing, overlay) = (backing.as_str(), overlay.as_str());
    let size = size_bytes.to_string();
    words(&["create", "-q", "-u", "-f", "qcow2", "-F", "qcow2", "-b", backing, overlay, &size])
}

/// With `-U`: a running machine holds its disk locked, and reading the header does not disturb it.
pub(super) fn info(disk: &Utf8Path, format: Format) -> Vec<String> {
    words(&["info", "-U", "--output=json", "--backing-chain", "-f", format.as_str(), disk.as_str()])
}

pub(super) fn check(disk: &Utf8Path, format: Format) -> Vec<String> {
    words(&["check", "--output=json", "-f", format.as_str(), disk.as_str()])
}

pub(super) fn resize(disk: &Utf8Path, size: DiskSize) -> Vec<String> {
    words(&["resize", "-q", "-f", "qcow2", disk.as_str(), &size.bytes().to_string()])
}

pub(super) fn rebase(overlay: &Utf8Path, backing: &Utf8Path, backing_format: Format, how: Rebase) -> Vec<String> {
    let mut line = words(&["rebase", "-q", "-f", "qcow2", "-F", backing_format.as_str(), "-b", backing.as_str()]);
    if how == Rebase::HeaderOnly {
        line.push("-u".to_owned());
    }
    line.push(overlay.to_string());
    line
}

pub(super) fn measure(disk: &Utf8Path, format: Format) -> Vec<String> {
    words(&["measure", "--output=json", "-f", format.as_str(), "-O", "qcow2", disk.as_str()])
}

pub(super) fn compare(one: (&Utf8Path, Format), two: (&Utf8Path, Format)) -> Vec<String> {
    words(&["compare", "-q", "-f", one.1.as_str(), "-F", two.1.as_str(), one.0.as_str(), two.0.as_str()])
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_what_the_man_page_says() {
        let (one, two) = (Utf8Path::new("/one"), Utf8Path::new("/two"));
        let size: DiskSize = "1GiB".parse().unwrap();
        let conversion = Conversion {
            source: one,
            source_format: Format::Qcow2,
            target: two,
            target_format: Format::Vmdk,
            compressed: true,
            options: &["subformat=streamOptimized"],
        };
        for (line, expected) in [
            (create(one, size), "create -q -f qcow2 /one 1073741824"),
            (create_overlay(one, two, Format::Raw, None), "create -q -f qcow2 -F raw -b /two /one"),
            (
                create_overlay(one, two, Format::Qcow2, Some(size)),
                "create -q -f qcow2 -F qcow2 -b /two /one 1073741824",
            ),
            (create_fine_overlay(one, two), "create -q -f qcow2 -o cluster_size=4096 -F qcow2 -b /two /one"),
            (info(one, Format::Qcow2), "info -U --output=json --backing-chain -f qcow2 /one"),
            (check(one, Format::Vmdk), "check --output=json -f vmdk /one"),
            (resize(one, size), "resize -q -f qcow2 /one 1073741824"),
            (rebase(one, two, Format::Qcow2, Rebase::HeaderOnly), "rebase -q -f qcow2 -F qcow2 -b /two -u /one"),
            (rebase(one, two, Format::Qcow2, Rebase::KeepContent), "rebase -q -f qcow2 -F qcow2 -b /two /one"),
            (measure(one, Format::Raw), "measure --output=json -f raw -O qcow2 /one"),
            (compare((one, Format::Raw), (two, Format::Qcow2)), "compare -q -f raw -F qcow2 /one /two"),
            (conversion.arguments(one, two), "convert -q -f qcow2 -O vmdk -c -o subformat=streamOptimized /one /two"),
        ] {
            assert_eq!(line.join(" "), expected);
        }
    }
}
