//! Loading a machine that was saved.

use std::fs::{self, File};
use std::io::Read;

use camino::Utf8Path;

use super::super::command_line::Beginning;
use super::super::files::Files;
use super::super::log::Log;
use super::super::{Qemu, facts, running, stop};
use super::migration::{self, Ended, IGNORE_SHARED, MAPPED_RAM};
use super::{explain, limit, monitor};
use crate::{CheckpointProblem, Error, Machine, Saved, Started};

const DOING: &str = "restoring";
const ADVICE: &str = "verify the checkpoint, or restore another one";

/// The first QEMU that loads from a file by itself, and that can map a memory file that may not be written to.
const MINIMUM: &str = "8.2";
const WHY: &str = "it loads a machine from a file (`migrate-incoming` with `file:`)";

/// The first bytes of a state: `QEMU_VM_FILE_MAGIC` in QEMU's migration/savevm.h.
const MAGIC: [u8; 4] = *b"QEVM";

/// In how much of its beginning a state says which capabilities it was written with, in bytes: it has the magic number, the
/// board's name, and then the list of them (`vmstate_configuration` in QEMU's migration/savevm.c).
const HEAD_BYTES: u64 = 512;

/// Starts the machine, held, with what was saved of it. If that fails, it does not run.
pub(in super::super) async fn restore(qemu: &Qemu, machine: &Machine, from: &Saved) -> Result<(), Error> {
    let failed = |problem| Error::Checkpoint { doing: DOING, machine: machine.title(), source: Box::new(problem) };
    let capabilities = check(qemu, machine, from).map_err(failed)?;
    let path = Files::of(machine).log();
    let beginning = Beginning::Load { memory: from.memory.as_deref() };
    if qemu.start(machine, beginning).await? == Started::Already {
        return Err(failed(CheckpointProblem::Runs));
    }
    let process = running(machine, DOING)?;
    let log = Log::open(&path).map_err(Error::io("opening", &path))?;
    let problem = match load(machine, from, &capabilities).await {
        Ok(()) => return Ok(()),
        Err(problem) => explain(problem, machine, &process, log, (&from.state, ADVICE)).await?,
    };
    stop::kill(machine).await?;
    Err(failed(problem))
}

/// Checks the files, before anything is started, and says with which capabilities they were written.
fn check(qemu: &Qemu, machine: &Machine, from: &Saved) -> Result<Vec<&'static str>, CheckpointProblem> {
    super::super::QEMU.require(facts::version(&qemu.facts), MINIMUM, WHY)?;
    let head = head(&from.state)?;
    let capabilities = written_with(&head).ok_or_else(|| CheckpointProblem::NoState { file: from.state.clone() })?;
    match &from.memory {
        Some(file) => check_length(file, machine.memory_mib << 20)?,
        None if capabilities.contains(&IGNORE_SHARED) => {
            return Err(CheckpointProblem::NoMemory { state: from.state.clone() });
        }
        None => {}
    }
    Ok(capabilities)
}

fn head(state: &Utf8Path) -> Result<Vec<u8>, CheckpointProblem> {
    let mut head = Vec::new();
    let read = File::open(state).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    read.map_err(CheckpointProblem::io("reading", state))?;
    Ok(head)
}

/// The capabilities named in the head of a state; nothing if it is none.
fn written_with(head: &[u8]) -> Option<Vec<&'static str>> {
    let names = |name: &&str| head.windows(name.len()).any(|window| window == name.as_bytes());
    head.starts_with(&MAGIC).then(|| [IGNORE_SHARED, MAPPED_RAM].into_iter().filter(names).collect())
}

fn check_length(file: &Utf8Path, expected_bytes: u64) -> Result<(), CheckpointProblem> {
    let found_bytes = fs::metadata(file).map_err(CheckpointProblem::io("looking at", file))?.len();
    if found_bytes == expected_bytes {
        return Ok(());
    }
    Err(CheckpointProblem::MemorySize { file: file.to_owned(), found_bytes, expected_bytes })
}

async fn load(machine: &Machine, from: &Saved, capabilities: &[&str]) -> Result<(), CheckpointProblem> {
    let mut qmp = monitor(machine).await?;
    migration::set_capabilities(&mut qmp, capabilities).await?;
    let state = || from.state.clone();
    match migration::load(&mut qmp, &from.state, limit(machine)).await? {
        Ended::Completed => Ok(()),
        Ended::Failed(said) => Err(CheckpointProblem::Refused { state: state(), said, advice: ADVICE }),
        Ended::Slow => Err(CheckpointProblem::Slow { state: state(), seconds: limit(machine).as_secs() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_says_how_it_was_written() {
        // The beginnings of what QEMU 10.0.2 wrote.
        let head = |name: &str| {
            let head = b"QEVM\0\0\0\x03\x07\0\0\0\x0bpc-q35-10.0\x05\x1aconfiguration/capabilities\0\0\0\x01\0\0\0\x01";
            [&head[..], &[u8::try_from(name.len()).unwrap()], name.as_bytes(), b"\x01"].concat()
        };
        assert_eq!(written_with(&head("x-ignore-shared")).unwrap(), [IGNORE_SHARED]);
        assert_eq!(written_with(&head("mapped-ram")).unwrap(), [MAPPED_RAM]);
        assert_eq!(written_with(b"QEVM\0\0\0\x03\x07").unwrap(), [""; 0]);
        assert_eq!(written_with(b"QE"), None);
        assert_eq!(written_with(&[0; 512]), None);
    }
}
