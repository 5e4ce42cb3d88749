//! Debian from packages: a bootable disk image without root, loop devices or an appliance.
//!
//! `mmdebstrap` unpacks the packages into a tree, inside a user namespace where an ordinary user is root; `mke2fs -d`
//! turns the tree into a file system at its place in the disk image; `sfdisk` writes the partition table around it, and
//! GRUB's boot sectors are copied in front of it. All of that runs at the host's own speed: the same packages installed
//! in an emulated machine take ten times as long.

mod disk;
mod stages;
mod tree;

use camino::Utf8Path;
use kiln_images::digest::Digest;
use kiln_tool::{Error, Invocation};

pub use disk::{BOOT_IMAGE, DiskError, GRUB};

use crate::debian::{self, Apt, Kind, NoSuite};
use crate::recipe::Debootstrap;

/// Goes up when a base comes out differently for a reason that [`version`] does not see.
const FORMAT: u32 = 2;

/// What makes a base differ although the recipe says the same: the digest of everything that this program adds to it.
pub fn version() -> Digest {
    Digest::of_bytes(format!("debootstrap {FORMAT}\n{}{}", tree::additions(), disk::layout()).as_bytes())
}

/// Why no image could be made.
#[derive(Debug, thiserror::Error)]
pub enum DebootstrapError {
    /// A program failed.
    #[error(transparent)]
    Tool(#[from] Error),
    /// The apt of this machine does not know the release.
    #[error(transparent)]
    NoSuite(#[from] NoSuite),
    /// The disk image could not be written.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Where one build works and what it makes.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// An empty folder of its own, on a disk with room for the tree and the image.
    pub folder: &'a Utf8Path,
    /// The raw disk image that is made.
    pub disk: &'a Utf8Path,
    /// The size of that disk.
    pub disk_bytes: u64,
    /// The UUID of the root file system, by which the boot loader finds it.
    pub root_uuid: uuid::Uuid,
    /// Where everything that the programs say goes.
    pub log: &'a Utf8Path,
}

/// Builds the image. `on_line` hears every line that mmdebstrap says.
///
/// # Errors
/// When a program is missing or fails, or the disk is full.
pub async fn build(what: &Debootstrap, site: Site<'_>, on_line: impl FnMut(&str)) -> Result<(), DebootstrapError> {
    let apt = Apt::of_this_machine().await?;
    let lines = apt.lines(what.suite.as_str(), Kind::Binary)?;
    tree::populate(what, &apt, &lines, site, on_line).await?;
    disk::write(site).await?;
    debian::remove("removing the tree of the base", &tree::folder(site), site.log).await?;
    Ok(())
}

/// The commands of [`build`], to be shown. The package sources are given to mmdebstrap as its standard input.
///
/// # Errors
/// When a program is missing.
pub async fn commands(what: &Debootstrap, site: Site<'_>) -> Result<Vec<String>, Error> {
    let apt = Apt::of_this_machine().await?;
    let mut commands = vec![tree::command(what, &apt, site)?];
    commands.extend(disk::commands(site)?);
    Ok(commands.iter().map(Invocation::command_line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_added_is_part_of_the_version() {
        let added = tree::additions();
        let files = walkdir::WalkDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/base/debootstrap/files"));
        for file in files.into_iter().map(Result::unwrap).filter(|file| file.file_type().is_file()) {
            let path = file.path();
            // Lists of packages become an argument, without their comments.
            let is_list = path.file_name().is_some_and(|name| name == "packages");
            let text = std::fs::read_to_string(path).unwrap();
            let lines = text.lines().filter(|line| !is_list || !line.starts_with('#'));
            for line in lines {
                assert!(added.contains(line), "{path:?}: {line}");
            }
        }
        for other in ["systemd-pstore.service", "--variant=minbase", "etc/fstab"] {
            assert!(added.contains(other), "{other}");
        }
    }
}
