//! How far a node has come, for phases of this node and of others that wait for it.

use std::cell::Cell;

use tokio::sync::Notify;

/// Something that is reached once, and for good.
#[derive(Debug)]
pub struct Milestone<'a> {
    reached: Cell<bool>,
    changed: &'a Notify,
}

impl<'a> Milestone<'a> {
    /// One that is still ahead. `changed` wakes whoever waits for any milestone of a lab.
    pub fn new(changed: &'a Notify) -> Self {
        Self { reached: Cell::new(false), changed }
    }

    /// It is reached.
    pub fn reach(&self) {
        if !self.reached.replace(true) {
            self.changed.notify_waiters();
        }
    }

    /// Whether it is.
    pub fn is_reached(&self) -> bool {
        self.reached.get()
    }

    /// Waits for it.
    pub async fn wait(&self) {
        until(self.changed, || self.is_reached()).await;
    }
}

/// Waits until `reached` says so. It is asked again whenever something in the lab has got further.
async fn until(changed: &Notify, reached: impl Fn() -> bool) {
    loop {
        // It hears of every change from here on, so that none can be missed between the question and the wait.
        let next = changed.notified();
        if reached() {
            return;
        }
        next.await;
    }
}

/// How far a node has come. It only ever gets further.
#[derive(Debug)]
pub struct Progress<'a> {
    has_agent: Milestone<'a>,
    has_server: Milestone<'a>,
    has_let_in: Milestone<'a>,
    /// It is what the lab file says, and lets us in: what was asked of its first boot is done.
    pub is_prepared: Milestone<'a>,
    /// It is who it should be, and shares that with no other node: Kubernetes may see it.
    pub is_itself: Milestone<'a>,
    /// It reaches the other nodes.
    pub has_links: Milestone<'a>,
    changed: &'a Notify,
}

impl<'a> Progress<'a> {
    /// A node that has only begun to boot. `changed` is shared by all nodes of a lab.
    pub fn new(changed: &'a Notify) -> Self {
        let ahead = || Milestone::new(changed);
        Self {
            has_agent: ahead(),
            has_server: ahead(),
            has_let_in: ahead(),
            is_prepared: ahead(),
            is_itself: ahead(),
            has_links: ahead(),
            changed,
        }
    }

    /// The agent in it has answered.
    pub fn agent_answered(&self) {
        self.has_agent.reach();
    }

    /// Its SSH server has answered, which starts when cloud-init has made the node what it is.
    pub fn server_answered(&self) {
        self.has_server.reach();
    }

    /// A login worked.
    pub fn let_in(&self) {
        self.has_server.reach();
        self.has_let_in.reach();
    }

    /// Whether scripts can be run by the agent.
    pub fn has_agent(&self) -> bool {
        self.has_agent.is_reached()
    }

    /// Whether the node is what cloud-init made of it.
    pub fn is_configured(&self) -> bool {
        self.has_server.is_reached()
    }

    /// Whether a script can be run in it that sees what cloud-init has made of it.
    pub fn can_be_asked(&self) -> bool {
        self.has_let_in.is_reached() || (self.has_server.is_reached() && self.has_agent.is_reached())
    }

    /// Whether it is up, as far as the node itself goes.
    pub fn is_up(&self) -> bool {
        [&self.is_prepared, &self.is_itself, &self.has_links].into_iter().all(Milestone::is_reached)
    }

    /// Waits until `reached` says so. It is asked again whenever something in the lab has got further.
    pub async fn until(&self, reached: impl Fn() -> bool) {
        until(self.changed, reached).await;
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
