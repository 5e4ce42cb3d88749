//! The configuration of the plugins that give a pod its network card (CNI specification, "Network configuration format"),
//! for the network `routes`.

use ipnet::Ipv4Net;
use serde::Serialize;

use crate::kubernetes::{Cluster, Member, NodeFile};
use crate::lab::kubernetes::PodNetwork;

/// Where container runtimes look for it; the first name in the folder counts.
const PATH: &str = "/etc/cni/net.d/10-kiln.conflist";
/// The bridge of the pods on a node.
pub const BRIDGE: &str = "cni0";
/// What an Ethernet frame holds: packets are routed as they are, nothing is wrapped around them.
const MTU: u32 = 1500;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkConfiguration {
    cni_version: &'static str,
    name: &'static str,
    plugins: (Bridge, Portmap),
}

/// The plugin `bridge` (containernetworking/plugins, `main/bridge`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bridge {
    r#type: &'static str,
    bridge: &'static str,
    mtu: u32,
    is_default_gateway: bool,
    hairpin_mode: bool,
    ip_masq: bool,
    ipam: HostLocal,
}

/// The plugin `host-local`, which keeps a book of addresses on the node.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HostLocal {
    r#type: &'static str,
    ranges: [[Range; 1]; 1],
}

#[derive(Serialize)]
struct Range {
    subnet: Ipv4Net,
}

/// The plugin `portmap`, for pods that ask for a port of the node.
#[derive(Serialize)]
struct Portmap {
    r#type: &'static str,
    capabilities: Capabilities,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Capabilities {
    port_mappings: bool,
}

/// The configuration of a member of a cluster that has the network `routes`.
///
/// # Errors
/// Never in practice: all of it has a form in JSON.
pub fn of_member(cluster: &Cluster, member: &Member) -> Result<Option<NodeFile>, serde_json::Error> {
    let is_wanted = cluster.settings.network == PodNetwork::Routes;
    is_wanted.then(|| file(member.pod_cidr)).transpose()
}

/// The configuration of a node whose pods have these addresses.
///
/// `bridge` would masquerade what goes to the pods of other nodes, too; [`super::routes`] does it for what leaves the
/// cluster only. The loopback card of a pod is made by the container runtime.
pub(super) fn file(pods: Ipv4Net) -> Result<NodeFile, serde_json::Error> {
    let configuration = NetworkConfiguration {
        // The newest that Debian 12's and CentOS 7's plugins (0.9, 0.6) both know.
        cni_version: "0.3.1",
        name: "kiln",
        plugins: (
            Bridge {
                r#type: "bridge",
                bridge: BRIDGE,
                mtu: MTU,
                is_default_gateway: true,
                // A pod that asks for a service it is itself behind gets its own packet back from the bridge.
                hairpin_mode: true,
                ip_masq: false,
                ipam: HostLocal { r#type: "host-local", ranges: [[Range { subnet: pods }]] },
            },
            Portmap { r#type: "portmap", capabilities: Capabilities { port_mappings: true } },
        ),
    };
    Ok(NodeFile::public(PATH, serde_json::to_vec_pretty(&configuration)?))
}
