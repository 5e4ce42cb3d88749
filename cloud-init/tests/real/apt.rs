//! apt for a suite of Debian that this machine does not have among its own, with lists of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::programs::run;

/// Who signs Debian's suites.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Downloads the package `name` of `suite` into `folder`, where apt keeps its lists, too.
///
/// # Panics
/// Where apt cannot.
pub fn download(name: &str, suite: &str, folder: &Path) {
    fs::create_dir_all(folder.join("lists/partial")).expect("the folder can be written to");
    let source = format!("deb [signed-by={KEYRING}] {} {suite} main\n", own_mirror());
    fs::write(folder.join("sources.list"), source).expect("the folder can be written to");
    let apt = |words: &[&str]| {
        let mut apt = Command::new("apt-get");
        for (option, value) in [("Dir::State", ""), ("Dir::Cache", ""), ("Dir::Etc::SourceList", "sources.list")] {
            apt.arg("--option").arg(format!("{option}={}", folder.join(value).display()));
        }
        // The user that apt downloads as, where root calls it, may not write here.
        apt.args(["--option", "Dir::Etc::SourceParts=/dev/null", "--option", "APT::Sandbox::User=root", "--quiet=2"]);
        run(apt.args(words).current_dir(folder), "apt");
    };
    apt(&["update"]);
    apt(&["download", name]);
}

/// The mirror that this machine has its own release from.
fn own_mirror() -> String {
    let mut targets = Command::new("apt-get");
    targets.args([
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Created-By: Packages",
        "Component: main",
        "Origin: Debian",
    ]);
    let mirrors = run(&mut targets, "apt");
    // A suite of security updates has another path.
    let mirror = mirrors.lines().find(|mirror| !mirror.contains("security"));
    mirror.expect("apt has a mirror of Debian").to_owned()
}
