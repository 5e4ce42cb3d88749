//! Pulling a disk together while the machine runs on it: what the files have that are between it and its `base` is copied
//! into it, and it stands on the base from then on (`block-stream` in QEMU's qapi/block-core.json).
//!
//! QEMU does this by itself, in a job that goes on when nobody waits for it any more. Whoever comes next waits for that one.
//! Only the last step is not left to it, the change of the disk's header: QEMU may write that before it has written where
//! in the disk the copied clusters are, and what was safe would be lost with a QEMU that is killed at that moment.

use std::fs::File;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::{header, size};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::qmp::{self, Qmp};
use super::super::running;
use super::disk::{is_of_disk, node_in_use};
use super::{disk_in_use, limit_of, monitor};
use crate::patience::Patience;
use crate::{CheckpointProblem, Error, Machine};

const DOING: &str = "pulling the disk together";
const ADVICE: &str = "is the disk full? the machine's disk is as good as it was; try again when there is room";
const JOB: &str = "pull-disk";
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// An entry in the answer to `query-named-block-nodes`.
#[derive(Debug, Deserialize)]
struct Layer {
    #[serde(rename = "node-name")]
    node: String,
    #[serde(rename = "drv")]
    driver: String,
    /// How many files it stands on.
    #[serde(rename = "backing_file_depth")]
    depth: usize,
}

/// An entry in the answer to `query-jobs`.
#[derive(Debug, Deserialize)]
struct Job {
    id: String,
    status: String,
    error: Option<String>,
}

/// Has the disk that the machine writes to stand on `base`, one of the files that it stands on now.
pub(in super::super) async fn pull_disk(machine: &Machine, base: &Utf8Path) -> Result<(), Error> {
    running(machine, DOING).await?;
    let failed = |problem| Error::Checkpoint { doing: DOING, machine: machine.title(), source: Box::new(problem) };
    let disk = disk_in_use(machine).await?.unwrap_or_else(|| machine.disk.clone());
    let pull = async {
        let limit = limit(&files_above(&disk, base)?);
        // What became of a job that nobody waited for can be seen by the files.
        settle(machine, limit).await?;
        close_unused(&mut monitor(machine).await?).await?;
        let above = files_above(&disk, base)?.len();
        if above > 1 {
            begin(&mut monitor(machine).await?, above, base).await?;
            if let Some(said) = settle(machine, limit).await? {
                return Err(CheckpointProblem::Refused { state: disk.clone(), said, advice: ADVICE });
            }
            close_unused(&mut monitor(machine).await?).await?;
        }
        // The files between may be removed now, and a power cut must not bring the old header back.
        File::open(&disk).and_then(|file| file.sync_all()).map_err(CheckpointProblem::io("syncing", &disk))
    };
    pull.await.map_err(failed)
}

/// Waits for a job that nobody waited for, whatever becomes of it: the disk is as good as before if it comes to nothing.
pub(in super::super) async fn settle_disk(machine: &Machine) -> Result<(), Error> {
    running(machine, DOING).await?;
    let failed = |problem| Error::Checkpoint { doing: DOING, machine: machine.title(), source: Box::new(problem) };
    let disk = disk_in_use(machine).await?.unwrap_or_else(|| machine.disk.clone());
    let settle = async {
        let files = header::chain(&disk).collect::<Result<Vec<_>, _>>()?;
        if let Some(said) = settle(machine, limit(&files)).await? {
            tracing::warn!("{}: an earlier {DOING} came to nothing: {said}", machine.title());
        }
        Ok(())
    };
    settle.await.map_err(failed)
}

/// The disk and the files below it, down to the one that stands on `base`.
fn files_above(disk: &Utf8Path, base: &Utf8Path) -> Result<Vec<Utf8PathBuf>, CheckpointProblem> {
    let mut files = Vec::new();
    for file in header::chain(disk) {
        let file = file?;
        if file == base && !files.is_empty() {
            return Ok(files);
        }
        files.push(file);
    }
    Err(CheckpointProblem::NotBelow { disk: disk.to_owned(), base: base.to_owned() })
}

/// How long copying all of these files may take.
fn limit(files: &[Utf8PathBuf]) -> Duration {
    let bytes: u64 = files.iter().filter_map(|file| file.metadata().ok()).map(|file| size::on_disk(&file)).sum();
    limit_of(bytes >> 20)
}

/// Begins the job. QEMU may know the files by other names than they have now, but it knows how many there are; what the
/// base is called is written into the disk's header, where QEMU would write what it calls it.
async fn begin(qmp: &mut Qmp, above: usize, base: &Utf8Path) -> Result<(), CheckpointProblem> {
    let disk = node_in_use(qmp).await?;
    let layers: Vec<Layer> = qmp.execute("query-named-block-nodes", None).await?;
    let layer = layer_below(&layers, &disk, above).ok_or_else(|| CheckpointProblem::OtherChain {
        disk: disk.clone(),
        expected: above,
        found: layers.iter().find(|layer| layer.node == disk).map_or(0, |layer| layer.depth),
    })?;
    let arguments = json!({
        "job-id": JOB, "device": disk, "base-node": layer, "backing-file": base,
        "auto-finalize": false, "auto-dismiss": false,
    });
    Ok(qmp.execute::<Value>("block-stream", Some(arguments)).await.map(drop)?)
}

/// Has QEMU close the files that the disk does not stand on any more, which a pull leaves open: their room would be free only
/// when QEMU ends, and they would be counted among those that the disk stands on. Those in use it does not close.
async fn close_unused(qmp: &mut Qmp) -> Result<(), qmp::Error> {
    let disk = node_in_use(qmp).await?;
    loop {
        let layers: Vec<Layer> = qmp.execute("query-named-block-nodes", None).await?;
        let mut closed = false;
        for node in layers.iter().map(|layer| &layer.node).filter(|node| **node != disk && is_of_disk(node)) {
            match qmp.execute::<Value>("blockdev-del", Some(json!({ "node-name": node }))).await {
                Ok(_) => closed = true,
                Err(qmp::Error::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        // One that is closed frees those that it stood on.
        if !closed {
            return Ok(());
        }
    }
}

/// The block node that is so many files below another.
fn layer_below<'a>(layers: &'a [Layer], node: &str, count: usize) -> Option<&'a str> {
    let depth = layers.iter().find(|layer| layer.node == node)?.depth.checked_sub(count)?;
    let mut found = layers.iter().filter(|layer| layer.driver == "qcow2" && layer.depth == depth);
    let layer = found.next()?;
    // An overlay that nothing stands on may be open beside them.
    found.next().is_none().then_some(layer.node.as_str())
}

/// Waits for the end of the job, if there is one, and returns what QEMU complained of if it came to nothing. Others may
/// speak to the monitor meanwhile.
pub(super) async fn settle(machine: &Machine, limit: Duration) -> Result<Option<String>, CheckpointProblem> {
    let mut patience = Patience::until(Instant::now() + limit, LONGEST_PAUSE);
    loop {
        let mut qmp = monitor(machine).await?;
        let jobs: Vec<Job> = qmp.execute("query-jobs", None).await?;
        let Some(job) = jobs.into_iter().find(|job| job.id == JOB) else { return Ok(None) };
        match job.status.as_str() {
            "pending" => finalize(&mut qmp).await?,
            "concluded" => {
                qmp.execute::<Value>("job-dismiss", Some(json!({ "id": JOB }))).await?;
                return Ok(job.error);
            }
            _ => {}
        }
        drop(qmp);
        if !patience.pause().await {
            return Err(CheckpointProblem::Slow { state: machine.disk.clone(), seconds: limit.as_secs() });
        }
    }
}

/// Has everything written that was copied, and the header after that. QEMU writes what it has in its caches when it stops
/// the processors, even if they are stopped already.
async fn finalize(qmp: &mut Qmp) -> Result<(), CheckpointProblem> {
    let ran = qmp.query_status().await?.status == "running";
    qmp.stop().await?;
    if ran {
        qmp.cont().await?;
    }
    Ok(qmp.execute::<Value>("job-finalize", Some(json!({ "id": JOB }))).await.map(drop)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_told_by_how_many_files_it_stands_on() {
        // As QEMU 10.0.2 says it, shortened.
        let said = r##"[
            {"node-name": "disk-2", "drv": "qcow2", "backing_file_depth": 2, "file": "/lab/.disk-2.qcow2"},
            {"node-name": "#block1", "drv": "file", "backing_file_depth": 0, "file": "/lab/.disk-2.qcow2"},
            {"node-name": "disk-1", "drv": "qcow2", "backing_file_depth": 1, "file": "/lab/.disk-1.qcow2"},
            {"node-name": "disk", "drv": "qcow2", "backing_file_depth": 0, "file": "/golden.qcow2"},
            {"node-name": "seed", "drv": "raw", "backing_file_depth": 0, "file": "/seed.iso"}
        ]"##;
        let mut layers: Vec<Layer> = serde_json::from_str(said).unwrap();
        assert_eq!(layer_below(&layers, "disk-2", 1), Some("disk-1"));
        assert_eq!(layer_below(&layers, "disk-2", 2), Some("disk"));
        assert_eq!(layer_below(&layers, "disk-2", 3), None);
        assert_eq!(layer_below(&layers, "other", 1), None);
        layers.push(Layer { node: "disk-3".to_owned(), driver: "qcow2".to_owned(), depth: 0 });
        assert_eq!(layer_below(&layers, "disk-2", 2), None, "it could be either");
    }
}
