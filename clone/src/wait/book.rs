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

    /// The node has the routes with this digest.
    pub fn has_routes(&self, name: &NodeName, routes: Digest) {
        self.note(name, |node| node.routes = Some(routes));
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
