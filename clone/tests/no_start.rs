//! What `clone up --no-start` makes, with the real `qemu-img`: no machine is started here.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_clone::destroy;
use kiln_clone::error::Error;
use kiln_clone::folder::LabFolder;
use kiln_clone::lab::{Lab, check};
use kiln_clone::plan::{Action, Permissions};
use kiln_clone::state::State;
use kiln_clone::up::{self, Options};
use kiln_clone::world::{World, load_state, lock};
use kiln_console::{Console, Global};
use kiln_images::digest::Digest;
use kiln_images::manifest::{Base, Manifest, Os, OsFamily};
use kiln_images::qemu_img::QemuImg;
use kiln_images::{header, size::DiskSize};

const LAB: &str = "\
name: lab
image: tiny
network: 192.168.206.0/24
nodes:
- {name: node1, ip: 192.168.206.196}
- {name: node2, ip: 192.168.206.197, disk: 64MiB}
";

/// A home of its own with a golden image of 32 MiB in it.
struct Scene {
    world: World,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        Self::at("kiln").await
    }

    /// A home that has this name in a folder of the test.
    async fn at(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Utf8Path::from_path(folder.path()).unwrap().join(name);
        let global = Global { quiet: true, ..Global::default() };
        let world = World::open(Some(&home), Console::new(&global)).unwrap();
        let scene = Self { world, _folder: folder };
        scene.publish("32MiB").await;
        scene
    }

    /// Bakes the image `tiny` anew, with a disk of this size.
    async fn publish(&self, size: &str) -> Digest {
        let disk = self.world.home.scratch().join("disk.qcow2");
        QemuImg::find().unwrap().create(&disk, size.parse::<DiskSize>().unwrap()).await.unwrap();
        let store = self.world.store().unwrap();
        let measured = store.measure(&disk).await.unwrap();
        let name: kiln_images::name::Name = "tiny".parse().unwrap();
        let os = Os { id: "debian".into(), version: "12".into(), family: OsFamily::Debian, name: "Debian".into() };
        let manifest = Manifest {
            digest: measured.digest,
            virtual_size_bytes: measured.virtual_size_bytes,
            file_size_bytes: measured.file_size_bytes,
            name: name.clone(),
            recipe: name.clone(),
            created: jiff::Timestamp::UNIX_EPOCH,
            kiln: "0".to_owned(),
            os,
            user: "debian".to_owned(),
            nics: vec!["eth0".to_owned(), "eth1".to_owned()],
            kubernetes: None,
            container_runtime: None,
            container_images: Vec::new(),
            cgroup_driver: None,
            base: Base { what: "nothing".to_owned(), digest: measured.digest },
            layers: Vec::new(),
            checks: Vec::new(),
            packages: Vec::new(),
        };
        store.publish(measured, &manifest, &name).await.unwrap().digest
    }

    async fn up(&self, text: &str, permissions: Permissions) -> Result<Vec<Action>, Error> {
        let options = Options { permissions, no_start: true, ..Options::default() };
        let plan = up::up(&self.world, &lab(text), options).await?;
        Ok(plan.steps.iter().map(|step| step.action).collect())
    }

    fn folder(&self) -> LabFolder {
        LabFolder::new(&self.world.home, &"lab".parse().unwrap())
    }

    fn state(&self) -> State {
        load_state(&self.folder()).unwrap().unwrap()
    }

    fn disk(&self, node: &str) -> Utf8PathBuf {
        self.folder().disk(&node.parse().unwrap())
    }

    fn seed(&self, node: &str) -> Vec<u8> {
        std::fs::read(self.folder().seed(&node.parse().unwrap())).unwrap()
    }
}

fn lab(text: &str) -> Lab {
    check::parse("lab.yaml", text).unwrap()
}

#[tokio::test]
async fn every_node_gets_an_overlay_and_an_identity_of_its_own() {
    let scene = Scene::new().await;
    assert_eq!(scene.up(LAB, Permissions::default()).await.unwrap(), [Action::Create; 2]);

    let image = scene.world.store().unwrap().resolve("tiny").unwrap();
    for (node, mib) in [("node1", 32), ("node2", 64)] {
        let header = header::read(&scene.disk(node)).unwrap().unwrap();
        assert_eq!(header.backing_file.as_deref(), Some(image.disk.as_str()), "{node}");
        assert_eq!(header.virtual_size_bytes, mib << 20, "{node}");
    }
    let state = scene.state();
    assert_eq!(state.macs().len(), 4);
    assert_eq!(state.nodes.values().map(|node| node.ssh_port).collect::<BTreeSet<_>>().len(), 2);
    assert!(state.nodes.values().all(|node| node.made && node.boot.is_none()));
    assert_ne!(scene.seed("node1"), scene.seed("node2"));
}

#[tokio::test]
async fn secrets_are_readable_by_their_owner_only() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    let (folder, node) = (scene.folder(), "node1".parse().unwrap());
    let mode = |path: &Utf8Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for secret in [folder.identity(), folder.host_key(&node), folder.seed(&node), folder.disk(&node), folder.state()] {
        assert_eq!(mode(&secret), 0o600, "{secret}");
    }
    for private in [folder.root(), &folder.ssh(), &folder.node(&node)] {
        assert_eq!(mode(private), 0o700, "{private}");
    }
}

#[tokio::test]
async fn what_was_begun_is_made_again_with_the_same_identity() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    let before = (scene.state(), scene.seed("node1"));
    let mut begun = before.0.clone();
    begun.nodes.get_mut(&"node1".parse().unwrap()).unwrap().made = false;
    kiln_clone::world::save_state(&scene.folder(), &begun).unwrap();
    std::fs::remove_file(scene.disk("node1")).unwrap();

    assert_eq!(scene.up(LAB, Permissions::default()).await.unwrap(), [Action::Create, Action::Start]);
    assert_eq!((scene.state(), scene.seed("node1")), before);
    assert!(scene.disk("node1").exists());
}

#[tokio::test]
async fn a_node_that_is_made_anew_keeps_its_identity_and_becomes_a_new_instance() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    let (before, seed) = (scene.state(), scene.seed("node2"));
    let larger = LAB.replace("64MiB", "96MiB");
    let refusal = scene.up(&larger, Permissions::default()).await.unwrap_err();
    assert!(matches!(&refusal, Error::NotAllowed(_)), "{refusal}");
    assert_eq!(scene.state(), before, "a refusal changes nothing");

    let permissions = Permissions { replace: true, remove: false };
    assert_eq!(scene.up(&larger, permissions).await.unwrap(), [Action::Start, Action::Replace]);
    let node: kiln_cloud_init::NodeName = "node2".parse().unwrap();
    let (old, new) = (&before.nodes[&node], &scene.state().nodes[&node]);
    assert_eq!((new.generation, new.disk_bytes), (old.generation + 1, 96 << 20));
    assert_eq!((&new.nat, &new.service, new.ssh_port), (&old.nat, &old.service, old.ssh_port));
    assert_ne!(scene.seed("node2"), seed);
}

#[tokio::test]
async fn a_node_that_is_not_in_the_file_any_more_stays_until_its_removal_is_allowed() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    let other = LAB.replace("node2", "node3");
    let refusal = scene.up(&other, Permissions::default()).await.unwrap_err();
    assert!(refusal.to_string().contains("node3 cannot have the address 192.168.206.197: node2 has it"), "{refusal}");

    let permissions = Permissions { replace: false, remove: true };
    scene.up(&other, permissions).await.unwrap();
    let names: Vec<_> = scene.state().nodes.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["node1", "node3"]);
    assert!(!scene.disk("node2").exists());
    assert!(!std::fs::read_to_string(scene.folder().known_hosts()).unwrap().contains("node2"));
}

#[tokio::test]
async fn an_image_that_was_baked_anew_is_for_new_nodes_only() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    let old = scene.state().nodes[&"node1".parse().unwrap()].image.digest;
    let new = scene.publish("48MiB").await;
    scene.up(&format!("{LAB}- {{name: node3, ip: 192.168.206.198}}\n"), Permissions::default()).await.unwrap();
    let digests: Vec<_> = scene.state().nodes.values().map(|node| node.image.digest).collect();
    assert_eq!(digests, [old, old, new]);
}

#[tokio::test]
async fn what_exists_needs_no_name_for_its_image() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    let old = scene.state().nodes[&"node1".parse().unwrap()].image.digest;
    scene.publish("96MiB").await;
    let ups = async |text: &str| scene.up(text, Permissions::default()).await;
    assert_eq!(ups(LAB).await.unwrap(), [Action::Start; 2], "a disk that is smaller than the new image");
    scene.world.store().unwrap().remove("tiny").await.unwrap();
    assert_eq!(ups(LAB).await.unwrap(), [Action::Start; 2]);
    assert_eq!(up::plan(&scene.world, &lab(LAB)).await.unwrap().with(Action::Start).count(), 2);

    // What comes to it is what the others are; another name is nothing.
    let more = |image: &str| format!("{LAB}- {{name: node3, ip: 192.168.206.198{image}}}\n");
    let error = ups(&more(", image: huge")).await.unwrap_err().to_string();
    assert!(error.contains("there is no image `huge`"), "{error}");
    assert_eq!(ups(&more("")).await.unwrap(), [Action::Start, Action::Start, Action::Create]);
    assert!(scene.state().nodes.values().all(|node| node.image.digest == old));
}

#[tokio::test]
async fn what_cannot_be_made_is_refused_before_anything_is() {
    let scene = Scene::new().await;
    for (from, to, message) in [
        ("64MiB", "16MiB", "node2 cannot have a disk of 16MiB: the image `tiny` has 32"),
        ("tiny", "huge", "there is no image `huge`"),
    ] {
        let error = scene.up(&LAB.replace(from, to), Permissions::default()).await.unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert!(!scene.folder().root().exists(), "{to}");
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let forward = format!("disk: 64MiB, forwards: [{{host: {port}, guest: 80}}]");
    let error = scene.up(&LAB.replace("disk: 64MiB", &forward), Permissions::default()).await.unwrap_err();
    let holder = format!("process {}", std::process::id());
    assert!(error.to_string().contains(&format!("port {port}")) && error.to_string().contains(&holder), "{error}");
}

#[tokio::test]
async fn a_home_too_deep_for_sockets_is_refused_before_anything_is_made() {
    let scene = Scene::at(&"k".repeat(90)).await;
    let error = scene.up(LAB, Permissions::default()).await.unwrap_err().to_string();
    assert!(error.contains("nodes/node1/") && error.contains("set KILN_HOME"), "{error}");
    assert!(!scene.folder().root().exists());
}

#[tokio::test]
async fn a_node_whose_disk_is_gone_gets_another_of_the_image_it_had() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    let node = "node1".parse().unwrap();
    let old = scene.state().nodes[&node].image.digest;
    scene.publish("48MiB").await;
    std::fs::remove_file(scene.disk("node1")).unwrap();
    assert_eq!(scene.up(LAB, Permissions::default()).await.unwrap(), [Action::Create, Action::Start]);
    assert!(scene.disk("node1").exists());
    let state = scene.state();
    assert_eq!((state.nodes[&node].image.digest, state.nodes[&node].disk_bytes), (old, 32 << 20));
}

#[tokio::test]
async fn a_lab_without_a_state_is_never_taken_for_a_new_one() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    std::fs::remove_file(scene.folder().state()).unwrap();
    let error = scene.up(LAB, Permissions::default()).await.unwrap_err();
    assert!(error.to_string().contains("clone destroy lab"), "{error}");
    assert!(scene.disk("node1").exists());
}

#[tokio::test]
async fn a_lab_is_destroyed_whatever_its_state_says() {
    let scene = Scene::new().await;
    for damage in ["missing", "{"] {
        scene.up(LAB, Permissions::default()).await.unwrap();
        match damage {
            "missing" => std::fs::remove_file(scene.folder().state()).unwrap(),
            text => std::fs::write(scene.folder().state(), text).unwrap(),
        }
        // What holds the lock on a node's pid file is its machine.
        let pid_file = scene.folder().node(&"node1".parse().unwrap()).join("pid");
        let mut machine = hold(&pid_file);
        destroy::destroy(&scene.world, &scene.folder()).await.unwrap();
        assert!(!machine.wait().unwrap().success(), "{damage}: it was killed");
        assert!(!scene.folder().root().exists(), "{damage}");
    }
}

/// Another process that holds a lock on a file as QEMU does on its pid file.
fn hold(path: &Utf8Path) -> std::process::Child {
    let script = "import fcntl, sys\nf = open(sys.argv[1], 'w')\nfcntl.lockf(f, fcntl.LOCK_EX)\nprint('held', flush=True)\nsys.stdin.read()";
    let mut child = std::process::Command::new("python3")
        .args(["-c", script, path.as_str()])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut line).unwrap();
    assert_eq!(line, "held\n");
    child
}

#[tokio::test]
async fn what_a_killed_run_left_half_made_is_removed() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    let half = scene.disk("node1").with_file_name(".tmp123456");
    std::fs::write(&half, "").unwrap();
    scene.up(LAB, Permissions::default()).await.unwrap();
    assert!(!half.exists());
}

#[tokio::test]
async fn a_changed_lab_file_is_remembered_although_nothing_has_to_be_done() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    let commented = format!("# Ours.\n{LAB}");
    scene.up(&commented, Permissions::default()).await.unwrap();
    assert_eq!(scene.state().file, commented);
    assert_eq!(std::fs::read_to_string(scene.folder().lab_file()).unwrap(), commented);
}

#[tokio::test]
async fn a_change_of_a_lab_that_is_another_by_now_is_refused() {
    let scene = Scene::new().await;
    scene.up(LAB, Permissions::default()).await.unwrap();
    let changes = Some(scene.state().file_digest());
    // While somebody is asked whether node2 is to be removed, another node comes.
    scene.up(&format!("{LAB}- {{name: node3, ip: 192.168.206.198}}\n"), Permissions::default()).await.unwrap();
    let before = scene.state();
    let without = lab(LAB.split_inclusive('\n').take(5).collect::<String>().as_str());
    let permissions = Permissions { replace: false, remove: true };
    let options = Options { permissions, no_start: true, changes, ..Options::default() };
    let error = up::up(&scene.world, &without, options).await.unwrap_err();
    assert!(matches!(error, Error::Changed { .. }), "{error}");
    assert_eq!(scene.state(), before);
    assert!(scene.disk("node2").exists() && scene.disk("node3").exists());

    let options = Options { changes: Some(before.file_digest()), ..options };
    up::up(&scene.world, &without, options).await.unwrap();
    assert_eq!(scene.state().nodes.len(), 1);
}

#[tokio::test]
async fn only_one_changes_a_lab_at_a_time() {
    let scene = Scene::new().await;
    let _lock = lock(&scene.folder()).await.unwrap();
    let error = scene.up(LAB, Permissions::default()).await.unwrap_err();
    let (text, holder) = (error.to_string(), format!("process {}", std::process::id()));
    assert!(matches!(error, Error::Busy { .. }) && text.contains(&holder), "{text}");
}
