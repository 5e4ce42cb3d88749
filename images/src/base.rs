//! Is a file that somebody gave us a disk image, and one that leads nowhere else?
//!
//! The file is untrusted: `qemu-img info` alone would call any bytes a raw disk, and would follow the names of other
//! files that a qcow2 or VMDK header may hold (CVE-2024-4467 was about that). So the first bytes are looked at here,
//! before QEMU sees any.

use std::fs::{self, File};
use std::io::{self, Read};

use camino::{Utf8Path, Utf8PathBuf};

use crate::qemu_img::{self, Check, Format, QemuImg};
use crate::{At, FileError, header};

/// How much of a file is looked at: the btrfs superblock is the last thing looked for, at 64 KiB.
const HEAD: u64 = 68 * 1024;

/// A file is no disk image that can be baked on.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// `qemu-img` cannot open it.
    #[error(transparent)]
    QemuImg(#[from] qemu_img::Error),
    /// It is something else.
    #[error("{path} cannot be used as a base image: {why}")]
    Unusable {
        /// The file.
        path: Utf8PathBuf,
        /// What it is instead, and what to do about it.
        why: String,
    },
}

/// What a base image is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskInfo {
    /// Its format.
    pub format: Format,
    /// The size of the disk as a guest sees it, in bytes.
    pub virtual_size_bytes: u64,
}

/// Looks at the untrusted file `path` and says what disk it holds.
///
/// # Errors
/// [`BaseError::Unusable`] for an empty file, one that holds no disk (an archive, a web page, random bytes), a damaged
/// or truncated one, an encrypted one, and one that leads to other files.
pub async fn inspect_base(qemu_img: &QemuImg, path: &Utf8Path) -> Result<DiskInfo, BaseError> {
    let unusable = |why: &str| BaseError::Unusable { path: path.to_owned(), why: why.to_owned() };
    if !fs::metadata(path).at("opening", path)?.is_file() {
        return Err(unusable("it is not a file"));
    }
    let format = recognise(&head(path).at("reading", path)?).map_err(&unusable)?;
    if format == Format::Qcow2 {
        refuse_dangerous(&header::read(path)?).map_err(&unusable)?;
    }
    if let Check::Corrupt { corruptions } = qemu_img.check(path, format).await? {
        let why = format!("it is damaged or incomplete ({corruptions} errors in its structure); fetch it again");
        return Err(unusable(&why));
    }
    let chain = qemu_img.info(path, format).await?;
    let info = chain.first().ok_or_else(|| unusable("qemu-img says nothing about it"))?;
    if info.virtual_size_bytes == 0 {
        return Err(unusable("the disk in it has no size"));
    }
    Ok(DiskInfo { format, virtual_size_bytes: info.virtual_size_bytes })
}

fn head(path: &Utf8Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}

fn refuse_dangerous(header: &Option<header::Header>) -> Result<(), &'static str> {
    match header {
        Some(header) if header.backing_file.is_some() => {
            Err("it is an overlay of another file; flatten it first: qemu-img convert -O qcow2 OVERLAY NEW")
        }
        Some(header) if header.external_data => {
            Err("its data is in another file; make it one first: qemu-img convert -O qcow2 OLD NEW")
        }
        Some(header) if header.encrypted => Err("it is encrypted; decrypt it first with qemu-img convert"),
        _ => Ok(()),
    }
}

/// Files that are often given instead of a disk image: where their mark is, the mark, and what to say. The marks are
/// those of file(1); VMware's and VirtualBox' are those of QEMU's block drivers.
const STRANGERS: [(usize, &[u8], &str); 12] = [
    (0, b"\xfd7zXZ\0", "it is compressed by xz; unpack it first: xz -dk FILE"),
    (0, b"\x1f\x8b", "it is compressed by gzip; unpack it first: gunzip -k FILE"),
    (0, b"BZh", "it is compressed by bzip2; unpack it first: bunzip2 -k FILE"),
    (0, b"\x28\xb5\x2f\xfd", "it is compressed by zstd; unpack it first: unzstd FILE"),
    (0, b"PK\x03\x04", "it is a zip archive; unpack it first"),
    (257, b"ustar", "it is a tar archive; unpack it first"),
    (0, b"COWD", "it is a VMDK of an old ESX; convert it first: qemu-img convert -f vmdk -O qcow2 OLD NEW"),
    (
        0,
        b"# Disk DescriptorFile",
        "it only describes a VMDK; make one file of it: qemu-img convert -f vmdk -O qcow2 OLD NEW",
    ),
    (0, b"vhdxfile", "it is a VHDX; convert it first: qemu-img convert -f vhdx -O qcow2 OLD NEW"),
    (0, b"conectix", "it is a VHD; convert it first: qemu-img convert -f vpc -O qcow2 OLD NEW"),
    (64, b"\x7f\x10\xda\xbe", "it is a VDI; convert it first: qemu-img convert -f vdi -O qcow2 OLD NEW"),
    (0x8001, b"CD001", "it is an ISO image: an installation medium, not an installed system"),
];

/// What a raw disk begins with: where, the bytes, and their source.
const DISKS: [(usize, &[u8]); 5] = [
    (510, b"\x55\xaa"),      // boot signature of a partitioned disk (UEFI specification, 5.2.1)
    (1080, b"\x53\xef"),     // ext2/3/4 (Linux, Documentation/filesystems/ext4: s_magic)
    (0, b"XFSB"),            // XFS (sb_magicnum)
    (0x1_0040, b"_BHRfS_M"), // btrfs (superblock at 64 KiB, magic at 0x40)
    (512, b"LABELONE"),      // LVM physical volume, label in the second sector
];

fn recognise(head: &[u8]) -> Result<Format, &'static str> {
    let has = |offset: usize, mark: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(mark));
    if head.is_empty() {
        return Err("it is empty; fetch it again");
    }
    if has(0, &header::MAGIC) {
        return Ok(Format::Qcow2);
    }
    if has(0, VMDK) {
        return refuse_dangerous_vmdk(head).map(|()| Format::Vmdk);
    }
    if let Some((.., why)) = STRANGERS.iter().find(|(offset, mark, _)| has(*offset, mark)) {
        return Err(why);
    }
    if is_web_page(head) {
        return Err("it is a web page, as servers send instead of a file; check the address");
    }
    if DISKS.iter().any(|(offset, mark)| has(*offset, mark)) {
        return Ok(Format::Raw);
    }
    Err("it is no disk image: neither qcow2, nor a raw disk with a partition table or a file system")
}

/// What a VMDK of one file begins with (monolithicSparse, streamOptimized): VMware, "Virtual Disk Format 5.0",
/// `SparseExtentHeader`.
const VMDK: &[u8] = b"KDMV";

/// Where in that header the capacity is, in sectors, as a little-endian number.
const VMDK_CAPACITY: std::ops::Range<usize> = 12..20;

/// Where QEMU looks for the descriptor in such a file: 20 sectors from the second one on (QEMU, block/vmdk.c,
/// `vmdk_parent_open`).
const VMDK_DESCRIPTOR: std::ops::Range<usize> = 512..512 + 20 * 512;

/// A header without a capacity makes QEMU open the files that the descriptor names (`vmdk_open_vmdk4`); a parent is a
/// backing file by another name.
fn refuse_dangerous_vmdk(head: &[u8]) -> Result<(), &'static str> {
    let field = |range: std::ops::Range<usize>| head.get(range.start..range.end.min(head.len())).unwrap_or_default();
    if field(VMDK_CAPACITY).iter().all(|byte| *byte == 0) {
        return Err("it only describes a VMDK; make one file of it: qemu-img convert -f vmdk -O qcow2 OLD NEW");
    }
    let names_parent = field(VMDK_DESCRIPTOR).windows(PARENT.len()).any(|window| window == PARENT);
    if names_parent {
        return Err(
            "it is a snapshot of another VMDK; make one file of both: qemu-img convert -f vmdk -O qcow2 OLD NEW",
        );
    }
    Ok(())
}

/// The key of a descriptor that names a parent.
const PARENT: &[u8] = b"parentFileNameHint";

/// Whether a file that begins like this is a page for people.
pub(crate) fn is_web_page(head: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&head[..head.len().min(64)]).trim_start().to_ascii_lowercase();
    start.starts_with("<!doctype") || start.starts_with("<html")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::tests::header;

    fn raw_with(offset: usize, mark: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 128 * 1024];
        bytes[offset..offset + mark.len()].copy_from_slice(mark);
        bytes
    }

    fn vmdk_with(descriptor: &str) -> Vec<u8> {
        let mut bytes = raw_with(0, b"KDMV");
        bytes[VMDK_CAPACITY.start] = 1;
        bytes[512..512 + descriptor.len()].copy_from_slice(descriptor.as_bytes());
        bytes
    }

    async fn inspect(bytes: &[u8]) -> Result<DiskInfo, BaseError> {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("base");
        fs::write(&path, bytes).unwrap();
        inspect_base(&QemuImg::find().unwrap(), &path).await
    }

    #[tokio::test]
    async fn what_is_no_base_is_refused_with_a_reason() {
        let mut hybrid = raw_with(510, b"\x55\xaa");
        hybrid[0x8001..0x8006].copy_from_slice(b"CD001");
        for (bytes, why) in [
            (Vec::new(), "it is empty"),
            (vec![0; 4096], "no disk image"),
            ((0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect(), "no disk image"),
            (b"  <!DOCTYPE html><html>".to_vec(), "web page"),
            (raw_with(0, b"\xfd7zXZ\0"), "xz -dk"),
            (raw_with(0, b"KDMV"), "only describes a VMDK"),
            (vmdk_with("parentFileNameHint=\"/etc/shadow\""), "snapshot of another VMDK"),
            (raw_with(0, b"# Disk DescriptorFile"), "only describes a VMDK"),
            (hybrid, "installation medium"),
            (header("/etc/shadow", 0, 0), "overlay of another file"),
            (header("", 2, 0), "encrypted"),
            (header("", 0, 4), "in another file"),
        ] {
            let error = inspect(&bytes).await.unwrap_err();
            assert!(matches!(error, BaseError::Unusable { .. }), "{error}");
            assert!(error.to_string().contains(why), "{why}: {error}");
        }
    }

    #[tokio::test]
    async fn raw_disks_are_recognised_by_what_is_on_them() {
        for (offset, mark) in DISKS {
            let info = inspect(&raw_with(offset, mark)).await.unwrap();
            assert_eq!((info.format, info.virtual_size_bytes), (Format::Raw, 128 * 1024));
        }
    }

    #[tokio::test]
    async fn a_vmdk_of_one_file_is_a_base() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let (raw, disk) = (folder.join("raw"), folder.join("disk.vmdk"));
        fs::write(&raw, vec![7; 2 << 20]).unwrap();
        let qemu_img = QemuImg::find().unwrap();
        for subformat in ["subformat=monolithicSparse", "subformat=streamOptimized"] {
            let conversion = qemu_img::Conversion {
                source: &raw,
                source_format: Format::Raw,
                target: &disk,
                target_format: Format::Vmdk,
                compressed: false,
                options: &[subformat],
            };
            qemu_img.convert(&conversion).await.unwrap();
            let info = inspect_base(&qemu_img, &disk).await.unwrap();
            assert_eq!((info.format, info.virtual_size_bytes), (Format::Vmdk, 2 << 20), "{subformat}");
        }
    }

    #[tokio::test]
    async fn a_truncated_qcow2_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let (raw, disk) = (folder.join("raw"), folder.join("disk.qcow2"));
        fs::write(&raw, vec![7; 2 << 20]).unwrap();
        let qemu_img = QemuImg::find().unwrap();
        let conversion = qemu_img::Conversion {
            source: &raw,
            source_format: Format::Raw,
            target: &disk,
            target_format: Format::Qcow2,
            compressed: false,
            options: &[],
        };
        qemu_img.convert(&conversion).await.unwrap();
        let whole = inspect_base(&qemu_img, &disk).await.unwrap();
        assert_eq!((whole.format, whole.virtual_size_bytes), (Format::Qcow2, 2 << 20));
        File::options().write(true).open(&disk).unwrap().set_len(1 << 20).unwrap();
        let error = inspect_base(&qemu_img, &disk).await.unwrap_err().to_string();
        assert!(error.contains("damaged or incomplete"), "{error}");
    }
}
