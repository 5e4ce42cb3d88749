//! QEMU's migration, into a file and out of it (QEMU's qapi/migration.json). It may take minutes: others have the monitor
//! between two looks.

use std::time::Duration;

use camino::Utf8Path;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::qmp::{Error, Qmp};
use super::monitor;
use crate::Machine;
use crate::patience::Patience;

/// The capability that leaves memory out of the stream that is a file shared with others.
pub(super) const IGNORE_SHARED: &str = "x-ignore-shared";

/// The capability that gives every page of the memory a fixed place in the file (QEMU 9.0 or later).
pub(super) const MAPPED_RAM: &str = "mapped-ram";

/// The capability that has threads of their own write the memory, and many pages with one call: with [`MAPPED_RAM`] alone
/// QEMU writes each page by itself, which takes three times as long.
pub(super) const MULTIFD: &str = "multifd";

/// The capability that has QEMU wait, with the machine held, when nothing is left to be written but what changed last, and
/// before it lets go of the disk.
pub(super) const PAUSE: &str = "pause-before-switchover";

/// The status of a migration that waits there.
const WAITS: &str = "pre-switchover";

/// How many such threads a machine gets. All machines of a lab are saved at once.
const CHANNELS: u32 = 1;

/// The longest pause before QEMU is asked again how far it is.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// More than any disk can do: by default QEMU spares a network and sends no more than 128 MiB in a second.
const ALL_BYTES_PER_SECOND: u64 = 1 << 40;

/// As little as QEMU goes on with: it counts in tenths of a second, and in each of them it writes a batch or two of pages
/// (`MULTIFD_PACKET_SIZE` in its migration/multifd.h) before it counts them.
const FEW_BYTES_PER_SECOND: u64 = 10_000;

/// QEMU holds a machine by itself when it takes what is left to be written in this time. Not 0: it would do so after the
/// first round, whatever has changed since (`migration_iteration_run` in its migration/migration.c).
const AHEAD_MILLISECONDS: u64 = 1;

/// The same for a machine that is held already: QEMU's own.
const HELD_MILLISECONDS: u64 = 300;

/// What is little enough to be written while the machine is held: a tenth of a second, on a slow disk. And more than QEMU
/// writes between two looks.
const LITTLE_BYTES: u64 = 64 << 20;

/// The answer to `query-migrate`. There is no status before the first migration.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Progress {
    status: Option<String>,
    error_desc: Option<String>,
    ram: Option<Ram>,
}

/// How far it is with the memory.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Ram {
    /// How much is still to be written, in bytes.
    remaining: u64,
}

/// How a migration ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// All is written, or loaded.
    Completed,
    /// It came to nothing, for this reason.
    Failed(String),
    /// It goes on still.
    Slow,
}

/// Switches those capabilities on that are `wanted`, and off what else this file knows.
pub(super) async fn set_capabilities(qmp: &mut Qmp, wanted: &[&str]) -> Result<(), Error> {
    let known = capabilities(qmp).await?;
    let known = known.iter().filter(|name| [IGNORE_SHARED, MAPPED_RAM, MULTIFD, PAUSE].contains(&name.as_str()));
    let states: Vec<Value> =
        known.map(|name| json!({ "capability": name, "state": wanted.contains(&name.as_str()) })).collect();
    let arguments = json!({ "capabilities": states });
    qmp.execute::<Value>("migrate-set-capabilities", Some(arguments)).await.map(drop)
}

/// The names of the capabilities that this QEMU has.
pub(super) async fn capabilities(qmp: &mut Qmp) -> Result<Vec<String>, Error> {
    #[derive(Deserialize)]
    struct Capability {
        capability: String,
    }
    let found: Vec<Capability> = qmp.execute("query-migrate-capabilities", None).await?;
    Ok(found.into_iter().map(|found| found.capability).collect())
}

/// Writes the machine, which is held, to the file `state` and waits until that is done, for `limit` at most.
pub(super) async fn save(machine: &Machine, state: &Utf8Path, limit: Duration) -> Result<Ended, Error> {
    set_parameters(&mut monitor(machine).await?, ALL_BYTES_PER_SECOND, HELD_MILLISECONDS).await?;
    run(machine, "migrate", state, limit).await
}

/// Begins to write the machine, which may run, to the file `state`, with [`PAUSE`]; says so if QEMU refuses. The end comes
/// with [`finish`].
pub(super) async fn begin(qmp: &mut Qmp, state: &Utf8Path) -> Result<Option<Ended>, Error> {
    set_parameters(qmp, ALL_BYTES_PER_SECOND, AHEAD_MILLISECONDS).await?;
    command(qmp, "migrate", state).await
}

/// Looks whether little is left of the memory of a machine that runs. Then QEMU goes on as slowly as it can: a machine that
/// it comes to the end of is held by it at once, whoever else is not so far.
pub(super) async fn look_ahead(qmp: &mut Qmp) -> Result<Option<Ended>, Error> {
    let found = little_is_left(qmp.execute("query-migrate", None).await?);
    if let Some(Ended::Completed) = found {
        set_parameters(qmp, FEW_BYTES_PER_SECOND, AHEAD_MILLISECONDS).await?;
    }
    Ok(found)
}

/// The end that the last migration came to; nothing while it is under way.
pub(super) async fn last_end(qmp: &mut Qmp) -> Result<Option<Ended>, Error> {
    let progress: Progress = qmp.execute("query-migrate", None).await?;
    Ok(if is_over(&progress) { ended(progress) } else { None })
}

/// Writes what is left of the machine, which is held by now, and waits until that is done.
pub(super) async fn finish(machine: &Machine, limit: Duration) -> Result<Ended, Error> {
    set_parameters(&mut monitor(machine).await?, ALL_BYTES_PER_SECOND, HELD_MILLISECONDS).await?;
    match wait(machine, limit, all_but_the_last).await? {
        Ended::Completed => {}
        other => return Ok(other),
    }
    let arguments = json!({ "state": WAITS });
    monitor(machine).await?.execute::<Value>("migrate-continue", Some(arguments)).await?;
    wait(machine, limit, ended).await
}

async fn set_parameters(qmp: &mut Qmp, bytes_per_second: u64, milliseconds: u64) -> Result<(), Error> {
    let parameters = json!({
        "max-bandwidth": bytes_per_second,
        "downtime-limit": milliseconds,
        "multifd-channels": CHANNELS,
    });
    qmp.execute::<Value>("migrate-set-parameters", Some(parameters)).await.map(drop)
}

/// Gives a migration up that goes on still, because it takes too long or because nobody waits for it any more, and waits
/// until QEMU has let go of it, for `limit` at most: a machine that goes on before is held again when the migration ends.
pub(super) async fn abandon(machine: &Machine, limit: Duration) -> Result<(), Error> {
    const CANCEL: &str = "migrate_cancel";
    let now = monitor(machine).await?.execute("query-migrate", None).await?;
    if is_over(&now) {
        return Ok(());
    }
    monitor(machine).await?.execute::<Value>(CANCEL, None).await?;
    match wait(machine, limit, |now| is_over(&now).then_some(Ended::Completed)).await? {
        Ended::Slow => {
            let problem = format!("the migration goes on still after {} s", limit.as_secs());
            Err(Error::Answer { command: CANCEL.to_owned(), problem })
        }
        _ => Ok(()),
    }
}

/// Loads the machine from the file `state` and waits until that is done, for `limit` at most.
pub(super) async fn load(machine: &Machine, state: &Utf8Path, limit: Duration) -> Result<Ended, Error> {
    run(machine, "migrate-incoming", state, limit).await
}

/// Has QEMU begin, and waits until it is done.
async fn run(machine: &Machine, name: &str, state: &Utf8Path, limit: Duration) -> Result<Ended, Error> {
    let refused = command(&mut monitor(machine).await?, name, state).await?;
    match refused {
        Some(refused) => Ok(refused),
        None => wait(machine, limit, ended).await,
    }
}

/// Has QEMU begin; says so if it refuses.
async fn command(qmp: &mut Qmp, name: &str, state: &Utf8Path) -> Result<Option<Ended>, Error> {
    match qmp.execute::<Value>(name, Some(json!({ "uri": format!("file:{state}") }))).await {
        Ok(_) => Ok(None),
        Err(Error::Refused { refusal, .. }) => Ok(Some(Ended::Failed(refusal.to_string()))),
        Err(error) => Err(error),
    }
}

/// Waits until `read` makes an end of what QEMU says.
async fn wait(machine: &Machine, limit: Duration, read: fn(Progress) -> Option<Ended>) -> Result<Ended, Error> {
    let mut patience = Patience::until(Instant::now() + limit, LONGEST_PAUSE);
    loop {
        let progress = monitor(machine).await?.execute("query-migrate", None).await?;
        if let Some(ended) = read(progress) {
            return Ok(ended);
        }
        if !patience.pause().await {
            return Ok(Ended::Slow);
        }
    }
}

/// The words are those of `MigrationStatus`. A migration that was begun has one before QEMU answers. One that a thread of
/// its own could not write to the end is completed all the same, but for a description of the error
/// (`multifd_send_sync_main` in QEMU's migration/multifd.c).
fn ended(progress: Progress) -> Option<Ended> {
    match progress.status.as_deref() {
        Some("completed") if progress.error_desc.is_none() => Some(Ended::Completed),
        Some("completed") => progress.error_desc.map(Ended::Failed),
        Some("failed" | "cancelled" | "cancelling") | None => {
            Some(Ended::Failed(progress.error_desc.unwrap_or_else(|| "nothing".to_owned())))
        }
        Some(_) => None,
    }
}

fn little_is_left(progress: Progress) -> Option<Ended> {
    match (progress.status.as_deref(), &progress.ram) {
        (Some("active"), Some(ram)) if ram.remaining <= LITTLE_BYTES => Some(Ended::Completed),
        _ => all_but_the_last(progress),
    }
}

fn all_but_the_last(progress: Progress) -> Option<Ended> {
    match progress.status.as_deref() {
        Some(WAITS) => Some(Ended::Completed),
        _ => ended(progress),
    }
}

fn is_over(progress: &Progress) -> bool {
    matches!(progress.status.as_deref(), None | Some("none" | "completed" | "failed" | "cancelled"))
}

#[cfg(test)]
mod tests;
