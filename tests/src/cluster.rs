//! The cluster of three nodes that the lab `debian-k8s` is.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Finished, TestHome, clone, kubernetes, processes, until};

/// A cluster that comes up on a host without any network.
#[derive(Debug)]
pub struct Cluster {
    /// Where it is.
    pub home: TestHome,
    begun: Instant,
}

impl Cluster {
    /// The lab.
    pub const LAB: &str = "debian-k8s";
    /// Its nodes; the first is the control plane.
    pub const NODES: [&str; 3] = ["node1", "node2", "node3"];
    /// What a phase may take under emulation on a busy host.
    pub const PATIENCE: Duration = Duration::from_secs(15 * 60);

    /// The golden image of a cluster that is not up yet. It is baked first, if this machine has not done so before.
    pub fn new() -> Self {
        Self { home: TestHome::with_kubernetes().cut_off(), begun: Instant::now() }
    }

    /// A place without images and labs, for a cluster that is brought there.
    pub fn elsewhere(&self) -> Self {
        Self { home: TestHome::empty().cut_off(), begun: self.begun }
    }

    /// Says how far a test has come, and when.
    pub fn chapter(&self, what: &str) {
        eprintln!("{what} ({} s)", self.begun.elapsed().as_secs());
    }

    /// Whether the log of a phase has this in it.
    pub fn said_in_log(&self, log: &str, what: &str) -> bool {
        self.count_in_log(log, what) > 0
    }

    /// How often the log of a phase has this in it.
    pub fn count_in_log(&self, log: &str, what: &str) -> usize {
        let path = self.home.root().join("labs").join(Self::LAB).join("logs").join(log);
        fs::read(path).map_or(0, |bytes| String::from_utf8_lossy(&bytes).matches(what).count())
    }

    /// Runs kubectl of the host.
    pub fn kubectl(&self, words: &[&str]) -> Finished {
        self.kubectl_of(Self::LAB, words)
    }

    /// Runs kubectl of the host on the cluster of another lab.
    pub fn kubectl_of(&self, lab: &str, words: &[&str]) -> Finished {
        clone(&self.home, ["kubectl", "--lab", lab, "--"].iter().chain(words)).finish()
    }

    /// What identifies a node's run: it changes whenever the node boots.
    #[track_caller]
    pub fn boot_id(&self, node: &str) -> String {
        clone(&self.home, ["exec", node, "--", "cat", "/proc/sys/kernel/random/boot_id"]).ok()
    }

    /// How often the containers of every pod were started again.
    #[track_caller]
    pub fn restarts(&self) -> BTreeMap<String, u64> {
        self.restarts_of(Self::LAB)
    }

    /// The same of the cluster of another lab.
    #[track_caller]
    pub fn restarts_of(&self, lab: &str) -> BTreeMap<String, u64> {
        let listed = self.kubectl_of(lab, &["get", "pods", "--all-namespaces", "-o", "json"]).json_document();
        let pods = listed["items"].as_array().unwrap().iter().map(|pod| {
            let containers = pod["status"]["containerStatuses"].as_array().unwrap();
            let count = containers.iter().map(|container| container["restartCount"].as_u64().unwrap()).sum();
            (pod["metadata"]["name"].as_str().unwrap().to_owned(), count)
        });
        pods.collect()
    }

    /// Brings it up to where every node has been seen to do its work.
    #[track_caller]
    pub fn up(&self) {
        self.is_up(&clone(&self.home, ["up", Self::LAB, "-o", "json"]).ok());
    }

    /// The same, if kubeadm begins within this time. A host that is too slow for that has no cluster, and says so.
    #[track_caller]
    pub fn up_if_begun_within(&self, limit: Duration) -> bool {
        let begin = Instant::now();
        let mut up = clone(&self.home, ["up", Self::LAB, "-o", "json"]).start();
        up.until("kubeadm init has begun", Self::PATIENCE, || self.said_in_log("control-plane-node1.log", "[init]"));
        let took = begin.elapsed();
        if took > limit {
            up.kill();
            // Past what the harness of the tests keeps to itself.
            let (took, limit) = (took.as_secs(), limit.as_secs());
            let said =
                format!("\nNOT RUN: kubeadm began after {took} s, not {limit} s; as a drill it is (make drills)\n");
            std::io::stderr().write_all(said.as_bytes()).unwrap();
            return false;
        }
        self.is_up(&up.finish().ok());
        true
    }

    #[track_caller]
    fn is_up(&self, said: &str) {
        let events: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for node in Self::NODES {
            let ready =
                |event: &Value| event["subject"] == node && event["phase"] == "ready" && event["state"] == "done";
            assert!(events.iter().any(ready), "{node} is not said to be ready:\n{said}");
        }
        self.chapter("the cluster is up");
        self.until_ready();
    }

    /// Waits until `clone status` shows all nodes as ready: what the API does not say in a moment is not shown, and it can
    /// have been busy.
    #[track_caller]
    pub fn until_ready(&self) {
        self.until_ready_of(Self::LAB);
    }

    /// The same of the cluster of another lab.
    #[track_caller]
    pub fn until_ready_of(&self, lab: &str) {
        until("status shows a cluster that is ready", Self::PATIENCE, || {
            let rows = self.home.status(lab);
            rows.iter().all(|row| {
                let cluster = &row["cluster"];
                cluster["condition"] == "Ready"
                    && cluster["version"] == "v1.20.2"
                    && cluster["pods"]["Running"].as_u64() > Some(0)
                    && cluster["age-seconds"].as_u64() < Some(60)
                    && row["phase"].is_null()
            })
        });
    }

    /// Destroys it, and asserts that nothing of it is left.
    #[track_caller]
    pub fn end(self) {
        clone(&self.home, ["destroy", Self::LAB, "--yes"]).ok();
        until("everything has ended", Self::PATIENCE, || processes(&self.home).is_empty());
        self.home.assert_no_labs();
        kubernetes().assert_untouched();
    }
}

impl Default for Cluster {
    fn default() -> Self {
        Self::new()
    }
}
