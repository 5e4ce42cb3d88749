//! `bake doctor`.

use camino::Utf8Path;
use kiln_console::doctor::{Finding, Health, report};
use kiln_console::{Console, Failure, human};
use kiln_images::config;
use kiln_machines::Hypervisor;
use kiln_machines::qemu::Qemu;
use kiln_tool::Program;

use crate::base::debootstrap::{BOOT_IMAGE, GRUB};
use crate::context::Context;
use crate::errors::IntoFailure;

/// Check that this machine has what baking needs, and say how to get it
///
/// The exit code is 4 if nothing can be baked here.
///
/// Example:
///   bake doctor
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {}

/// Every program a bake may run, with what for.
const PROGRAMS: [(Program, &str); 9] = [
    (Program::new("qemu-img", "qemu-utils"), "makes and checks disks"),
    (Program::new("qemu-system-x86_64", "qemu-system-x86"), "runs the appliance"),
    (Program::new("virt-customize", "guestfs-tools"), "carries out steps"),
    (Program::new("mmdebstrap", "mmdebstrap"), "builds Debian from packages"),
    (Program::new("grub-mkimage", "grub-common"), "makes its boot loader"),
    (Program::new("mke2fs", "e2fsprogs"), "makes its file system"),
    (Program::new("sfdisk", "fdisk"), "makes its partition table"),
    (Program::new("xz", "xz-utils"), "unpacks downloads"),
    (Program::new("gpgv", "gpgv"), "checks the signatures of downloads"),
];

/// What only recipes need that take container images from a registry.
const SKOPEO: Program = Program::new("skopeo", "skopeo");

/// What `unshare` runs, by its name, to give an ordinary user the ids of a tree of packages.
const NEWUIDMAP: Program = Program::new("newuidmap", "uidmap");

/// Says what the user is called, wherever that is written down. `USER` may be unset, or somebody else's (su(1)).
const ID: Program = Program::new("id", "coreutils");

/// The least free space with which a bake is worth beginning: a base, its copy and the image, each of a gigabyte or two.
const SPACE_BYTES: u64 = 8 << 30;

/// Runs the command.
pub async fn run(_: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let look_at = |(program, why): &(Program, &str)| look_at_program(*program, why, Health::Bad);
    let mut findings: Vec<Finding> = PROGRAMS.iter().map(look_at).collect();
    let registries = "fetches container images from registries, for recipes that name some";
    findings.push(look_at_program(SKOPEO, registries, Health::Poor));
    findings.push(boot_loader(GRUB.into()));
    findings.push(kernel());
    if !rustix::process::geteuid().is_root() {
        findings.push(newuidmap());
    }
    findings.push(subordinate_ids().await);
    findings.push(Finding::of("configuration", config::look().map_err(IntoFailure::into_failure)));
    match Context::open(home) {
        Ok(context) => {
            findings.push(space(&context));
            findings.push(accelerator(&context).await);
        }
        Err(failure) => findings.push(Finding::failed("home", &failure)),
    }
    report(console, &findings, "nothing can be baked here")
}

/// Whether the program is there that does what `why` says, and how it is if it is not.
fn look_at_program(program: Program, why: &str, missing: Health) -> Finding {
    let what = format!("program {}", program.name);
    match program.find() {
        Ok(tool) => Finding::new(what, Health::Good, format!("{} ({why})", tool.path().display())),
        Err(_) => Finding::new(what, missing, format!("not found ({why})")).fix(format!(
            "apt-get install {}   (or say where it is: {})",
            program.package,
            program.variable()
        )),
    }
}

/// libguestfs boots a kernel of the host's; some distributions let only root read it.
fn kernel() -> Finding {
    let what = "kernel of the appliance";
    let readable = Utf8Path::new("/boot").read_dir_utf8().ok().into_iter().flatten().filter_map(Result::ok);
    let mut kernels = readable.filter(|entry| entry.file_name().starts_with("vmlinuz-")).map(|entry| entry.into_path());
    match kernels.find(|path| std::fs::File::open(path).is_ok()) {
        Some(path) => Finding::new(what, Health::Good, path),
        None => Finding::new(what, Health::Bad, "no readable /boot/vmlinuz-*")
            .fix("apt-get install linux-image-cloud-amd64, or chmod 0644 /boot/vmlinuz-*"),
    }
}

/// The program that makes a boot loader takes its parts from a package of their own.
fn boot_loader(folder: &Utf8Path) -> Finding {
    let (what, part) = ("parts of the boot loader", folder.join(BOOT_IMAGE));
    match part.is_file() {
        true => Finding::new(what, Health::Good, folder.as_str()),
        false => Finding::new(what, Health::Bad, format!("there is no {part} (for building from packages)"))
            .fix("apt-get install grub-pc-bin"),
    }
}

/// Nothing but its name leads to this program: no variable does.
fn newuidmap() -> Finding {
    let finding = look_at_program(NEWUIDMAP, "lets an ordinary user build from packages", Health::Bad);
    let fix = finding.fix.is_some().then(|| format!("apt-get install {}", NEWUIDMAP.package));
    Finding { fix, ..finding }
}

/// Building from packages as an ordinary user takes a range of ids for the users in the tree.
async fn subordinate_ids() -> Finding {
    let what = "subordinate ids";
    let uid = rustix::process::geteuid();
    if uid.is_root() {
        return Finding::new(what, Health::Good, "not needed by root");
    }
    let uid = uid.as_raw().to_string();
    let user = user_name().await.unwrap_or_else(|_| uid.clone());
    let has = |file| std::fs::read_to_string(file).is_ok_and(|text| grants(&text, [&user, &uid]));
    match has("/etc/subuid") && has("/etc/subgid") {
        true => Finding::new(what, Health::Good, "in /etc/subuid and /etc/subgid (for building from packages)"),
        false => Finding::new(what, Health::Bad, "none in /etc/subuid and /etc/subgid (for building from packages)")
            .fix(format!("as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}")),
    }
}

async fn user_name() -> Result<String, kiln_tool::Error> {
    let said = ID.find()?.invoke("asking who runs this").arg("-un").output().await?;
    Ok(String::from_utf8_lossy(&said).trim().to_owned())
}

/// Whether a file of subordinate ids has a line of this user, by name or by number (subuid(5)).
fn grants(text: &str, user: [&str; 2]) -> bool {
    text.lines().filter_map(|line| line.split_once(':')).any(|(owner, _)| user.contains(&owner))
}

fn space(context: &Context) -> Finding {
    let free = rustix::fs::statvfs(context.home.root().as_std_path()).map(|stat| stat.f_bavail * stat.f_frsize);
    let free = free.unwrap_or_default();
    let (what, found) = (format!("space in {}", context.home.root()), format!("{} free", human::bytes(free)));
    match free < SPACE_BYTES {
        true => Finding::new(what, Health::Bad, found)
            .fix("free some (bake prune), or set KILN_HOME to a folder on a larger disk"),
        false => Finding::new(what, Health::Good, found),
    }
}

async fn accelerator(context: &Context) -> Finding {
    let what = "accelerator";
    match Qemu::open(&context.home.hypervisor_facts()).await {
        Ok(qemu) => match qemu.facts().advice() {
            None => Finding::new(what, Health::Good, &qemu.facts().reason),
            Some(advice) => Finding::new(what, Health::Poor, &qemu.facts().reason).fix(advice),
        },
        Err(error) => Finding::new(what, Health::Bad, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::Fake;

    use super::*;

    #[test]
    fn ids_are_granted_by_name_or_by_number() {
        let grants = |text| grants(text, ["debian", "1000"]);
        assert!(grants("root:100000:65536\ndebian:165536:65536\n") && grants("1000:100000:65536\n"));
        assert!(!grants("debian2:100000:65536\n10001:1:1\ndebian\n") && !grants(""));
    }

    #[test]
    fn what_is_missing_comes_with_the_package_that_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let finding = boot_loader(folder);
        assert_eq!((finding.health, finding.fix.as_deref()), (Health::Bad, Some("apt-get install grub-pc-bin")));
        std::fs::write(folder.join(BOOT_IMAGE), "").unwrap();
        assert_eq!(boot_loader(folder).health, Health::Good);
        let there = Fake::new("newuidmap", "exit 0");
        assert_eq!(newuidmap().health, Health::Good);
        drop(there);
        let _gone = Fake::missing("newuidmap");
        assert_eq!(newuidmap().fix.as_deref(), Some("apt-get install uidmap"));
    }

    #[tokio::test]
    async fn the_user_is_asked_for_and_not_the_environment() {
        let _fake = Fake::new("id", "[ \"$*\" = -un ] && echo somebody");
        assert_eq!(user_name().await.unwrap(), "somebody");
    }

    #[tokio::test]
    async fn a_hypervisor_that_is_too_old_is_told_before_anything_is_baked() {
        let folder = tempfile::tempdir().unwrap();
        let home = Utf8Path::from_path(folder.path()).unwrap().join("home");
        let context = Context::open(Some(&home)).unwrap_or_else(|error| panic!("{}", error.message()));
        let _fake = Fake::new("qemu-system-x86_64", "echo QEMU emulator version 5.2.0");
        let finding = accelerator(&context).await;
        assert_eq!(finding.health, Health::Bad);
        assert!(finding.found.contains("5.2.0") && finding.found.contains("or later"), "{finding}");
    }
}
