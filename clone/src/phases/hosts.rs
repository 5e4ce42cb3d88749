//! The phase `hosts`: the node knows all nodes by name. Its seed wrote `/etc/hosts` at its first boot; a node that was
//! there before another was added or removed is told here.

use std::time::Duration;

use kiln_console::Task;
use kiln_images::digest::Digest;

use super::{Node, Phase, Work};
use crate::guest::{self, Script};

/// Replaces the file in one step, with the mode it had.
const SCRIPT: &str = "cat > /etc/hosts.kiln && chmod 0644 /etc/hosts.kiln && mv /etc/hosts.kiln /etc/hosts";

/// See the module.
#[derive(Debug)]
pub struct Hosts {
    text: String,
    digest: Digest,
}

impl Hosts {
    /// The phase that sees to it that `/etc/hosts` of the nodes is `text`.
    pub fn new(text: String) -> Self {
        let digest = Digest::of_bytes(text.as_bytes());
        Self { text, digest }
    }

    /// What a node's [`crate::state::NodeState::hosts`] is afterwards.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl Phase for Hosts {
    fn name(&self) -> &'static str {
        "hosts"
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn is_done<'a>(&'a self, node: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        Box::pin(async move { Ok((node.state.hosts == self.digest).then_some("they are in its seed")) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, _: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let stdin = self.text.clone().into_bytes();
            let step = "writing /etc/hosts";
            let script = Script { step, phase: self.name(), text: SCRIPT, arguments: Vec::new(), stdin };
            guest::run(node, &script).await.map(drop)
        })
    }
}
