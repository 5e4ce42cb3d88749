//! A command that the user ends while it holds nodes: its future is dropped, and nobody comes to let them go on.

use std::thread;

use camino::Utf8PathBuf;
use kiln_images::At;
use kiln_machines::qemu::Qemu;
use tokio::runtime::Builder;

use super::CheckpointFolder;
use super::repair::{go_on, undo};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::state::State;
use crate::world::World;

/// Lets the nodes go on when it is dropped before it is told that they do. What else is left stays for the next command.
#[derive(Debug)]
pub(super) struct Guard {
    lab: LabFolder,
    state: State,
    checkpoint: Option<CheckpointFolder>,
    facts: Utf8PathBuf,
    is_armed: bool,
}

impl Guard {
    /// The nodes are about to be held; for this checkpoint, if they are saved.
    pub(super) fn new(world: &World, lab: &LabFolder, state: &State, checkpoint: Option<&CheckpointFolder>) -> Self {
        let (lab, state, checkpoint) = (lab.clone(), state.clone(), checkpoint.cloned());
        Self { lab, state, checkpoint, facts: world.home.hypervisor_facts(), is_armed: true }
    }

    /// Whoever held them looks after them now.
    pub(super) fn disarm(mut self) {
        self.is_armed = false;
    }

    /// On a runtime of its own: that of the program is about to drop everything.
    fn release(&self) -> Result<(), Error> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.at("starting a runtime for", self.lab.root())?;
        runtime.block_on(async {
            let hypervisor = Qemu::open(&self.facts).await?;
            match &self.checkpoint {
                Some(checkpoint) => undo(&hypervisor, &self.lab, &self.state, checkpoint).await,
                None => go_on(&hypervisor, &self.lab, &self.state).await,
            }
        })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.is_armed {
            return;
        }
        // A thread that has a runtime already cannot have another one.
        let released = thread::scope(|scope| scope.spawn(|| self.release()).join());
        if !matches!(released, Ok(Ok(()))) {
            tracing::warn!("the nodes of lab {0} are still held; let them go on: clone up {0}", self.lab.lab());
        }
    }
}
