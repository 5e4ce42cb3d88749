//! A cluster while it is made: what its phases share, and what they wait for of each other.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use tokio::sync::Mutex;
use tokio::time::sleep;

use super::View;
use super::view::ViewError;
use crate::kubernetes::pki::Pki;
use crate::kubernetes::{Cluster, Member};
use crate::phases::progress::Milestone;

/// How long a token is good that is made for nodes which join later. The slowest of hosts joins a node in that time.
const TOKEN_LIFE: Duration = Duration::from_secs(2 * 3600);
/// The pauses between two looks at what makes the token good.
const PAUSE: Duration = Duration::from_secs(1);
/// The phases of `kubeadm init` without which there is no kube-proxy, and no name service.
const WITHOUT_PROXY: [&str; 2] = ["addon", "addon/kube-proxy"];
const WITHOUT_DNS: [&str; 2] = ["addon", "addon/coredns"];

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
    pub manifest: Option<Vec<u8>>,
    /// The image of the pods that try the network, where there is one.
    pub probe_image: Option<String>,
    /// The API answers.
    pub api: Milestone<'a>,
    /// `kubeadm init` has ended.
    pub formed: Milestone<'a>,
    /// Whether it was made in this run: then its token is, too, and it knows no node from before.
    pub is_new: Cell<bool>,
    /// Whether the cluster was seen to know the token.
    knows_token: Mutex<bool>,
    /// Held by a control plane that joins: the members of etcd are added one after the other.
    pub turn: Mutex<()>,
}

impl<'a> Assembly<'a> {
    /// The cluster of which only this is known; `leader` has made it, or will.
    pub fn new(cluster: Cluster, pki: Pki, view: View, leader: NodeName, milestones: [Milestone<'a>; 2]) -> Self {
        let [api, formed] = milestones;
        Self {
            cluster,
            pki,
            view,
            leader,
            manifest: None,
            probe_image: None,
            api,
            formed,
            is_new: Cell::new(false),
            knows_token: Mutex::default(),
            turn: Mutex::default(),
        }
    }

    /// What the node `name` is in the cluster.
    pub fn member(&self, name: &NodeName) -> Option<&Member> {
        self.cluster.member(name)
    }

    /// Whether its nodes run kube-proxy.
    pub fn has_proxy(&self) -> bool {
        !self.skips(&WITHOUT_PROXY)
    }

    /// Whether it has a name service.
    pub fn has_dns(&self) -> bool {
        !self.skips(&WITHOUT_DNS)
    }

    fn skips(&self, phases: &[&str]) -> bool {
        self.cluster.settings.skip_phases.iter().any(|phase| phases.contains(&phase.as_str()))
    }

    /// Whether `kubeadm init` has come to its end: what it makes in its last phases is there.
    ///
    /// # Errors
    /// Where the API does not answer.
    pub async fn is_formed(&self) -> Result<bool, ViewError> {
        let mut paths = vec![
            "/api/v1/namespaces/kube-system/configmaps/kubeadm-config",
            "/api/v1/namespaces/kube-public/configmaps/cluster-info",
        ];
        if self.has_proxy() {
            paths.push("/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy");
        }
        for path in paths {
            if self.view.find(path).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Waits until the cluster knows the token that nodes join with. kubeadm would look for that in the node, every five
    /// seconds. A cluster that was there before is given the token anew: it forgets every token after a day.
    ///
    /// # Errors
    /// Where the API does not take the token.
    pub async fn until_token_is_known(&self) -> Result<(), ViewError> {
        let mut known = self.knows_token.lock().await;
        if *known {
            return Ok(());
        }
        if !self.is_new.get() {
            let manifest = self.pki.token.manifest(Timestamp::now() + TOKEN_LIFE);
            self.view.kubectl().apply("making a token for the nodes that join", manifest.to_string()).await?;
        }
        while !self.is_token_signed().await {
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

    /// Whether the cluster says who it is in a way that the owner of the token can check (kubeadm,
    /// `app/phases/bootstraptoken/clusterinfo`; the controller `bootstrapsigner` adds a signature for every token).
    async fn is_token_signed(&self) -> bool {
        let signature = format!("jws-kubeconfig-{}", self.pki.token.id());
        match self.view.find("/api/v1/namespaces/kube-public/configmaps/cluster-info").await {
            Ok(info) => info.is_some_and(|info| info["data"][signature].is_string()),
            Err(error) => {
                tracing::debug!(%error, "the cluster does not say who it is");
                false
            }
        }
    }
}
