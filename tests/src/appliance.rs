//! Counting the starts of the appliance, and reading the disks that it leaves.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use crate::{Running, TestHome, qemu_img};

/// Stands in for `virt-customize` and for QEMU: counts, and runs the real one.
#[derive(Debug)]
pub struct Counter {
    folder: Utf8PathBuf,
}

impl Counter {
    const APPLIANCE: &str = "virt-customize";
    const MACHINE: &str = "qemu-system-x86_64";

    /// A counter in the work folder of `home`.
    pub fn new(home: &TestHome) -> Self {
        for program in [Self::APPLIANCE, Self::MACHINE] {
            let count = home.work().join(format!("{program}.runs"));
            // QEMU is also asked what it can do; a machine has a name.
            let counts = format!("case \"{program} $*\" in virt-*|*guest=*) echo run >> {count};; esac");
            let script = home.file(program, &format!("#!/bin/sh\n{counts}\nexec {program} \"$@\"\n"));
            fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { folder: home.work() }
    }

    /// Lets a program use it.
    pub fn watch(&self, running: Running) -> Running {
        let running = running.env("KILN_VIRT_CUSTOMIZE", self.folder.join(Self::APPLIANCE));
        running.env("KILN_QEMU_SYSTEM_X86_64", self.folder.join(Self::MACHINE))
    }

    /// How often the appliance was started so far.
    pub fn runs(&self) -> usize {
        self.count(Self::APPLIANCE)
    }

    /// How often a machine was started so far.
    pub fn boots(&self) -> usize {
        self.count(Self::MACHINE)
    }

    fn count(&self, program: &str) -> usize {
        fs::read_to_string(self.folder.join(format!("{program}.runs"))).unwrap_or_default().lines().count()
    }
}

/// Reads the files on the first partition of a disk image, without an appliance and without changing a byte.
#[derive(Debug)]
pub struct DiskReader {
    folder: TempDir,
}

impl DiskReader {
    /// Opens the qcow2 image `disk` of a Debian that was made from packages: its partition begins at 1 MiB.
    pub fn open(disk: &Utf8Path) -> Self {
        let folder = TempDir::with_prefix_in("disk", crate::cache()).unwrap();
        let reader = Self { folder };
        qemu_img(&["convert", "-f", "qcow2", "-O", "raw", disk.as_str(), reader.raw().as_str()]);
        reader
    }

    fn raw(&self) -> Utf8PathBuf {
        Utf8Path::from_path(self.folder.path()).unwrap().join("disk.raw")
    }

    /// The content of a file; none where there is no file.
    pub fn read(&self, path: &str) -> Option<String> {
        self.debugfs(&format!("cat {path}"))
    }

    /// The mode of a file in octal digits, and the ids of its owner and group.
    pub fn mode(&self, path: &str) -> Option<(String, u32, u32)> {
        let said = self.debugfs(&format!("stat {path}"))?;
        let after = |key: &str| said.split(key).nth(1)?.split_whitespace().next();
        Some((after("Mode:")?.to_owned(), after("User:")?.parse().ok()?, after("Group:")?.parse().ok()?))
    }

    /// The names in a folder.
    pub fn list(&self, path: &str) -> Vec<String> {
        // "/inode/mode/uid/gid/name/size/"
        let said = self.debugfs(&format!("ls -p {path}")).unwrap_or_default();
        let names = said.lines().filter_map(|line| line.split('/').nth(5));
        names.filter(|name| !["", ".", ".."].contains(name)).map(str::to_owned).collect()
    }

    fn debugfs(&self, request: &str) -> Option<String> {
        let device = format!("{}?offset=1048576", self.raw());
        let mut debugfs = Command::new("/sbin/debugfs");
        let ran = debugfs.args(["-R", request, &device]).output().unwrap_or_else(|error| panic!("debugfs: {error}"));
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(!said.contains("while trying to open"), "{said}");
        if said.contains("File not found") { None } else { Some(String::from_utf8_lossy(&ran.stdout).into_owned()) }
    }
}
