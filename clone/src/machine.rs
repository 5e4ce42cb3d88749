//! A node as the hypervisor is told about it.

use kiln_cloud_init::{Identity, NodeName};
use kiln_machines::{Forward, Lifetime, Machine, Memory, NatNic, ServiceNic};
use uuid::Uuid;

use crate::folder::LabFolder;
use crate::kubernetes::cluster::API_PORT;
use crate::state::{NodeState, State};

/// The port of an SSH server.
const SSH_PORT: u16 = 22;

/// The machine of the node `name` of the lab with this uuid.
pub fn machine(folder: &LabFolder, lab: Uuid, name: &NodeName, node: &NodeState) -> Machine {
    let ssh = Forward { host_port: node.ssh_port, guest_port: SSH_PORT };
    let api = node.api_port.map(|host_port| Forward { host_port, guest_port: API_PORT });
    Machine {
        name: name.to_string(),
        lab: folder.lab().to_string(),
        folder: folder.node(name),
        product_uuid: product_uuid(lab, name),
        board: Some(node.board.clone()),
        cpu: node.cpu.clone(),
        cpus: node.cpus,
        memory_mib: node.memory_mib,
        memory: Memory::Shared,
        disk: folder.disk(name),
        seed: Some(folder.seed(name)),
        nat: Some(NatNic {
            mac: node.nat.mac.to_string(),
            isolated: false,
            forwards: std::iter::once(ssh).chain(api).chain(node.forwards.iter().copied()).collect(),
        }),
        service: Some(ServiceNic { mac: node.service.mac.to_string(), segment: folder.segment() }),
        media: Vec::new(),
        lifetime: Lifetime::ItsOwn,
    }
}

/// The machines of all nodes of a lab.
pub fn machines<'a>(folder: &'a LabFolder, state: &'a State) -> impl Iterator<Item = (&'a NodeName, Machine)> {
    state.nodes.iter().map(|(name, node)| (name, machine(folder, state.uuid, name, node)))
}

/// The machine that has the folder of the node `name`, of which nothing else is known. It can be killed, not started.
pub fn nameless(folder: &LabFolder, name: &str) -> Machine {
    let folder_of_node = folder.nodes().join(name);
    Machine {
        name: name.to_owned(),
        lab: folder.lab().to_string(),
        product_uuid: Uuid::nil(),
        board: None,
        cpu: None,
        cpus: 0,
        memory_mib: 0,
        memory: Memory::Shared,
        disk: folder_of_node.join("disk.qcow2"),
        folder: folder_of_node,
        seed: None,
        nat: None,
        service: None,
        media: Vec::new(),
        lifetime: Lifetime::ItsOwn,
    }
}

/// The UUID of a node's system board, which a reset does not change.
pub fn product_uuid(lab: Uuid, name: &NodeName) -> Uuid {
    Identity::derive(lab, name, 0, &[], &mut Default::default()).product_uuid
}
