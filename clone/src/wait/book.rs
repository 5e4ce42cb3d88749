//! Writing down what nodes achieve while they are waited for, so that the next run goes on from there.

use std::cell::RefCell;

use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_images::digest::Digest;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::state::{NodeState, State};
use crate::world::save_state;

/// The state of a lab as it becomes; the nodes that are waited for hold on to the one it was.
#[derive(Debug)]
pub struct Book<'a> {
    folder: &'a LabFolder,
    state: RefCell<State>,
}

impl<'a> Book<'a> {
    /// Begins with what is known.
    pub fn new(folder: &'a LabFolder, state: &State) -> Self {
        Self { folder, state: RefCell::new(state.clone()) }
    }

    /// The node is up, and has the `/etc/hosts` with this digest.
    pub fn is_up(&self, name: &NodeName, hosts: Digest) {
        self.note(name, |node| {
            node.hosts = hosts;
            if let Some(boot) = &mut node.boot {
                boot.answered.get_or_insert_with(Timestamp::now);
            }
        });
    }

    /// The node has the part in the pod network with this digest.
    pub fn has_network(&self, name: &NodeName, network: Digest) {
        self.note(name, |node| node.network = Some(network));
    }

    /// The node is a member of the cluster. That is written to the disk at once: it decides on what is done with a control
    /// plane that does not answer.
    ///
    /// # Errors
    /// [`Error::Document`] where it cannot be written.
    pub fn has_joined(&self, name: &NodeName) -> Result<(), Error> {
        self.note(name, |node| {
            node.joined.get_or_insert_with(Timestamp::now);
        });
        save_state(self.folder, &self.state.borrow())
    }

    /// The nodes that were removed before the cluster was told.
    pub fn departed(&self) -> Vec<NodeName> {
        self.state.borrow().departed.iter().cloned().collect()
    }

    /// The cluster knows that the node has gone.
    pub fn is_forgotten(&self, name: &NodeName) {
        self.state.borrow_mut().departed.remove(name);
    }

    /// The node does its work in the cluster.
    pub fn is_ready(&self, name: &NodeName) {
        self.note(name, |node| {
            if let Some(boot) = &mut node.boot {
                boot.ready = Some(Timestamp::now());
            }
        });
    }

    /// Writes everything down, and makes it the state.
    ///
    /// # Errors
    /// [`Error::Document`] where it cannot be written.
    pub fn close(self, state: &mut State) -> Result<(), Error> {
        *state = self.state.into_inner();
        save_state(self.folder, state)
    }

    fn note(&self, name: &NodeName, what: impl FnOnce(&mut NodeState)) {
        self.state.borrow_mut().nodes.entry(name.clone()).and_modify(what);
    }
}

#[cfg(test)]
mod tests {
    use kiln_images::home::Home;

    use super::*;
    use crate::state::tests::{node, state};

    #[test]
    fn what_the_cluster_was_told_is_not_told_again() {
        let guard = tempfile::tempdir().unwrap();
        let home = Home::new(camino::Utf8Path::from_path(guard.path()).unwrap().join("kiln")).unwrap();
        let folder = LabFolder::new(&home, &"lab".parse().unwrap());
        std::fs::create_dir_all(folder.root()).unwrap();
        let mut known = state([("node1", node())]);
        known.departed.extend(["node2", "node3"].map(|name| name.parse().unwrap()));
        let book = Book::new(&folder, &known);
        assert_eq!(book.departed().len(), 2);
        book.is_forgotten(&"node2".parse().unwrap());
        book.close(&mut known).unwrap();
        let written = crate::world::load_state(&folder).unwrap().unwrap();
        assert_eq!(written.departed, std::collections::BTreeSet::from(["node3".parse().unwrap()]));
        assert_eq!(written, known);
    }
}
