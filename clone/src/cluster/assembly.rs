//! A cluster while it is made: what its phases share, and what they wait for of each other.

use std::cell::Cell;
use std::time::Duration;

use camino::Utf8Path;
use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_images::digest::Digest;
use kiln_images::durable;
use kiln_images::manifest::Manifest;
use kiln_images::store::StoreError;
use kiln_machines::Accelerator;
use tokio::sync::{Mutex, Notify};
use tokio::time::{sleep, timeout};

use super::View;
use super::question::insist;
use crate::error::Error;
use crate::folder::LabFolder;
use crate::kubernetes::cni::manifest;
use crate::kubernetes::kubeconfig::host;
use crate::kubernetes::kubectl::Kubectl;
use crate::kubernetes::pki::Pki;
use crate::kubernetes::{Cluster, Member, STATIC_PODS};
use crate::lab::{Lab, Role};
use crate::phases::progress::Milestone;
use crate::state::{NodeState, State};
use crate::world::World;

/// How long a token is good that is made for nodes which join later. The slowest of hosts joins a node in that time.
const TOKEN_LIFE: Duration = Duration::from_secs(2 * 3600);
/// The pauses between two looks at what makes the token good.
const PAUSE: Duration = Duration::from_secs(1);
/// Where the cluster says who it is (kubeadm, `phases/bootstraptoken/clusterinfo`).
const CLUSTER_INFO: &str = "/api/v1/namespaces/kube-public/configmaps/cluster-info";
/// The phases of `kubeadm init` without which there is no kube-proxy, and no name service.
const WITHOUT_PROXY: [&str; 2] = ["addon", "addon/kube-proxy"];
const WITHOUT_DNS: [&str; 2] = ["addon", "addon/coredns"];

/// How old a node's last sign of life may be: it renews its lease every ten seconds, and slow ones need longer.
const FRESH: (Duration, Duration) = (Duration::from_secs(40), Duration::from_secs(90));
/// The container image that golden images hold for trying the network (`recipes/`).
const PROBE_IMAGE: &str = "kiln.local/probe:1";
/// How long the look may take that decides on whether anything has to be done.
const LOOK: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(20));
/// How long one answer of the API may take, on a quick host and on a slow one.
const ANSWER: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(180));

/// A cluster that is made.
#[derive(Debug)]
pub struct Assembly<'a> {
    /// What it is to be.
    pub cluster: Cluster,
    /// Its keys.
    pub pki: Pki,
    /// Its API.
    pub view: View,
    /// The node that `kubeadm init` runs on, or ran on: the others join what it has made.
    pub leader: NodeName,
    /// The manifest of the pod network, where it has one.
    pub manifest: Option<String>,
    /// The container images that the nodes have from the beginning.
    pub preloaded: Vec<String>,
    /// The image of the pods that try the network, where there is one.
    pub probe_image: Option<String>,
    /// The API answers.
    pub api: Milestone<'a>,
    /// `kubeadm init` has ended.
    pub formed: Milestone<'a>,
    /// Whether it was made in this run: then it has the token, and knows no node from before.
    pub is_new: Cell<bool>,
    /// Whether the cluster was seen to know the token.
    knows_token: Mutex<bool>,
    /// Held by a control plane that joins: the members of etcd are added one after the other.
    pub turn: Mutex<()>,
}

/// The cluster that `lab` asks for, if it asks for one, of the nodes that `state` has. Its keys are made if there are none,
/// and so is the kubeconfig of the host.
///
/// # Errors
/// Where it cannot be made of these nodes, or its keys cannot be read or made.
pub async fn open<'a>(
    world: &World,
    folder: &LabFolder,
    lab: &Lab,
    state: &State,
    accelerator: Accelerator,
    changed: &'a Notify,
) -> Result<Option<Assembly<'a>>, Error> {
    let Some((leader, node)) = leader(lab, state) else { return Ok(None) };
    let image = image_manifest(world, &folder.image(), &node.image.digest)?;
    let slow = accelerator == Accelerator::Tcg;
    let Some(cluster) = Cluster::new(lab, &image, state, slow)? else { return Ok(None) };
    let pki = Pki::open(folder).await?;
    host::ensure(folder, &pki, node.api_port.unwrap_or_default())?;
    let manifest = manifest::fitted(folder, &cluster)?;
    let preloaded: Vec<_> = image.container_images.iter().map(|image| image.name.clone()).collect();
    let held = || preloaded.iter().find(|name| *name == PROBE_IMAGE);
    let probe_image = cluster.settings.probe_image.clone().or_else(|| held().cloned());
    let kubectl = Kubectl::new(&folder.kubeconfig()).with_limit(if slow { ANSWER.1 } else { ANSWER.0 });
    let view = View::new(kubectl, cluster.version);
    Ok(Some(Assembly {
        manifest,
        preloaded,
        probe_image,
        ..Assembly::new(cluster, pki, view, leader.clone(), changed)
    }))
}

/// What is known of a golden image: the store's word, or what came in the file `kept` with a lab from another host.
///
/// # Errors
/// Where neither is there, or cannot be read.
pub fn image_manifest(world: &World, kept: &Utf8Path, digest: &Digest) -> Result<Manifest, Error> {
    match world.store()?.resolve(&digest.to_string()) {
        Ok(image) => Ok(image.manifest),
        Err(unknown @ StoreError::Unknown { .. }) => match durable::load::<Manifest>(kept) {
            Ok(manifest) if manifest.digest == *digest => Ok(manifest),
            _ => Err(unknown.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// The node that the cluster began with, or will: the first control plane of the lab file that is a member, or else the
/// first. Nothing for a lab without a cluster.
pub fn leader<'a>(lab: &'a Lab, state: &'a State) -> Option<(&'a NodeName, &'a NodeState)> {
    let planes = || lab.nodes.iter().filter(|node| node.role == Some(Role::ControlPlane));
    let known = || planes().filter_map(|node| state.nodes.get_key_value(&node.name));
    known().find(|(_, node)| node.joined.is_some()).or_else(|| known().next())
}

impl<'a> Assembly<'a> {
    /// Why the cluster does not do its work, with one look: every one of these nodes has given a sign of life a moment ago.
    /// `state` is what was done for it.
    pub async fn trouble(&self, names: &[NodeName], state: &State) -> Option<String> {
        let has_network =
            |manifest: &String| state.nodes[&self.leader].network == Some(Digest::of_bytes(manifest.as_bytes()));
        if !self.manifest.as_ref().is_none_or(has_network) {
            return Some("the manifest of its pod network is not the one that was applied".to_owned());
        }
        let limit = if self.cluster.slow { LOOK.1 } else { LOOK.0 };
        let snapshot = match timeout(limit, self.view.look()).await {
            Ok(Ok(snapshot)) => snapshot,
            Ok(Err(error)) => {
                tracing::debug!(%error, "the API does not answer");
                return Some("the API does not answer".to_owned());
            }
            Err(_) => return Some(format!("the API did not answer within {} s", limit.as_secs())),
        };
        let since = Timestamp::now() - if self.cluster.slow { FRESH.1 } else { FRESH.0 };
        let members = names.iter().filter(|name| self.member(name).is_some());
        members.into_iter().find_map(|name| Some(format!("{name}: {}", snapshot.node_ready(name, since).err()?)))
    }

    /// A cluster without a manifest of its network, and without pods that try it. `leader` has made it, or will; `changed`
    /// wakes whoever waits for something in the lab.
    pub fn new(cluster: Cluster, pki: Pki, view: View, leader: NodeName, changed: &'a Notify) -> Self {
        Self {
            cluster,
            pki,
            view,
            leader,
            manifest: None,
            preloaded: Vec::new(),
            probe_image: None,
            api: Milestone::new(changed),
            formed: Milestone::new(changed),
            is_new: Cell::new(false),
            knows_token: Mutex::default(),
            turn: Mutex::default(),
        }
    }

    /// What the node `name` is in the cluster.
    pub fn member(&self, name: &NodeName) -> Option<&Member> {
        self.cluster.member(name)
    }

    /// The programs of the cluster that run in pods on this node.
    pub fn system_pods(&self, name: &NodeName) -> Vec<&'static str> {
        let is_plane = self.member(name).is_some_and(|member| member.role == Role::ControlPlane);
        let own = is_plane.then_some(STATIC_PODS).into_iter().flatten();
        own.chain(self.has_proxy().then_some("kube-proxy")).collect()
    }

    /// Whether its nodes run kube-proxy.
    fn has_proxy(&self) -> bool {
        !self.skips(&WITHOUT_PROXY)
    }

    /// Whether it has a name service.
    pub fn has_dns(&self) -> bool {
        !self.skips(&WITHOUT_DNS)
    }

    fn skips(&self, phases: &[&str]) -> bool {
        self.cluster.settings.skip_phases.iter().any(|phase| phases.contains(&phase.as_str()))
    }

    /// Whether `kubeadm init` has come to its end: what it makes in its last phases is there. An API server that does not
    /// answer is asked again ([`insist`]).
    ///
    /// # Errors
    /// Where `kubectl` is not installed.
    pub async fn is_formed(&self, so_far: impl Fn(String)) -> Result<bool, kiln_tool::Error> {
        let mut paths = vec!["/api/v1/namespaces/kube-system/configmaps/kubeadm-config", CLUSTER_INFO];
        if self.has_proxy() {
            paths.push("/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy");
        }
        for path in paths {
            let find = async || self.view.kubectl().find("looking whether the cluster is complete", path).await;
            if insist(find, &so_far).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Waits until the cluster knows the token that nodes join with, and says who it is in a way that a node with that token
    /// can check: kubeadm would look for that in the node, every five seconds. A cluster that was there before is given the
    /// token anew: it forgets every token after a day.
    ///
    /// # Errors
    /// Where `kubectl` is not installed.
    pub async fn until_token_is_known(&self) -> Result<(), kiln_tool::Error> {
        let mut known = self.knows_token.lock().await;
        if *known {
            return Ok(());
        }
        if !self.is_new.get() {
            let manifest = self.pki.token.manifest(Timestamp::now() + TOKEN_LIFE);
            let step = "making a token for the nodes that join";
            let make = async || self.view.kubectl().apply(step, manifest.to_string()).await;
            insist(make, |so_far| tracing::debug!(so_far, "nodes cannot join yet")).await?;
        }
        while let Err(reason) = self.sign_info().await {
            tracing::debug!(%reason, "nodes cannot join yet");
            sleep(PAUSE).await;
        }
        *known = true;
        Ok(())
    }

    /// Makes the token anew before the next node joins: the cluster did not take it.
    pub async fn doubt_token(&self) {
        *self.knows_token.lock().await = false;
        self.is_new.set(false);
    }

    /// Signs what the cluster says of itself with the token, unless it is signed. The cluster does so itself (kubeadm,
    /// `phases/bootstraptoken/clusterinfo`, and the controller `bootstrapsigner`), on an emulated host a minute after the
    /// API answers: its controller manager is the last that works.
    async fn sign_info(&self) -> Result<(), String> {
        let kubectl = self.view.kubectl();
        let found =
            kubectl.find("asking the cluster who it is", CLUSTER_INFO).await.map_err(|error| error.to_string())?;
        let mut info = found.ok_or("the cluster does not say who it is")?;
        let signature = format!("jws-kubeconfig-{}", self.pki.token.id());
        if info["data"][&signature].is_string() {
            return Ok(());
        }
        let says = info["data"]["kubeconfig"].as_str().ok_or("the cluster does not say where it is")?;
        info["data"][&signature] = self.pki.token.sign(says).into();
        let signed = kubectl.replace("signing what the cluster says of itself", CLUSTER_INFO, &info).await;
        signed.map_err(|error| error.to_string())
    }
}
