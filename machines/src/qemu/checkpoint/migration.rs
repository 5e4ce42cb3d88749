//! QEMU's migration, into a file and out of it (QEMU's qapi/migration.json).

use std::time::Duration;

use camino::Utf8Path;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::qmp::{Error, Qmp};
use crate::patience::Patience;

/// The capability that leaves memory out of the stream that is a file shared with others.
pub(super) const IGNORE_SHARED: &str = "x-ignore-shared";

/// The capability that gives every page of the memory a fixed place in the file (QEMU 9.0 or later).
pub(super) const MAPPED_RAM: &str = "mapped-ram";

/// The capability that has threads of their own write the memory, and many pages with one call: with [`MAPPED_RAM`] alone
/// QEMU writes each page by itself, which takes three times as long.
pub(super) const MULTIFD: &str = "multifd";

/// How many such threads a machine gets. All machines of a lab are saved at once.
const CHANNELS: u32 = 1;

/// The longest pause before QEMU is asked again how far it is.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// More than any disk can do: by default QEMU spares a network and sends no more than 128 MiB in a second.
const BANDWIDTH_BYTES_PER_SECOND: u64 = 1 << 40;

/// The answer to `query-migrate`. There is no status before the first migration.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Progress {
    status: Option<String>,
    error_desc: Option<String>,
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
    let known = known.iter().filter(|name| [IGNORE_SHARED, MAPPED_RAM, MULTIFD].contains(&name.as_str()));
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

/// Writes the machine to the file `state` and waits until that is done, for `limit` at most.
pub(super) async fn save(qmp: &mut Qmp, state: &Utf8Path, limit: Duration) -> Result<Ended, Error> {
    let parameters = json!({ "max-bandwidth": BANDWIDTH_BYTES_PER_SECOND, "multifd-channels": CHANNELS });
    qmp.execute::<Value>("migrate-set-parameters", Some(parameters)).await?;
    begin(qmp, "migrate", state, limit).await
}

/// Gives a migration up that goes on still, because it takes too long or because nobody waits for it any more, and waits
/// until QEMU has let go of it: a machine that goes on before is held again when the migration ends.
pub(super) async fn abandon(qmp: &mut Qmp, limit: Duration) -> Result<(), Error> {
    let mut patience = Patience::until(Instant::now() + limit, LONGEST_PAUSE);
    let is_over = |progress: &Progress| {
        matches!(progress.status.as_deref(), None | Some("none" | "completed" | "failed" | "cancelled"))
    };
    if is_over(&qmp.execute("query-migrate", None).await?) {
        return Ok(());
    }
    qmp.execute::<Value>("migrate_cancel", None).await?;
    while !is_over(&qmp.execute("query-migrate", None).await?) && patience.pause().await {}
    Ok(())
}

/// Loads the machine from the file `state` and waits until that is done, for `limit` at most.
pub(super) async fn load(qmp: &mut Qmp, state: &Utf8Path, limit: Duration) -> Result<Ended, Error> {
    begin(qmp, "migrate-incoming", state, limit).await
}

async fn begin(qmp: &mut Qmp, command: &str, state: &Utf8Path, limit: Duration) -> Result<Ended, Error> {
    let mut patience = Patience::until(Instant::now() + limit, LONGEST_PAUSE);
    match qmp.execute::<Value>(command, Some(json!({ "uri": format!("file:{state}") }))).await {
        Ok(_) => {}
        Err(Error::Refused { refusal, .. }) => return Ok(Ended::Failed(refusal.to_string())),
        Err(error) => return Err(error),
    }
    loop {
        if let Some(ended) = read(qmp.execute("query-migrate", None).await?) {
            return Ok(ended);
        }
        if !patience.pause().await {
            return Ok(Ended::Slow);
        }
    }
}

/// The words are those of `MigrationStatus`. A migration that was begun has one before QEMU answers.
fn read(progress: Progress) -> Option<Ended> {
    match progress.status.as_deref() {
        Some("completed") => Some(Ended::Completed),
        Some("failed" | "cancelled" | "cancelling") | None => {
            Some(Ended::Failed(progress.error_desc.unwrap_or_else(|| "nothing".to_owned())))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_told_from_the_way_there() {
        // As QEMU 10.0.2 says it.
        for (said, expected) in [
            (r#"{"status": "setup"}"#, "None"),
            (r#"{"status": "active", "total-time": 3, "ram": {"total": 1}}"#, "None"),
            (r#"{"status": "device"}"#, "None"),
            (r#"{"status": "completed", "downtime": 4}"#, "Some(Completed)"),
            (r#"{"status": "failed", "error-desc": "no space"}"#, "Some(Failed(\"no space\"))"),
            (r#"{"status": "failed"}"#, "Some(Failed(\"nothing\"))"),
            ("{}", "Some(Failed(\"nothing\"))"),
        ] {
            assert_eq!(format!("{:?}", read(serde_json::from_str(said).unwrap())), expected);
        }
    }
}
