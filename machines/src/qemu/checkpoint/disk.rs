//! Freezing a machine's disk: from one moment on it writes to an overlay.
//!
//! QEMU knows a file by the name it had when it was opened, and opens it again by that name when it stops to write to it.
//! But an overlay is renamed when it has become the disk, and the next overlay may come along under its old name: QEMU
//! would take the new file for the frozen one. So QEMU is given each overlay under a name that no other file ever has,
//! made of the file's inode; that name is a hard link, which is there while QEMU may look at it and not longer. And the
//! block node is called the same, so that it can be told at any time which file it is, whatever the name of that is now.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::command_line::{DISK, ROOT};
use super::super::qmp::{self, Qmp};
use super::super::{ask, running};
use super::pull::settle;
use super::{limit, monitor};
use crate::{Error, Machine};

const DOING: &str = "changing the disk";

/// An entry in the answer to `query-block`.
#[derive(Debug, Deserialize)]
struct Drive {
    /// The path of the device in QEMU's tree of objects.
    #[serde(default)]
    qdev: String,
    inserted: Option<Node>,
}

/// A block node, there and in the answer to `query-named-block-nodes`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Node {
    node_name: String,
}

/// An overlay, by what never changes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Overlay {
    inode: u64,
}

impl Overlay {
    fn of(path: &Utf8Path) -> io::Result<Self> {
        Ok(Self { inode: fs::metadata(path)?.ino() })
    }

    /// The overlay that the block node of this name is.
    fn named(node: &str) -> Option<Self> {
        let inode = node.strip_prefix("disk-")?;
        u64::from_str_radix(inode, 16).ok().map(|inode| Self { inode })
    }

    fn node(self) -> String {
        format!("disk-{:x}", self.inode)
    }

    /// The name by which QEMU knows it.
    fn link(self, machine: &Machine) -> Utf8PathBuf {
        machine.disk.with_file_name(format!(".{}.qcow2", self.node()))
    }

    /// The name that it has now in the folder of the machine's disk, beside its link.
    fn find(self, machine: &Machine) -> io::Result<Utf8PathBuf> {
        let is_it = |path: &Utf8Path| fs::symlink_metadata(path).is_ok_and(|found| found.ino() == self.inode);
        if is_it(&machine.disk) {
            return Ok(machine.disk.clone());
        }
        let (folder, link) = (machine.disk.with_file_name(""), self.link(machine));
        for entry in folder.read_dir_utf8()? {
            let path = entry?.into_path();
            if is_it(&path) && path != link {
                return Ok(path);
            }
        }
        Err(io::Error::new(ErrorKind::NotFound, format!("no file in it has the inode {}", self.inode)))
    }
}

/// Has the machine write to `overlay` from now on.
pub(in super::super) async fn switch_disk(machine: &Machine, overlay: &Utf8Path) -> Result<(), Error> {
    running(machine, DOING).await?;
    let failed = |source| Error::Monitor { doing: DOING, machine: machine.title(), source };
    let stopped = |problem| Error::Checkpoint { doing: DOING, machine: machine.title(), source: Box::new(problem) };
    // No other disk can be put on top of one that is being pulled together.
    settle(machine, limit(machine)).await.map_err(stopped)?;
    let mut qmp = monitor(machine).await.map_err(failed)?;
    let new = Overlay::of(overlay).map_err(Error::io("looking at", overlay))?;
    let old = node_in_use(&mut qmp).await.map_err(failed)?;
    if old == new.node() {
        return Ok(());
    }
    let mut links = vec![link(new, overlay, machine)?];
    if let Some(old) = Overlay::named(&old) {
        links.push(link(old, &find(old, machine)?, machine)?);
    }
    let switched = switch(&mut qmp, &old, new, &links[0]).await.map_err(failed);
    for path in links {
        fs::remove_file(&path).map_err(Error::io("removing", path))?;
    }
    switched
}

/// The file that the machine writes to; nothing if it does not run.
pub(in super::super) async fn disk_in_use(machine: &Machine) -> Result<Option<Utf8PathBuf>, Error> {
    let Some(node) = ask(machine, "asking for the disk", limit(machine), node_in_use).await? else { return Ok(None) };
    match Overlay::named(&node) {
        Some(overlay) => find(overlay, machine).map(Some),
        // It has its disk under the name that it was started with.
        None => Ok(Some(machine.disk.clone())),
    }
}

fn find(overlay: Overlay, machine: &Machine) -> Result<Utf8PathBuf, Error> {
    overlay.find(machine).map_err(Error::io("looking for the machine's disk in", machine.disk.with_file_name("")))
}

/// Makes the name for QEMU. One that is there was left by a program that was killed.
fn link(overlay: Overlay, file: &Utf8Path, machine: &Machine) -> Result<Utf8PathBuf, Error> {
    let link = overlay.link(machine);
    match fs::remove_file(&link) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::io("removing", link)(error)),
        _ => {}
    }
    fs::hard_link(file, &link).map_err(Error::io("making a link to the overlay at", &link))?;
    Ok(link)
}

/// Whether a block node is the machine's disk, or was: the one that it was started with, or an overlay.
pub(super) fn is_of_disk(node: &str) -> bool {
    node == ROOT || Overlay::named(node).is_some()
}

/// The block node with the disk.
pub(super) async fn node_in_use(qmp: &mut Qmp) -> Result<String, qmp::Error> {
    let command = "query-block";
    let drives: Vec<Drive> = qmp.execute(command, None).await?;
    let device = format!("/machine/peripheral/{DISK}/");
    let disk = drives.into_iter().find(|drive| drive.qdev.starts_with(&device)).and_then(|drive| drive.inserted);
    let problem = || format!("there is no device {DISK}");
    disk.map(|node| node.node_name)
        .ok_or_else(|| qmp::Error::Answer { command: command.to_owned(), problem: problem() })
}

async fn switch(qmp: &mut Qmp, old: &str, new: Overlay, file: &Utf8Path) -> Result<(), qmp::Error> {
    let nodes: Vec<Node> = qmp.execute("query-named-block-nodes", Some(json!({ "flat": true }))).await?;
    // A program that was killed may have come this far.
    if !nodes.iter().any(|node| node.node_name == new.node()) {
        qmp.execute::<Value>("blockdev-add", Some(options(new, file))).await?;
    }
    let arguments = json!({ "node": old, "overlay": new.node() });
    let switched = qmp.execute::<Value>("blockdev-snapshot", Some(arguments)).await.map(drop);
    if switched.is_err()
        && let Err(error) = qmp.execute::<Value>("blockdev-del", Some(json!({ "node-name": new.node() }))).await
    {
        tracing::debug!(node = new.node(), %error, "the overlay stays open");
    }
    switched
}

/// How the overlay is opened: as the command line opens the disk (its `disks`), and without what its header calls its
/// backing file, for that is what QEMU has open already.
fn options(overlay: Overlay, file: &Utf8Path) -> Value {
    json!({
        "driver": "qcow2", "node-name": overlay.node(), "discard": "unmap", "detect-zeroes": "unmap", "backing": null,
        "file": { "driver": "file", "filename": file, "aio": "threads" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_node_is_that_of_its_file() {
        let overlay = Overlay { inode: u64::MAX };
        assert_eq!(Overlay::named(&overlay.node()), Some(overlay));
        // QEMU's limit is 31 characters (`node_name` in its include/block/block_int-common.h).
        assert!(overlay.node().len() <= 31);
        for other in [ROOT, "disk-", "disk-x", "#block155"] {
            assert_eq!(Overlay::named(other), None, "{other}");
        }
    }
}
