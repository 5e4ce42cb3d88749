//! The disk around the tree: file system, partition table, boot loader.
//!
//! One MBR partition from 1 MiB to the end, so that growpart can grow it; in the gap before it GRUB, where grub-install
//! would put it too: `boot.img` in sector 0 around the partition table, `core.img` from sector 1 on. As they come,
//! `boot.img` loads sector 1, and the first sector of `core.img` loads the ones after it (GRUB's boot/i386/pc/boot.S
//! and diskboot.S), so that nothing has to be patched.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tool::{Error, Invocation, Program};

use super::{DebootstrapError, Site, tree};
use crate::debian::as_root;

const MKE2FS: Program = Program::new("mke2fs", "e2fsprogs");
const SFDISK: Program = Program::new("sfdisk", "fdisk");
const GRUB_MKIMAGE: Program = Program::new("grub-mkimage", "grub-common");

/// Where the partition begins.
const PARTITION_BYTES: u64 = 1 << 20;
/// The size of a block of the file system.
const BLOCK_BYTES: u64 = 4096;
/// The size of a sector, the unit of partition tables.
const SECTOR_BYTES: u64 = 512;
/// The part of sector 0 that is code; after it comes the partition table.
const BOOT_CODE_BYTES: usize = 440;
/// Copying a tree of some hundred megabytes takes seconds; a desktop on a slow disk some minutes.
const TIME_LIMIT: Duration = Duration::from_secs(20 * 60);
/// Where the package grub-pc-bin keeps the boot loader's parts.
pub const GRUB: &str = "/usr/lib/grub/i386-pc";
/// The one of them that goes into sector 0.
pub const BOOT_IMAGE: &str = "boot.img";
/// The parts of GRUB that read its configuration from an ext4 file system and start Linux.
const GRUB_MODULES: &[&str] =
    &["biosdisk", "part_msdos", "ext2", "normal", "linux", "configfile", "search", "search_fs_uuid", "echo", "test"];

/// Everything about a disk that does not depend on the recipe, as a text that differs when any of it does.
pub(super) fn layout() -> String {
    format!("{PARTITION_BYTES} {BLOCK_BYTES} {GRUB_MODULES:?}\n")
}

/// A disk image could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// A file could not be written.
    #[error("writing {path}")]
    Write {
        /// Which one.
        path: Utf8PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A part of the boot loader could not be read.
    #[error("reading {path}, which the package grub-pc-bin installs")]
    Grub {
        /// Which one.
        path: Utf8PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The boot loader does not fit before the partition.
    #[error("GRUB has {0} bytes, which do not fit before the first partition")]
    TooLarge(usize),
}

/// Writes the disk image of a build from its tree.
pub(super) async fn write(site: Site<'_>) -> Result<(), DebootstrapError> {
    allocate(site.disk, site.disk_bytes)?;
    for command in commands(site)? {
        command.run().await?;
    }
    install_grub(site.disk, &core_image(site))?;
    Ok(())
}

/// The commands that write the image, in order.
pub(super) fn commands(site: Site<'_>) -> Result<[Invocation; 3], Error> {
    Ok([file_system(site)?, partition_table(site)?, make_grub(site)?])
}

fn core_image(site: Site<'_>) -> Utf8PathBuf {
    site.folder.join("core.img")
}

fn allocate(disk: &Utf8Path, bytes: u64) -> Result<(), DiskError> {
    let allocate = || File::create_new(disk)?.set_len(bytes);
    allocate().map_err(|source| DiskError::Write { path: disk.to_owned(), source })
}

fn file_system(site: Site<'_>) -> Result<Invocation, Error> {
    let blocks = (site.disk_bytes - PARTITION_BYTES) / BLOCK_BYTES;
    let extended = format!(
        "offset={PARTITION_BYTES},hash_seed={},lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0",
        site.root_uuid
    );
    let uuid = site.root_uuid.to_string();
    let block = BLOCK_BYTES.to_string();
    let command = as_root("making the root file system", MKE2FS, site.folder, site.log)?
        .args(["-q", "-F", "-t", "ext4", "-b", &block, "-m", "1", "-L", "kiln-root", "-U", &uuid, "-E", &extended])
        .arg("-d")
        .arg(tree::folder(site))
        .args([site.disk.as_str(), &blocks.to_string()]);
    Ok(command.time_limit(TIME_LIMIT))
}

fn partition_table(site: Site<'_>) -> Result<Invocation, Error> {
    let start = PARTITION_BYTES / SECTOR_BYTES;
    let table = format!("label: dos\nstart={start}, type=83, bootable\n");
    let sfdisk = SFDISK.find()?.invoke("writing the partition table").log(site.log);
    Ok(sfdisk.args(["--quiet", "--no-reread", "--no-tell-kernel", site.disk.as_str()]).stdin(table))
}

fn make_grub(site: Site<'_>) -> Result<Invocation, Error> {
    let mkimage = GRUB_MKIMAGE.find()?.invoke("making the boot loader").log(site.log);
    let core = core_image(site);
    Ok(mkimage
        .args(["-O", "i386-pc", "-d", GRUB, "-p", "(hd0,msdos1)/boot/grub", "-o", core.as_str()])
        .args(GRUB_MODULES))
}

fn install_grub(disk: &Utf8Path, core: &Utf8Path) -> Result<(), DiskError> {
    let read =
        |path: &Utf8Path| std::fs::read(path).map_err(|source| DiskError::Grub { path: path.to_owned(), source });
    let boot_image = Utf8Path::new(GRUB).join(BOOT_IMAGE);
    let boot = read(&boot_image)?;
    let boot = boot.get(..BOOT_CODE_BYTES).ok_or_else(|| DiskError::Grub {
        path: boot_image.clone(),
        source: io::Error::from(io::ErrorKind::UnexpectedEof),
    })?;
    let core = read(core)?;
    if core.len() as u64 > PARTITION_BYTES - SECTOR_BYTES {
        return Err(DiskError::TooLarge(core.len()));
    }
    let install = || {
        let file = OpenOptions::new().write(true).open(disk)?;
        file.write_all_at(boot, 0)?;
        file.write_all_at(&core, SECTOR_BYTES)
    };
    install().map_err(|source| DiskError::Write { path: disk.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::assert_explains;

    use super::*;
    use crate::debian::as_oneself;

    #[tokio::test]
    async fn a_disk_that_cannot_be_made_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let (disk, log) = (root.join("disk.raw"), root.join("log"));
        let site = Site { folder: root, disk: &disk, disk_bytes: 1 << 30, root_uuid: uuid::Uuid::nil(), log: &log };
        let _unshare = as_oneself();
        let doing = ["making the root file system", disk.as_str(), log.as_str()];
        assert_explains(("mke2fs", "e2fsprogs"), &doing, async || file_system(site)?.run().await).await;
        let doing = ["writing the partition table", disk.as_str(), log.as_str()];
        assert_explains(("sfdisk", "fdisk"), &doing, async || partition_table(site)?.run().await).await;
        let doing = ["making the boot loader", root.as_str(), log.as_str()];
        assert_explains(("grub-mkimage", "grub-common"), &doing, async || make_grub(site)?.run().await).await;
    }
}
