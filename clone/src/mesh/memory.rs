//! Whether the pods of a mesh find a node that is large enough: known before anything starts, from the manifests.

use super::MeshError;
use super::bundle::Bundle;
use crate::lab::{Lab, Role};

/// What the kubelet keeps free of a node's memory before it gives any to pods, in MiB (`--eviction-hard`,
/// `memory.available<100Mi`).
const KEPT_FREE_MIB: u64 = 100;
/// The part of a machine's memory, in percent, that its kernel does not have to give: page tables and itself.
const KERNEL_PERCENT: u64 = 2;

/// Refuses a mesh with a pod that asks for more memory than any node for pods has. What else runs on the nodes is not
/// known here: a mesh that passes can still be too large for all of them together, and the scheduler says so then.
///
/// # Errors
/// [`MeshError::Memory`]
pub fn check(lab: &Lab, bundle: &Bundle) -> Result<(), MeshError> {
    let Some(mesh) = &lab.mesh else { return Ok(()) };
    let parcels = mesh.all_groups().filter_map(|group| Some((group, bundle.parcel(group)?)));
    let objects = parcels.flat_map(|(group, parcel)| parcel.objects(group));
    let Some(largest) = objects.max_by_key(|object| object.memory_bytes) else { return Ok(()) };
    // Control planes take pods of their own only, unless there is nothing else.
    let is_only_planes = lab.nodes.iter().all(|node| node.role == Some(Role::ControlPlane));
    let takes_pods = |role| is_only_planes || role == Some(Role::Worker);
    let candidates = lab.nodes.iter().filter(|node| takes_pods(node.role));
    let Some(node) = candidates.max_by_key(|node| node.memory_mib) else { return Ok(()) };
    let asked_mib = largest.memory_bytes.div_ceil(1 << 20);
    let has_mib = room_mib(node.memory_mib);
    if asked_mib <= has_mib {
        return Ok(());
    }
    Err(MeshError::Memory {
        kind: largest.kind,
        name: largest.name,
        asked_mib,
        node: node.name.clone(),
        has_mib,
        needed_mib: (asked_mib + KEPT_FREE_MIB) * 100 / (100 - KERNEL_PERCENT) + 1,
    })
}

/// What a node with so much memory has for pods at most.
fn room_mib(memory_mib: u64) -> u64 {
    (memory_mib - memory_mib * KERNEL_PERCENT / 100).saturating_sub(KEPT_FREE_MIB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::check as lab_file;
    use crate::mesh::bundle::{Manifest, Parcel};

    const LAB: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
kubernetes: {}
nodes:
- {name: node1, ip: 192.168.206.196, cpus: 2, memory: 8GiB}
- {name: node2, ip: 192.168.206.197, memory: 2GiB}
mesh: {groups: [{name: istio, manifests: [{file: istio.yaml}]}]}
";

    fn with(lab: &str, memory: &str) -> Result<(), MeshError> {
        let text = format!(
            "{{kind: Deployment, metadata: {{name: pilot}}, \
             spec: {{template: {{spec: {{containers: [{{resources: {{requests: {{memory: {memory}}}}}}}]}}}}}}}}"
        );
        let manifests = vec![Manifest { source: "file:istio.yaml".to_owned(), text }];
        let parcels = vec![Parcel { group: "istio".to_owned(), manifests, ..Parcel::default() }];
        check(&lab_file::parse("lab.yaml", lab).unwrap(), &Bundle { parcels, ..Bundle::default() })
    }

    #[test]
    fn the_largest_pod_has_to_fit_on_a_node_for_pods() {
        with(LAB, "1800Mi").unwrap();
        let error = with(LAB, "2048Mi").unwrap_err().to_string();
        for part in ["Deployment pilot", "2048 MiB", "node2", "1908 MiB", "2192MiB"] {
            assert!(error.contains(part), "{part}: {error}");
        }
        with(&LAB.replace("2GiB", "2192MiB"), "2048Mi").unwrap();
    }

    #[test]
    fn a_lab_of_control_planes_takes_pods_on_them() {
        with(&LAB.replace("- {name: node2, ip: 192.168.206.197, memory: 2GiB}\n", ""), "2048Mi").unwrap();
    }
}
