//! What all files of one cluster are made of.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use kiln_cloud_init::NodeName;
use kiln_images::manifest::{Manifest, OsFamily};

use super::version::{InvalidVersion, Version};
use crate::lab::kubernetes::{Endpoint, Kubernetes, Role};
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
    /// The family of the system, which says where the kubelet's own settings are.
    pub family: OsFamily,
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

/// The image and the lab do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsuitable {
    /// There is no Kubernetes in the image.
    #[error(
        "lab {lab} has a section `kubernetes`, but the image `{image}` has no Kubernetes in it\n  \
         take an image with the step `kubernetes`, such as debian-12-k8s-1.20, or leave the section out"
    )]
    NoKubernetes {
        /// The lab.
        lab: LabName,
        /// Its image.
        image: String,
    },
    /// The image's version cannot be used.
    #[error("the Kubernetes of image `{image}` cannot be used")]
    Version {
        /// The image.
        image: String,
        /// Why.
        source: InvalidVersion,
    },
    /// There is no runtime in the image that this version of Kubernetes can ask.
    #[error(
        "the image `{image}` has the container runtime {runtime}, which Kubernetes {version} cannot ask\n  \
         bake it with {remedy}"
    )]
    Runtime {
        /// The image.
        image: String,
        /// What is in it.
        runtime: String,
        /// The version of Kubernetes in it.
        version: Version,
        /// What would do.
        remedy: &'static str,
    },
    /// The lab asks for what came with a later version.
    #[error(
        "lab {lab} asks for {what}, which Kubernetes {version} of image `{image}` cannot do: {since} is the first that can"
    )]
    TooOld {
        /// The lab.
        lab: LabName,
        /// What it asks for.
        what: &'static str,
        /// The version of Kubernetes.
        version: Version,
        /// The image.
        image: String,
        /// The first version.
        since: &'static str,
    },
    /// The cluster that exists is another one.
    #[error(
        "{what} of the cluster of lab {lab} cannot be changed from {from} to {to}\n  \
         make it anew: clone destroy {lab}, then clone up"
    )]
    Changed {
        /// The lab.
        lab: LabName,
        /// What.
        what: &'static str,
        /// How it is.
        from: String,
        /// How it would be.
        to: String,
    },
}

/// Refuses to change what is decided when a cluster is made: `was` is the lab as it is, `lab` as it is asked for.
///
/// # Errors
/// [`Unsuitable::Changed`]
pub fn check_change(was: &Lab, lab: &Lab) -> Result<(), Unsuitable> {
    let (Some(old), Some(new)) = (&was.kubernetes, &lab.kubernetes) else { return Ok(()) };
    let planes = |lab: &Lab| lab.nodes.iter().filter(|node| node.role == Some(Role::ControlPlane)).count();
    let elected = |lab| if planes(lab) > 1 { "several".to_owned() } else { "one".to_owned() };
    let endpoint = |settings: &Kubernetes| settings.endpoint.as_ref().map_or("none", Endpoint::as_str).to_owned();
    for (what, from, to) in [
        ("the addresses of pods", old.pods.to_string(), new.pods.to_string()),
        ("the addresses of services", old.services.to_string(), new.services.to_string()),
        ("the endpoint", endpoint(old), endpoint(new)),
        // Controllers of a single control plane elect no leader: a second one would do everything twice.
        ("the number of control planes", elected(was), elected(lab)),
    ] {
        if from != to {
            return Err(Unsuitable::Changed { lab: lab.name.clone(), what, from, to });
        }
    }
    Ok(())
}

/// Whether the cluster that `lab` asks for can be made of nodes with this image; what is found out about it on the way.
/// Nothing if the lab asks for none.
///
/// # Errors
/// [`Unsuitable`], which says what to do instead. `up` and `plan` refuse the lab with it before anything is made.
pub fn check(lab: &Lab, manifest: &Manifest) -> Result<Option<(Version, Runtime)>, Unsuitable> {
    let Some(kubernetes) = &lab.kubernetes else { return Ok(None) };
    let image = || lab.image.clone();
    let Some(version) = &manifest.kubernetes else {
        return Err(Unsuitable::NoKubernetes { lab: lab.name.clone(), image: image() });
    };
    let version: Version = version.parse().map_err(|source| Unsuitable::Version { image: image(), source })?;
    let runtime = match manifest.container_runtime.as_deref() {
        Some("docker") if version.has_dockershim() => Runtime::Docker,
        Some("containerd") => Runtime::Containerd,
        other => {
            let runtime = other.unwrap_or("none").to_owned();
            let remedy = if version.has_dockershim() { "docker or containerd" } else { "containerd" };
            return Err(Unsuitable::Runtime { image: image(), runtime, version, remedy });
        }
    };
    let too_old = |what, since| Unsuitable::TooOld { lab: lab.name.clone(), what, version, image: image(), since };
    if !kubernetes.skip_phases.is_empty() && !version.skips_phases() {
        return Err(too_old("phases to be skipped", "1.13"));
    }
    let planes = lab.nodes.iter().filter(|node| node.role == Some(Role::ControlPlane)).count();
    if planes > 1 && !version.joins_control_planes() {
        return Err(too_old("several control-plane nodes", "1.15"));
    }
    Ok(Some((version, runtime)))
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
        let (lab, settings, family) = (lab.name.clone(), settings.clone(), manifest.os.family);
        Ok(Some(Self { lab, version, runtime, family, settings, members, slow }))
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

    const LAB: &str = "\
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
    fn manifest(kubernetes: Option<&str>, runtime: Option<&str>) -> Manifest {
        let digest = format!("sha256:{}", "0".repeat(64));
        let manifest = serde_json::json!({
            "digest": digest, "virtual-size-bytes": 0, "file-size-bytes": 0, "name": "image", "recipe": "image",
            "created": "1970-01-01T00:00:00Z", "kiln": "0", "user": "debian", "nics": [],
            "os": { "id": "debian", "version": "12", "family": "debian", "name": "Debian" },
            "kubernetes": kubernetes, "container-runtime": runtime,
            "base": { "what": "nothing", "digest": digest }, "layers": [], "checks": [], "packages": [],
        });
        serde_json::from_value(manifest).unwrap()
    }

    fn with(text: &str, version: &str) -> Cluster {
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

    #[test]
    fn what_the_image_cannot_do_is_refused() {
        let several = LAB.replace("196}", "196, role: control-plane}").replace("197}", "197, role: control-plane}");
        let skipping = LAB.replace("{}", "{skip-phases: [addon/coredns]}");
        for (text, version, runtime, message) in [
            (LAB, None, Some("docker"), "has no Kubernetes in it"),
            (LAB, Some("1.20"), Some("docker"), "cannot be used"),
            (LAB, Some("1.11.3"), Some("docker"), "cannot be used"),
            (LAB, Some("1.24.0"), Some("docker"), "bake it with containerd"),
            (LAB, Some("1.20.2"), None, "the container runtime none"),
            (&several, Some("1.14.0"), Some("docker"), "1.15 is the first"),
            (&skipping, Some("1.12.6"), Some("docker"), "1.13 is the first"),
        ] {
            let lab = check::parse("lab.yaml", text).unwrap();
            let error = check(&lab, &manifest(version, runtime)).unwrap_err().to_string();
            assert!(error.contains(message) && error.contains("debian-12-k8s"), "{error}");
        }
        let without = check::parse("lab.yaml", &LAB.replace("kubernetes: {}\n", "")).unwrap();
        assert_eq!(check(&without, &manifest(None, None)), Ok(None));
        for (version, runtime) in [("1.12.6", "docker"), ("1.20.2", "containerd"), ("1.36.1", "containerd")] {
            let lab = check::parse("lab.yaml", LAB).unwrap();
            assert!(check(&lab, &manifest(Some(version), Some(runtime))).unwrap().is_some());
        }
    }

    #[test]
    fn what_is_decided_when_a_cluster_is_made_stays() {
        let read = |text: &str| check::parse("lab.yaml", text).unwrap();
        let several = LAB.replace("196}", "196, role: control-plane}").replace("197}", "197, role: control-plane}");
        for (text, what) in [
            (
                LAB.replace("{}", "{pods: 10.50.0.0/16}"),
                "addresses of pods of the cluster of lab lab cannot be changed",
            ),
            (LAB.replace("{}", "{services: 10.50.0.0/16}"), "from 10.96.0.0/12 to 10.50.0.0/16"),
            (LAB.replace("{}", "{endpoint: mike}"), "from none to mike"),
            (several, "from one to several"),
        ] {
            let error = check_change(&read(LAB), &read(&text)).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        let without = read(&LAB.replace("kubernetes: {}\n", ""));
        assert_eq!(check_change(&without, &read(LAB)), Ok(()));
        assert_eq!(check_change(&read(LAB), &read(&LAB.replace("{}", "{ignore-preflight: [Mem]}"))), Ok(()));
    }
}
