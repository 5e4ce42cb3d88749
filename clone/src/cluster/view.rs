//! Asking the API of a cluster, for all who wait for something at once.
//!
//! The host asks, at its own speed; but the answer costs the API server time, which an emulated one has little of. So
//! there is one question at a time, whoever waits shares the answer, and the pause before the next is as long as the last
//! one took.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::Snapshot;
use crate::kubernetes::Version;
use crate::kubernetes::kubectl::Kubectl;

/// The pauses between two questions, at least and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(3));

/// The API of a cluster.
#[derive(Debug)]
pub struct View {
    kubectl: Kubectl,
    version: Version,
    latest: RefCell<Option<Rc<Snapshot>>>,
    /// How often it was asked.
    looks: Cell<u64>,
    /// Held by whoever asks.
    turn: Mutex<()>,
}

impl View {
    /// Asks with `kubectl`; the cluster has this version of Kubernetes.
    pub fn new(kubectl: Kubectl, version: Version) -> Self {
        Self { kubectl, version, latest: RefCell::default(), looks: Cell::default(), turn: Mutex::default() }
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

    /// Waits until `found` finds what it looks for in the answer to a question that was asked from now on, and returns
    /// that. What it says instead goes to `so_far`, and so does what goes wrong: an API server that is just being started
    /// again answers the next question.
    pub async fn until<T>(&self, found: impl Fn(&Snapshot) -> Result<T, String>, so_far: impl Fn(String)) -> T {
        let mut known = self.looks.get();
        let mut pause = Duration::ZERO;
        loop {
            let turn = self.turn.lock().await;
            if self.looks.get() == known {
                sleep(pause).await;
                let begin = Instant::now();
                let answer = self.look().await.inspect_err(|error| so_far(format!("the API does not answer: {error}")));
                self.latest.replace(answer.ok().map(Rc::new));
                pause = begin.elapsed().clamp(PAUSE.0, PAUSE.1);
                self.looks.set(known + 1);
            }
            known = self.looks.get();
            drop(turn);
            let latest = self.latest.borrow().clone();
            match latest.map(|snapshot| found(&snapshot)) {
                Some(Ok(value)) => return value,
                Some(Err(reason)) => so_far(reason),
                None => {}
            }
        }
    }
}
