//! Ending the machines of a lab that was saved: `clone suspend`, and `clone checkpoint save --stop`.
//!
//! They are held from the moment that is saved to their end, so that what is on their disks is what the checkpoint has.
//! What is to become of them is in the file `begun` from the first step on, and the manifest decides: before it is there
//! the lab runs on if anything fails, and afterwards whoever comes next ends what has not ended.

use std::fs;
use std::io;

use kiln_images::durable::remove_file;
use kiln_images::{At, FileError};
use kiln_machines::Hypervisor;

use super::CheckpointFolder;
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::kill::kill;
use crate::machine::machines;
use crate::state::State;
use crate::world::{World, save_state};

/// What becomes of the machines when they are saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// They go on.
    GoOn,
    /// They end, as if their power was cut.
    Stop,
    /// They end, and the lab is on its way back to the checkpoint.
    Suspend,
}

impl Then {
    /// How it is written into the file `begun`.
    const fn word(self) -> &'static str {
        match self {
            Self::GoOn => "go-on",
            Self::Stop => "stop",
            Self::Suspend => "suspend",
        }
    }

    /// Writes down that the checkpoint is being made.
    pub(super) fn begin(self, folder: &CheckpointFolder) -> Result<(), FileError> {
        fs::write(folder.begun(), self.word()).at("writing", &folder.begun())
    }

    /// What was to become of the machines of a checkpoint that is being made; nothing if none is. A file without a word,
    /// as earlier versions wrote it, is of machines that go on.
    pub(super) fn of(folder: &CheckpointFolder) -> Result<Option<Self>, FileError> {
        match fs::read_to_string(folder.begun()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            word => {
                let word = word.at("reading", &folder.begun())?;
                Ok([Self::Stop, Self::Suspend].into_iter().find(|then| then.word() == word).or(Some(Self::GoOn)))
            }
        }
    }
}

/// Ends the machines of a lab whose checkpoint `saved` is complete. Done twice it is the same as done once.
///
/// # Errors
/// [`Error::Machines`] with every machine that could not be ended: the next command tries again.
pub(super) async fn end(
    world: &World,
    hypervisor: &dyn Hypervisor,
    lab: &LabFolder,
    state: &State,
    (saved, then): (&CheckpointFolder, Then),
) -> Result<(), Error> {
    kill(world, hypervisor, machines(lab, state).map(|(_, machine)| machine), "end").await?;
    hypervisor.segment_down(&lab.segment()).await?;
    crash::at(Point::SaveEnded);
    let pending = (then == Then::Suspend).then(|| saved.id().clone());
    let mut state = State { pending, ..state.clone() };
    state.nodes.values_mut().for_each(|node| node.boot = None);
    save_state(lab, &state)?;
    Ok(remove_file(&saved.begun())?)
}
