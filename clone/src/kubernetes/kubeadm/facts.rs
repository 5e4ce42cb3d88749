//! What the configuration of a node says, whatever the version writes it like.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::kubernetes::cluster::{Cluster, Member};
use crate::kubernetes::token::Token;
use crate::kubernetes::version::{ConfigApi, Patches};
use crate::lab::kubernetes::{PodNetwork, Role};

/// Options of a program without their dashes, in a fixed order.
pub(super) type Arguments = BTreeMap<&'static str, String>;

/// How long a token is good after `kubeadm init` in a lab that nobody touches; later ones are made through the API.
pub(super) const TOKEN_TTL: &str = "24h0m0s";
/// How long kubeadm waits for anything on a slow host, instead of its usual four or five minutes.
const SLOW_TIMEOUT: &str = "20m0s";
/// How long a node that joins waits for a cluster that takes its token, on a quick host and on a slow one; five minutes
/// usually. The API answers and knows the token by then: one that it does not take has to be seen to be wrong while there is
/// time for another attempt ([`crate::phases::join`]).
const DISCOVERY: (&str, &str) = ("30s", "5m0s");

/// What is said to a node.
pub(super) struct Facts<'a> {
    pub api: ConfigApi,
    pub version: String,
    pub name: &'a str,
    pub address: Ipv4Addr,
    pub is_control_plane: bool,
    pub socket: &'static str,
    pub kubelet: Arguments,
    /// An empty list lets pods run on control-plane nodes, too: there are no other nodes.
    pub taints: Option<[(); 0]>,
    pub ignore_preflight: Vec<&'a str>,
    pub skip_phases: Vec<&'a str>,
    pub cluster_name: &'a str,
    pub names: Vec<String>,
    pub pods: String,
    pub services: String,
    /// Where several control planes are reached; nothing for a single one, whose address it is.
    pub shared_endpoint: Option<String>,
    pub endpoint: String,
    pub api_server: Arguments,
    pub controller_manager: Arguments,
    pub scheduler: Arguments,
    pub etcd: Arguments,
    pub timeout: Option<&'static str>,
    pub discovery: &'static str,
    /// Whether the host is slow.
    pub slow: bool,
    /// Whether etcd asks for disk space unless it is kept from that.
    pub storage: bool,
    /// Whether the static pods are patched, and how kubeadm is told.
    pub patched: bool,
    pub patches: Patches,
    pub token: String,
    pub hash: &'a str,
}

impl<'a> Facts<'a> {
    pub fn new(cluster: &'a Cluster, node: &'a Member, token: &Token, hash: &'a str) -> Self {
        let settings = &cluster.settings;
        let is_control_plane = node.role == Role::ControlPlane;
        let (patches, storage) = (cluster.version.patches(), cluster.version.etcd_asks_for_storage());
        let only_control_planes = cluster.members.iter().all(|member| member.role == Role::ControlPlane);
        Self {
            api: cluster.version.config_api(),
            version: format!("v{}", cluster.version),
            name: node.name.as_str(),
            address: node.ip,
            is_control_plane,
            socket: cluster.runtime.socket(cluster.version),
            kubelet: kubelet(cluster, node),
            taints: (only_control_planes && is_control_plane).then_some([]),
            ignore_preflight: settings.ignore_preflight.iter().map(|check| check.as_str()).collect(),
            skip_phases: settings
                .skip_phases
                .iter()
                .map(|phase| phase.as_str())
                .chain(super::LATE.into_iter().filter(|_| super::starts_late(cluster)))
                .collect(),
            cluster_name: cluster.lab.as_str(),
            names: cluster.api_names(),
            pods: settings.pods.to_string(),
            services: settings.services.to_string(),
            shared_endpoint: cluster.has_shared_endpoint().then(|| cluster.endpoint()),
            endpoint: cluster.endpoint(),
            api_server: api_server(cluster),
            controller_manager: controller_manager(cluster),
            scheduler: election(cluster),
            etcd: etcd(cluster),
            timeout: cluster.slow.then_some(SLOW_TIMEOUT),
            discovery: if cluster.slow { DISCOVERY.1 } else { DISCOVERY.0 },
            slow: cluster.slow,
            storage,
            patched: (cluster.slow || storage) && is_control_plane && patches != Patches::None,
            patches,
            token: token.reveal(),
            hash,
        }
    }
}

fn kubelet(cluster: &Cluster, node: &Member) -> Arguments {
    // Behind QEMU's user network every node has the same address on its default route.
    let mut arguments = Arguments::from([("node-ip", node.ip.to_string())]);
    if cluster.slow {
        // Every round reads the accounts of all control groups; 10 s is the usual time between two.
        arguments.insert("housekeeping-interval", "30s".to_owned());
    }
    arguments
}

fn api_server(cluster: &Cluster) -> Arguments {
    if cluster.slow && cluster.version.samples_flow_control() {
        // Half of what an emulated API server does in a cluster that is idle.
        return Arguments::from([("enable-priority-and-fairness", "false".to_owned())]);
    }
    Arguments::new()
}

fn controller_manager(cluster: &Cluster) -> Arguments {
    let mut arguments = election(cluster);
    if cluster.settings.network == PodNetwork::Routes {
        // The lab decides which node has which pods: the routes are made before any node has joined.
        arguments.insert("allocate-node-cidrs", "false".to_owned());
    }
    if cluster.slow {
        // 40 s is the usual time after which a silent node counts as lost.
        arguments.insert("node-monitor-grace-period", "2m0s".to_owned());
    }
    arguments
}

/// One control plane has nobody to agree with, and on a slow host it would lose its own election again and again: etcd
/// answers late, and every loss restarts the program. Several get ten times the usual time.
fn election(cluster: &Cluster) -> Arguments {
    if !cluster.has_several_control_planes() {
        return Arguments::from([("leader-elect", "false".to_owned())]);
    }
    if !cluster.slow {
        return Arguments::new();
    }
    let times = [
        ("leader-elect-lease-duration", "150s"),
        ("leader-elect-renew-deadline", "100s"),
        ("leader-elect-retry-period", "20s"),
    ];
    times.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

/// In milliseconds; 100 and 1000 are usual, and a heartbeat under emulation comes later than that.
fn etcd(cluster: &Cluster) -> Arguments {
    if !cluster.slow {
        return Arguments::new();
    }
    Arguments::from([("election-timeout", "10000".to_owned()), ("heartbeat-interval", "1000".to_owned())])
}
