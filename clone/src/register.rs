//! Writing down what is about to be made: identities, ports and sizes of nodes, before anything of them exists.

use std::collections::{BTreeMap, BTreeSet};

use kiln_cloud_init::{Identity, MacAddr, NodeName};
use kiln_images::digest::Digest;
use kiln_images::store::Store;
use kiln_machines::ports;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::golden::GoldenImages;
use crate::kubernetes::pods;
use crate::lab::{Lab, Node, Role, select};
use crate::make::hosts_digest;
use crate::plan::{Action, Plan};
use crate::state::{Card, NodeImage, NodeState, State};
use crate::world::{World, load_state, save_state};

/// The names of network cards in an image that does not say how it names them.
const USUAL_CARDS: [&str; 2] = ["eth0", "eth1"];

/// What nodes are made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// Its golden images.
    pub images: &'a GoldenImages,
    /// Where those are.
    pub store: &'a Store,
    /// The hypervisor's newest board.
    pub board: &'a str,
}

/// Where a port of the host leads to in a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Door {
    /// Its SSH server: every node.
    Ssh,
    /// Its API server: every control-plane node.
    Api,
}

/// Ports that were chosen for nodes.
type Ports = BTreeMap<(NodeName, Door), u16>;

/// Brings `state` to what it will be when the plan is carried out, and writes it down. Ports are chosen while nobody
/// else can choose.
///
/// # Errors
/// Where no port can be chosen; where the state cannot be written.
pub async fn register(
    world: &World,
    folder: &LabFolder,
    state: &mut State,
    plan: &Plan,
    source: Source<'_>,
) -> Result<(), Error> {
    let chooser = ports::Chooser::acquire(&world.ports_lock()).await?;
    let mut taken = ports_of_all_labs(world, folder)?;
    taken.extend(state.ports());
    taken.extend(source.lab.nodes.iter().flat_map(|node| node.forwards.iter().map(|forward| forward.host_port)));
    let starting = |action| matches!(action, Action::Create | Action::Start | Action::Restart | Action::Replace);
    let steps: Vec<_> = plan.steps.iter().filter(|step| starting(step.action)).collect();
    let nodes = |name| source.lab.nodes.iter().find(move |node| node.name == name);
    let steps: Vec<_> = steps.into_iter().filter_map(|step| Some((nodes(step.node.clone())?, step.action))).collect();
    let missing = steps.iter().flat_map(|(node, action)| missing_doors(node, *action, state.nodes.get(&node.name)));
    let missing: Vec<_> = missing.collect();
    let chosen = chooser.choose(missing.len(), &taken)?;
    let ports: Ports = missing.into_iter().zip(chosen).collect();
    let mut macs = state.macs();
    for (node, action) in steps {
        apply(state, node, action, source, &ports, &mut macs);
    }
    pods::allot(state, source.lab);
    state.file.clone_from(&source.lab.text);
    // A seed names all nodes: those that get one now know those that come with them.
    let hosts = hosts_digest(state);
    state.nodes.values_mut().filter(|node| !node.made).for_each(|node| node.hosts = hosts);
    save_state(folder, state)
}

/// The doors of a node that have no port, or one that was free when it was chosen and is used by another program now.
fn missing_doors(node: &Node, action: Action, known: Option<&NodeState>) -> Vec<(NodeName, Door)> {
    let runs = matches!(action, Action::Restart | Action::Replace);
    let gone = |port: Option<u16>| port.is_none_or(|port| !runs && !ports::is_free(port));
    let mut doors = Vec::new();
    if gone(known.map(|known| known.ssh_port)) {
        doors.push((node.name.clone(), Door::Ssh));
    }
    if node.role == Some(Role::ControlPlane) && gone(known.and_then(|known| known.api_port)) {
        doors.push((node.name.clone(), Door::Api));
    }
    doors
}

/// Gives these nodes other ports, and writes that down: another program has taken theirs between the choice and
/// the start. That can be a lab of another home, whose lock is another; chosen anew at the same moment, the two go
/// apart by what their uuids are.
///
/// # Errors
/// As [`register`].
pub async fn move_ports(world: &World, folder: &LabFolder, state: &mut State, names: &[NodeName]) -> Result<(), Error> {
    let chooser = ports::Chooser::acquire(&world.ports_lock()).await?;
    let mut taken = ports_of_all_labs(world, folder)?;
    taken.extend(state.ports());
    let apart = usize::from(state.uuid.as_bytes()[0]);
    let mut ports = chooser.choose(apart + 2 * names.len(), &taken)?.into_iter().skip(apart);
    for name in names {
        state.nodes.entry(name.clone()).and_modify(|node| {
            node.ssh_port = ports.next().unwrap_or(node.ssh_port);
            node.api_port = node.api_port.and_then(|_| ports.next());
        });
    }
    save_state(folder, state)
}

/// The ports that other labs remember, whether they run or not.
pub(crate) fn ports_of_all_labs(world: &World, own: &LabFolder) -> Result<BTreeSet<u16>, Error> {
    let mut ports = BTreeSet::new();
    for lab in select::existing(&world.home)?.iter().filter(|lab| *lab != own.lab()) {
        match load_state(&LabFolder::new(&world.home, lab)) {
            Ok(state) => ports.extend(state.iter().flat_map(State::ports)),
            // A damaged lab is no reason to refuse another; its ports are still seen when they are in use.
            Err(error) => tracing::warn!("the ports of lab {lab} are not known: {error}"),
        }
    }
    Ok(ports)
}

fn apply(
    state: &mut State,
    node: &Node,
    action: Action,
    source: Source<'_>,
    ports: &Ports,
    macs: &mut BTreeSet<MacAddr>,
) {
    let uuid = state.uuid;
    let known = state.nodes.get(&node.name);
    let mut entry = match known {
        Some(known) if matches!(action, Action::Start | Action::Restart) => known.clone(),
        known => {
            let mut fresh = fresh(uuid, node, source, macs);
            if let Some(known) = known {
                fresh.generation = known.generation + u32::from(known.made);
                fresh.nat.mac = known.nat.mac;
                fresh.service.mac = known.service.mac;
                fresh.ssh_port = known.ssh_port;
                fresh.api_port = known.api_port;
                fresh.pod_cidr = known.pod_cidr;
                if action == Action::Create && keeps_image(node, known, source) {
                    fresh.image = known.image.clone();
                    fresh.nat.name.clone_from(&known.nat.name);
                    fresh.service.name.clone_from(&known.service.name);
                    fresh.disk_bytes = node.disk.map_or(known.disk_bytes, |disk| disk.bytes());
                }
            }
            fresh
        }
    };
    entry.cpus = node.cpus;
    entry.memory_mib = node.memory_mib;
    entry.forwards.clone_from(&node.forwards);
    let chosen = |door| ports.get(&(node.name.clone(), door)).copied();
    entry.ssh_port = chosen(Door::Ssh).unwrap_or(entry.ssh_port);
    entry.api_port = chosen(Door::Api).or(entry.api_port).filter(|_| node.role == Some(Role::ControlPlane));
    state.nodes.insert(node.name.clone(), entry);
}

/// Whether a node whose disk is missing gets the image it had, although that has been baked anew under the same name.
/// One that nothing refers to any more can have been removed.
fn keeps_image(node: &Node, known: &NodeState, source: Source<'_>) -> bool {
    known.image.name == node.image && source.store.resolve(&known.image.digest.to_string()).is_ok()
}

/// A node of which nothing exists. Its port is still to be chosen.
fn fresh(uuid: uuid::Uuid, node: &Node, source: Source<'_>, macs: &mut BTreeSet<MacAddr>) -> NodeState {
    let image = source.images.of(node);
    let manifest = &image.manifest;
    let card = |index: usize| manifest.nics.get(index).map_or(USUAL_CARDS[index], String::as_str);
    let identity = Identity::derive(uuid, &node.name, 0, &USUAL_CARDS, macs);
    NodeState {
        generation: 0,
        made: false,
        image: NodeImage { name: node.image.clone(), digest: image.digest, user: manifest.user.clone() },
        ip: node.ip,
        nat: Card { name: card(0).to_owned(), mac: identity.macs[0] },
        service: Card { name: card(1).to_owned(), mac: identity.macs[1] },
        board: source.board.to_owned(),
        cpu: None,
        cpus: node.cpus,
        memory_mib: node.memory_mib,
        disk_bytes: node.disk.map_or(manifest.virtual_size_bytes, |disk| disk.bytes()),
        ssh_port: 0,
        forwards: node.forwards.clone(),
        hosts: Digest::of_bytes(b""),
        role: None,
        pod_cidr: None,
        api_port: None,
        network: None,
        joined: None,
        boot: None,
    }
}
