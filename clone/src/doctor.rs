//! What this machine has, and lacks, for running labs; and how to get it.

use std::fs;

use camino::Utf8Path;
use kiln_console::doctor::{Finding, Health};
use kiln_console::human;
use kiln_machines::qemu::check_paths;
use kiln_machines::{Hypervisor, Segment};
use kiln_tool::Program;

use crate::checkpoint::ZSTD;
use crate::commands::view::VIEWER;
use crate::kubernetes::kubectl::KUBECTL;
use crate::kubernetes::pki::OPENSSL;
use crate::lab::name::MAX_NAME_LENGTH;
use crate::start::available_mib;
use crate::tasks::join_all;
use crate::world::World;

/// The two programs that write to the same disks.
const QEMU: Program = Program::new("qemu-system-x86_64", "qemu-system-x86");
const QEMU_IMG: Program = Program::new("qemu-img", "qemu-utils");

/// A program, and what it is asked for its version with; nothing where it does not tell.
type Asked = (Program, &'static [&'static str]);

/// The programs that every lab needs.
const PROGRAMS: [Asked; 6] = [
    (QEMU, &["--version"]),
    (QEMU_IMG, &["--version"]),
    (Program::new("vde_switch", "vde2"), &["--version"]),
    (crate::ssh::SSH, &["-V"]),
    (crate::ssh::SCP, &[]),
    (crate::programs::TAR, &["--version"]),
];

/// The programs that are needed for one thing each.
const PROGRAMS_FOR: [(Asked, &str); 4] = [
    ((KUBECTL, &["version", "--client"]), "labs with a section `kubernetes`"),
    ((OPENSSL, &["version"]), "labs with a section `kubernetes`"),
    ((ZSTD, &["--version"]), "clone checkpoint export and import"),
    ((VIEWER, &[]), "clone view"),
];

/// Below this much memory not even a small lab of three nodes can be started, in MiB.
const LITTLE_MEMORY_MIB: u64 = 3 * 1024;
/// Below this much space on the disk a lab will sooner or later stand still, in bytes.
const LITTLE_SPACE_BYTES: u64 = 5 << 30;

/// Looks at the programs that labs need.
pub async fn programs() -> Vec<Finding> {
    let always = PROGRAMS.map(|asked| look_at_program(asked, None));
    let sometimes = PROGRAMS_FOR.map(|(asked, purpose)| look_at_program(asked, Some(purpose)));
    let mut findings = join_all(always.into_iter().chain(sometimes)).await;
    findings.extend(older_qemu_img(&findings));
    findings
}

/// Looks at what else they need of this host.
pub async fn host(world: &World) -> Vec<Finding> {
    let (root, meminfo) = (world.home.root(), fs::read_to_string("/proc/meminfo").unwrap_or_default());
    vec![accelerator(world).await, memory(&meminfo), space(root), sockets(root)]
}

fn what(program: Program) -> String {
    format!("program {}", program.name)
}

/// Looks for a program; what lacks without it is one `purpose`, or all.
async fn look_at_program((program, question): Asked, purpose: Option<&str>) -> Finding {
    let what = what(program);
    let bad = if purpose.is_some() { Health::Poor } else { Health::Bad };
    let tool = match program.find() {
        Ok(tool) => tool,
        Err(_) => {
            let fix = format!("apt-get install {}   (or say where it is: {})", program.package, program.variable());
            let found =
                purpose.map_or_else(|| "not found".to_owned(), |purpose| format!("not found; needed for {purpose}"));
            return Finding::new(what, bad, found).fix(fix);
        }
    };
    if question.is_empty() {
        return Finding::new(what, Health::Good, tool.path().display().to_string());
    }
    match tool.invoke(format!("asking {} for its version", program.name)).args(question).outcome().await {
        // OpenSSH prints its version to standard error.
        Ok(outcome) => {
            let said = String::from_utf8_lossy(&outcome.stdout).into_owned() + &outcome.stderr;
            Finding::new(what, Health::Good, said.lines().next().unwrap_or_default().trim())
        }
        Err(error) => {
            Finding::new(what, bad, error.to_string()).fix(format!("apt-get install --reinstall {}", program.package))
        }
    }
}

/// A `qemu-img` that is older than QEMU: what one writes the other may not understand.
fn older_qemu_img(findings: &[Finding]) -> Option<Finding> {
    let version = |program: Program| {
        let said = &findings.iter().find(|finding| finding.what == what(program))?.found;
        // `qemu-img version 10.0.2 (Debian 1:10.0.2+ds-2)`, `QEMU emulator version 10.0.2 (…)`
        let mut numbers = said.split_once("version ")?.1.split(|it: char| !it.is_ascii_digit()).map(str::parse::<u32>);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    let (system, image) = (version(QEMU)?, version(QEMU_IMG)?);
    let found = format!("qemu-img {}.{} is older than QEMU {}.{}", image.0, image.1, system.0, system.1);
    let fix = "bring both packages to the same version: apt-get install qemu-system-x86 qemu-utils";
    (image < system).then(|| Finding::new("versions of QEMU", Health::Poor, found).fix(fix))
}

async fn accelerator(world: &World) -> Finding {
    match world.hypervisor().await {
        Ok(hypervisor) => {
            let facts = hypervisor.facts();
            match facts.advice() {
                None => Finding::new("accelerator", Health::Good, &facts.reason),
                Some(advice) => Finding::new("accelerator", Health::Poor, &facts.reason).fix(advice),
            }
        }
        Err(error) => Finding::new("accelerator", Health::Bad, error.to_string()),
    }
}

fn memory(meminfo: &str) -> Finding {
    match available_mib(meminfo) {
        None => Finding::new("memory", Health::Poor, "the kernel does not say how much is available"),
        Some(mib) if mib < LITTLE_MEMORY_MIB => Finding::new("memory", Health::Poor, format!("{mib} MiB available"))
            .fix("end other programs, or give the nodes less"),
        Some(mib) => Finding::new("memory", Health::Good, format!("{mib} MiB available")),
    }
}

fn space(root: &Utf8Path) -> Finding {
    let what = format!("space in {root}");
    match rustix::fs::statvfs(root.as_std_path()) {
        Err(error) => Finding::new(what, Health::Bad, error.to_string()),
        Ok(volume) => {
            let free = volume.f_bavail.saturating_mul(volume.f_frsize);
            let found = format!("{} free", human::bytes(free));
            match free < LITTLE_SPACE_BYTES {
                true => Finding::new(what, Health::Poor, found)
                    .fix("free some (bake prune), or set KILN_HOME to a folder on a larger disk"),
                false => Finding::new(what, Health::Good, found),
            }
        }
    }
}

/// Whether the sockets of a node with the longest names fit.
fn sockets(root: &Utf8Path) -> Finding {
    let longest = "n".repeat(MAX_NAME_LENGTH);
    let lab = root.join("labs").join(&longest);
    match check_paths(&lab.join("nodes").join(&longest), &Segment::new(longest, &lab.join("switch"))) {
        Ok(()) => Finding::new("paths of sockets", Health::Good, "short enough for any name"),
        Err(_) => Finding::new("paths of sockets", Health::Poor, "too long for labs and nodes with long names")
            .fix("keep names short, or set KILN_HOME to a folder with a shorter path"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_missing_program_comes_with_the_package_that_has_it() {
        let asked: Asked = (Program::new("kiln-no-such-program", "some-package"), &["--version"]);
        let finding = look_at_program(asked, None).await;
        assert_eq!(finding.health, Health::Bad);
        assert!(finding.to_string().contains("apt-get install some-package"), "{finding}");
        let finding = look_at_program(asked, Some("clusters")).await;
        assert_eq!((finding.health, finding.found.as_str()), (Health::Poor, "not found; needed for clusters"));
    }

    #[test]
    fn a_qemu_img_older_than_qemu_is_poor() {
        let findings = |image: &str| {
            let said = [(QEMU, "QEMU emulator version 10.0.2 (Debian 1:10.0.2)"), (QEMU_IMG, image)];
            said.map(|(program, said)| Finding::new(what(program), Health::Good, said))
        };
        let poor = older_qemu_img(&findings("qemu-img version 7.2.17 (Debian 1:7.2+dfsg-7)")).unwrap();
        assert_eq!((poor.health, poor.found.as_str()), (Health::Poor, "qemu-img 7.2 is older than QEMU 10.0"));
        for good in ["qemu-img version 10.0.0", "qemu-img version 10.1.0", "not found"] {
            assert_eq!(older_qemu_img(&findings(good)), None, "{good}");
        }
    }

    #[test]
    fn little_memory_and_long_paths_are_poor() {
        assert_eq!(memory("MemAvailable: 1048576 kB\n").health, Health::Poor);
        assert_eq!(memory("MemAvailable: 10485760 kB\n").health, Health::Good);
        assert_eq!(sockets(Utf8Path::new("/home/alice/.local/share/kiln")).health, Health::Good);
        assert_eq!(sockets(Utf8Path::new(&format!("/{}", "x".repeat(60)))).health, Health::Poor);
    }
}
