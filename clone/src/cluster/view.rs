//! Asking the API of a cluster, for all who wait for something at once.

use tokio::time::sleep;

use super::Snapshot;
use super::question::{PAUSE, Question};
use crate::kubernetes::Version;
use crate::kubernetes::kubectl::Kubectl;
use crate::kubernetes::kubectl::objects::Lease;

/// The API of a cluster.
#[derive(Debug)]
pub struct View {
    kubectl: Kubectl,
    version: Version,
    everything: Question<Snapshot>,
    leases: Question<Vec<Lease>>,
}

impl View {
    /// Asks with `kubectl`; the cluster has this version of Kubernetes.
    pub fn new(kubectl: Kubectl, version: Version) -> Self {
        Self { kubectl, version, everything: Question::default(), leases: Question::default() }
    }

    /// Its version of Kubernetes.
    pub fn version(&self) -> Version {
        self.version
    }

    /// What asks.
    pub fn kubectl(&self) -> &Kubectl {
        &self.kubectl
    }

    /// Waits until the API server says that it is ready, for ever: the phase has the time limit.
    ///
    /// # Errors
    /// Where `kubectl` is not installed.
    pub async fn until_api_answers(&self) -> Result<(), kiln_tool::Error> {
        self.until_ok(self.version.readiness_path()).await
    }

    /// Waits until the API server listens, for ever. From then on it takes half a minute under emulation until it is ready.
    ///
    /// # Errors
    /// Where `kubectl` is not installed.
    pub async fn until_api_listens(&self) -> Result<(), kiln_tool::Error> {
        self.until_ok(self.version.liveness_path()).await
    }

    async fn until_ok(&self, path: &str) -> Result<(), kiln_tool::Error> {
        let mut pause = PAUSE.0;
        while !self.kubectl.is_ready(path).await? {
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
        }
        Ok(())
    }

    /// Asks once for nodes, leases and pods.
    ///
    /// # Errors
    /// Where the API does not answer.
    pub async fn look(&self) -> Result<Snapshot, kiln_tool::Error> {
        let kubectl = &self.kubectl;
        let leases = async {
            match self.version.has_node_leases() {
                true => kubectl.leases().await,
                false => Ok(Vec::new()),
            }
        };
        let (nodes, leases, pods) = tokio::try_join!(kubectl.nodes(), leases, kubectl.pods())?;
        Ok(Snapshot::new(nodes, leases, pods))
    }

    /// Waits until `found` finds what it looks for in what the API says of nodes, leases and pods from now on, and returns
    /// that ([`Question::until`]).
    pub async fn until<T>(&self, found: impl Fn(&Snapshot) -> Result<T, String>, so_far: impl Fn(String)) -> T {
        self.everything.until(async || self.look().await, found, so_far).await
    }

    /// The same for the leases alone, which cost an API server least that has just come back.
    pub async fn until_leases(&self, found: impl Fn(&Vec<Lease>) -> Result<(), String>, so_far: impl Fn(String)) {
        self.leases.until(async || self.kubectl.leases().await, found, so_far).await;
    }
}
