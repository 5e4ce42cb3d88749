//! Saving and restoring with a hypervisor that only pretends: every step of it can be made to fail.

mod damaged;
mod ending;
mod flat;
mod golden;
mod hung;
pub(crate) mod pretence;
mod retention;
mod space;
mod twins;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use camino::Utf8Path;
use jiff::{SignedDuration, Timestamp};
use kiln_console::{Console, Global};
use kiln_images::qemu_img::QemuImg;
use kiln_images::{durable, header};
use kiln_machines::{Accelerator, Facts, State as MachineState};

use pretence::{Pretence, Pretended};

use super::ending::Then;
use super::restore::{Options, Restore};
use super::save::{Scene, save};
use super::{Catalogue, Entry, Manifest, remove, repair, verify};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::check;
use crate::ssh::files;
use crate::state::tests::{node, state};
use crate::state::{Boot, NodeState, State};
use crate::world::{World, save_state};

const LAB: &str = "name: lab\nimage: debian-12\nnetwork: 192.168.206.0/24\nnodes:\n\
                   - {name: node1, ip: 192.168.206.196}\n- {name: node2, ip: 192.168.206.197}\n";

/// A lab of two nodes that run.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) folder: LabFolder,
    pub(crate) hypervisor: Pretence,
    pub(crate) state: State,
    pub(crate) _guard: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let home = Utf8Path::from_path(guard.path()).unwrap().join("kiln");
        let world = World::open(Some(&home), Console::new(&Global { quiet: true, ..Global::default() })).unwrap();
        let folder = LabFolder::new(&world.home, &"lab".parse().unwrap());
        let boot = Boot {
            host_boot: "boot".to_owned(),
            started: Timestamp::UNIX_EPOCH,
            console_offset: 0,
            segment: "segment".to_owned(),
            loaded: false,
            answered: Some(Timestamp::UNIX_EPOCH),
            ready: None,
        };
        let known = |ssh_port| NodeState { boot: Some(boot.clone()), ssh_port, ..node() };
        let state = State { file: LAB.to_owned(), ..state([("node1", known(20_001)), ("node2", known(20_002))]) };
        let qemu_img = QemuImg::find().unwrap();
        let golden = home.join("golden.qcow2");
        qemu_img.create(&golden, "1MiB".parse().unwrap()).await.unwrap();
        let machines = RefCell::default();
        for name in state.nodes.keys() {
            fs::create_dir_all(folder.node(name)).unwrap();
            qemu_img.create_overlay_unseen(&folder.disk(name), &golden, 1 << 20).await.unwrap();
            fs::write(folder.seed(name), "seed").unwrap();
            let machine = Pretended { state: MachineState::Running, disk: folder.disk(name) };
            RefCell::<BTreeMap<_, _>>::borrow_mut(&machines).insert(folder.node(name).to_string(), machine);
        }
        files::keys(&folder, &state).unwrap();
        save_state(&folder, &state).unwrap();
        let facts = Facts {
            hypervisor: "QEMU 10.0.2".to_owned(),
            board: "pc-q35-10.0".to_owned(),
            boards: vec!["pc-q35-10.0".to_owned()],
            accelerator: Accelerator::Tcg,
            reason: String::new(),
            processors: vec![],
        };
        let hypervisor = Pretence { facts, machines, fails: Cell::new(None) };
        Self { world, folder, hypervisor, state, _guard: guard }
    }

    async fn save(&self, name: &str) -> Result<Entry, Error> {
        self.save_and(name, Then::GoOn).await
    }

    async fn save_and(&self, name: &str, then: Then) -> Result<Entry, Error> {
        let lab = check::parse("lab.yaml", LAB).unwrap();
        let Self { world, folder, hypervisor, state, .. } = self;
        let scene = Scene { world, folder, lab: &lab, state, hypervisor };
        save(scene, &name.parse().unwrap(), then, &BTreeSet::new()).await
    }

    async fn restore(&mut self, entry: &Entry) -> Result<(), Error> {
        let Self { world, folder, hypervisor, state, .. } = self;
        let options = Options { overcommit: true, ..Options::default() };
        Restore { world, folder, hypervisor, entry, options }.run(state).await.map(drop)
    }

    /// The names of everything about disks in the folder of a node.
    fn disks(&self, node: &str) -> Vec<String> {
        let entries = fs::read_dir(self.folder.nodes().join(node)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains("qcow2")).collect()
    }
}

/// What the pretence knows a machine by.
fn key(stage: &Stage, node: &str) -> String {
    stage.folder.nodes().join(node).to_string()
}

const RUNS: [MachineState; 2] = [MachineState::Running, MachineState::Running];

#[tokio::test]
async fn a_lab_is_saved_and_goes_on_with_fresh_disks() {
    let stage = Stage::new().await;
    let entry = stage.save("before").await.unwrap();
    assert_eq!(stage.hypervisor.states(), RUNS);
    for name in stage.state.nodes.keys() {
        assert_eq!(header::backing_file(&stage.folder.disk(name)).unwrap(), Some(entry.folder.disk(name)));
        assert_eq!(stage.disks(name.as_str()), ["disk.qcow2"]);
        assert!(fs::metadata(entry.folder.memory(name)).unwrap().permissions().readonly());
    }
    assert!(!entry.folder.begun().exists());
    let second = stage.save("after").await.unwrap();
    let node1 = &second.manifest.nodes[&"node1".parse().unwrap()];
    let below = entry.folder.disk(&"node1".parse().unwrap());
    assert!(node1.files.iter().any(|file| file.path == below), "what its disk stands on is written down, too");
    let verdicts = verify::verify(&[&entry.manifest, &second.manifest], stage.world.console.reporter()).await.unwrap();
    assert_eq!(verdicts.iter().filter(|verdict| verdict.problem.is_none()).count(), 2 * 2 * 5);
}

/// The latest of a name is the one that stays.
#[tokio::test]
async fn a_checkpoint_is_later_than_those_before_it_whatever_the_clock_says() {
    let stage = Stage::new().await;
    let first = stage.save("before").await.unwrap();
    let created = Timestamp::now() + SignedDuration::from_hours(24);
    durable::save(&first.folder.manifest(), &Manifest { created, ..first.manifest.clone() }).unwrap();
    let second = stage.save("before").await.unwrap();
    assert_eq!(Catalogue::read(&stage.folder).unwrap().find("before").unwrap().folder.id(), second.folder.id());
    super::operation::retain(&stage.folder, "before", 1).unwrap();
    assert!(second.folder.manifest().exists() && !first.folder.manifest().exists());
}

#[tokio::test]
async fn a_save_that_fails_leaves_a_lab_that_runs_and_no_checkpoint() {
    for (step, then) in ["settle", "ahead", "pause", "switch", "save", "seal"]
        .into_iter()
        .flat_map(|step| [(step, Then::GoOn), (step, Then::Stop)])
    {
        for node in ["node1", "node2"] {
            let stage = Stage::new().await;
            stage.hypervisor.fails.set(Some((step, node)));
            stage.save_and("before", then).await.map(drop).unwrap_err();
            stage.hypervisor.fails.set(None);
            assert_eq!(stage.hypervisor.states(), RUNS, "{step} of {node}, {then:?}");
            assert!(Catalogue::read(&stage.folder).unwrap().entries.is_empty());
            for node in stage.state.nodes.keys() {
                assert_eq!(stage.disks(node.as_str()), ["disk.qcow2"], "{step} of {node}");
            }
            // What it stands on is there, and it can be saved again.
            let entry = stage.save("before").await.unwrap();
            super::suitable::check_files(&entry).unwrap();
        }
    }
}

#[tokio::test]
async fn what_a_killed_save_has_left_is_put_right() {
    let stage = Stage::new().await;
    let (name, qemu_img) = ("node1".parse().unwrap(), QemuImg::find().unwrap());
    let (disk, next) = (stage.folder.disk(&name), stage.folder.next_disk(&name));
    // There is another disk beside its own. It writes to that, or does not, or has ended.
    for (frozen, held, used, becomes_its_disk) in
        [("/one", true, &next, true), ("/two", true, &disk, false), ("/three", false, &disk, true)]
    {
        qemu_img.create_overlay_unseen(&next, frozen.into(), 1 << 20).await.unwrap();
        let state = if held { MachineState::Paused } else { MachineState::Stopped };
        let machine = Pretended { state, disk: used.clone() };
        stage.hypervisor.machines.borrow_mut().insert(key(&stage, "node1"), machine);
        repair::go_on(&stage.hypervisor, &stage.folder, &stage.state).await.unwrap();
        assert_eq!(stage.disks("node1"), ["disk.qcow2"]);
        assert_eq!(header::backing_file(&disk).unwrap() == Some(frozen.into()), becomes_its_disk, "{frozen}");
        let expected = if held { MachineState::Running } else { MachineState::Stopped };
        assert_eq!(stage.hypervisor.states()[0], expected, "{frozen}");
    }
}

/// The name of the overlay had come to the disk, and what is in it had not.
#[tokio::test]
async fn a_disk_that_a_power_cut_has_emptied_is_made_anew_on_what_was_frozen() {
    let stage = Stage::new().await;
    let folder = super::CheckpointFolder::new(&stage.folder, super::CheckpointId::draw());
    fs::create_dir_all(folder.root()).unwrap();
    Then::GoOn.begin(&folder).unwrap();
    for (name, state) in stage.state.nodes.keys().zip([MachineState::Stopped, MachineState::Running]) {
        fs::rename(stage.folder.disk(name), folder.disk(name)).unwrap();
        fs::write(stage.folder.disk(name), "").unwrap();
        stage.hypervisor.machines.borrow_mut().get_mut(&key(&stage, name.as_str())).unwrap().state = state;
    }
    let Stage { world, hypervisor, state, .. } = &stage;
    repair::settle_machines(world, hypervisor, &stage.folder, state, std::slice::from_ref(&folder)).await.unwrap();
    let [node1, node2] = ["node1", "node2"].map(|name| name.parse().unwrap());
    assert_eq!(header::backing_file(&stage.folder.disk(&node1)).unwrap(), Some(folder.disk(&node1)));
    assert_eq!(fs::read(stage.folder.disk(&node2)).unwrap(), b"", "it is in use");
    assert_eq!(stage.disks("node1"), ["disk.qcow2"]);
}

#[tokio::test]
async fn a_lab_that_is_not_all_there_is_not_saved() {
    let stage = Stage::new().await;
    for (state, why) in [
        (MachineState::Stopped, "does not run"),
        (MachineState::Halted("internal-error".to_owned()), "is halted (internal-error)"),
        (MachineState::Halted("io-error".to_owned()), "is paused on I/O error: host disk full"),
    ] {
        stage.hypervisor.machines.borrow_mut().get_mut(&key(&stage, "node2")).unwrap().state = state;
        let error = stage.save("before").await.err().unwrap().to_string();
        assert!(error.contains(&format!("node2 of lab lab {why}")) && error.contains("clone up lab"), "{error}");
        assert!(!stage.folder.checkpoints().exists());
    }
}

#[tokio::test]
async fn a_lab_goes_back_and_again_and_can_be_saved_from_there() {
    let mut stage = Stage::new().await;
    let entry = stage.save("before").await.unwrap();
    let name = "node1".parse().unwrap();
    for _ in 0..2 {
        stage.restore(&entry).await.unwrap();
        assert_eq!(stage.hypervisor.states(), RUNS);
        assert_eq!(stage.state.pending, None);
        assert!(stage.state.nodes.values().all(NodeState::has_answered));
        let boots = stage.state.nodes.values().map(|node| node.boot.as_ref().unwrap());
        assert!(boots.into_iter().all(|boot| boot.loaded), "who waits for it next would not set its clock");
        assert_eq!(header::backing_file(&stage.folder.disk(&name)).unwrap(), Some(entry.folder.disk(&name)));
    }
    let second = stage.save("after").await.unwrap();
    remove::remove(&stage.folder, &entry.folder).unwrap();
    stage.restore(&second).await.unwrap();
    assert!(entry.folder.disk(&name).exists(), "the second one stands on it");
}

#[tokio::test]
async fn a_lab_that_cannot_be_taken_back_runs_on() {
    let mut stage = Stage::new().await;
    let entry = stage.save("before").await.unwrap();
    let (name, away) = ("node1".parse().unwrap(), stage.folder.root().join("away"));
    for file in [entry.folder.seed(&name), entry.folder.host_key(&name)] {
        assert!(entry.manifest.files().contains_key(&file), "what is in {file} is not known");
        fs::rename(&file, &away).unwrap();
        let error = stage.restore(&entry).await.unwrap_err().to_string();
        assert!(error.contains(&format!("{file} is missing")), "{error}");
        fs::rename(&away, &file).unwrap();
    }
    // In the way of a disk.
    fs::create_dir(stage.folder.prepared_disk(&name)).unwrap();
    stage.restore(&entry).await.unwrap_err();
    assert_eq!((stage.hypervisor.states(), &stage.state.pending), (RUNS.to_vec(), &None));
}

#[tokio::test]
async fn a_restore_that_fails_is_gone_on_with() {
    for step in ["kill", "restore", "resume"] {
        let mut stage = Stage::new().await;
        let entry = stage.save("before").await.unwrap();
        stage.hypervisor.fails.set(Some((step, "node2")));
        stage.restore(&entry).await.unwrap_err();
        assert_eq!(stage.state.pending.as_ref(), Some(entry.folder.id()), "{step}");
        stage.hypervisor.fails.set(None);
        let Stage { world, folder, hypervisor, state, .. } = &mut stage;
        let options = Options { overcommit: true, ..Options::default() };
        super::resume::resume(world, folder, hypervisor, state, options).await.unwrap();
        assert_eq!(stage.hypervisor.states(), RUNS, "{step}");
    }
}
