//! The phases of bringing a node up, after its machine has started.
//!
//! A phase is one file: it says whether its result is there already, brings it about, and how long that may take
//! ([`Phase`]). [`run`] does the rest for all of them: the report, the time limit, watching the machine meanwhile
//! ([`watch`]), and the [`Failure`] that says all there is to say.
//!
//! A login costs an emulated guest seconds, in which the agent can answer other questions. So phases of a node that do
//! not need each other's results run at once; what they wait for is in [`Progress`].

pub mod clock;
pub mod control_plane;
mod failure;
pub mod first_boot;
pub mod hosts;
pub mod identity;
pub mod join;
pub mod kubeadm;
pub mod mesh;
pub mod network;
pub mod progress;
pub mod reachable;
pub mod ready;
mod watch;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use camino::Utf8PathBuf;
use kiln_cloud_init::NodeName;
use kiln_console::{Reporter, Task};
use kiln_machines::{Hypervisor, Machine};
use tokio::sync::Notify;
use tokio::time::timeout;
use uuid::Uuid;

pub use failure::{Failure, Problem};
pub use progress::Progress;

use crate::cluster::Assembly;
use crate::folder::LabFolder;
use crate::kubernetes::Member;
use crate::machine::machine;
use crate::pace::Pace;
use crate::ssh::Ssh;
use crate::state::NodeState;

/// The names of all phases, as their logs have them.
pub const NAMES: [&str; 14] = [
    "reachable",
    "first-boot",
    "hosts",
    "identity",
    "links",
    "network",
    "control-plane",
    "join",
    "ready",
    "mesh",
    "clock",
    "leases",
    "pods",
    "probe",
];

/// What all phases of a lab work with.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The folder of the lab.
    pub folder: &'a LabFolder,
    /// What makes all identities of the lab.
    pub uuid: Uuid,
    /// What runs the machines.
    pub hypervisor: &'a dyn Hypervisor,
    /// How the nodes are logged in to.
    pub ssh: &'a Ssh,
    /// Where the phases report to.
    pub reporter: &'a Reporter,
    /// How long things may take here.
    pub pace: Pace,
    /// The time limit of every phase, if the user set one.
    pub limit: Option<Duration>,
    /// Wakes whoever waits for a node to get further.
    pub changed: &'a Notify,
}

/// A node that is brought up.
#[derive(Debug)]
pub struct Node<'a> {
    /// What it shares with the others.
    pub site: Site<'a>,
    /// Its name.
    pub name: &'a NodeName,
    /// What exists of it.
    pub state: &'a NodeState,
    /// What the hypervisor knows it as.
    pub machine: Machine,
    /// How far it has come.
    pub progress: Progress<'a>,
}

/// What a phase is doing; boxed, so that phases can be kept in a list.
pub type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, Problem>> + 'a>>;

/// What a node tells of a failure, boxed likewise.
pub type Story<'a> = Pin<Box<dyn Future<Output = Option<String>> + 'a>>;

/// One step of bringing a node up.
pub trait Phase {
    /// Its name, as users see it and as its log file is called.
    fn name(&self) -> &'static str;

    /// How long it may take on a quick host.
    fn limit(&self) -> Duration;

    /// Whether there is something to do: for this reason there is not. What it is at is said to `task`, and what was tried
    /// last, for the message of a time limit: other phases of the node may be at work.
    fn is_done<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, Option<&'static str>>;

    /// Does it.
    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()>;

    /// What the node can tell of why it failed, beside what was said; nothing as a rule.
    fn explain<'a>(&'a self, _: &'a Node<'_>) -> Story<'a> {
        Box::pin(async { None })
    }
}

impl<'a> Node<'a> {
    /// The node `name`, of which `state` exists.
    pub fn new(site: Site<'a>, name: &'a NodeName, state: &'a NodeState) -> Self {
        let machine = machine(site.folder, site.uuid, name, state);
        Self { site, name, state, machine, progress: Progress::new(site.changed) }
    }

    /// How long a phase may take with it.
    pub fn limit(&self, phase: &dyn Phase) -> Duration {
        self.site.limit.unwrap_or_else(|| self.site.pace.scale(phase.limit()))
    }

    /// What it is in the cluster.
    ///
    /// # Errors
    /// [`Problem::Wrong`] where it is nothing in it.
    pub fn member<'b>(&self, assembly: &'b Assembly<'_>) -> Result<&'b Member, Problem> {
        assembly.member(self.name).ok_or_else(|| Problem::Wrong("it has no place in the cluster".to_owned()))
    }

    /// The log of a phase.
    pub fn log(&self, phase: &str) -> Utf8PathBuf {
        self.site.folder.log(phase, self.name)
    }
}

/// Takes a node through the phases, one after the other.
///
/// # Errors
/// [`Failure`] of the first phase that fails.
pub async fn run_all(node: &Node<'_>, phases: &[&dyn Phase]) -> Result<(), Failure> {
    for phase in phases {
        run(node, *phase).await?;
    }
    Ok(())
}

/// Takes a node through a phase, unless its result is there already.
///
/// # Errors
/// [`Failure`] when the phase fails or takes too long, or the machine ends or its kernel panics meanwhile.
pub async fn run(node: &Node<'_>, phase: &dyn Phase) -> Result<(), Failure> {
    let name = phase.name();
    let task = node.site.reporter.start(node.name.as_str(), name);
    let limit = node.limit(phase);
    let work = async {
        if let Some(reason) = phase.is_done(node, &task).await? {
            return Ok(Some(reason));
        }
        phase.run(node, &task).await.map(|()| None)
    };
    let result = tokio::select! {
        result = timeout(limit, work) => {
            result.unwrap_or_else(|_| Err(Problem::TimedOut { limit, last: task.last_note() }))
        }
        problem = watch::trouble(node) => Err(problem),
    };
    match result {
        Ok(None) => task.done(),
        Ok(Some(reason)) => task.skipped(reason),
        Err(problem) => {
            let problem = watch::end(node).await.unwrap_or(problem);
            let story = if problem.has_a_guest() { phase.explain(node).await } else { None };
            task.failed(problem.headline());
            return Err(Failure::new(node, name, problem, story));
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
