//! What `clone up` will do to each node, and why: the lab file compared with what exists and what runs.
//!
//! Nothing here looks at the world; [`Plan::new`] is a function of its arguments.

mod changes;

use std::collections::BTreeMap;
use std::fmt;

use kiln_cloud_init::NodeName;
use kiln_images::digest::Digest;
use serde::Serialize;

use crate::lab::{Lab, Node};
use crate::state::{NodeState, State};
use changes::{cluster_changes, lasting_changes, passing_changes};

/// What is said of a node whose guest writes more than the host's disk holds.
pub const DISK_FULL: &str = "paused on I/O error: host disk full";

/// What a node is seen to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It executes.
    Running,
    /// It is held, with all it has: whoever held it was killed before letting it go on.
    Paused,
    /// It is held, with all it has: the disk of the host is full. It goes on when there is space.
    DiskFull,
    /// It is there, and cannot go on as it is: for this reason.
    Held(String),
    /// It does not run.
    Stopped,
    /// It does not run, and its disk is gone.
    Lost,
}

impl Seen {
    /// Whether there is a process.
    pub fn is_there(&self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::DiskFull | Self::Held(_))
    }
}

/// What will be done to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Its disk and seed are made, and it is started.
    Create,
    /// It is started.
    Start,
    /// It goes on from where it is held.
    Resume,
    /// It is stopped and started again: a running machine cannot be changed.
    Restart,
    /// It is ended, its disk is made anew, and it is started: what was on the disk is lost.
    Replace,
    /// It runs; it is only waited for until it answers.
    Wait,
    /// Nothing.
    Keep,
    /// It is ended and removed: the lab file does not have it any more.
    Remove,
}

/// What will be done to one node, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The node.
    pub node: NodeName,
    /// What will be done.
    pub action: Action,
    /// Why, in words.
    pub reasons: Vec<String>,
}

/// What will be done to the nodes of a lab: those of the file in its order, then those it does not have any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// One for each node.
    pub steps: Vec<Step>,
}

/// What the user allows that cannot be undone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Permissions {
    /// Nodes may lose their disks.
    pub replace: bool,
    /// Nodes that the lab file does not have any more may be removed.
    pub remove: bool,
}

/// The plan loses what the user did not allow to be lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}\n  what is on {} would be lost: say `--replace` if that is meant",
    .lines.join("\n"), if .lines.len() == 1 { "its disk" } else { "their disks" }
)]
pub struct NotAllowed {
    lines: Vec<String>,
}

impl Plan {
    /// Compares `lab`, the names of whose images stand for `golden` now, with what exists of it and what was seen of its
    /// nodes.
    pub fn new(
        lab: &Lab,
        golden: impl Fn(&Node) -> Option<Digest>,
        state: Option<&State>,
        seen: &BTreeMap<NodeName, Seen>,
    ) -> Self {
        let stopped = Seen::Stopped;
        let known = |name| state.and_then(|state| state.nodes.get(name));
        let cluster = state.map(|state| cluster_changes(lab, state)).unwrap_or_default();
        let wanted = lab.nodes.iter().map(|node| {
            let seen = seen.get(&node.name).unwrap_or(&stopped);
            let create = |why: &str| (Action::Create, vec![why.to_owned()]);
            let (action, reasons) = match known(&node.name) {
                None => create("it is new"),
                Some(state) if !state.made => create("it was begun and not finished"),
                Some(_) if *seen == Seen::Lost => create("its disk is gone"),
                Some(state) if state.joined.is_some() && !cluster.is_empty() => (Action::Replace, cluster.clone()),
                Some(state) => compare(node, golden(node), state, seen),
            };
            Step { node: node.name.clone(), action, reasons }
        });
        let gone = state
            .into_iter()
            .flat_map(|state| state.nodes.keys())
            .filter(|name| lab.nodes.iter().all(|node| node.name != **name));
        let removed = gone.map(|name| Step {
            node: name.clone(),
            action: Action::Remove,
            reasons: vec!["the lab file does not have it any more".to_owned()],
        });
        Self { steps: wanted.chain(removed).collect() }
    }

    /// The steps that are allowed. A node that may not be removed is kept.
    ///
    /// # Errors
    /// [`NotAllowed`] where a node must be replaced that may not be.
    pub fn allowed(self, permissions: Permissions) -> Result<Self, NotAllowed> {
        let replaced: Vec<_> = self
            .with(Action::Replace)
            .map(|step| format!("{} must be made anew: {}", step.node, step.reasons.join(", ")))
            .collect();
        if !replaced.is_empty() && !permissions.replace {
            return Err(NotAllowed { lines: replaced });
        }
        Ok(if permissions.remove { self } else { self.without_removals() })
    }

    /// The same for people to read: what is not allowed says what allows it.
    pub fn asking(mut self, permissions: Permissions) -> Self {
        if !permissions.replace {
            for step in self.steps.iter_mut().filter(|step| step.action == Action::Replace) {
                step.reasons.push("its disk would be lost: `up` takes --replace for that".to_owned());
            }
        }
        if permissions.remove { self } else { self.without_removals() }
    }

    fn without_removals(mut self) -> Self {
        for step in self.steps.iter_mut().filter(|step| step.action == Action::Remove) {
            step.action = Action::Keep;
            step.reasons.push("--remove removes it".to_owned());
        }
        self
    }

    /// The same for a run that starts nothing: what runs is left as it is.
    pub fn without_restarts(mut self) -> Self {
        let starts = |step: &&mut Step| matches!(step.action, Action::Restart | Action::Resume);
        for step in self.steps.iter_mut().filter(starts) {
            step.action = Action::Keep;
            step.reasons.push("it is not started again now".to_owned());
        }
        self
    }

    /// Waits for nodes that were to be kept: for this reason.
    pub fn wait_for(&mut self, names: &[NodeName], reason: &str) {
        for step in self.steps.iter_mut().filter(|step| names.contains(&step.node)) {
            step.action = Action::Wait;
            step.reasons.push(reason.to_owned());
        }
    }

    /// The steps with this action.
    pub fn with(&self, action: Action) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.action == action)
    }

    /// Whether it makes the disk of this node.
    pub fn makes(&self, node: &NodeName) -> bool {
        self.with(Action::Create).chain(self.with(Action::Replace)).any(|step| step.node == *node)
    }

    /// Whether there is nothing to do.
    pub fn is_done(&self) -> bool {
        self.steps.iter().all(|step| step.action == Action::Keep)
    }
}

/// What to do with a node that exists.
fn compare(node: &Node, golden: Option<Digest>, state: &NodeState, seen: &Seen) -> (Action, Vec<String>) {
    let lost = lasting_changes(node, golden, state);
    if !lost.is_empty() {
        return (Action::Replace, lost);
    }
    let mut reasons = passing_changes(node, state);
    let action = match seen {
        Seen::Running | Seen::Paused if !reasons.is_empty() => Action::Restart,
        Seen::Running if state.has_answered() => Action::Keep,
        Seen::Running => {
            reasons.push("it runs, and has not answered yet".to_owned());
            Action::Wait
        }
        Seen::Paused => {
            reasons.push("it is paused".to_owned());
            Action::Resume
        }
        Seen::DiskFull => {
            let is_changed = !reasons.is_empty();
            reasons.push(format!("it is {DISK_FULL}"));
            if is_changed { Action::Restart } else { Action::Resume }
        }
        Seen::Held(why) => {
            reasons.push(format!("it is {why}"));
            Action::Restart
        }
        Seen::Stopped | Seen::Lost => {
            reasons.push(if state.boot.is_some() { "it ended by itself" } else { "it does not run" }.to_owned());
            Action::Start
        }
    };
    if golden.is_some_and(|golden| golden != state.image.digest) {
        reasons.push(format!("`{}` is a newer image now; it stays on {}", node.image, state.image.digest.short()));
    }
    (action, reasons)
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Create => "create",
            Self::Start => "start",
            Self::Resume => "resume",
            Self::Restart => "restart",
            Self::Replace => "replace",
            Self::Wait => "wait",
            Self::Keep => "keep",
            Self::Remove => "remove",
        })
    }
}

#[cfg(test)]
mod tests;
