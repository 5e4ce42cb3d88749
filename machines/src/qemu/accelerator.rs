//! Whether KVM works: found out, not guessed.
//!
//! `/dev/kvm` may exist and open and yet never run a guest (nested clouds do this). So a guest is run: a boot sector of
//! a few bytes, which SeaBIOS loads and which ends QEMU through its `isa-debug-exit` device. Where KVM works that takes
//! a fraction of a second.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use kiln_tool::{Error as ToolError, Outcome, Tool};
use rustix::fs::{Access, access};
use tempfile::NamedTempFile;
use tokio::time::sleep;

use super::options::Options;
use crate::{Accelerator, Error};

/// The variable that says which accelerator to use, instead of the probe.
const OVERRIDE: &str = "KILN_ACCEL";

/// The device of KVM.
pub(super) const KVM: &str = "/dev/kvm";

/// How long the guest may take. Under TCG, some ten times slower than KVM, it takes 0.2 s on a host with nothing else to do.
const LIMIT: Duration = Duration::from_secs(10);

/// How long KVM is given, however quick emulation is. There are nested ones that end this guest after two to eight seconds,
/// some twenty times later than emulation does (1.9 s for 0.11 s), and get no larger one through its boot.
const PATIENCE: Duration = Duration::from_millis(500);

/// The size of the guest's disk. Of one that is less than a cylinder (16 heads of 63 sectors) SeaBIOS reads nothing.
const DISK_BYTES: u64 = 1 << 20;

/// The port of `isa-debug-exit`: what is written there makes QEMU exit with twice the value plus one (QEMU's
/// hw/misc/debugexit.c).
const EXIT_PORT: u8 = 0xf4;

/// What the probe writes to the port.
const EXIT_VALUE: u8 = 0x10;

/// The status with which QEMU then ends. QEMU itself never uses it.
const EXIT_STATUS: i32 = (EXIT_VALUE as i32) << 1 | 1;

/// An accelerator, and why it is this one.
pub(super) type Choice = (Accelerator, String);

/// What the user demands with `KILN_ACCEL`, if anything.
pub(super) fn demanded() -> Result<Option<Choice>, Error> {
    let Some(value) = std::env::var_os(OVERRIDE) else { return Ok(None) };
    read_demand(&value.to_string_lossy()).map(Some)
}

fn read_demand(value: &str) -> Result<Choice, Error> {
    let reason = format!("{OVERRIDE}={value}");
    match value {
        "kvm" => Ok((Accelerator::Kvm, reason)),
        "tcg" => Ok((Accelerator::Tcg, reason)),
        _ => Err(Error::AcceleratorName { value: value.to_owned() }),
    }
}

/// True if this user may open `/dev/kvm`.
pub(super) fn kvm_opens() -> bool {
    access(KVM, Access::READ_OK | Access::WRITE_OK).is_ok()
}

/// Finds out which accelerator works on this host.
pub(super) async fn probe(qemu: &Tool, board: &str) -> Result<Choice, Error> {
    if let Err(errno) = access(KVM, Access::READ_OK | Access::WRITE_OK) {
        return Ok((Accelerator::Tcg, refused(errno)));
    }
    let disk = boot_disk().map_err(Error::io("writing a boot sector in", "/tmp"))?;
    let [kvm, tcg] = ["kvm", "tcg"].map(|accelerator| boot(qemu, board, accelerator, disk.path()));
    Ok(compare(PATIENCE, kvm, tcg).await)
}

/// Runs the guest of a few bytes on the disk `path`.
async fn boot(qemu: &Tool, board: &str, accelerator: &str, path: &Path) -> Result<Outcome, ToolError> {
    let disk = Options::keyed("driver", "raw").with("node-name", "probe").with("read-only", "on");
    let disk = disk.with("file.driver", "file").with("file.filename", path.display());
    let exit = Options::new("isa-debug-exit").with("iobase", EXIT_PORT).with("iosize", 1);
    let run = qemu
        .invoke("probing KVM")
        .args(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-m", "32M"])
        .args(["-machine", board, "-accel", accelerator, "-device", "virtio-blk-pci,drive=probe"])
        .args(["-blockdev".to_owned(), disk.into(), "-device".to_owned(), exit.into()])
        .time_limit(LIMIT);
    run.outcome().await
}

/// Judges how the guest ends by KVM. It is emulated meanwhile: on a host that is busy, or reads QEMU from a slow disk, both
/// take long. So KVM is given the time that emulation needs, and `patience` at least; silence for longer is its own.
async fn compare(
    patience: Duration,
    kvm: impl Future<Output = Result<Outcome, ToolError>>,
    tcg: impl Future<Output = Result<Outcome, ToolError>>,
) -> Choice {
    tokio::select! {
        biased;
        outcome = kvm => judge(outcome),
        _ = async { tokio::join!(tcg, sleep(patience)) } => {
            let reason = "KVM does not work here: a guest of a few bytes does not end, which it does when it is emulated";
            (Accelerator::Tcg, reason.to_owned())
        }
    }
}

fn refused(errno: rustix::io::Errno) -> String {
    match errno {
        rustix::io::Errno::NOENT => format!("there is no {KVM}"),
        rustix::io::Errno::ACCESS => format!("{KVM} may not be opened: adduser $USER kvm, and log in again"),
        _ => format!("{KVM} cannot be opened: {errno}"),
    }
}

fn judge(outcome: Result<Outcome, ToolError>) -> Choice {
    let trouble = match outcome {
        Ok(Outcome { code: EXIT_STATUS, .. }) => return (Accelerator::Kvm, "KVM works".to_owned()),
        Ok(Outcome { code, stderr, .. }) => {
            format!("QEMU ended with status {code}: {}", stderr.lines().next().unwrap_or("it said nothing"))
        }
        Err(ToolError::Failed(failure)) => format!("a guest of a few bytes {}", failure.ending),
        Err(error) => error.to_string(),
    };
    (Accelerator::Tcg, format!("KVM does not work here: {trouble}"))
}

/// A disk that begins with the boot sector.
fn boot_disk() -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    file.write_all(&boot_sector())?;
    file.as_file().set_len(DISK_BYTES)?;
    Ok(file)
}

/// A boot sector that writes [`EXIT_VALUE`] to [`EXIT_PORT`] and halts.
fn boot_sector() -> [u8; 512] {
    // mov al, EXIT_VALUE; out EXIT_PORT, al; hlt; jmp back to hlt
    let code = [0xb0, EXIT_VALUE, 0xe6, EXIT_PORT, 0xf4, 0xeb, 0xfd];
    let mut sector = [0; 512];
    sector[..code.len()].copy_from_slice(&code);
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    sector
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::Fake;

    use super::*;
    use crate::qemu::QEMU;

    #[tokio::test]
    async fn only_the_agreed_status_proves_kvm() {
        for (code, accelerator) in [(33, Accelerator::Kvm), (0, Accelerator::Tcg), (1, Accelerator::Tcg)] {
            let _fake = Fake::new(QEMU.name, &format!("echo 'failed to initialize kvm: x' >&2; exit {code}"));
            let (judged, reason) = judge(QEMU.find().unwrap().invoke("probing KVM").outcome().await);
            assert_eq!(judged, accelerator, "{reason}");
            assert!(judged == Accelerator::Kvm || reason.contains("failed to initialize kvm: x"), "{reason}");
        }
    }

    #[tokio::test]
    async fn the_guest_ends_a_real_qemu_with_the_agreed_status() {
        let disk = boot_disk().unwrap();
        let outcome = boot(&QEMU.find().unwrap(), "q35", "tcg", disk.path()).await.unwrap();
        assert_eq!(outcome.code, 33, "{}", outcome.stderr);
    }

    #[tokio::test]
    async fn kvm_is_given_the_time_that_emulation_needs() {
        for (kvm, tcg, accelerator) in
            [("0", "60", Accelerator::Kvm), ("1", "60", Accelerator::Kvm), ("60", "0", Accelerator::Tcg)]
        {
            let script = format!("case \"$*\" in *'-accel kvm'*) sleep {kvm};; *) sleep {tcg};; esac; exit 33");
            let _fake = Fake::new(QEMU.name, &script);
            let qemu = QEMU.find().unwrap();
            let [by_kvm, by_tcg] = ["kvm", "tcg"].map(|name| boot(&qemu, "q35", name, "/disk".as_ref()));
            let (judged, reason) = compare(Duration::from_millis(100), by_kvm, by_tcg).await;
            assert_eq!(judged, accelerator, "{kvm} {tcg}: {reason}");
        }
    }

    #[test]
    fn the_override_takes_two_words() {
        assert_eq!(read_demand("kvm").unwrap().0, Accelerator::Kvm);
        assert_eq!(read_demand("tcg").unwrap(), (Accelerator::Tcg, "KILN_ACCEL=tcg".to_owned()));
        let text = read_demand("hvf").unwrap_err().to_string();
        assert!(text.contains("\"hvf\"") && text.contains("`tcg`"), "{text}");
    }

    #[test]
    fn the_reason_says_how_to_get_access() {
        assert!(refused(rustix::io::Errno::ACCESS).contains("adduser $USER kvm"));
        assert!(refused(rustix::io::Errno::NOENT).contains("there is no /dev/kvm"));
    }
}
