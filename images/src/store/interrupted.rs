//! The store, when the program that changes it is killed: at each of its system calls that change a folder or make a
//! file last, one after the other.

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

use super::tests::{Case, case, no_artifacts};
use super::*;

/// Names the home to the test when it runs itself as the program that dies.
const HOME: &str = "KILN_TEST_HOME";

/// What strace(1) kills it at; the kernel does not come to carry out the call. Without `fdatasync`, which is what qemu-img
/// does: that is not to die in its place.
const CALLS: [&str; 13] = [
    "chmod",
    "fchmod",
    "fchmodat",
    "fsync",
    "linkat",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "unlink",
    "unlinkat",
];

/// SIGKILL, see signal(7).
const KILL: i32 = 9;

/// The sizes of the image that is there before, and of the one that comes in its place, in MiB.
const OLD: u32 = 1;
const NEW: u32 = 2;

#[tokio::test]
async fn a_store_is_whole_wherever_its_changes_are_interrupted() {
    if let Ok(home) = env::var(HOME) {
        change(&Case::at(home.as_str().into())).await;
        return;
    }
    let mut deaths = 0;
    for call in CALLS {
        for count in 1.. {
            let case = case();
            let old = case.publish("debian-12", OLD, &[]).await;
            let status = dies_at(call, count, &case);
            if status.success() {
                break;
            }
            let point = format!("{call} {count}");
            assert_eq!(status.signal(), Some(KILL), "{point}");
            deaths += 1;
            is_whole(&case, &old, &point).await;
        }
    }
    assert!(deaths > 30, "it was killed {deaths} times only");
}

/// What the program does that dies: another image comes under the name, and the old one goes.
async fn change(case: &Case) -> Image {
    let new = case.publish("debian-12", NEW, &[]).await;
    case.store.prune(no_artifacts).await.unwrap();
    new
}

/// Runs this test as the program that dies at the call, when it is made for the `count`th time. strace counts the calls
/// of each thread by themselves; one thread makes them all, but for a few in the beginning.
fn dies_at(call: &str, count: u32, case: &Case) -> ExitStatus {
    let mut strace = Command::new("strace");
    strace.args(["--follow-forks", "--quiet=all", "--output=/dev/null", &format!("--trace={call}")]);
    strace.arg(format!("--inject={call}:signal=KILL:when={count}"));
    strace.arg(env::current_exe().unwrap()).args(["--test-threads=1", "--exact"]);
    strace.arg("store::interrupted::a_store_is_whole_wherever_its_changes_are_interrupted");
    let output = strace.env(HOME, case.home.root()).output().expect("strace(1) is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() || said.contains("1 passed"), "{said}");
    output.status
}

/// The name stands for one of the two images, whole; the same change again makes the rest good.
async fn is_whole(case: &Case, old: &Image, point: &str) {
    let found = case.store.resolve("debian-12").unwrap();
    case.store.verify(&found).await.unwrap();
    let new = change(case).await;
    assert!([old.digest, new.digest].contains(&found.digest), "{point}: {found:?}");
    case.store.verify(&new).await.unwrap();
    let left: Vec<_> = case.store.list().unwrap().into_iter().map(|image| image.digest).collect();
    assert_eq!(left, [new.digest], "{point}");
    let left =
        [(case.home.scratch(), 0), (case.home.names(), 1), (case.home.images(), 1), (case.home.image(&new.digest), 2)];
    for (folder, count) in left {
        assert_eq!(entries(&folder).unwrap().len(), count, "{point}: something is left in {folder}");
    }
}
