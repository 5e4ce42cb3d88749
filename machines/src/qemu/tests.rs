//! What is said when QEMU or the switch misbehaves.

use kiln_tool::testing::{Fake, assert_explains, assert_understands_no_nonsense};

use super::*;
use crate::qemu::complaint::tests::machine;

/// A QEMU that says what it is, runs no guest to prove that KVM works, and fails to start a machine.
const FAILS_TO_START: &str = "\
case \"$*\" in
  --version) echo 'QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)' ;;
  '-machine help') echo 'q35  Standard PC (alias of pc-q35-10.0)' ;;
  *) echo 'these are its last words' >&2; exit 97 ;;
esac";

#[tokio::test]
async fn a_qemu_that_cannot_tell_what_it_is_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Utf8Path::from_path(folder.path()).unwrap().join("qemu.json");
    let open = async || Qemu::open(&cache).await;
    assert_explains((QEMU.name, "qemu-system-x86"), &["asking QEMU for its version"], open).await;
    assert_understands_no_nonsense(QEMU.name, &["asking QEMU for its version"], open).await;

    let _fake = Fake::new(QEMU.name, "[ \"$1\" = --version ] && echo 'version 10.0' || echo 'microvm'");
    let text = open().await.unwrap_err().to_string();
    assert!(text.contains("asking QEMU for its boards") && text.contains("-machine help"), "{text}");
    assert!(text.contains("no alias q35") && text.contains("\n    microvm"), "{text}");
}

#[tokio::test]
async fn a_qemu_that_does_not_start_is_explained_with_its_machine() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let fake = Fake::new(QEMU.name, FAILS_TO_START);
    let qemu = Qemu::open(&folder.join("qemu.json")).await.unwrap();
    let machine = Machine { folder: folder.join("node1"), service: None, ..machine() };
    let text = Hypervisor::start(&qemu, &machine).await.unwrap_err().to_string();
    for part in [
        &format!("starting {}: QEMU ended with status 97", machine.title()),
        "these are its last words",
        &format!("command: LC_ALL=C {} ", fake.path().display()),
        &format!("log: {folder}/node1/qemu.log"),
    ] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
}

#[tokio::test]
async fn a_switch_that_does_not_start_is_explained_with_its_lab() {
    let folder = tempfile::tempdir().unwrap();
    let segment = Segment::new("demo", &Utf8Path::from_path(folder.path()).unwrap().join("switch"));
    let up = async || segment::up(&segment).await;
    assert_explains(("vde_switch", "vde2"), &["starting the network of lab demo"], up).await;
}

#[test]
fn a_guest_that_sleeps_has_all_it_had() {
    let state = |status: &str| read_state(qmp::Status { status: status.to_owned() });
    for (status, expected) in [
        ("running", State::Running),
        ("paused", State::Paused),
        ("suspended", State::Paused),
        ("internal-error", State::Halted("internal-error".to_owned())),
    ] {
        assert_eq!(state(status), expected, "{status}");
    }
}
