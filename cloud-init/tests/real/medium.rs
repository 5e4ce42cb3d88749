//! The medium through the programs that find and read it.

use std::path::Path;
use std::process::Command;

use kiln_cloud_init::Seed;
use tempfile::NamedTempFile;

use crate::programs::{run, system_program};
use crate::sample;

/// A seed, and a file with its medium.
fn medium() -> (Seed, NamedTempFile) {
    let seed = sample::seed(&sample::everything(), None);
    let file = NamedTempFile::new().unwrap();
    std::fs::write(&file, seed.medium().unwrap()).unwrap();
    (seed, file)
}

fn isoinfo(medium: &Path, arguments: &[&str]) -> String {
    run(Command::new("isoinfo").arg("-i").arg(medium).args(arguments), "genisoimage")
}

#[test]
fn libblkid_finds_the_label_in_small_letters_and_no_uuid() {
    let (_, file) = medium();
    let probe = run(system_program("blkid").args(["-p", "-o", "export"]).arg(file.path()), "util-linux");
    assert!(probe.lines().any(|line| line == "LABEL=cidata"), "{probe}");
    assert!(probe.lines().any(|line| line == "TYPE=iso9660"), "{probe}");
    assert!(!probe.contains("UUID="), "{probe}");
}

#[test]
fn isoinfo_reads_every_file_through_both_trees() {
    let (seed, file) = medium();
    let description = isoinfo(file.path(), &["-d"]);
    assert!(description.contains("Volume id: cidata\n"), "{description}");
    assert!(description.contains("Joliet with UCS level 3 found"), "{description}");
    assert_eq!(isoinfo(file.path(), &["-f"]), "/META_DATA.;1\n/NETWORK_CONFIG.;1\n/USER_DATA.;1\n");
    assert_eq!(isoinfo(file.path(), &["-J", "-f"]), "/meta-data\n/network-config\n/user-data\n");
    for (name, plain, content) in [
        ("/user-data", "/USER_DATA.;1", seed.user_data()),
        ("/meta-data", "/META_DATA.;1", seed.meta_data()),
        ("/network-config", "/NETWORK_CONFIG.;1", seed.network_config()),
    ] {
        assert_eq!(isoinfo(file.path(), &["-J", "-x", name]), content, "{name}");
        assert_eq!(isoinfo(file.path(), &["-x", plain]), content, "{plain}");
    }
}

#[test]
fn xorriso_finds_the_files_and_nothing_to_complain_of() {
    let (_, file) = medium();
    let mut command = Command::new("xorriso");
    command.args(["-report_about", "WARNING", "-abort_on", "WARNING", "-read_fs", "any", "-indev"]).arg(file.path());
    let found = run(command.args(["-find", "/", "-type", "f"]), "xorriso");
    assert_eq!(found.lines().count(), 3, "{found}");
    assert!(found.contains("user-data"), "{found}");
}
