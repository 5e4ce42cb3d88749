//! What the nodes of a lab do, as a table.

mod cluster;
mod mesh;

use std::fs;
use std::time::Duration;

use camino::Utf8Path;
use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_console::{Column, Failure, Format, human};
use kiln_images::size;
use serde::Serialize;

pub use cluster::ClusterRow;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::plan::{DISK_FULL, Seen};
use crate::start::host_boot;
use crate::state::{NodeState, State};
use crate::survey::survey;
use crate::world::{World, load_state};

/// How long the API of a cluster is waited for where its user waits for the answer.
pub const BRIEFLY: Duration = Duration::from_secs(2);
/// How long it is waited for at the end of what has taken minutes: an emulated one needs seconds after it was held.
const PATIENTLY: Duration = Duration::from_secs(30);

/// One node.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    /// Its name.
    pub node: NodeName,
    /// `running`, `starting` (it runs, and was not seen to be up), `stopped`, `crashed`, `unfinished`, `lost`, or why it is
    /// held.
    pub state: String,
    /// Its address on the lab's network.
    pub ip: String,
    /// The port of 127.0.0.1 that leads to its SSH server.
    pub ssh_port: u16,
    /// The process that runs it.
    pub pid: Option<i32>,
    /// How long it runs, in seconds.
    pub uptime_seconds: Option<u64>,
    /// What its disk takes on this host, in bytes.
    pub disk_bytes: u64,
    /// How often it was reset.
    pub generation: u32,
    /// The golden image it is a clone of.
    pub image: String,
    /// The phase that it is in, or that it did not get past: `join`, `join failed`.
    pub phase: Option<String>,
    /// What it is in the cluster of the lab.
    pub cluster: Option<ClusterRow>,
}

const NODE: Column<Row> = Column::new("node", |row| row.node.to_string());
const STATE: Column<Row> = Column::new("state", |row| match &row.phase {
    Some(phase) => format!("{} ({phase})", row.state),
    None => row.state.clone(),
});
const IP: Column<Row> = Column::new("ip", |row| row.ip.clone());
const SSH: Column<Row> = Column::new("ssh", |row| format!("127.0.0.1:{}", row.ssh_port));
const UPTIME: Column<Row> = Column::new("uptime", |row| or_dash(row.uptime_seconds.map(seconds)));

/// What is shown of a lab without a cluster.
const COLUMNS: [Column<Row>; 7] = [
    NODE,
    STATE,
    IP,
    SSH,
    Column::new("pid", |row| or_dash(row.pid.map(|pid| pid.to_string()))),
    UPTIME,
    Column::new("disk", |row| human::bytes(row.disk_bytes)),
];

/// What is shown of a lab with one.
const CLUSTER_COLUMNS: [Column<Row>; 10] = [
    NODE,
    STATE,
    Column::new("role", |row| of_cluster(row, |cluster| cluster.role.map(|role| role.to_string()))),
    IP,
    SSH,
    UPTIME,
    Column::new("kubernetes", |row| of_cluster(row, |cluster| cluster.version.clone())),
    Column::new("condition", |row| of_cluster(row, |cluster| Some(cluster.condition.clone()))),
    Column::new("pods", |row| of_cluster(row, ClusterRow::pods_in_words)),
    Column::new("seen", |row| of_cluster(row, |cluster| Some(format!("{} ago", seconds(cluster.age_seconds?))))),
];

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

fn seconds(seconds: u64) -> String {
    human::duration(Duration::from_secs(seconds))
}

fn of_cluster(row: &Row, text: impl Fn(&ClusterRow) -> Option<String>) -> String {
    or_dash(row.cluster.as_ref().and_then(text))
}

/// Prints what the nodes of a lab do that has just come up. Its cluster has been seen to answer, but can have been held
/// since, for a checkpoint.
///
/// # Errors
/// Where a machine cannot be asked, or standard output is closed.
pub async fn print(world: &World, folder: &LabFolder) -> Result<(), Failure> {
    show(world, &look(world, folder, PATIENTLY).await?)
}

/// What the nodes of a lab do.
#[derive(Debug, Default)]
pub struct Look {
    rows: Vec<Row>,
    /// Whether the rows have something of a cluster.
    has_cluster: bool,
    /// What runs in the mesh on it.
    mesh: Option<mesh::Found>,
}

/// Looks what the nodes of a lab do; at nothing where it has none yet. The API of its cluster is waited for up to `limit`.
///
/// # Errors
/// Where the state cannot be read, or a machine cannot be asked.
pub async fn look(world: &World, folder: &LabFolder, limit: Duration) -> Result<Look, Error> {
    let Some(state) = load_state(folder)? else { return Ok(Look::default()) };
    let mut rows = rows(world, folder, &state).await?;
    cluster::add_phases(&mut rows, folder);
    let has_cluster = cluster::add(world, folder, &state, &mut rows, limit).await?;
    // As JSON, the answer is the list of nodes; `clone mesh status` has the rest.
    let mesh = match world.console.format() {
        Format::Json => None,
        Format::Text | Format::Svg => mesh::find(folder, &state).await?,
    };
    Ok(Look { rows, has_cluster, mesh })
}

/// Prints what [`look`] has found.
///
/// # Errors
/// Where standard output is closed.
pub fn show(world: &World, look: &Look) -> Result<(), Failure> {
    const NONE: &str = "it has no nodes yet; go on with it: clone up";
    match look.has_cluster {
        true => world.console.table(&look.rows, &CLUSTER_COLUMNS, NONE)?,
        false => world.console.table(&look.rows, &COLUMNS, NONE)?,
    }
    match &look.mesh {
        Some(mesh) => mesh::show(world, mesh),
        None => Ok(()),
    }
}

/// What the nodes of a lab do.
///
/// # Errors
/// [`Error::Machine`] where a machine cannot be asked.
pub async fn rows(world: &World, folder: &LabFolder, state: &State) -> Result<Vec<Row>, Error> {
    let hypervisor = world.hypervisor().await?;
    let seen = survey(&hypervisor, folder, state).await?;
    let host_boot = host_boot()?;
    Ok(state.nodes.iter().map(|(name, node)| row(folder, name, node, &seen[name], &host_boot)).collect())
}

fn row(folder: &LabFolder, name: &NodeName, node: &NodeState, seen: &Seen, host_boot: &str) -> Row {
    let running = seen.is_there();
    let boot = node.boot.as_ref().filter(|_| running);
    let uptime_seconds = boot.map(|boot| Timestamp::now().duration_since(boot.started).as_secs().unsigned_abs());
    Row {
        node: name.clone(),
        state: describe(node, seen, host_boot),
        ip: node.ip.to_string(),
        ssh_port: node.ssh_port,
        pid: if running { pid(&folder.node(name).join("pid")) } else { None },
        uptime_seconds,
        disk_bytes: fs::metadata(folder.disk(name)).map_or(0, |metadata| size::on_disk(&metadata)),
        generation: node.generation,
        image: node.image.name.clone(),
        phase: None,
        cluster: None,
    }
}

/// The state of a node in a word.
fn describe(node: &NodeState, seen: &Seen, host_boot: &str) -> String {
    match (seen, &node.boot) {
        (Seen::Held(why), _) => why.clone(),
        (Seen::Paused, _) => "paused".to_owned(),
        (Seen::DiskFull, _) => DISK_FULL.to_owned(),
        (Seen::Running, _) if node.has_answered() => "running".to_owned(),
        (Seen::Running, _) => "starting".to_owned(),
        (Seen::Stopped | Seen::Lost, _) if !node.made => "unfinished".to_owned(),
        // When the host went down its machines went with it: nothing crashed.
        (Seen::Stopped, Some(boot)) if boot.host_boot == host_boot => "crashed".to_owned(),
        (Seen::Stopped, _) => "stopped".to_owned(),
        (Seen::Lost, _) => "lost: its disk is gone".to_owned(),
    }
}

/// The process id that a running QEMU has written down, for people to look at. Nothing is done with it.
fn pid(path: &Utf8Path) -> Option<i32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Boot, tests::node};

    #[test]
    fn the_state_is_what_was_asked_for_and_what_is_seen() {
        let boot = |host: &str, answered: bool| {
            let now = Timestamp::UNIX_EPOCH;
            Some(Boot {
                host_boot: host.to_owned(),
                started: now,
                console_offset: 0,
                segment: "1-1".to_owned(),
                loaded: false,
                answered: answered.then_some(now),
                ready: None,
            })
        };
        for (boot, seen, expected) in [
            (None, Seen::Stopped, "stopped"),
            (boot("this", true), Seen::Running, "running"),
            (boot("this", false), Seen::Running, "starting"),
            (boot("this", true), Seen::Stopped, "crashed"),
            (boot("earlier", true), Seen::Stopped, "stopped"),
            (boot("this", true), Seen::Paused, "paused"),
            (boot("this", true), Seen::DiskFull, "paused on I/O error: host disk full"),
            (boot("this", true), Seen::Held("halted (internal-error)".to_owned()), "halted (internal-error)"),
        ] {
            let node = NodeState { boot, ..node() };
            assert_eq!(describe(&node, &seen, "this"), expected);
        }
        assert_eq!(describe(&NodeState { made: false, ..node() }, &Seen::Stopped, "this"), "unfinished");
    }
}
