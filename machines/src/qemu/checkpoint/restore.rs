//! Loading a machine that was saved.

use std::fs::{self, File};
use std::io;

use camino::Utf8Path;

use super::super::command_line::{Beginning, Mapping};
use super::super::files::Files;
use super::super::log::Log;
use super::super::{Qemu, running, stop};
use super::migration::{self, Ended, IGNORE_SHARED, MAPPED_RAM};
use super::state::{self, Head, Pages};
use super::{explain, limit, monitor};
use crate::{CheckpointProblem, Error, Machine, Saved, Started};

const DOING: &str = "restoring";
const ADVICE: &str = "verify the checkpoint, or restore another one";

/// Starts the machine, held, with what was saved of it. If that fails, it does not run.
pub(in super::super) async fn restore(qemu: &Qemu, machine: &Machine, from: &Saved) -> Result<(), Error> {
    let failed = |problem| Error::Checkpoint { doing: DOING, machine: machine.title(), source: Box::new(problem) };
    let plan = check(qemu, machine, from).map_err(failed)?;
    let path = Files::of(machine).log();
    if qemu.start(machine, Beginning::Load { memory: plan.memory }).await? == Started::Already {
        return Err(failed(CheckpointProblem::Runs));
    }
    let process = running(machine, DOING).await?;
    let log = Log::open(&path).map_err(Error::io("opening", &path))?;
    let problem = match load(machine, from, &plan.capabilities).await {
        Ok(()) => return Ok(()),
        Err(problem) => explain(problem, machine, &process, log, (&from.state, ADVICE)).await?,
    };
    stop::kill(machine).await?;
    Err(failed(problem))
}

/// How the files of a saved machine are loaded.
struct Plan<'a> {
    capabilities: Vec<&'static str>,
    memory: Option<Mapping<'a>>,
}

/// Checks the files, before anything is started.
fn check<'a>(qemu: &Qemu, machine: &Machine, from: &'a Saved) -> Result<Plan<'a>, CheckpointProblem> {
    super::check_version(qemu)?;
    let file = File::open(&from.state).map_err(CheckpointProblem::io("opening", &from.state))?;
    let head = Head::read(&file).map_err(CheckpointProblem::io("reading", &from.state))?;
    let head = head.ok_or_else(|| CheckpointProblem::NoState { file: from.state.clone() })?;
    let (capabilities, memory_bytes) = (head.capabilities(), machine.memory_mib << 20);
    let memory = match &from.memory {
        Some(file) => {
            check_length(file, memory_bytes)?;
            Some(Mapping { file, offset_bytes: 0 })
        }
        None if capabilities.contains(&IGNORE_SHARED) => {
            return Err(CheckpointProblem::NoMemory { state: from.state.clone() });
        }
        None => {
            let pages = head.pages(memory_bytes).filter(|_| capabilities.contains(&MAPPED_RAM));
            mapped(&file, pages)
                .map_err(CheckpointProblem::io("reading", &from.state))?
                .map(|pages| Mapping { file: &from.state, offset_bytes: pages.offset })
        }
    };
    Ok(Plan { capabilities, memory })
}

/// Those pages, if they are to be mapped.
fn mapped(state: &File, pages: Option<Pages>) -> io::Result<Option<Pages>> {
    match pages {
        Some(pages) => Ok(state::is_left_to_be_mapped(state, pages)?.then_some(pages)),
        None => Ok(None),
    }
}

fn check_length(file: &Utf8Path, expected_bytes: u64) -> Result<(), CheckpointProblem> {
    let found_bytes = fs::metadata(file).map_err(CheckpointProblem::io("looking at", file))?.len();
    if found_bytes == expected_bytes {
        return Ok(());
    }
    Err(CheckpointProblem::MemorySize { file: file.to_owned(), found_bytes, expected_bytes })
}

async fn load(machine: &Machine, from: &Saved, capabilities: &[&str]) -> Result<(), CheckpointProblem> {
    migration::set_capabilities(&mut monitor(machine).await?, capabilities).await?;
    let state = || from.state.clone();
    match migration::load(machine, &from.state, limit(machine)).await? {
        Ended::Completed => Ok(()),
        Ended::Failed(said) => Err(CheckpointProblem::Refused { state: state(), said, advice: ADVICE }),
        Ended::Slow => Err(CheckpointProblem::Slow { state: state(), seconds: limit(machine).as_secs() }),
    }
}
