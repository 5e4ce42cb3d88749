//! The failure of a phase, with everything that helps to understand it.

use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_cloud_init::NodeName;
use kiln_machines::DISK_FULL;
use kiln_machines::console_log::last_lines;

use super::Node;
use super::kubeadm::Failed;
use crate::kubernetes::kubeadm::YamlError;
use crate::kubernetes::pki::PkiError;

/// What went wrong in a phase.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It took longer than allowed.
    #[error(
        "it took longer than {} s{}", .limit.as_secs(),
        .last.as_ref().map(|last| format!("\n  last: {last}")).unwrap_or_default()
    )]
    TimedOut {
        /// How long it was allowed to take.
        limit: Duration,
        /// What was tried, or seen, last.
        last: Option<String>,
    },
    /// The machine does not run any more.
    #[error("its machine has ended\n  it was killed, or the guest switched it off{}", last_words(.said))]
    Ended {
        /// What the hypervisor said last.
        said: Vec<String>,
    },
    /// The hypervisor has halted it, for what it calls this.
    #[error(
        "the hypervisor has halted its machine: {word}{}",
        if .word == DISK_FULL { "\n  is the disk of this host full?" } else { "" }
    )]
    Halted {
        /// The hypervisor's word.
        word: String,
    },
    /// The guest said this last.
    #[error("the guest cannot boot: {0}")]
    GaveUp(String),
    /// A program of this host failed.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
    /// The hypervisor or the agent failed.
    #[error("{}", with_sources(.0))]
    Machine(kiln_machines::Error),
    /// This host has no connection to give.
    #[error("connecting to 127.0.0.1: {0}")]
    Connect(#[from] io::Error),
    /// kubeadm failed, for what it says itself.
    #[error("{0}")]
    Kubeadm(Box<Failed>),
    /// The keys of the cluster.
    #[error("{}", with_sources(.0))]
    Pki(#[from] PkiError),
    /// What kubeadm is to be told.
    #[error("{}", with_sources(.0))]
    Configuration(#[from] YamlError),
    /// Something on the cluster is not as it should be, whatever the node is like that was asked.
    #[error("{0}")]
    Mesh(String),
    /// Something in the node is not as it should be.
    #[error("{0}")]
    Wrong(String),
}

fn last_words(said: &[String]) -> String {
    match said {
        [] => String::new(),
        said => format!("\n  the hypervisor said last:\n    {}", said.join("\n    ")),
    }
}

impl From<kiln_machines::Error> for Problem {
    fn from(error: kiln_machines::Error) -> Self {
        Self::Machine(error)
    }
}

/// An error and what it comes from in one line: a failure of a phase is shown as a whole.
fn with_sources(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl Problem {
    /// Whether the guest can still be asked what it knows of it.
    pub(super) fn has_a_guest(&self) -> bool {
        !matches!(self, Self::Ended { .. } | Self::Halted { .. } | Self::GaveUp(_))
    }

    /// The first line of what is said of it.
    pub fn headline(&self) -> String {
        self.to_string().lines().next().unwrap_or_default().to_owned()
    }
}

impl Failure {
    /// What the user can do next.
    pub fn next(&self) -> String {
        let node = &self.node;
        match *self.problem {
            _ if self.phase == super::mesh::NAME => {
                "look at it: clone mesh status; go on where it stopped: clone up".to_owned()
            }
            Problem::GaveUp(_) => {
                format!(
                    "see all it said: clone console {node} --dump\n\
                     start it again, with its disk: clone down, then clone up\n\
                     or make it anew, and lose its disk: clone reset {node} --to golden"
                )
            }
            Problem::Ended { .. } => "start it again: clone up".to_owned(),
            Problem::Halted { ref word } if word == DISK_FULL => {
                "make room there, and have it go on where it is: clone up".to_owned()
            }
            Problem::TimedOut { .. } => format!("look at its screen: clone console {node}; wait on: clone up"),
            Problem::Kubeadm(_) => {
                format!("mend it and go on: clone up\nsee all it said: clone logs {node} --phase {}", self.phase)
            }
            Problem::Wrong(_) => {
                format!("mend it and go on: clone up\nor make it anew: clone reset {node} --to golden")
            }
            _ => format!("see all it said: clone console {node} --dump; go on: clone up"),
        }
    }
}

/// A phase of a node failed.
#[derive(Debug, thiserror::Error)]
#[error(
    "{node}: phase `{phase}` failed: {problem}{}{}{}",
    .story.as_deref().unwrap_or_default(), log_text(.log.as_deref()),
    console_text(.problem, .console, .console_log)
)]
pub struct Failure {
    /// The node.
    pub node: NodeName,
    /// The phase.
    pub phase: &'static str,
    /// What went wrong.
    pub problem: Box<Problem>,
    /// What the phase wrote down, if anything.
    pub log: Option<Utf8PathBuf>,
    /// What the node knows of it.
    pub story: Option<String>,
    /// The last lines of the node's console.
    pub console: Vec<String>,
    /// All of its console.
    pub console_log: Utf8PathBuf,
}

impl Failure {
    /// The failure of `phase` of `node`.
    pub(super) fn new(node: &Node<'_>, phase: &'static str, problem: Problem, story: Option<String>) -> Self {
        let log = Some(node.log(phase)).filter(|log| log.exists());
        let console_log = node.site.hypervisor.console_log(&node.machine);
        let offset = node.state.boot.as_ref().map_or(0, |boot| boot.console_offset);
        let console = last_lines(&console_log, offset).unwrap_or_default();
        Self { node: node.name.clone(), phase, problem: Box::new(problem), log, story, console, console_log }
    }
}

fn log_text(log: Option<&Utf8Path>) -> String {
    log.map(|log| format!("\n  log: {log}")).unwrap_or_default()
}

/// What a node's console said is no news of what runs in its cluster.
fn console_text(problem: &Problem, lines: &[String], log: &Utf8Path) -> String {
    if matches!(problem, Problem::Mesh(_)) {
        return String::new();
    }
    if lines.is_empty() {
        return "\n  its console has said nothing".to_owned();
    }
    lines.iter().fold(format!("\n  its console ({log}) ended with:"), |text, line| format!("{text}\n    {line}"))
}
