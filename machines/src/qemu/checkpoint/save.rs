//! Saving the state and the memory of a machine.

use std::fs::File;
use std::io;

use camino::Utf8PathBuf;

use super::super::files::Files;
use super::super::log::Log;
use super::super::process::Process;
use super::super::qmp::Qmp;
use super::super::{ram, running};
use super::migration::{self, Ended, IGNORE_SHARED, MAPPED_RAM, MULTIFD};
use super::{explain, limit, monitor, sparse, state};
use crate::{CheckpointProblem, Error, Machine, Saved, SavedMemory};

const DOING: &str = "saving";
const ADVICE: &str = "is the disk full? the machine is as it was; save it again when there is room";
const ADVICE_DEAD: &str = "what was not on its disk is lost: start it again, or restore an earlier checkpoint";

/// Saves the machine, which is held, and says where its memory went.
pub(in super::super) async fn save(machine: &Machine, to: &Saved) -> Result<SavedMemory, Error> {
    let process = running(machine, DOING).await?;
    let path = Files::of(machine).log();
    let log = Log::open(&path).map_err(Error::io("opening", &path))?;
    let problem = match attempt(machine, &process, to).await {
        Ok(memory) => return Ok(memory),
        Err(problem) => explain(problem, machine, &process, log, (&to.state, ADVICE_DEAD)).await?,
    };
    Err(Error::Checkpoint { doing: DOING, machine: machine.title(), source: Box::new(problem) })
}

async fn attempt(machine: &Machine, process: &Process, to: &Saved) -> Result<SavedMemory, CheckpointProblem> {
    let mut qmp = monitor(machine).await?;
    let state = qmp.query_status().await?.status;
    if !matches!(state.as_str(), "paused" | "postmigrate" | "prelaunch") {
        return Err(CheckpointProblem::NotHeld { state });
    }
    let path = ram::path(process);
    let memory = ram::open(process).map_err(CheckpointProblem::io("opening the memory at", &path))?;
    let capabilities = migration::capabilities(&mut qmp).await?;
    let has = |name: &str| capabilities.iter().any(|capability| capability == name);
    match (memory, &to.memory) {
        (Some(memory), Some(file)) if has(IGNORE_SHARED) => {
            let file = file.clone();
            migration::set_capabilities(&mut qmp, &[IGNORE_SHARED]).await?;
            let copy = copy(memory, file);
            let (written, copied) = tokio::join!(write(&mut qmp, machine, to), copy);
            written.and(copied).map(|()| SavedMemory::Copied)
        }
        _ => {
            // Threads of their own need the fixed places: a plain stream has but one place to write to.
            let wanted: &[&str] = if has(MAPPED_RAM) { &[MAPPED_RAM, MULTIFD] } else { &[] };
            migration::set_capabilities(&mut qmp, wanted).await?;
            write(&mut qmp, machine, to).await?;
            let left = state::leave_to_be_mapped(&to.state, machine.memory_mib << 20);
            left.map_err(CheckpointProblem::io("writing", &to.state))?;
            Ok(SavedMemory::Streamed)
        }
    }
}

/// Has QEMU write the state.
async fn write(qmp: &mut Qmp, machine: &Machine, to: &Saved) -> Result<(), CheckpointProblem> {
    let state = || to.state.clone();
    match migration::save(qmp, &to.state, limit(machine)).await? {
        Ended::Completed => Ok(()),
        Ended::Failed(said) => Err(CheckpointProblem::Refused { state: state(), said, advice: ADVICE }),
        Ended::Slow => Err(CheckpointProblem::Slow { state: state(), seconds: limit(machine).as_secs() }),
    }
}

/// Copies the memory. QEMU writes none of it while the machine is held, and its devices are idle then.
async fn copy(memory: File, to: Utf8PathBuf) -> Result<(), CheckpointProblem> {
    let path = to.clone();
    let copied = tokio::task::spawn_blocking(move || sparse::copy(&memory, &path)).await;
    let copied = copied.unwrap_or_else(|panic| Err(io::Error::other(panic)));
    copied.map_err(CheckpointProblem::io("copying the memory to", &to))
}
