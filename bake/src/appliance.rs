//! The appliance in which virt-customize works: libguestfs's own, without what a bake does not ask of it.
//!
//! supermin puts it together from packages of this host, for everything that anybody may ask of libguestfs. Two parts of it
//! take an emulated appliance a quarter of its time (measured: 31 s without, 23 s with what is done here, for a layer of
//! three small steps): augeas reads the grammars of two hundred kinds of files when it looks at an image, of which that
//! needs three; and udev goes through rules for cameras, mice and sound. A list of what is left out is one of the parts that
//! supermin takes (supermin(1), "excludefiles"). So libguestfs is given a folder with its own parts and such a list
//! (guestfs(3), `LIBGUESTFS_PATH`), and another place for what comes of it (`LIBGUESTFS_CACHEDIR`).

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::durable::{create_folder, write_atomically};
use kiln_images::{At, FileError};

const PATH: &str = "LIBGUESTFS_PATH";
const CACHE: &str = "LIBGUESTFS_CACHEDIR";

/// Where distributions have the parts of the appliance: Fedora and its kin; others.
const PARTS: [&str; 2] = ["/usr/lib64/guestfs/supermin.d", "/usr/lib/guestfs/supermin.d"];

/// The list of what is left out. No part of libguestfs's is called so.
const LIST: &str = "kiln-excludes";

/// The grammars that libguestfs looks at an image with (its daemon/inspect_fs_unix.ml) and relabels one with (guestfs-tools,
/// common/mlcustomize/SELinux_relabel.ml), and those that these are made of.
const LENSES: (&str, [&str; 8]) = (
    "/usr/share/augeas/lenses/dist",
    ["build.aug", "fstab.aug", "mdadm_conf.aug", "quote.aug", "rx.aug", "sep.aug", "shellvars.aug", "util.aug"],
);

/// The rules of udev for disks, and for loading drivers; by what is in their names.
const RULES: (&str, [&str; 9]) = (
    "/usr/lib/udev/rules.d",
    ["udev-default", "persistent-storage", "drivers", "guestfs", "dm", "lvm", "md-raid", "mdadm", "btrfs"],
);

/// What nothing in the appliance reads without the rules that are left out, or makes folders for services that it has not.
const REST: [&str; 4] =
    ["/usr/lib/udev/hwdb.bin", "/usr/lib/udev/hwdb.d/*", "/etc/udev/hwdb.bin", "/usr/lib/tmpfiles.d/*"];

/// What libguestfs is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appliance {
    root: Utf8PathBuf,
}

impl Appliance {
    /// Prepares it in the user's folder of caches, unless the user has said where the appliance is, or this host has the
    /// parts of it in no place that is known.
    ///
    /// # Errors
    /// [`FileError`] where the folder cannot be written: libguestfs's own appliance does as well.
    pub fn prepare() -> Result<Option<Self>, FileError> {
        if [PATH, CACHE].iter().any(|name| env::var_os(name).is_some()) {
            return Ok(None);
        }
        let (Some(parts), Some(root)) = (parts(), cache(|name| env::var(name).ok())) else { return Ok(None) };
        Self::prepare_in(root, &parts).map(Some)
    }

    fn prepare_in(root: Utf8PathBuf, parts: &Utf8Path) -> Result<Self, FileError> {
        let folder = root.join("supermin.d");
        create_folder(&folder)?;
        let names = entries(parts)?;
        for name in entries(&folder)?.difference(&names).filter(|name| *name != LIST) {
            let old = folder.join(name);
            fs::remove_file(&old).at("removing", &old)?;
        }
        for name in &names {
            link(&parts.join(name), &folder.join(name))?;
        }
        // A list that is newer than the appliance has it made anew.
        let (path, list) = (folder.join(LIST), list());
        if fs::read_to_string(&path).ok().as_ref() != Some(&list) {
            write_atomically(&path, list.as_bytes(), 0o600)?;
        }
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

/// A folder of one's own below the user's caches (XDG Base Directory Specification), as libguestfs's variables can hold it:
/// `LIBGUESTFS_PATH` is a list with colons between.
fn cache(variable: impl Fn(&str) -> Option<String>) -> Option<Utf8PathBuf> {
    let absolute = |name| variable(name).map(Utf8PathBuf::from).filter(|path| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(caches.join("kiln/appliance")).filter(|path| !path.as_str().contains(':'))
}

fn entries(folder: &Utf8Path) -> Result<BTreeSet<String>, FileError> {
    let entries = folder.read_dir_utf8().and_then(Iterator::collect::<io::Result<Vec<_>>>).at("reading", folder)?;
    Ok(entries.into_iter().map(|entry| entry.file_name().to_owned()).collect())
}

fn link(to: &Utf8Path, path: &Utf8Path) -> Result<(), FileError> {
    if path.read_link_utf8().is_ok_and(|there| there == to) {
        return Ok(());
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).at("removing", path),
        _ => {}
    }
    match symlink(to, path) {
        // Another bake has just done so.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked.at("making the link", path),
    }
}

/// What is left out, a line each. The folder of rules has two names: packages of Debian say /lib.
fn list() -> String {
    let all = |folder: &str| entries(folder.into()).unwrap_or_default();
    let lenses = all(LENSES.0).into_iter().filter(|name| !LENSES.1.contains(&name.as_str()));
    let lenses = lenses.map(|name| format!("{}/{name}", LENSES.0));
    let rules = all(RULES.0).into_iter().filter(|name| !RULES.1.iter().any(|part| name.contains(part)));
    let rules = rules.map(|name| format!("{}/{name}", RULES.0));
    let paths = lenses.chain(rules).chain(REST.map(str::to_owned));
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
    fn it_has_all_parts_and_is_written_once() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let (parts, own) = (root.join("parts"), root.join("own"));
        fs::create_dir(&parts).unwrap();
        for name in ["base.tar.gz", "packages"] {
            fs::write(parts.join(name), name).unwrap();
        }
        let prepare = || Appliance::prepare_in(own.clone(), &parts).unwrap();
        let appliance = prepare();
        assert_eq!(appliance.variables().map(|(_, folder)| folder), [own.as_path(); 2]);
        let changed = || fs::metadata(own.join("supermin.d").join(LIST)).unwrap().modified().unwrap();
        let before = changed();
        // libguestfs was upgraded: one part is gone, and another is new.
        fs::rename(parts.join("packages"), parts.join("other")).unwrap();
        prepare();
        assert_eq!(changed(), before);
        let names: Vec<_> = entries(&own.join("supermin.d")).unwrap().into_iter().collect();
        assert_eq!(names, ["base.tar.gz", LIST, "other"]);
        assert_eq!(fs::read_to_string(own.join("supermin.d/other")).unwrap(), "packages");
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
            (false, "/lib/udev/rules.d/95-dm-notify.rules"),
            (true, "/lib/udev/rules.d/70-mouse.rules"),
            (true, "/usr/lib/udev/rules.d/70-mouse.rules"),
            (true, "/lib/udev/hwdb.bin"),
        ] {
            assert_eq!(has(path), left_out, "{path}");
        }
    }

    #[test]
    fn it_is_among_the_caches_of_the_user() {
        for (set, expected) in [
            (&[("XDG_CACHE_HOME", "/c"), ("HOME", "/h")][..], Some("/c/kiln/appliance")),
            (&[("XDG_CACHE_HOME", "c"), ("HOME", "/h")], Some("/h/.cache/kiln/appliance")),
            (&[("HOME", "/a:b")], None),
            (&[], None),
        ] {
            let look_up = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(cache(look_up).as_deref(), expected.map(Utf8Path::new));
        }
    }
}
