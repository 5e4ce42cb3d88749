//! Checkpoints of machines that do nothing, and `clone` killed at every step of saving and restoring them: the next
//! command makes good what is half-made. The points at which it dies are those of `clone/src/crash.rs`.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::process::Command;
use std::time::Duration;

use camino::Utf8PathBuf;
use kiln_tests::{Guest, Process, TestHome, clone, processes, until};

/// The exit codes where the command line is wrong, where a file is, and where nothing has that name.
const USAGE: i32 = 2;
const FILE: i32 = 3;
const NOT_FOUND: i32 = 10;

/// What the kernel calls this boot of the host (proc(5)).
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// A `qemu-img` that makes nothing.
const BROKEN_QEMU_IMG: &str =
    "#!/bin/sh\n[ \"$1\" != create ] || { echo no disk today >&2; exit 1; }\nexec qemu-img \"$@\"\n";

/// What `clone checkpoint save` goes through, one after the other; some of it with each node.
const SAVING: [&str; 13] = [
    "save-prepared",
    "save-ahead",
    "save-held",
    "save-next",
    "save-next:2",
    "save-frozen",
    "save-frozen:2",
    "save-written",
    "save-written:2",
    "save-switched",
    "save-resumed",
    "save-sealing",
    "save-listed",
];

/// A lab of two machines that run.
struct Scene {
    home: TestHome,
    golden: kiln_tests::Golden,
}

impl Scene {
    fn new() -> Self {
        let home = TestHome::empty();
        let golden = home.publish("silent", Guest::Silent);
        let lab = home.lab("lab", "silent", 2);
        clone(&home, ["up", &lab, "--no-wait"]).ok();
        Self { home, golden }
    }

    #[track_caller]
    fn dies_at(&self, point: &str, command: &[&str]) {
        let died = clone(&self.home, command).env("KILN_TEST_CRASH_AT", point).finish();
        assert_eq!(died.code(), None, "it did not come to {point}: {}{}", died.stdout(), died.stderr());
    }

    /// Asserts that both nodes run, once each, on one disk each.
    #[track_caller]
    fn runs(&self, after: &str) {
        assert_eq!(self.home.states("lab").len(), 2, "after {after}");
        let states = self.home.states("lab");
        assert!(states.iter().all(|state| state == "starting" || state == "running"), "after {after}: {states:?}");
        assert_eq!(processes(&self.home).iter().filter(|process| process.is_machine()).count(), 2, "after {after}");
        for node in ["node1", "node2"] {
            let folder = self.home.root().join("labs/lab/nodes").join(node);
            let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let disks: Vec<_> = names.filter(|name| name.contains("qcow2")).collect();
            assert_eq!(disks, ["disk.qcow2"], "after {after}");
        }
    }

    /// The names of the checkpoints, sorted.
    #[track_caller]
    fn checkpoints(&self) -> Vec<String> {
        let list = clone(&self.home, ["checkpoint", "list", "-o", "json"]).json();
        let names = list.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    /// Files of checkpoints whose name ends so.
    fn files(&self, end: &str) -> Vec<Utf8PathBuf> {
        let folders = self.home.root().join("labs/lab/checkpoints").read_dir_utf8().unwrap();
        let files = folders.flat_map(|folder| folder.unwrap().path().read_dir_utf8().unwrap());
        files.map(|file| file.unwrap().into_path()).filter(|file| file.as_str().ends_with(end)).collect()
    }

    fn end(self) {
        clone(&self.home, ["destroy", "lab", "--yes"]).ok();
        self.home.assert_no_labs();
        self.golden.assert_untouched();
    }
}

#[test]
fn a_save_that_is_killed_anywhere_leaves_a_lab_that_runs() {
    let scene = Scene::new();
    clone(&scene.home, ["checkpoint", "save", "first"]).ok();
    for point in SAVING {
        scene.dies_at(point, &["checkpoint", "save", "half"]);
        // Whatever comes next puts it right.
        clone(&scene.home, ["up", "lab", "--no-wait"]).ok();
        scene.runs(point);
        let expected: &[&str] = if point == "save-listed" { &["first", "half"] } else { &["first"] };
        assert_eq!(scene.checkpoints(), expected, "{point}");
        assert_eq!(scene.files("begun"), [""; 0], "{point}");
        clone(&scene.home, ["checkpoint", "save", "half", "--replace"]).ok();
        clone(&scene.home, ["checkpoint", "verify"]).ok();
        clone(&scene.home, ["checkpoint", "rm", "half", "--yes"]).ok();
        scene.runs(point);
    }
    // Both are there, and the next change takes the older one away.
    scene.dies_at("save-replacing", &["checkpoint", "save", "first", "--replace"]);
    assert_eq!(scene.checkpoints(), ["first", "first"]);
    let latest = clone(&scene.home, ["checkpoint", "show", "first", "-o", "json"]).json();
    clone(&scene.home, ["checkpoint", "flatten"]).ok();
    assert_eq!(scene.checkpoints(), ["first"]);
    assert_eq!(clone(&scene.home, ["checkpoint", "show", "first", "-o", "json"]).json(), latest);
    scene.end();
}

#[test]
fn a_restore_that_is_killed_anywhere_is_gone_on_with() {
    let scene = Scene::new();
    clone(&scene.home, ["checkpoint", "save", "before"]).ok();
    for point in [
        "restore-begun",
        "restore-killed",
        "restore-taken",
        "starting",
        "restore-node",
        "restore-node:2",
        "restore-loaded",
        "restore-resumed",
    ] {
        for next in [
            &["up", "lab", "--no-wait"][..],
            &["resume", "lab", "--no-wait"],
            &["reset", "--to", "before", "--no-wait"],
        ] {
            scene.dies_at(point, &["reset", "--to", "before", "--no-wait"]);
            clone(&scene.home, next).ok();
            scene.runs(point);
        }
    }
    clone(&scene.home, ["checkpoint", "verify"]).ok();
    scene.end();
}

/// The memory of a restored lab is written ahead, and QEMU does not stop that when `clone` ends: it holds a machine that does
/// nothing.
#[test]
fn a_restored_lab_whose_save_is_killed_runs() {
    let scene = Scene::new();
    clone(&scene.home, ["checkpoint", "save", "first"]).ok();
    clone(&scene.home, ["reset", "--to", "first", "--no-wait"]).ok();
    for point in SAVING.iter().filter(|point| !point.ends_with("listed")) {
        scene.dies_at(point, &["checkpoint", "save", "half"]);
        clone(&scene.home, ["up", "lab", "--no-wait"]).ok();
        scene.runs(point);
        assert_eq!(scene.checkpoints(), ["first"], "{point}");
    }
    clone(&scene.home, ["checkpoint", "save", "second"]).ok();
    clone(&scene.home, ["reset", "--to", "second", "--no-wait"]).ok();
    scene.runs("second");
    clone(&scene.home, ["checkpoint", "verify"]).ok();
    scene.end();
}

#[test]
fn a_suspension_that_is_killed_is_one_or_is_none() {
    let scene = Scene::new();
    for point in ["save-switched", "save-listed", "save-ended"] {
        scene.dies_at(point, &["suspend", "lab"]);
        clone(&scene.home, ["up", "lab", "--no-wait"]).ok();
        scene.runs(point);
        clone(&scene.home, ["suspend", "lab"]).ok();
        assert_eq!(scene.home.states("lab"), ["stopped", "stopped"], "{point}");
        clone(&scene.home, ["resume", "lab", "--no-wait"]).ok();
        scene.runs(point);
        assert_eq!(scene.checkpoints(), [""; 0], "{point}: it is used up");
    }
    scene.end();
}

/// Once the checkpoint is there, whoever comes next ends the machines: they must not run on from what it has.
#[test]
fn a_save_that_is_to_stop_the_lab_and_is_killed_does_so_or_nothing() {
    let scene = Scene::new();
    for (point, stops) in
        [("save-switched", false), ("save-sealing", false), ("save-listed", true), ("save-ended", true)]
    {
        scene.dies_at(point, &["checkpoint", "save", "half", "--stop"]);
        clone(&scene.home, ["checkpoint", "flatten"]).ok();
        assert_eq!(scene.files("begun"), [""; 0], "{point}");
        if stops {
            assert_eq!(scene.home.states("lab"), ["stopped", "stopped"], "{point}");
        } else {
            scene.runs(point);
            assert_eq!(scene.checkpoints(), [""; 0], "{point}");
            clone(&scene.home, ["checkpoint", "save", "half", "--stop"]).ok();
            assert_eq!(scene.home.states("lab"), ["stopped", "stopped"], "{point}");
        }
        clone(&scene.home, ["reset", "--to", "half", "--no-wait"]).ok();
        scene.runs(point);
        clone(&scene.home, ["checkpoint", "verify"]).ok();
        clone(&scene.home, ["checkpoint", "rm", "half", "--yes"]).ok();
    }
    // Without going back to it, the lab boots from its disks.
    clone(&scene.home, ["checkpoint", "save", "half", "--stop"]).ok();
    clone(&scene.home, ["up", "lab", "--no-wait"]).ok();
    scene.runs("a boot");
    scene.end();
}

/// What a disk that becomes full does, a moment after it was found to have room: a write of the copy of the memory fails.
#[test]
fn a_save_that_cannot_write_the_memory_leaves_a_lab_that_runs() {
    let scene = Scene::new();
    let save = clone(&scene.home, ["checkpoint", "save", "half"]).into_command();
    let mut limited = Command::new("env");
    limited.args(["--ignore-signal=XFSZ", "prlimit", "--fsize=1048576"]).arg(save.get_program()).args(save.get_args());
    let output = limited.env("KILN_HOME", scene.home.root()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("copying the memory to"), "{said}");
    assert!(said.contains("File too large") && said.contains("node"), "{said}");
    scene.runs("a failed save");
    assert_eq!(scene.checkpoints(), [""; 0]);
    // The disks stay, where the nodes had others already, which stand on them.
    let left = scene.files("");
    assert!(left.iter().all(|file| file.as_str().ends_with(".qcow2")), "{left:?} is left of the checkpoint");
    clone(&scene.home, ["checkpoint", "save", "half"]).ok();
    clone(&scene.home, ["reset", "--to", "half", "--no-wait"]).ok();
    scene.runs("a restore");
    scene.end();
}

#[test]
fn a_machine_that_dies_while_it_is_saved_takes_no_other_with_it() {
    let scene = Scene::new();
    for point in ["save-held", "save-frozen", "save-switched"] {
        scene.dies_at(point, &["checkpoint", "save", "half"]);
        processes(&scene.home).into_iter().find(|process| process.is_machine()).unwrap().kill();
        clone(&scene.home, ["up", "lab", "--no-wait"]).ok();
        scene.runs(point);
        assert_eq!(scene.checkpoints(), [""; 0]);
    }
    scene.end();
}

#[test]
fn what_is_killed_half_way_to_fewer_files_to_a_fork_or_to_an_import_is_gone_on_with() {
    let scene = Scene::new();
    let run = |command: &[&str]| clone(&scene.home, command).ok();
    for name in ["first", "second"] {
        run(&["checkpoint", "save", name]);
    }
    // No checkpoint from the first moment on; its disks stay, because others stand on them.
    scene.dies_at("checkpoint-unlisted", &["checkpoint", "rm", "second", "--yes"]);
    assert_eq!(scene.checkpoints(), ["first"]);
    scene.dies_at("flattened", &["checkpoint", "flatten"]);
    assert_eq!(scene.files("node1.qcow2").len(), 2, "nothing was removed yet");
    run(&["checkpoint", "flatten"]);
    assert_eq!((scene.files("node1.qcow2").len(), scene.files("node1.ram").len()), (1, 1));
    run(&["checkpoint", "verify"]);
    scene.runs("flattened");

    for (point, next) in [
        ("fork-begun", &["up", "fork", "--no-wait"][..]),
        ("restore-taken", &["resume", "fork", "--no-wait"]),
        ("restore-loaded", &["fork", "fork", "--from", "lab@first", "--no-wait"]),
    ] {
        scene.dies_at(point, &["fork", "fork", "--from", "lab@first", "--no-wait"]);
        let said = clone(&scene.home, ["checkpoint", "rm", "first", "--lab", "lab", "--yes"]).finish();
        assert!(said.stderr().contains("the lab fork was made from"), "{point}: {}", said.stderr());
        run(next);
        assert_eq!(scene.home.states("fork").len(), 2, "{point}");
        run(&["destroy", "fork", "--yes"]);
    }

    let file = scene.home.work().join("first.kiln.tar.zst");
    run(&["checkpoint", "export", "first", "--to", file.as_str()]);
    for point in ["import-unpacked", "import-placed"] {
        let import = ["checkpoint", "import", file.as_str(), "--as", "other"];
        scene.dies_at(point, &import);
        run(&import);
        run(&["resume", "other", "--no-wait"]);
        assert_eq!(scene.home.states("other").len(), 2, "{point}");
        run(&["destroy", "other", "--yes"]);
    }
    scene.end();
}

/// What a host leaves that lost its power: files, and no process. It has another boot id when it is there again.
#[test]
fn a_lab_comes_back_after_a_reboot_of_the_host() {
    let scene = Scene::new();
    clone(&scene.home, ["checkpoint", "save", "before"]).ok();
    let reboot = || {
        processes(&scene.home).iter().for_each(Process::kill);
        until("everything has ended", Duration::from_secs(20), || processes(&scene.home).is_empty());
        let (path, boot) = (scene.home.root().join("labs/lab/state.json"), fs::read_to_string(BOOT_ID).unwrap());
        let state = fs::read_to_string(&path).unwrap();
        fs::write(&path, state.replace(boot.trim(), "f3a6a2b9-58a1-4f1b-9a0e-000000000000")).unwrap();
        state.contains(boot.trim())
    };
    for (prepare, next) in [
        (None, &["reset", "--to", "before", "--no-wait"][..]),
        (None, &["up", "lab", "--no-wait"]),
        (Some(&["suspend", "lab"]), &["resume", "lab", "--no-wait"]),
    ] {
        prepare.map(|command| clone(&scene.home, command).ok());
        assert_eq!(reboot(), prepare.is_none(), "who runs has the boot id of the host");
        assert!(scene.home.states("lab").iter().all(|state| ["stopped", "crashed"].contains(&state.as_str())));
        clone(&scene.home, next).ok();
        scene.runs("a reboot");
    }
    clone(&scene.home, ["checkpoint", "verify"]).ok();
    scene.end();
}

/// Its disks are what a power cut would have left: without its memory it boots from them.
#[test]
fn a_suspended_lab_whose_memory_cannot_be_loaded_boots_from_its_disks() {
    let scene = Scene::new();
    clone(&scene.home, ["checkpoint", "save", "before"]).ok();
    clone(&scene.home, ["suspend", "lab"]).ok();
    let states = scene.files("node2.state");
    assert_eq!(states.len(), 2);
    for state in &states {
        // As long as it was, and nothing that can be loaded.
        let file = OpenOptions::new().write(true).open(state).unwrap();
        file.write_all_at(&vec![0; usize::try_from(file.metadata().unwrap().len()).unwrap()], 0).unwrap();
    }
    let resume = clone(&scene.home, ["resume", "lab", "--no-wait"]).finish();
    assert_ne!(resume.code(), Some(0));
    assert!(resume.stderr().contains("clone resume lab --boot"), "{}", resume.stderr());
    // One node was loaded, and is held; it does not run on from there.
    clone(&scene.home, ["resume", "lab", "--boot", "--no-wait"]).ok();
    scene.runs("a boot");
    assert_eq!(scene.checkpoints(), ["before"], "what it was suspended to is used up");
    clone(&scene.home, ["resume", "lab", "--boot"]).fails(USAGE);

    // On its way to anything else, it can have any disks.
    scene.dies_at("restore-begun", &["reset", "--to", "before", "--no-wait"]);
    let said = clone(&scene.home, ["resume", "lab", "--boot", "--no-wait"]).fails(USAGE);
    assert!(said.contains("it is on its way to another checkpoint"), "{said}");
    scene.end();
}

#[test]
fn what_is_damaged_is_found_and_named_before_it_is_loaded() {
    let scene = Scene::new();
    clone(&scene.home, ["checkpoint", "save", "before"]).ok();
    let own =
        ["node1.ram", "node1.state", "node2.qcow2", "node1.iso", "node2.key"].map(|end| scene.files(end).remove(0));
    for path in own.iter().chain([&scene.golden.disk()]) {
        let is_good = || clone(&scene.home, ["checkpoint", "verify", "before"]).finish();
        assert_eq!(is_good().code(), Some(0), "{path}");
        let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
        let (mut byte, offset) = ([0], 70_000.min(file.metadata().unwrap().len() / 2));
        file.read_exact_at(&mut byte, offset).unwrap();
        file.write_all_at(&[byte[0] ^ 4], offset).unwrap();
        let verdict = is_good();
        assert_eq!(verdict.code(), Some(FILE), "{path}");
        assert!(verdict.stdout().contains(path.as_str()), "{}", verdict.stdout());
        file.write_all_at(&byte, offset).unwrap();

        let (away, pids) = (path.with_extension("away"), scene.home.status("lab"));
        fs::rename(path, &away).unwrap();
        let said = clone(&scene.home, ["reset", "--to", "before", "--no-wait"]).fails(FILE);
        assert!(said.contains(&format!("{path} is missing")), "{said}");
        assert_eq!(scene.home.status("lab")[0]["pid"], pids[0]["pid"], "nothing was touched");
        fs::rename(&away, path).unwrap();
    }
    // Nor is the lab touched where no disk can be made.
    let (fake, pids) = (scene.home.file("qemu-img", BROKEN_QEMU_IMG), scene.home.status("lab"));
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
    let reset = clone(&scene.home, ["reset", "--to", "before", "--no-wait"]).env("KILN_QEMU_IMG", &fake).finish();
    assert!(reset.stderr().contains("no disk today"), "{}", reset.stderr());
    assert_eq!(scene.home.status("lab")[0]["pid"], pids[0]["pid"], "the lab was touched");
    let said = clone(&scene.home, ["reset", "--to", "after"]).fails(NOT_FOUND);
    assert!(said.contains("no checkpoint `after`") && said.contains("it has: before"), "{said}");
    scene.end();
}
