//! The appliance in which virt-customize works: libguestfs's own, without what a bake does not ask of it.
//!
//! supermin puts it together from packages of this host, for everything that anybody may ask of libguestfs. Two parts of it
//! take an emulated appliance a quarter of its time (measured: 31 s without, 23 s with what is done here, for a layer of
//! three small steps): augeas reads the grammars of two hundred kinds of files when it looks at an image, of which that
//! needs four; and udev goes through rules for cameras, mice and sound. A list of what is left out is one of the parts that
//! supermin takes (supermin(1), "excludefiles"). So libguestfs is given a folder with its own parts and such a list
//! (guestfs(3), `LIBGUESTFS_PATH`), where it also puts what comes of them (`LIBGUESTFS_CACHEDIR`).
//!
//! The folder is called by what is in it, and is never changed: supermin sees neither that what a link leads to is another
//! file now, nor that a list became another one while it read it.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, symlink};

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::digest::Digest;
use kiln_images::durable::{create_folder, sync_folder, write_atomically};
use kiln_images::home::Home;
use kiln_images::scratch::Scratch;
use kiln_images::{At, FileError};

use crate::build::BuildError;
use crate::build::layers::settle;

const PATH: &str = "LIBGUESTFS_PATH";
const CACHE: &str = "LIBGUESTFS_CACHEDIR";

/// Where distributions have the parts of the appliance: Fedora and its kin; others.
const PARTS: [&str; 2] = ["/usr/lib64/guestfs/supermin.d", "/usr/lib/guestfs/supermin.d"];

/// What libguestfs looks for in each folder of its path.
const FOLDER: &str = "supermin.d";

/// The list of what is left out. No part of libguestfs's is called so.
const LIST: &str = "kiln-excludes";

/// The part that names files of this host, to which the list does not apply (supermin's src/mode_build.ml).
const HOST_FILES: &str = "hostfiles";

/// Where augeas has its grammars. Those of other programs lie beside the folder of its own, and can need any of them: one
/// that is missing is the end of all.
const AUGEAS: &str = "/usr/share/augeas/";

/// The grammars that libguestfs looks at an image with (its daemon/inspect_fs_unix.ml, from 1.57 also inspect_fs_unix_fstab.ml)
/// and relabels one with (guestfs-tools, common/mlcustomize/SELinux_relabel.ml), and those that these are made of. Whoever
/// has virt-customize set a host name or a password needs those of hosts, passwd and shadow, too.
const LENSES: (&str, [&str; 9]) = (
    "/usr/share/augeas/lenses/dist",
    [
        "build.aug",
        "crypttab.aug",
        "fstab.aug",
        "mdadm_conf.aug",
        "quote.aug",
        "rx.aug",
        "sep.aug",
        "shellvars.aug",
        "util.aug",
    ],
);

/// The rules of udev for disks, and for loading drivers; by what is in their names.
const RULES: (&str, [&str; 12]) = (
    "/usr/lib/udev/rules.d",
    [
        "udev-default",
        "persistent-storage",
        "block",
        "drivers",
        "guestfs",
        "dm",
        "lvm",
        "md-raid",
        "mdadm",
        "btrfs",
        "kpartx",
        "del-part",
    ],
);

/// What only rules read that are left out.
const HARDWARE: [&str; 3] = ["/usr/lib/udev/hwdb.bin", "/usr/lib/udev/hwdb.d/*", "/etc/udev/hwdb.bin"];

/// What libguestfs is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appliance {
    root: Utf8PathBuf,
}

impl Appliance {
    /// Prepares it in the home, unless the user has said where the appliance is, or this host has its parts in no place
    /// that is known.
    ///
    /// # Errors
    /// Where a folder cannot be written: libguestfs's own appliance does as well.
    pub fn prepare(home: &Home) -> Result<Option<Self>, BuildError> {
        // libguestfs takes the path for a list with colons between.
        if [PATH, CACHE].iter().any(|name| env::var_os(name).is_some()) || home.root().as_str().contains(':') {
            return Ok(None);
        }
        parts().map(|parts| Self::prepare_from(home, &parts)).transpose()
    }

    fn prepare_from(home: &Home, parts: &Utf8Path) -> Result<Self, BuildError> {
        let (names, list) = (entries(parts)?, list());
        let root = home.appliances().join(&key(parts, &names, &list)?.hex()[..16]);
        if root.join(FOLDER).exists() {
            return Ok(Self { root });
        }
        let scratch = Scratch::new(home)?;
        let made = scratch.path().join("appliance");
        let folder = made.join(FOLDER);
        create_folder(&folder)?;
        write_atomically(&folder.join(LIST), list.as_bytes(), 0o600)?;
        for name in &names {
            add(&parts.join(name), &folder.join(name))?;
        }
        sync_folder(&folder)?;
        settle(&made, &root, FOLDER)?;
        Ok(Self { root })
    }

    /// The variables that tell libguestfs.
    pub fn variables(&self) -> [(&'static str, &Utf8Path); 2] {
        [(PATH, &self.root), (CACHE, &self.root)]
    }
}

fn parts() -> Option<Utf8PathBuf> {
    // Debian has them in the folder of its architecture, such as x86_64-linux-gnu.
    let debian = format!("/usr/lib/{}-linux-gnu/guestfs/supermin.d", env::consts::ARCH);
    let known = PARTS.map(Utf8PathBuf::from).into_iter().chain([Utf8PathBuf::from(debian)]);
    known.into_iter().find(|folder| folder.is_dir())
}

/// What an appliance is made of: libguestfs's parts, each as it is now, and the list.
fn key(parts: &Utf8Path, names: &BTreeSet<String>, list: &str) -> Result<Digest, FileError> {
    let mut text = list.to_owned();
    for name in names {
        let part = parts.join(name);
        let metadata = part.metadata().at("looking at", &part)?;
        text += &format!("{part} {} {} {}\n", metadata.len(), metadata.mtime(), metadata.mtime_nsec());
    }
    Ok(Digest::of_bytes(text.as_bytes()))
}

/// Adds a part: a link, but for the files of augeas in the one that names files of this host.
fn add(part: &Utf8Path, path: &Utf8Path) -> Result<(), FileError> {
    if part.file_name() != Some(HOST_FILES) {
        return symlink(part, path).at("making the link", path);
    }
    let files = fs::read_to_string(part).at("reading", part)?;
    let files: String = files.split_inclusive('\n').filter(|file| !file.starts_with(AUGEAS)).collect();
    write_atomically(path, files.as_bytes(), 0o600)
}

fn entries(folder: &Utf8Path) -> Result<BTreeSet<String>, FileError> {
    let entries = folder.read_dir_utf8().and_then(Iterator::collect::<io::Result<Vec<_>>>).at("reading", folder)?;
    Ok(entries.into_iter().map(|entry| entry.file_name().to_owned()).collect())
}

/// What is left out, a line each. The folder of rules has two names: packages of Debian say /lib.
fn list() -> String {
    let all = |folder: &str| entries(folder.into()).unwrap_or_default();
    let lenses = all(LENSES.0).into_iter().filter(|name| !LENSES.1.contains(&name.as_str()));
    let lenses = lenses.map(|name| format!("{}/{name}", LENSES.0));
    let rules = all(RULES.0).into_iter().filter(|name| !RULES.1.iter().any(|part| name.contains(part)));
    let rules = rules.map(|name| format!("{}/{name}", RULES.0));
    let paths = lenses.chain(rules).chain(HARDWARE.map(str::to_owned));
    let lines = paths.flat_map(|path| match path.strip_prefix("/usr/lib/") {
        Some(rest) => vec![format!("-{path}\n"), format!("-/lib/{rest}\n")],
        None => vec![format!("-{path}\n")],
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_all_parts_as_they_are_and_is_made_once() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let (parts, home) = (root.join("parts"), Home::new(root.join("home")).unwrap());
        fs::create_dir(&parts).unwrap();
        fs::write(parts.join("packages"), "udev\n").unwrap();
        fs::write(parts.join(HOST_FILES), "/etc/ld.so.cache\n/usr/share/augeas/lenses/*.aug\n").unwrap();
        let prepare = || Appliance::prepare_from(&home, &parts).unwrap();
        let appliance = prepare();
        assert_eq!(appliance.variables().map(|(_, folder)| folder), [appliance.root.as_path(); 2]);
        assert_eq!(prepare(), appliance);
        let folder = appliance.root.join(FOLDER);
        let names: Vec<_> = entries(&folder).unwrap().into_iter().collect();
        assert_eq!(names, [HOST_FILES, LIST, "packages"]);
        assert_eq!(fs::read_to_string(folder.join(HOST_FILES)).unwrap(), "/etc/ld.so.cache\n");
        assert_eq!(fs::read_to_string(folder.join("packages")).unwrap(), "udev\n");
        // libguestfs was upgraded.
        fs::write(parts.join("packages"), "udev\nlvm2\n").unwrap();
        assert_ne!(prepare(), appliance);
        assert_eq!(entries(&home.appliances()).unwrap().len(), 2);
        assert!(entries(&home.scratch()).unwrap().is_empty());
    }

    /// Each names what it is made of, as `Util.eol`.
    #[test]
    fn what_the_grammars_are_made_of_is_in_it() {
        let is_there = |name: &str| Utf8Path::new(LENSES.0).join(name).exists();
        for lens in LENSES.1.into_iter().filter(|name| is_there(name)) {
            let text = fs::read_to_string(Utf8Path::new(LENSES.0).join(lens)).unwrap();
            let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
            let modules = words.filter_map(|word| word.split_once('.')).map(|(module, _)| module);
            let modules = modules.filter(|module| module.starts_with(|c: char| c.is_ascii_uppercase()));
            for module in modules.map(|module| module.to_lowercase() + ".aug").filter(|module| is_there(module)) {
                assert!(LENSES.1.contains(&module.as_str()), "{lens} needs {module}");
            }
        }
        assert!(is_there("fstab.aug"), "package augeas-lenses is missing");
    }

    #[test]
    fn what_an_image_is_looked_at_with_is_in_it() {
        let list = list();
        let has = |path: &str| list.lines().any(|line| line == format!("-{path}"));
        for (left_out, path) in [
            (false, "/usr/share/augeas/lenses/dist/fstab.aug"),
            (false, "/usr/share/augeas/lenses/dist/shellvars.aug"),
            (true, "/usr/share/augeas/lenses/dist/postfix_main.aug"),
            (false, "/lib/udev/rules.d/60-persistent-storage.rules"),
            (false, "/lib/udev/rules.d/60-block.rules"),
            (false, "/lib/udev/rules.d/95-dm-notify.rules"),
            (true, "/lib/udev/rules.d/70-mouse.rules"),
            (true, "/usr/lib/udev/rules.d/70-mouse.rules"),
            (true, "/lib/udev/hwdb.bin"),
        ] {
            assert_eq!(has(path), left_out, "{path}");
        }
    }
}
