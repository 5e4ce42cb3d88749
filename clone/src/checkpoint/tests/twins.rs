//! Labs that are made from checkpoints of others: forks, and what was exported.

use std::os::unix::fs::FileExt;
use std::time::Duration;

use super::*;
use crate::checkpoint::tar::Tar;
use crate::checkpoint::{CheckpointError, export, fork, import, operation, resume};
use crate::destroy;
use crate::lab::LabName;
use crate::plan::Seen;
use crate::survey::survey;
use crate::world::load_state;

const OPTIONS: Options = Options { no_wait: true, overcommit: true, expired: false, limit: None };
const WAITING: Options = Options { no_wait: false, ..OPTIONS };

impl Stage {
    async fn fork(&self, name: &str) -> Result<(LabFolder, State), Error> {
        self.fork_of("base", name, OPTIONS).await
    }

    async fn fork_of(&self, checkpoint: &str, name: &str, options: Options) -> Result<(LabFolder, State), Error> {
        let (from, name): (_, LabName) = ((&self.folder, checkpoint), name.parse().unwrap());
        let forked = fork::fork(&self.world, &self.hypervisor, from, &name, options).await;
        forked.map(|(folder, state, _)| (folder, state))
    }

    async fn refuses(&self, checkpoint: &str, why: &str) {
        let error = self.fork_of(checkpoint, "fork", WAITING).await.unwrap_err();
        assert!(matches!(error, Error::Checkpoint(CheckpointError::Taken(_))), "{why}: {error}");
    }

    async fn import(&self, file: &Utf8Path, name: &str) -> Result<(LabFolder, Entry), Error> {
        import::import(&self.world, &self.hypervisor, file, Some(name.parse().unwrap())).await
    }

    fn labs(&self) -> Vec<String> {
        let names = fs::read_dir(self.world.home.labs()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[tokio::test]
async fn a_fork_stands_on_its_origin_which_is_kept_for_it() {
    let stage = Stage::new().await;
    let entry = stage.save("base").await.unwrap();
    let (folder, state) = stage.fork("fork").await.unwrap();
    assert_eq!(stage.hypervisor.states(), [const { MachineState::Running }; 4]);
    for name in state.nodes.keys() {
        assert_eq!(header::backing_file(&folder.disk(name)).unwrap(), Some(entry.folder.disk(name)));
        let key = |folder: &LabFolder| fs::read(folder.host_key(name)).unwrap();
        assert_eq!(key(&folder), key(&stage.folder), "it would not be trusted");
    }
    let identity = |folder: &LabFolder| fs::read(folder.identity()).unwrap();
    assert_eq!(identity(&folder), identity(&stage.folder));
    assert_eq!((state.uuid, state.macs(), state.pending.as_ref()), (stage.state.uuid, stage.state.macs(), None));
    assert!(state.ports().is_disjoint(&stage.state.ports()));
    let config = fs::read_to_string(folder.ssh_config()).unwrap();
    assert!(state.ports().iter().all(|port| config.contains(&format!("Port {port}\n"))), "{config}");

    let error = stage.fork("fork").await.unwrap_err();
    assert!(matches!(error, Error::Checkpoint(CheckpointError::Taken(_))), "{error}");
    let error = destroy::destroy(&stage.world, &stage.folder).await.unwrap_err().to_string();
    assert!(error.contains("of lab lab is what the lab fork was made from"), "{error}");
    operation::retain(&stage.folder, "base", 0).unwrap();
    assert!(entry.folder.manifest().exists(), "it is kept although another has taken its place");
}

#[tokio::test]
async fn a_fork_that_was_interrupted_is_gone_on_with() {
    for again in ["fork", "resume"] {
        let stage = Stage::new().await;
        stage.save("base").await.unwrap();
        stage.hypervisor.fails.set(Some(("restore", "node2")));
        stage.fork("fork").await.unwrap_err();
        let folder = LabFolder::new(&stage.world.home, &"fork".parse().unwrap());
        let mut state = load_state(&folder).unwrap().unwrap();
        assert!(state.pending.is_some());
        stage.hypervisor.fails.set(None);
        match again {
            "fork" => drop(stage.fork("fork").await.unwrap()),
            _ => drop(resume::resume(&stage.world, &folder, &stage.hypervisor, &mut state, OPTIONS).await.unwrap()),
        }
        let state = load_state(&folder).unwrap().unwrap();
        assert_eq!((state.lab.as_str(), state.pending), ("fork", None));
        assert_eq!(stage.hypervisor.states(), [const { MachineState::Running }; 4]);
    }
}

/// As one leaves it who is killed while he waits for it: it runs, and nobody has seen it to be ready.
#[tokio::test]
async fn a_fork_that_was_only_waited_for_is_gone_on_with_by_the_same_command() {
    let stage = Stage::new().await;
    stage.save("base").await.unwrap();
    stage.save("other").await.unwrap();
    let folder = LabFolder::new(&stage.world.home, &"fork".parse().unwrap());
    stage.hypervisor.fails.set(Some(("clock", "node2")));
    let error = stage.fork_of("base", "fork", Options { limit: Some(Duration::ZERO), ..WAITING }).await.unwrap_err();
    assert!(matches!(error, Error::Phase(_)), "{error}");
    stage.hypervisor.fails.set(None);
    let before = load_state(&folder).unwrap().unwrap();
    assert!(before.awaited && before.pending.is_none());
    let becomes = |state| {
        let key = folder.node(&"node2".parse().unwrap()).to_string();
        stage.hypervisor.machines.borrow_mut().get_mut(&key).unwrap().state = state;
    };
    stage.refuses("other", "it is of another checkpoint").await;
    becomes(MachineState::Stopped);
    stage.refuses("base", "what is on its disks is not what was loaded").await;
    becomes(MachineState::Running);

    let (_, after) = stage.fork_of("base", "fork", WAITING).await.unwrap();
    assert!(after.nodes.values().all(NodeState::has_answered));
    let started =
        |state: &State| -> Vec<_> { state.nodes.values().map(|node| node.boot.as_ref().unwrap().started).collect() };
    assert_eq!(started(&after), started(&before), "it was loaded again");
    stage.refuses("base", "it is ready").await;
    let mut state = load_state(&folder).unwrap().unwrap();
    assert!(!state.awaited);
    // As after a pause, or where its servers did not answer for a while.
    state.nodes.values_mut().for_each(|node| node.boot.as_mut().unwrap().answered = None);
    save_state(&folder, &state).unwrap();
    stage.refuses("base", "it was ready").await;
}

/// Nobody waits for it, and what is done in it over SSH is written down nowhere.
#[tokio::test]
async fn a_fork_that_was_not_to_be_waited_for_is_a_lab_like_any_other() {
    let stage = Stage::new().await;
    stage.save("base").await.unwrap();
    let (_, state) = stage.fork("fork").await.unwrap();
    assert!(!state.awaited && !state.nodes.values().any(NodeState::has_answered));
    stage.refuses("base", "it is in use").await;
}

/// It was gone back to a checkpoint of its own.
#[tokio::test]
async fn a_fork_that_goes_elsewhere_is_not_awaited() {
    let mut stage = Stage::new().await;
    let own = stage.save("own").await.unwrap();
    stage.state.awaited = true;
    stage.restore(&own).await.unwrap();
    assert!(!stage.state.awaited && !load_state(&stage.folder).unwrap().unwrap().awaited);
}

#[tokio::test]
async fn a_fork_for_which_there_is_no_memory_leaves_nothing() {
    let stage = Stage::new().await;
    let mut entry = stage.save("base").await.unwrap();
    entry.manifest.lab.nodes.values_mut().for_each(|node| node.memory_mib = 1 << 40);
    durable::save(&entry.folder.manifest(), &entry.manifest).unwrap();
    let error = stage.fork_of("base", "fork", Options { overcommit: false, ..OPTIONS }).await.unwrap_err();
    assert!(matches!(error, Error::Memory { .. }), "{error}");
    assert_eq!(stage.labs(), ["lab"]);
}

#[tokio::test]
async fn what_was_exported_becomes_a_lab_that_is_suspended() {
    let stage = Stage::new().await;
    stage.save("base").await.unwrap();
    let file = stage.world.home.root().join("base.tar.zst");
    export::export(&stage.world, &stage.folder, "base", &file).await.unwrap();
    assert!(export::export(&stage.world, &stage.folder, "base", &file).await.is_err(), "it is there");
    let (folder, entry) = stage.import(&file, "copy").await.unwrap();
    let mut state = load_state(&folder).unwrap().unwrap();
    assert_eq!((state.lab.as_str(), state.pending.as_ref()), ("copy", Some(entry.folder.id())));
    assert!(entry.manifest.files().keys().all(|path| path.starts_with(entry.folder.root())));
    for name in state.nodes.keys() {
        assert_eq!(header::backing_file(&entry.folder.disk(name)).unwrap(), None, "it does not stand alone");
    }
    let seen = survey(&stage.hypervisor, &folder, &state).await.unwrap();
    assert!(seen.values().all(|seen| *seen == Seen::Stopped), "{seen:?}");
    // What it came from can go: nothing of the copy stands on it.
    fs::remove_dir_all(stage.folder.root()).unwrap();
    resume::resume(&stage.world, &folder, &stage.hypervisor, &mut state, OPTIONS).await.unwrap();
    assert_eq!(fs::read_to_string(folder.seed(&"node1".parse().unwrap())).unwrap(), "seed");
    assert!(Catalogue::read(&folder).unwrap().named("base").next().is_some(), "it can be gone back to again");

    let error = stage.import(&file, "copy").await.unwrap_err();
    assert!(matches!(error, Error::Checkpoint(CheckpointError::Taken(_))), "{error}");
}

#[tokio::test]
async fn what_this_host_cannot_run_or_what_was_changed_becomes_no_lab() {
    let mut stage = Stage::new().await;
    let entry = stage.save("base").await.unwrap();
    let file = stage.world.home.root().join("base.tar.zst");
    // A byte of the memory is changed before it is packed, as if that had happened on the way.
    let memory = entry.folder.memory(&"node1".parse().unwrap());
    fs::set_permissions(&memory, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    fs::OpenOptions::new().write(true).open(&memory).unwrap().write_all_at(b"N", 0).unwrap();
    export::export(&stage.world, &stage.folder, "base", &file).await.unwrap();
    let error = stage.import(&file, "copy").await.unwrap_err();
    assert!(matches!(error, Error::Checkpoint(CheckpointError::Damaged { count: 1, .. })), "{error}");
    stage.hypervisor.facts.accelerator = Accelerator::Kvm;
    let error = stage.import(&file, "copy").await.unwrap_err();
    assert!(matches!(error, Error::Checkpoint(CheckpointError::OtherHost { .. })), "{error}");
    assert_eq!(stage.labs(), ["lab"]);
}

#[tokio::test]
async fn what_is_half_a_file_becomes_no_lab() {
    let stage = Stage::new().await;
    stage.save("base").await.unwrap();
    let file = stage.world.home.root().join("base.tar.zst");
    export::export(&stage.world, &stage.folder, "base", &file).await.unwrap();
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 20]).unwrap();
    let error = stage.import(&file, "copy").await.unwrap_err();
    assert!(matches!(error, Error::Checkpoint(CheckpointError::Foreign { .. })), "{error}");
    assert_eq!(stage.labs(), ["lab"]);
}

/// A file that says that a save was begun has commands look after that save, and what is not listed was not compared.
#[tokio::test]
async fn what_has_files_in_it_that_nothing_is_known_of_becomes_no_lab() {
    let stage = Stage::new().await;
    stage.save("base").await.unwrap();
    let (root, tar) = (stage.world.home.root(), Tar::find().unwrap());
    let (file, unpacked) = (root.join("base.tar.zst"), root.join("unpacked"));
    export::export(&stage.world, &stage.folder, "base", &file).await.unwrap();
    fs::create_dir(&unpacked).unwrap();
    tar.unpack(&file, &unpacked).await.unwrap();
    let refused = async |why: &str| {
        let names: Vec<_> = fs::read_dir(&unpacked).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let mut names: Vec<_> = names.into_iter().map(|name| name.into_string().unwrap()).collect();
        names.sort_by_key(|name| (name != "manifest.json", name.clone()));
        let changed = root.join("changed.tar.zst");
        tar.pack(&changed, &unpacked, &names).await.unwrap();
        let error = stage.import(&changed, "copy").await.unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        fs::remove_file(&changed).unwrap();
    };
    fs::write(unpacked.join("begun"), "suspend").unwrap();
    refused("begun in it is no file of a checkpoint").await;
    fs::remove_file(unpacked.join("begun")).unwrap();
    fs::create_dir(unpacked.join("begun")).unwrap();
    refused("begun in it is no file of a checkpoint").await;
    fs::remove_dir(unpacked.join("begun")).unwrap();
    // Its host key is somebody else's, and nobody has compared it.
    let mut manifest: Manifest = durable::load(&unpacked.join("manifest.json")).unwrap();
    manifest.nodes.values_mut().for_each(|node| node.files.retain(|file| !file.path.ends_with("node1.key")));
    durable::save(&unpacked.join("manifest.json"), &manifest).unwrap();
    refused("its manifest does not list node1.key").await;
    assert_eq!(stage.labs(), ["lab"]);
}

/// Neither does what is begun and then fails: the lab file in it says nothing.
#[tokio::test]
async fn what_cannot_be_made_a_lab_of_leaves_none() {
    let stage = Stage::new().await;
    let mut entry = stage.save("base").await.unwrap();
    entry.manifest.lab.file = "nonsense".to_owned();
    durable::save(&entry.folder.manifest(), &entry.manifest).unwrap();
    let file = stage.world.home.root().join("base.tar.zst");
    export::export(&stage.world, &stage.folder, "base", &file).await.unwrap();
    stage.import(&file, "copy").await.unwrap_err();
    stage.fork("fork").await.unwrap_err();
    assert_eq!(stage.labs(), ["lab"]);
}
