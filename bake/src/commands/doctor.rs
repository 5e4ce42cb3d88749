//! `bake doctor`.

use camino::Utf8Path;
use kiln_console::{Class, Column, Console, Failure, human};
use kiln_machines::Hypervisor;
use kiln_machines::qemu::Qemu;
use kiln_tool::Program;
use serde::Serialize;

use crate::context::Context;

/// Check that this machine has what baking needs, and say how to get it
///
/// Example:
///   bake doctor
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {}

/// One finding.
#[derive(Debug, Serialize)]
struct Finding {
    what: String,
    ok: bool,
    says: String,
}

const COLUMNS: [Column<Finding>; 3] = [
    Column::new("check", |finding| finding.what.clone()),
    Column::new("result", |finding| if finding.ok { "ok" } else { "MISSING" }.to_owned()),
    Column::new("", |finding| finding.says.clone()),
];

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

/// Says what the user is called, wherever that is written down. `USER` may be unset, or somebody else's (su(1)).
const ID: Program = Program::new("id", "coreutils");

/// The least free space with which a bake is worth beginning: a base, its copy and the image, each of a gigabyte or two.
const SPACE_BYTES: u64 = 8 << 30;

/// Runs the command.
pub async fn run(_: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let mut findings: Vec<Finding> = PROGRAMS.iter().map(|(program, why)| check_program(*program, why)).collect();
    let registries = check_program(SKOPEO, "fetches container images from registries, for recipes that name some");
    findings.push(Finding { ok: true, ..registries });
    findings.push(kernel());
    findings.push(subordinate_ids().await);
    match Context::open(home) {
        Ok(context) => {
            findings.push(space(&context));
            findings.push(accelerator(&context).await);
        }
        Err(failure) => {
            findings.push(Finding { what: "home".to_owned(), ok: false, says: failure.message().to_owned() })
        }
    }
    console.table(&findings, &COLUMNS, "nothing to check")?;
    match findings.iter().filter(|finding| !finding.ok).count() {
        0 => Ok(()),
        count => Err(Failure::new(Class::Host, format!("{} failed", human::count(count, "check")))),
    }
}

fn check_program(program: Program, why: &str) -> Finding {
    let (ok, says) = match program.find() {
        Ok(tool) => (true, format!("{} ({why})", tool.path().display())),
        Err(_) => (false, format!("{why}; apt-get install {}", program.package)),
    };
    Finding { what: program.name.to_owned(), ok, says }
}

/// libguestfs boots a kernel of the host's; some distributions let only root read it.
fn kernel() -> Finding {
    let readable = Utf8Path::new("/boot").read_dir_utf8().ok().into_iter().flatten().filter_map(Result::ok);
    let mut kernels = readable.filter(|entry| entry.file_name().starts_with("vmlinuz-")).map(|entry| entry.into_path());
    let usable = kernels.find(|path| std::fs::File::open(path).is_ok());
    let says = match &usable {
        Some(path) => format!("{path} (for the appliance)"),
        None => "no readable /boot/vmlinuz-*; apt-get install linux-image-cloud-amd64, or chmod 0644 /boot/vmlinuz-*"
            .to_owned(),
    };
    Finding { what: "kernel".to_owned(), ok: usable.is_some(), says }
}

/// Building from packages as an ordinary user takes a range of ids for the users in the tree.
async fn subordinate_ids() -> Finding {
    let what = "subordinate ids".to_owned();
    let uid = rustix::process::geteuid();
    if uid.is_root() {
        return Finding { what, ok: true, says: "not needed by root".to_owned() };
    }
    let uid = uid.as_raw().to_string();
    let user = user_name().await.unwrap_or_else(|_| uid.clone());
    let has = |file| std::fs::read_to_string(file).is_ok_and(|text| grants(&text, [&user, &uid]));
    let ok = has("/etc/subuid") && has("/etc/subgid");
    let says = match ok {
        true => "in /etc/subuid and /etc/subgid (for building from packages)".to_owned(),
        false => format!("as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}"),
    };
    Finding { what, ok, says }
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
    let says = format!("{} free in {}", human::bytes(free), context.home.root());
    Finding { what: "space".to_owned(), ok: free >= SPACE_BYTES, says }
}

async fn accelerator(context: &Context) -> Finding {
    let what = "accelerator".to_owned();
    match Qemu::open(&context.home.hypervisor_facts()).await {
        Ok(qemu) => Finding { what, ok: true, says: qemu.facts().reason.clone() },
        Err(error) => Finding { what, ok: false, says: error.to_string() },
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
        assert!(!finding.ok && finding.says.contains("5.2.0") && finding.says.contains("or later"), "{}", finding.says);
    }
}
