//! Saving the state and the memory of a machine.

use std::fs::File;
use std::io;

use camino::Utf8PathBuf;
use tokio::time::Instant;

use super::super::files::Files;
use super::super::log::Log;
use super::super::process::Process;
use super::super::qmp::Qmp;
use super::super::{ram, running};
use super::migration::{self, Ended, IGNORE_SHARED, LONGEST_PAUSE, MAPPED_RAM, MULTIFD, PAUSE};
use super::{explain, limit, monitor, sparse, state};
use crate::patience::Patience;
use crate::{Ahead, CheckpointProblem, Error, Machine, Saved, SavedMemory};

const DOING: &str = "saving";

/// QEMU's words for a machine that is held and may be saved.
const HELD: [&str; 4] = ["paused", "postmigrate", "prelaunch", "finish-migrate"];

const ADVICE: &str = "is the disk full? the machine is as it was; save it again when there is room";
const ADVICE_DEAD: &str = "what was not on its disk is lost: start it again, or restore an earlier checkpoint";

/// Writes most of the memory of a machine that runs, where that is not copied when the machine is held; the rest, and what
/// changes from then on, is left for [`save`].
pub(in super::super) async fn save_ahead(machine: &Machine, to: &Saved) -> Result<Ahead, Error> {
    guarded(machine, to, async |process| {
        if begin_ahead(machine, process, to).await? {
            write_ahead(machine, to).await?;
        }
        let state = monitor(machine).await?.query_status().await?.status;
        match state.as_str() {
            "running" => Ok(Ahead::Runs),
            held if HELD.contains(&held) => Ok(Ahead::IsHeld),
            _ => Err(CheckpointProblem::Halted { state }),
        }
    })
    .await
}

/// Has QEMU begin while the machine runs, where that is of use; says whether it is.
async fn begin_ahead(machine: &Machine, process: &Process, to: &Saved) -> Result<bool, CheckpointProblem> {
    let mut qmp = monitor(machine).await?;
    let is_of_use = matches!(way(&mut qmp, process, to).await?, Way::Map);
    if is_of_use {
        begin(&mut qmp, machine, to).await?;
    }
    Ok(is_of_use)
}

/// Waits until little is left. What is not done in time is done when the machine is held.
async fn write_ahead(machine: &Machine, to: &Saved) -> Result<(), CheckpointProblem> {
    let mut patience = Patience::until(Instant::now() + limit(machine), LONGEST_PAUSE);
    loop {
        if let Some(ended) = migration::look_ahead(&mut monitor(machine).await?).await? {
            return written(ended, machine, to);
        }
        if !patience.pause().await {
            return Ok(());
        }
    }
}

/// Saves the machine, which is held, and says where its memory went.
pub(in super::super) async fn save(machine: &Machine, to: &Saved) -> Result<SavedMemory, Error> {
    guarded(machine, to, async |process| attempt(machine, process, to).await).await
}

/// Does something with a machine that runs, and explains why it did not succeed.
async fn guarded<T>(
    machine: &Machine,
    to: &Saved,
    act: impl AsyncFnOnce(&Process) -> Result<T, CheckpointProblem>,
) -> Result<T, Error> {
    let process = running(machine, DOING).await?;
    let path = Files::of(machine).log();
    let log = Log::open(&path).map_err(Error::io("opening", &path))?;
    let problem = match act(&process).await {
        Ok(done) => return Ok(done),
        Err(problem) => explain(problem, machine, &process, log, (&to.state, ADVICE_DEAD)).await?,
    };
    Err(Error::Checkpoint { doing: DOING, machine: machine.title(), source: Box::new(problem) })
}

/// How the memory of a machine gets into files.
enum Way {
    /// It is a file, which is copied.
    Copy { memory: File, to: Utf8PathBuf },
    /// QEMU gives every page its place in the state, which can be mapped, and may begin with it while the machine runs.
    Map,
    /// A QEMU that cannot do so writes one page after the other.
    Stream,
}

async fn way(qmp: &mut Qmp, process: &Process, to: &Saved) -> Result<Way, CheckpointProblem> {
    let path = ram::path(process);
    let memory = ram::open(process).map_err(CheckpointProblem::io("opening the memory at", &path))?;
    let capabilities = migration::capabilities(qmp).await?;
    let has = |name: &str| capabilities.iter().any(|capability| capability == name);
    Ok(match (memory, &to.memory) {
        (Some(memory), Some(to)) if has(IGNORE_SHARED) => Way::Copy { memory, to: to.clone() },
        _ if has(MAPPED_RAM) => Way::Map,
        _ => Way::Stream,
    })
}

async fn attempt(machine: &Machine, process: &Process, to: &Saved) -> Result<SavedMemory, CheckpointProblem> {
    let way = {
        let mut qmp = monitor(machine).await?;
        let state = qmp.query_status().await?.status;
        if !HELD.contains(&state.as_str()) {
            return Err(CheckpointProblem::NotHeld { state });
        }
        way(&mut qmp, process, to).await?
    };
    let limit = limit(machine);
    match way {
        Way::Copy { memory, to: file } => {
            migration::set_capabilities(&mut monitor(machine).await?, &[IGNORE_SHARED]).await?;
            let write = async { written(migration::save(machine, &to.state, limit).await?, machine, to) };
            let (written, copied) = tokio::join!(write, copy(memory, file));
            written.and(copied).map(|()| SavedMemory::Copied)
        }
        Way::Map => {
            let ended = migration::last_end(&mut monitor(machine).await?).await?;
            if let Some(ended) = ended {
                if to.state.exists() {
                    // It was begun ahead, and has come to nothing since.
                    written(ended, machine, to)?;
                }
                begin(&mut monitor(machine).await?, machine, to).await?;
            }
            written(migration::finish(machine, limit).await?, machine, to)?;
            leave_to_be_mapped(machine, to).await?;
            Ok(SavedMemory::Streamed)
        }
        Way::Stream => {
            migration::set_capabilities(&mut monitor(machine).await?, &[]).await?;
            written(migration::save(machine, &to.state, limit).await?, machine, to)?;
            Ok(SavedMemory::Streamed)
        }
    }
}

/// Has QEMU begin to write the memory to its places in the state. Threads of their own do so faster.
async fn begin(qmp: &mut Qmp, machine: &Machine, to: &Saved) -> Result<(), CheckpointProblem> {
    migration::set_capabilities(qmp, &[MAPPED_RAM, MULTIFD, PAUSE]).await?;
    match migration::begin(qmp, &to.state).await? {
        Some(refused) => written(refused, machine, to),
        None => Ok(()),
    }
}

/// Other machines are being saved meanwhile.
async fn leave_to_be_mapped(machine: &Machine, to: &Saved) -> Result<(), CheckpointProblem> {
    let (path, memory_bytes) = (to.state.clone(), machine.memory_mib << 20);
    let left = tokio::task::spawn_blocking(move || state::leave_to_be_mapped(&path, memory_bytes)).await;
    let left = left.unwrap_or_else(|panic| Err(io::Error::other(panic)));
    left.map_err(CheckpointProblem::io("writing", &to.state))
}

/// What has become of a state that QEMU was to write.
fn written(ended: Ended, machine: &Machine, to: &Saved) -> Result<(), CheckpointProblem> {
    let state = || to.state.clone();
    match ended {
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
