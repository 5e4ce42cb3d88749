//! How far a node has come, for phases of this node and of others that wait for it.

use std::cell::Cell;

use tokio::sync::Notify;

/// How far a node has come. It only ever gets further.
#[derive(Debug)]
pub struct Progress<'a> {
    has_agent: Cell<bool>,
    has_server: Cell<bool>,
    has_let_in: Cell<bool>,
    changed: &'a Notify,
}

impl<'a> Progress<'a> {
    /// A node that has only begun to boot. `changed` is shared by all nodes of a lab.
    pub fn new(changed: &'a Notify) -> Self {
        let no = || Cell::new(false);
        Self { has_agent: no(), has_server: no(), has_let_in: no(), changed }
    }

    /// The agent in it has answered.
    pub fn agent_answered(&self) {
        self.reach(&self.has_agent);
    }

    /// Its SSH server has answered, which starts when cloud-init has made the node what it is.
    pub fn server_answered(&self) {
        self.reach(&self.has_server);
    }

    /// A login worked.
    pub fn let_in(&self) {
        self.reach(&self.has_server);
        self.reach(&self.has_let_in);
    }

    /// Whether scripts can be run by the agent.
    pub fn has_agent(&self) -> bool {
        self.has_agent.get()
    }

    /// Whether the node is what cloud-init made of it.
    pub fn is_configured(&self) -> bool {
        self.has_server.get()
    }

    /// Whether a script can be run in it that sees what cloud-init has made of it.
    pub fn can_be_asked(&self) -> bool {
        self.has_let_in.get() || (self.has_server.get() && self.has_agent.get())
    }

    /// Waits until `reached` says so. It is asked again whenever a node of the lab has got further.
    pub async fn until(&self, reached: impl Fn() -> bool) {
        loop {
            // It hears of every change from here on, so that none can be missed between the question and the wait.
            let changed = self.changed.notified();
            if reached() {
                return;
            }
            changed.await;
        }
    }

    fn reach(&self, step: &Cell<bool>) {
        if !step.replace(true) {
            self.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_of_one_node_wakes_those_that_wait_for_all() {
        let changed = Notify::new();
        let nodes = [Progress::new(&changed), Progress::new(&changed)];
        let all = || nodes.iter().all(Progress::is_configured);
        let waiting = nodes[0].until(all);
        let working = async {
            for node in &nodes {
                tokio::task::yield_now().await;
                node.server_answered();
            }
        };
        tokio::join!(waiting, working);
        assert!(all());
    }

    #[test]
    fn a_node_can_be_asked_by_its_agent_once_it_is_configured_or_after_a_login() {
        let changed = Notify::new();
        let node = Progress::new(&changed);
        node.agent_answered();
        assert!(!node.can_be_asked());
        node.server_answered();
        assert!(node.can_be_asked());
        let other = Progress::new(&changed);
        other.let_in();
        assert!(other.can_be_asked() && other.is_configured() && !other.has_agent());
    }
}
