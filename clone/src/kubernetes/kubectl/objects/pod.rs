//! Pods, and what is known of their containers.

use std::net::IpAddr;

use serde::Deserialize;

use super::{Condition, Metadata, Truth, condition};

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Pod {
    /// Its name.
    pub metadata: Metadata,
    /// What it should be.
    pub spec: PodSpec,
    /// What it is.
    pub status: PodStatus,
}

/// What a pod should be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSpec {
    /// Where it runs, once that is decided.
    pub node_name: Option<String>,
    /// Its containers, without those that run before them.
    #[serde(default)]
    pub containers: Vec<Container>,
    /// Those that are started before them.
    #[serde(default)]
    pub init_containers: Vec<Container>,
}

/// A container that a pod is to have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// Its name in the pod.
    pub name: String,
    /// Of one that is started before the others, when it is started again: `Always` has it run beside them as long as they
    /// do (KEP-753, on from 1.29). Istio makes its proxy one of those from 1.33 on.
    pub restart_policy: Option<String>,
}

/// What a pod is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodStatus {
    /// How far it has come.
    pub phase: PodPhase,
    /// How it is.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// Its address.
    #[serde(rename = "podIP")]
    pub pod_ip: Option<IpAddr>,
    /// How those containers are that run before the others.
    #[serde(default)]
    pub init_container_statuses: Vec<ContainerStatus>,
    /// How its containers are.
    #[serde(default)]
    pub container_statuses: Vec<ContainerStatus>,
}

/// How far a pod has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum PodPhase {
    /// Not all its containers were started yet.
    Pending,
    /// It runs.
    Running,
    /// It has ended well.
    Succeeded,
    /// It has ended badly.
    Failed,
    /// Its node does not say.
    Unknown,
}

/// How a container is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerStatus {
    /// Its name in the pod.
    pub name: String,
    /// The image it is made of.
    #[serde(default)]
    pub image: String,
    /// Whether its readiness probe was answered.
    pub ready: bool,
    /// How often it was started again.
    pub restart_count: u32,
    /// What it does.
    #[serde(default)]
    pub state: ContainerState,
}

/// What a container does: one of these, or nothing known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct ContainerState {
    /// Why it waits to be started.
    pub waiting: Option<Reason>,
    /// How it ended.
    pub terminated: Option<Reason>,
}

/// Why something is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reason {
    /// In one word: `ImagePullBackOff`, `Error`.
    #[serde(default)]
    pub reason: String,
    /// In a sentence.
    #[serde(default)]
    pub message: String,
}

impl Pod {
    /// Whether it does what it should: it runs and is ready, or has ended well.
    pub fn is_well(&self) -> bool {
        let ready = || condition(&self.status.conditions, "Ready").is_some_and(|ready| ready.status == Truth::True);
        match self.status.phase {
            PodPhase::Succeeded => true,
            PodPhase::Running => ready() && self.metadata.deletion_timestamp.is_none(),
            PodPhase::Pending | PodPhase::Failed | PodPhase::Unknown => false,
        }
    }

    /// How many containers it has, as kubectl counts them: those that run before the others count if they stay.
    pub fn container_count(&self) -> usize {
        self.spec.containers.len() + self.sidecars().count()
    }

    /// How many of its containers are ready, and how many it has: kubectl's column READY (kubernetes,
    /// `printers/internalversion`, `printPod`).
    pub fn ready_containers(&self) -> (usize, usize) {
        let ready = self.lasting_statuses().filter(|container| container.ready).count();
        (ready, self.container_count().max(self.lasting_statuses().count()))
    }

    /// How often its containers were started again.
    pub fn restarts(&self) -> u32 {
        self.lasting_statuses().map(|container| container.restart_count).sum()
    }

    /// The containers that are started before the others, and run beside them.
    fn sidecars(&self) -> impl Iterator<Item = &Container> {
        self.spec.init_containers.iter().filter(|container| container.restart_policy.as_deref() == Some("Always"))
    }

    /// How those containers are that run as long as the pod does. One that ran before them is `ready` when it has ended.
    fn lasting_statuses(&self) -> impl Iterator<Item = &ContainerStatus> {
        let is_sidecar = |status: &&ContainerStatus| self.sidecars().any(|sidecar| sidecar.name == status.name);
        self.status.init_container_statuses.iter().filter(is_sidecar).chain(&self.status.container_statuses)
    }

    /// Why it is not as it should be, in a sentence: what a container says that does not run, or what the scheduler says.
    pub fn message(&self) -> Option<&str> {
        let containers = self.status.init_container_statuses.iter().chain(&self.status.container_statuses);
        let reasons = containers.filter_map(|it| it.state.waiting.as_ref().or(it.state.terminated.as_ref()));
        let conditions = self.status.conditions.iter().filter(|condition| condition.status == Truth::False);
        let messages = reasons.map(|reason| &reason.message).chain(conditions.map(|condition| &condition.message));
        messages.map(String::as_str).find(|message| !message.is_empty())
    }

    /// Its state as `kubectl get pods` shows it: why a container does not run, or else how far the pod has come.
    pub fn state(&self) -> String {
        let containers = self.status.container_statuses.iter();
        let mut reasons = containers.filter_map(|container| {
            let state = &container.state;
            state.waiting.as_ref().or(state.terminated.as_ref()).map(|reason| reason.reason.as_str())
        });
        match reasons.find(|reason| !reason.is_empty()) {
            _ if self.metadata.deletion_timestamp.is_some() => "Terminating".to_owned(),
            Some(reason) => reason.to_owned(),
            None => format!("{:?}", self.status.phase),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::tests::items;
    use super::*;

    /// A pod that runs, and one that waits for a node.
    const PODS: &str = include_str!("../../../../fixtures/kubectl-pods.json");

    #[test]
    fn pods_are_read() {
        let pods: Vec<Pod> = items(PODS);
        let seen = pods.iter().map(|pod| (pod.metadata.name.as_str(), pod.is_well(), pod.state()));
        assert_eq!(
            seen.collect::<Vec<_>>(),
            [("probe", true, "Running".to_owned()), ("waiting", false, "Pending".to_owned())]
        );
        assert_eq!(pods[0].spec.node_name.as_deref(), Some("node1"));
        assert_eq!(pods[0].status.pod_ip, "10.244.0.5".parse().ok());
        assert_eq!(pods[0].status.container_statuses[0].restart_count, 1);
    }

    /// As Istio 1.30 makes them on Kubernetes 1.33 and later: `istio-init` ends, `istio-proxy` stays.
    #[test]
    fn a_container_counts_that_is_started_before_the_others_and_stays() {
        let pod = |containers: &str, statuses: &str, own: &str| {
            let text = format!(
                r#"{{"metadata": {{"name": "a"}},
                "spec": {{"containers": [{{"name": "own"}}], "initContainers": [{containers}]}},
                "status": {{"phase": "Pending", "initContainerStatuses": [{statuses}],
                "containerStatuses": [{{"name": "own", "ready": {own}, "restartCount": 1}}]}}}}"#
            );
            let pod: Pod = serde_json::from_str(&text).unwrap();
            (pod.container_count(), pod.ready_containers(), pod.restarts())
        };
        let (init, proxy) = (r#"{"name": "istio-init"}"#, r#"{"name": "istio-proxy", "restartPolicy": "Always"}"#);
        let is = |name: &str, ready: bool| format!(r#"{{"name": "{name}", "ready": {ready}, "restartCount": 2}}"#);
        let (both, ended) = (format!("{init}, {proxy}"), is("istio-init", true));
        let beside = |ready: bool| format!("{ended}, {}", is("istio-proxy", ready));
        assert_eq!(pod(&both, &beside(true), "true"), (2, (2, 2), 3));
        assert_eq!(pod(&both, &beside(false), "false"), (2, (0, 2), 3));
        assert_eq!(pod(&both, &beside(true), "false"), (2, (1, 2), 3));
        assert_eq!(pod(init, &ended, "true"), (1, (1, 1), 1));
        assert_eq!(pod("", "", "true"), (1, (1, 1), 1));
    }

    #[test]
    fn the_state_of_a_pod_says_why_it_does_not_run() {
        let status = |phase: &str, state: &str| {
            let text = format!(
                r#"{{"metadata": {{"name": "a"}}, "spec": {{}}, "status": {{"phase": "{phase}",
                "containerStatuses": [{{"name": "c", "ready": false, "restartCount": 0, "state": {state}}}]}}}}"#
            );
            serde_json::from_str::<Pod>(&text).unwrap()
        };
        for (phase, state, expected) in [
            ("Pending", r#"{"waiting": {"reason": "ErrImageNeverPull"}}"#, "ErrImageNeverPull"),
            ("Succeeded", r#"{"terminated": {"exitCode": 0, "reason": "Completed"}}"#, "Completed"),
            ("Running", r#"{"running": {"startedAt": "2026-11-23T00:49:00Z"}}"#, "Running"),
        ] {
            assert_eq!(status(phase, state).state(), expected);
        }
        assert!(status("Succeeded", "{}").is_well() && !status("Failed", "{}").is_well());
        let mut ending = status("Running", "{}");
        ending.metadata.deletion_timestamp = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(ending.state(), "Terminating");
    }
}
