//! Writing down what is about to be made: identities, ports and sizes of nodes, before anything of them exists.

use std::collections::BTreeSet;

use kiln_cloud_init::{Identity, MacAddr, NodeName};
use kiln_images::digest::Digest;
use kiln_images::store::{Image, Store};
use kiln_machines::ports;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::kubernetes::pods;
use crate::lab::{Lab, Node, select};
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
    /// Its golden image.
    pub image: &'a Image,
    /// Where that is.
    pub store: &'a Store,
    /// The hypervisor's newest board.
    pub board: &'a str,
}

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
    let homeless: Vec<_> = steps
        .iter()
        .filter(|step| state.nodes.get(&step.node).is_none_or(|node| is_gone(node, step.action)))
        .map(|step| step.node.clone())
        .collect();
    let mut chosen = chooser.choose(homeless.len(), &taken)?.into_iter();
    let mut macs = state.macs();
    for step in steps {
        let Some(node) = source.lab.nodes.iter().find(|node| node.name == step.node) else { continue };
        let port = if homeless.contains(&node.name) { chosen.next() } else { None };
        apply(state, node, step.action, source, port, &mut macs);
    }
    pods::allot(state, source.lab);
    state.file.clone_from(&source.lab.text);
    // A seed names all nodes: those that get one now know those that come with them.
    let hosts = hosts_digest(state);
    state.nodes.values_mut().filter(|node| !node.made).for_each(|node| node.hosts = hosts);
    save_state(folder, state)
}

/// Gives these nodes other ports for SSH, and writes that down: another program has taken theirs between the choice and
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
    let ports = chooser.choose(apart + names.len(), &taken)?.split_off(apart);
    for (name, port) in names.iter().zip(ports) {
        state.nodes.entry(name.clone()).and_modify(|node| node.ssh_port = port);
    }
    save_state(folder, state)
}

/// Whether a node's SSH port, which was free when it was chosen, is used by another program now.
fn is_gone(node: &NodeState, action: Action) -> bool {
    action != Action::Restart && !ports::is_free(node.ssh_port) && action != Action::Replace
}

/// The ports that other labs remember, whether they run or not.
fn ports_of_all_labs(world: &World, own: &LabFolder) -> Result<BTreeSet<u16>, Error> {
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
    port: Option<u16>,
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
                fresh.pod_cidr = known.pod_cidr;
                if action == Action::Create && keeps_image(known, source) {
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
    if let Some(port) = port {
        entry.ssh_port = port;
    }
    state.nodes.insert(node.name.clone(), entry);
}

/// Whether a node whose disk is missing gets the image it had, although that has been baked anew under the same name.
/// One that nothing refers to any more can have been removed.
fn keeps_image(known: &NodeState, source: Source<'_>) -> bool {
    known.image.name == source.lab.image && source.store.resolve(&known.image.digest.to_string()).is_ok()
}

/// A node of which nothing exists. Its port is still to be chosen.
fn fresh(uuid: uuid::Uuid, node: &Node, source: Source<'_>, macs: &mut BTreeSet<MacAddr>) -> NodeState {
    let manifest = &source.image.manifest;
    let card = |index: usize| manifest.nics.get(index).map_or(USUAL_CARDS[index], String::as_str);
    let identity = Identity::derive(uuid, &node.name, 0, &USUAL_CARDS, macs);
    NodeState {
        generation: 0,
        made: false,
        image: NodeImage { name: source.lab.image.clone(), digest: source.image.digest, user: manifest.user.clone() },
        ip: node.ip,
        nat: Card { name: card(0).to_owned(), mac: identity.macs[0] },
        service: Card { name: card(1).to_owned(), mac: identity.macs[1] },
        board: source.board.to_owned(),
        cpus: node.cpus,
        memory_mib: node.memory_mib,
        disk_bytes: node.disk.map_or(manifest.virtual_size_bytes, |disk| disk.bytes()),
        ssh_port: 0,
        forwards: node.forwards.clone(),
        hosts: Digest::of_bytes(b""),
        role: None,
        pod_cidr: None,
        boot: None,
    }
}
