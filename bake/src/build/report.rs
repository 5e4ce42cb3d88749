//! What a finished image says about itself: read from the scratch disk that `report.sh` wrote.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};

use camino::Utf8Path;
use kiln_images::manifest::{Os, OsFamily, Package};

use super::node::Node;

/// The script that writes the report in the image.
pub const SCRIPT: &str = include_str!("report.sh");

/// The size of the scratch disk: a desktop of 3,000 packages needs a tenth of it.
const DISK_BYTES: u64 = 4 << 20;

/// What an empty scratch disk begins with, so that the script can tell it from the disk of the image.
const MARK: &[u8] = b"kiln report disk";

/// What the image said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its operating system, from os-release(5).
    pub os: Os,
    /// Its installed packages, sorted by name.
    pub packages: Vec<Package>,
    /// What makes it a node of a cluster.
    pub node: Node,
}

/// Why a scratch disk holds no report.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReportError {
    /// The last line of the script is missing.
    #[error("the image did not write its report to the scratch disk")]
    Missing,
    /// os-release(5) requires `ID` to be set where there is no good default.
    #[error("the image's /etc/os-release names no ID")]
    NoId,
    /// Nobody has taught Kiln about it yet.
    #[error("the image's operating system `{0}` is of no family that Kiln knows (Debian, RHEL, SUSE, Alpine)")]
    UnknownFamily(String),
    /// A later step has changed what an earlier one installed.
    #[error("the recipe says {expected}, but the finished image {found}")]
    OtherNode {
        /// What a step of the recipe should have left, such as `Kubernetes 1.20.2`.
        expected: String,
        /// What there is instead.
        found: String,
    },
}

/// Makes an empty scratch disk.
///
/// # Errors
/// When the file is there, or cannot be made.
pub fn make_disk(path: &Utf8Path) -> io::Result<()> {
    let mut disk = File::create_new(path)?;
    disk.write_all(MARK)?;
    disk.set_len(DISK_BYTES)
}

/// Reads the bytes of the scratch disk.
///
/// # Errors
/// When the script did not come to its end.
pub fn parse(disk: &[u8]) -> Result<Report, ReportError> {
    let end = disk.iter().position(|byte| *byte == 0).unwrap_or(disk.len());
    let text = String::from_utf8_lossy(&disk[..end]);
    let mut sections: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut current = "";
    for line in text.lines() {
        match line.strip_prefix("== ") {
            Some(name) => {
                current = name;
                sections.entry(current).or_default();
            }
            None => sections.entry(current).or_default().push(line),
        }
    }
    if !sections.contains_key("end") {
        return Err(ReportError::Missing);
    }
    let lines = |name| sections.get(name).map(Vec::as_slice).unwrap_or_default();
    let node = Node::parse(lines("kubernetes"), lines("docker"), lines("containerd"));
    Ok(Report { os: os_info(lines("os-release"))?, packages: packages(lines("packages")), node })
}

fn os_info(lines: &[&str]) -> Result<Os, ReportError> {
    let fields: BTreeMap<&str, String> = lines
        .iter()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), shlex::split(value).unwrap_or_default().concat()))
        .collect();
    let field = |key| fields.get(key).cloned().unwrap_or_default();
    let id = field("ID");
    if id.is_empty() {
        return Err(ReportError::NoId);
    }
    let like = field("ID_LIKE");
    let related =
        |names: &[&str]| std::iter::once(id.as_str()).chain(like.split(' ')).any(|word| names.contains(&word));
    let families = [
        (OsFamily::Debian, ["debian", "ubuntu"]),
        (OsFamily::Rhel, ["rhel", "fedora"]),
        (OsFamily::Suse, ["suse", "opensuse"]),
        (OsFamily::Alpine, ["alpine", "alpine"]),
    ];
    let family = families.into_iter().find(|(_, names)| related(names)).map(|(family, _)| family);
    let family = family.ok_or_else(|| ReportError::UnknownFamily(id.clone()))?;
    Ok(Os { version: field("VERSION_ID"), name: field("PRETTY_NAME"), family, id })
}

fn packages(lines: &[&str]) -> Vec<Package> {
    let pairs = lines.iter().filter_map(|line| line.split_once(' '));
    pairs.map(|(name, version)| Package { name: name.to_owned(), version: version.trim().to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENTOS: &str = "== os-release\nNAME=\"CentOS Linux\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"7\"\n\
                          PRETTY_NAME=\"CentOS Linux 7 (Core)\"\n== packages\nbash 4.2.46-30.el7.x86_64\n== end\n";

    #[test]
    fn a_report_is_read_up_to_the_zeros() {
        let mut disk = CENTOS.as_bytes().to_vec();
        disk.resize(4096, 0);
        let report = parse(&disk).unwrap();
        assert_eq!((report.os.id.as_str(), report.os.family), ("centos", OsFamily::Rhel));
        assert_eq!(report.os.name, "CentOS Linux 7 (Core)");
        assert_eq!(report.packages[0].version, "4.2.46-30.el7.x86_64");
    }

    #[test]
    fn a_report_that_was_cut_off_is_refused() {
        assert_eq!(parse(&CENTOS.as_bytes()[..80]), Err(ReportError::Missing));
        assert_eq!(parse(&[0; 512]), Err(ReportError::Missing));
        assert_eq!(parse(b"== os-release\nNAME=x\n== end\n"), Err(ReportError::NoId));
    }

    #[test]
    fn the_script_gives_what_the_parser_reads() {
        // The host is a Debian too: run the shipped script with another target.
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::write(root.join("sda"), [0; 512]).unwrap();
        make_disk(&root.join("sdb")).unwrap();
        let script = SCRIPT.replace("/dev/", &format!("{root}/"));
        let ran = std::process::Command::new("sh").args(["-c", &script]).status().unwrap();
        assert!(ran.success());
        assert_eq!(std::fs::read(root.join("sda")).unwrap(), [0; 512], "the other disk was written to");
        let report = parse(&std::fs::read(root.join("sdb")).unwrap()).unwrap();
        assert!(report.packages.iter().any(|package| package.name == "dpkg" && !package.version.is_empty()));
    }

    #[test]
    fn a_file_without_a_line_break_at_its_end_ends_its_section() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        make_disk(&root.join("sda")).unwrap();
        std::fs::write(root.join("os-release"), "ID=debian").unwrap();
        std::fs::write(root.join("daemon.json"), r#"{"exec-opts": ["native.cgroupdriver=systemd"]}"#).unwrap();
        let script = [("/dev/", ""), ("/etc/docker/", ""), ("/etc/", "")]
            .iter()
            .fold(SCRIPT.to_owned(), |script, it| script.replace(&format!(" {}", it.0), &format!(" {root}/{}", it.1)));
        let programs = "docker() { echo 'Docker version 20.10.24'; }\ndockerd() { :; }\n";
        let ran = std::process::Command::new("sh").args(["-c", &format!("{programs}{script}")]).status().unwrap();
        assert!(ran.success());
        let report = parse(&std::fs::read(root.join("sda")).unwrap()).unwrap();
        assert!(!report.packages.is_empty(), "{report:?}");
        assert_eq!(report.node.cgroup_driver, Some(kiln_images::manifest::CgroupDriver::Systemd), "{report:?}");
    }
}
