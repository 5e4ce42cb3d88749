//! Saving a machine with its memory, and loading it again.
//!
//! A save holds the machine, has it write to a new overlay from then on (`disk`), and lets QEMU migrate it into a file
//! (`save`, `migration`). Memory that is a file of ours ([`super::ram`]) is left out of that stream and copied beside it
//! (`sparse`): a megabyte for QEMU to write, and the rest at the speed of a copy. A restore (`restore`) maps the copy
//! instead of reading it, so the machine runs again at once. It has no memory of ours then: QEMU writes all of it, and begins
//! to while the machine runs (`save_ahead`); but in a form that can be mapped again (`state`). Each save makes the chain of
//! files longer that the disk stands on; `pull` makes it short again.

mod disk;
mod migration;
mod pull;
mod restore;
mod save;
mod sparse;
mod state;

use std::time::Duration;

use camino::Utf8Path;
use kiln_images::size;

use super::files::Files;
use super::log::Log;
use super::process::Process;
use super::qmp::{self, Qmp};
use super::{END_LIMIT, Qemu, facts, ram, running};
use crate::{CheckpointProblem, Error, Machine};

pub(super) use disk::{disk_in_use, switch_disk};
pub(super) use pull::{pull_disk, settle_disk};
pub(super) use restore::restore;
pub(super) use save::{save, save_ahead};

/// The time that anything about a machine may take, and the speed below which a disk is no disk: whatever has to do with
/// its memory may take that much longer.
const LIMIT: Duration = Duration::from_secs(60);
const SLOWEST_MIB_PER_SECOND: u64 = 16;

/// The first QEMU that writes to a file by itself and loads from it, and that can map a memory file that may not be written
/// to.
const MINIMUM: &str = "8.2";
const WHY: &str = "it saves a machine to a file, and loads it (`migrate` and `migrate-incoming` with `file:`)";

/// How long saving or loading the machine may take.
fn limit(machine: &Machine) -> Duration {
    limit_of(machine.memory_mib)
}

/// How long anything may take that reads or writes so much.
fn limit_of(mib: u64) -> Duration {
    LIMIT + Duration::from_secs(mib / SLOWEST_MIB_PER_SECOND)
}

/// Checks that this QEMU can save machines and load them.
pub(super) fn check_version(qemu: &Qemu) -> Result<(), kiln_tool::Error> {
    super::QEMU.require(facts::version(&qemu.facts), MINIMUM, WHY)
}

/// Connects to the monitor of a machine that runs.
async fn monitor(machine: &Machine) -> Result<Qmp, qmp::Error> {
    Qmp::connect(&Files::of(machine).monitor(), limit(machine)).await
}

/// Holds the machine. QEMU answers when everything that was on its way to the disk has arrived there.
pub(super) async fn pause(machine: &Machine) -> Result<(), Error> {
    let doing = "holding";
    running(machine, doing).await?;
    let pause = async { monitor(machine).await?.stop().await };
    pause.await.map_err(|source| Error::Monitor { doing, machine: machine.title(), source })
}

/// Lets the machine go on.
pub(super) async fn resume(machine: &Machine) -> Result<(), Error> {
    let doing = "going on";
    running(machine, doing).await?;
    let resume = async {
        // Whoever saved it may have been killed over it.
        migration::abandon(machine, limit(machine)).await?;
        monitor(machine).await?.go_on().await
    };
    resume.await.map_err(|source| Error::Monitor { doing, machine: machine.title(), source })
}

/// How much of its memory the machine has touched, or all of it where that cannot be seen.
pub(super) fn memory_in_use(machine: &Machine) -> Result<u64, Error> {
    let all = machine.memory_mib << 20;
    let Some(process) = Process::holding(&Files::of(machine).pid())? else { return Ok(all) };
    let used = ram::open(&process).and_then(|memory| memory.map(|file| file.metadata()).transpose());
    let used = used.map_err(Error::io("looking at the memory in", ram::path(&process)))?;
    Ok(used.map_or(all, |used| size::on_disk(&used)))
}

/// What the user is told about a save or a restore of `state` that met a problem. A QEMU that hung up has ended, mostly,
/// and said why.
async fn explain(
    problem: CheckpointProblem,
    machine: &Machine,
    process: &Process,
    log: Log,
    (state, advice): (&Utf8Path, &'static str),
) -> Result<CheckpointProblem, Error> {
    let broken_off = matches!(problem, CheckpointProblem::Monitor(qmp::Error::Line { .. }));
    if !broken_off || !process.ended_within(END_LIMIT).await? {
        return Ok(problem);
    }
    let path = Files::of(machine).log();
    let said = log.said().map_err(Error::io("reading", &path))?;
    Ok(CheckpointProblem::Died { state: state.to_owned(), said, log: path, advice })
}
