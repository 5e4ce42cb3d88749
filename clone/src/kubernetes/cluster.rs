//! What all files of one cluster are made of.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use kiln_cloud_init::NodeName;
use kiln_images::manifest::{CgroupDriver, Manifest};

use super::suitable::{Unsuitable, check};
use super::version::Version;
use crate::lab::kubernetes::{Kubernetes, Role};
use crate::lab::{Lab, LabName};
use crate::state::{NodeState, State};

/// The port of the API server: kubeadm's default.
pub const API_PORT: u16 = 6443;

/// A cluster: the versions of the image, what the lab asks for, and its nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The name of the lab.
    pub lab: LabName,
    /// The version of Kubernetes in the image.
    pub version: Version,
    /// What runs the containers.
    pub runtime: Runtime,
    /// What the runtime in the image keeps its containers' resources with, where the image says so.
    pub cgroup_driver: Option<CgroupDriver>,
    /// What the lab file says.
    pub settings: Kubernetes,
    /// The nodes, in the order of their names; those that exist.
    pub members: Vec<Member>,
    /// Whether the nodes are emulated: then everything gets more time.
    pub slow: bool,
}

/// A node of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: NodeName,
    /// Its address in the lab's network.
    pub ip: Ipv4Addr,
    /// What it does.
    pub role: Role,
    /// The addresses of the pods on it.
    pub pod_cidr: Ipv4Net,
    /// The name, in the node, of the network card it reaches the others through.
    pub service_card: String,
}

/// A container runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// Docker, which the kubelet asks itself (dockershim).
    Docker,
    /// containerd.
    Containerd,
}

impl Cluster {
    /// The cluster of the nodes that `state` has. Nothing if the lab asks for none.
    ///
    /// # Errors
    /// As [`check`].
    pub fn new(lab: &Lab, manifest: &Manifest, state: &State, slow: bool) -> Result<Option<Self>, Unsuitable> {
        let (Some(settings), Some((version, runtime))) = (&lab.kubernetes, check(lab, manifest)?) else {
            return Ok(None);
        };
        let member = |(name, node): (&NodeName, &NodeState)| {
            Some(Member {
                name: name.clone(),
                ip: node.ip,
                role: node.role?,
                pod_cidr: node.pod_cidr?,
                service_card: node.service.name.clone(),
            })
        };
        let mut members: Vec<_> = state.nodes.iter().filter_map(member).collect();
        // The order of the lab file decides which control-plane node is the first; nodes it does not have come last.
        members.sort_by_key(|member| lab.nodes.iter().position(|node| node.name == member.name).unwrap_or(usize::MAX));
        let (lab, settings) = (lab.name.clone(), settings.clone());
        Ok(Some(Self { lab, version, runtime, cgroup_driver: manifest.cgroup_driver, settings, members, slow }))
    }

    /// The nodes that run the API, in the order of the lab file: the first is the one that `kubeadm init` runs on.
    pub fn control_planes(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.role == Role::ControlPlane)
    }

    /// The node of this name.
    pub fn member(&self, name: &NodeName) -> Option<&Member> {
        self.members.iter().find(|member| member.name == *name)
    }

    /// Whether there are several nodes that run the API.
    pub fn has_several_control_planes(&self) -> bool {
        self.control_planes().nth(1).is_some()
    }

    /// Where the nodes find the API, without a port: what the lab file names, or else the first control plane's address.
    pub fn endpoint_host(&self) -> String {
        let first = || self.control_planes().next().map_or_else(String::new, |first| first.ip.to_string());
        let Some(endpoint) = &self.settings.endpoint else { return first() };
        // A node of the lab is known by its address, whoever asks.
        let node = self.members.iter().find(|member| member.name.as_str() == endpoint.as_str());
        node.map_or_else(|| endpoint.to_string(), |node| node.ip.to_string())
    }

    /// Where the nodes find the API: `host:port`.
    pub fn endpoint(&self) -> String {
        format!("{}:{API_PORT}", self.endpoint_host())
    }

    /// Whether the control planes are reached at an address that is not simply that of the only one.
    pub fn has_shared_endpoint(&self) -> bool {
        self.settings.endpoint.is_some() || self.has_several_control_planes()
    }

    /// The names and addresses, beside those that kubeadm knows itself, by which the API is reached: the certificates of
    /// its servers are made for all of them. The host comes through a port of 127.0.0.1.
    pub fn api_names(&self) -> Vec<String> {
        let own = ["127.0.0.1", "localhost"].map(str::to_owned);
        let nodes = self.control_planes().flat_map(|node| [node.ip.to_string(), node.name.to_string()]);
        let endpoint = self.has_shared_endpoint().then(|| self.endpoint_host());
        let mut names: Vec<_> = own.into_iter().chain(nodes).collect();
        names.extend(endpoint.filter(|endpoint| !names.contains(endpoint)));
        names
    }

    /// The address of the service `kubernetes`, by which pods find the API: the first of the services.
    pub fn api_service_ip(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.settings.services.network()) + 1)
    }
}

impl Runtime {
    /// The socket the kubelet asks it at (kubeadm, `constants_unix.go`).
    pub const fn socket(self, version: Version) -> &'static str {
        match self {
            Self::Docker => "/var/run/dockershim.sock",
            Self::Containerd if version.names_sockets_as_urls() => "unix:///run/containerd/containerd.sock",
            Self::Containerd => "/run/containerd/containerd.sock",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use kiln_images::manifest::Manifest;

    use super::*;
    use crate::kubernetes::pods;
    use crate::lab::check;
    use crate::state;

    pub(crate) const LAB: &str = "\
name: lab
image: debian-12-k8s
network: 192.168.206.0/24
defaults: {cpus: 2}
kubernetes: {}
nodes:
- {name: zulu, ip: 192.168.206.196}
- {name: alpha, ip: 192.168.206.197}
- {name: mike, ip: 192.168.206.198}
";
    /// An image with these in it.
    pub(crate) fn manifest(kubernetes: Option<&str>, runtime: Option<&str>) -> Manifest {
        let digest = format!("sha256:{}", "0".repeat(64));
        let manifest = serde_json::json!({
            "digest": digest, "virtual-size-bytes": 0, "file-size-bytes": 0, "name": "debian-12-k8s", "recipe": "image",
            "created": "1970-01-01T00:00:00Z", "kiln": "0", "user": "debian", "nics": [],
            "os": { "id": "debian", "version": "12", "family": "debian", "name": "Debian" },
            "kubernetes": kubernetes, "container-runtime": runtime,
            "base": { "what": "nothing", "digest": digest }, "layers": [], "checks": [], "packages": [],
        });
        serde_json::from_value(manifest).unwrap()
    }

    /// The cluster of a lab file, with this version of Kubernetes.
    pub(crate) fn with(text: &str, version: &str) -> Cluster {
        let lab = check::parse("lab.yaml", text).unwrap();
        let nodes = lab.nodes.iter().map(|node| {
            (node.name.as_str().to_owned().leak() as &str, state::NodeState { ip: node.ip, ..state::tests::node() })
        });
        let mut state = state::tests::state(nodes);
        pods::allot(&mut state, &lab);
        Cluster::new(&lab, &manifest(Some(version), Some("containerd")), &state, false).unwrap().unwrap()
    }

    /// Three nodes of Kubernetes 1.20.2.
    pub(crate) fn cluster() -> Cluster {
        with(LAB, "1.20.2")
    }

    #[test]
    fn nodes_come_in_the_order_of_the_file_and_the_first_is_the_control_plane() {
        let cluster = cluster();
        let members =
            cluster.members.iter().map(|member| (member.name.as_str(), member.role, member.pod_cidr.to_string()));
        let expected = [
            ("zulu", Role::ControlPlane, "10.244.0.0/24"),
            ("alpha", Role::Worker, "10.244.1.0/24"),
            ("mike", Role::Worker, "10.244.2.0/24"),
        ];
        assert_eq!(members.collect::<Vec<_>>(), expected.map(|(name, role, pods)| (name, role, pods.to_owned())));
        assert_eq!(cluster.endpoint(), "192.168.206.196:6443");
        assert_eq!(cluster.api_service_ip().to_string(), "10.96.0.1");
        assert!(!cluster.has_shared_endpoint());
    }

    #[test]
    fn the_endpoint_is_what_the_file_says() {
        for (endpoint, host) in
            [("api.lab", "api.lab"), ("mike", "192.168.206.198"), ("192.168.206.9", "192.168.206.9")]
        {
            let cluster = with(&LAB.replace("{}", &format!("{{endpoint: {endpoint}}}")), "1.20.2");
            assert_eq!(cluster.endpoint_host(), host);
            assert!(cluster.api_names().contains(&host.to_owned()), "{host}");
        }
    }
}
