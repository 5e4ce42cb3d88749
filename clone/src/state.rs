//! What exists of a lab: `labs/<lab>/state.json`.
//!
//! The file is written before anything it speaks of is made, and read by every command. Format 1:
//!
//! ```json
//! { "format": 1, "lab": "three-nodes", "uuid": "…", "created": "2026-01-31T12:00:00Z", "network": "192.168.206.0/24",
//!   "file": "name: three-nodes\n…",
//!   "nodes": { "node1": { "generation": 0, "made": true, "image": {…}, "ip": "192.168.206.196", …,
//!                         "boot": { "host-boot": "…", "console-offset": 0, "segment": "…", "answered": "…" } } } }
//! ```
//!
//! A node whose `made` is false was begun and not finished: its disk and seed are made again. A node with a `boot` was
//! started and not taken down; if it does not run then, it ended by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use jiff::Timestamp;
use kiln_cloud_init::{MacAddr, NodeName};
use kiln_images::digest::Digest;
use kiln_images::durable::Document;
use kiln_machines::Forward;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::checkpoint::CheckpointId;
use crate::lab::{Lab, LabName, Role};
use crate::plan::Seen;

/// What exists of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct State {
    /// The lab's name.
    pub lab: LabName,
    /// Drawn when the lab was made; all identities of its nodes come from it.
    pub uuid: Uuid,
    /// When that was.
    pub created: Timestamp,
    /// The network between the nodes.
    pub network: Ipv4Net,
    /// The lab file that `clone up` was given last, as text.
    pub file: String,
    /// The nodes.
    pub nodes: BTreeMap<NodeName, NodeState>,
    /// The nodes that were removed while the cluster could not be told so; it is as soon as it answers.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub departed: BTreeSet<NodeName>,
    /// The checkpoint that the lab is on its way back to: it was suspended, or a restore has not come to its end. Until
    /// then nothing of what its machines and disks are counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<CheckpointId>,
    /// What the lab was made from, if it is a fork of another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Whether the lab is a fork whose machines go on, and that is waited for. It says so until it is ready, or is brought
    /// up, taken down or reset: where nobody waits, whoever made it was cut off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awaited: bool,
    /// Whether nodes were made or removed since the lab was saved as `ready`. Where the run that did so does not come to that,
    /// a later one does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsaved: bool,
}

/// The checkpoint of another lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Origin {
    /// The lab.
    pub lab: LabName,
    /// The checkpoint.
    pub checkpoint: CheckpointId,
}

/// What exists of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NodeState {
    /// How often its disk was made anew.
    pub generation: u32,
    /// Whether its disk and its seed are complete.
    pub made: bool,
    /// What it is a clone of.
    pub image: NodeImage,
    /// Its address in the lab's network.
    pub ip: Ipv4Addr,
    /// The network card to the outside.
    pub nat: Card,
    /// The network card on the lab's segment.
    pub service: Card,
    /// The virtual board, which it keeps for life.
    pub board: String,
    /// The model of its processors when it was started last: what was saved of it can be loaded by that one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// Virtual CPUs it was started with last.
    pub cpus: u32,
    /// Memory it was started with last, in MiB.
    pub memory_mib: u64,
    /// The size of its disk, in bytes.
    pub disk_bytes: u64,
    /// The port of 127.0.0.1 that leads to its SSH server.
    pub ssh_port: u16,
    /// The other ports that lead into it.
    pub forwards: Vec<Forward>,
    /// The digest of the `/etc/hosts` it has.
    pub hosts: Digest,
    /// What it does in the cluster of the lab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The addresses of the pods on it; see [`crate::kubernetes::pods`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_cidr: Option<Ipv4Net>,
    /// The port of 127.0.0.1 that leads to its API server, on a control-plane node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_port: Option<u16>,
    /// The digest of its part in the pod network: of its routes to the pods of other nodes, or of the manifest that was
    /// applied through it.
    #[serde(default, rename = "routes", skip_serializing_if = "Option::is_none")]
    pub network: Option<Digest>,
    /// When it became a member of the cluster, on the disk it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Timestamp>,
    /// Its last start, unless it was taken down since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<Boot>,
}

/// The golden image of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NodeImage {
    /// The name the lab file gave it.
    pub name: String,
    /// Which one that was.
    pub digest: Digest,
    /// The user one logs in as.
    #[serde(deserialize_with = "user_name")]
    pub user: String,
}

/// Reads a user's name, and refuses what cannot be one: it becomes a line of a configuration of OpenSSH, which can run
/// commands here, and a checkpoint that is imported is somebody else's.
fn user_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let allowed = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    match !name.is_empty() && !name.starts_with('-') && name.chars().all(allowed) {
        true => Ok(name),
        false => Err(D::Error::custom(format!("{name:?} is not the name of a user"))),
    }
}

/// A network card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Card {
    /// Its name in the node.
    pub name: String,
    /// Its address.
    pub mac: MacAddr,
}

/// One start of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Boot {
    /// The boot of the host it belongs to (`/proc/sys/kernel/random/boot_id`): after another one nothing of it is left.
    pub host_boot: String,
    /// When it was started.
    pub started: Timestamp,
    /// How long its console log was then, in bytes: what comes after it is of this start.
    pub console_offset: u64,
    /// The network segment it was plugged into ([`kiln_machines::Hypervisor::segment_id`]): in another one it is cut off.
    pub segment: String,
    /// Whether it is no boot: the machine was loaded from a checkpoint, or was held, and has the time of that moment until
    /// it has answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loaded: bool,
    /// When it had answered, and had been seen to be what it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Timestamp>,
    /// When it did its work in the cluster, and the pods on it had reached those on all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<Timestamp>,
}

impl Document for State {
    const FORMAT: u32 = 1;
    /// A node takes about a kilobyte.
    const MAX_BYTES: u64 = 64 << 20;
}

impl State {
    /// The state of a lab of which nothing exists.
    pub fn new(lab: &Lab) -> Self {
        Self {
            lab: lab.name.clone(),
            uuid: Uuid::new_v4(),
            created: Timestamp::now(),
            network: lab.network,
            file: lab.text.clone(),
            nodes: BTreeMap::new(),
            pending: None,
            departed: BTreeSet::new(),
            origin: None,
            awaited: false,
            unsaved: false,
        }
    }

    /// The digest of the lab file that `clone up` was given last.
    pub fn file_digest(&self) -> Digest {
        Digest::of_bytes(self.file.as_bytes())
    }

    /// Every network card address of the lab.
    pub fn macs(&self) -> BTreeSet<MacAddr> {
        self.nodes.values().flat_map(|node| [node.nat.mac, node.service.mac]).collect()
    }

    /// Every port of the host the lab uses.
    pub fn ports(&self) -> BTreeSet<u16> {
        self.nodes.values().flat_map(NodeState::ports).collect()
    }
}

impl NodeState {
    /// Every port of the host that leads into the node.
    pub fn ports(&self) -> impl Iterator<Item = u16> {
        let own = std::iter::once(self.ssh_port).chain(self.api_port);
        own.chain(self.forwards.iter().map(|forward| forward.host_port))
    }

    /// Forgets what is not so any more: a node that has ended, or is held, does not answer. Its start is remembered, which
    /// tells a machine that crashed from one that was stopped.
    pub fn correct(&mut self, seen: &Seen) {
        if let Some(boot) = &mut self.boot
            && *seen != Seen::Running
        {
            boot.answered = None;
        }
    }

    /// Whether it was seen to be up since its last start.
    pub fn has_answered(&self) -> bool {
        self.boot.as_ref().is_some_and(|boot| boot.answered.is_some())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use kiln_images::durable::{self, DocumentError};

    use super::*;
    use crate::lab::check;

    /// A node that was made and never started.
    pub(crate) fn node() -> NodeState {
        let card = |name: &str, mac: &str| Card { name: name.to_owned(), mac: mac.parse().unwrap() };
        NodeState {
            generation: 0,
            made: true,
            image: NodeImage {
                name: "debian-12".to_owned(),
                digest: Digest::of_bytes(b"image"),
                user: "debian".to_owned(),
            },
            ip: Ipv4Addr::new(192, 168, 206, 196),
            nat: card("eth0", "52:54:00:aa:00:01"),
            service: card("eth1", "52:54:00:aa:00:02"),
            board: "pc-q35-10.0".to_owned(),
            cpu: None,
            cpus: 1,
            memory_mib: 1024,
            disk_bytes: 10 << 30,
            ssh_port: 20_000,
            forwards: Vec::new(),
            hosts: Digest::of_bytes(b"hosts"),
            role: None,
            pod_cidr: None,
            api_port: None,
            network: None,
            joined: None,
            boot: None,
        }
    }

    pub(crate) fn state(nodes: impl IntoIterator<Item = (&'static str, NodeState)>) -> State {
        let nodes = nodes.into_iter().map(|(name, node)| (name.parse().unwrap(), node)).collect();
        let text = "\
name: lab
image: debian-12
network: 192.168.206.0/24
nodes: [{name: node1, ip: 192.168.206.196}]
";
        State { nodes, ..State::new(&check::parse("lab.yaml", text).unwrap()) }
    }

    #[test]
    fn an_answer_is_forgotten_where_nothing_runs() {
        let now = Timestamp::UNIX_EPOCH;
        let (host_boot, segment) = ("boot".to_owned(), "1-1".to_owned());
        let boot = Boot {
            host_boot,
            started: now,
            console_offset: 0,
            segment,
            loaded: false,
            answered: Some(now),
            ready: None,
        };
        for (seen, has_answered) in [
            (Seen::Running, true),
            (Seen::Paused, false),
            (Seen::DiskFull, false),
            (Seen::Held("halted (internal-error)".to_owned()), false),
            (Seen::Stopped, false),
            (Seen::Lost, false),
        ] {
            let mut node = NodeState { boot: Some(boot.clone()), ..node() };
            node.correct(&seen);
            assert!(node.boot.is_some());
            assert_eq!(node.has_answered(), has_answered, "{seen:?}");
        }
    }

    fn file() -> (tempfile::TempDir, camino::Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = camino::Utf8Path::from_path(folder.path()).unwrap().join("state.json");
        (folder, path)
    }

    #[test]
    fn a_state_is_read_back_as_it_was() {
        let boot = Boot {
            host_boot: "boot".to_owned(),
            started: Timestamp::UNIX_EPOCH,
            console_offset: 7,
            segment: "1-1".to_owned(),
            loaded: true,
            answered: Some(Timestamp::UNIX_EPOCH),
            ready: None,
        };
        let forwards = vec![Forward { host_port: 8080, guest_port: 80 }];
        let state = state([("node1", node()), ("node2", NodeState { boot: Some(boot), forwards, ..node() })]);
        let (_guard, path) = file();
        durable::save(&path, &state).unwrap();
        assert_eq!(durable::load::<State>(&path).unwrap(), state);
        assert_eq!(state.ports(), BTreeSet::from([20_000, 8080]));
        assert_eq!(state.macs().len(), 2);
    }

    #[test]
    fn a_state_of_a_later_version_is_refused_and_left_alone() {
        let (_guard, path) = file();
        let text = r#"{"format": 2, "lab": "lab", "new": true}"#;
        std::fs::write(&path, text).unwrap();
        let error = durable::load::<State>(&path).unwrap_err();
        assert!(matches!(error, DocumentError::OtherFormat { found: 2, known: 1, .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn a_user_cannot_bring_a_command_into_the_configuration_of_ssh() {
        let image = |user: &str| {
            let digest = Digest::of_bytes(b"");
            serde_json::from_value::<NodeImage>(serde_json::json!({"name": "x", "digest": digest, "user": user}))
        };
        for user in ["debian", "first.last", "_x-1"] {
            assert_eq!(image(user).unwrap().user, user);
        }
        for user in ["", "-oProxyCommand=id", "a b", "debian\n  ProxyCommand id", "ü"] {
            assert!(image(user).unwrap_err().to_string().contains("is not the name of a user"), "{user}");
        }
    }

    #[test]
    fn an_unknown_field_is_an_error() {
        let (_guard, path) = file();
        durable::save(&path, &state([])).unwrap();
        let text = std::fs::read_to_string(&path).unwrap().replace("\"uuid\"", "\"guess\": 1, \"uuid\"");
        std::fs::write(&path, text).unwrap();
        assert!(matches!(durable::load::<State>(&path), Err(DocumentError::Malformed { .. })));
    }
}
