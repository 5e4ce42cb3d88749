//! Starting machines, all at once.

use std::fs;
use std::io;

use camino::Utf8Path;
use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_images::{At, FileError};
use kiln_machines::{Error as Failed, Hypervisor, Machine, SavedMemory, StartProblem};

use crate::checkpoint::Entry;
use crate::checkpoint::repair::settle_disk;
use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::machine::machine;
use crate::register::move_ports;
use crate::ssh::files::{self, Keys};
use crate::state::{Boot, NodeState, State};
use crate::tasks::join_all;
use crate::world::{World, save_state};

/// How often a node gets a port that another program may take before it is started.
const CHOICES: u32 = 5;
const HOST_BOOT: &str = "/proc/sys/kernel/random/boot_id";
const MEMORY: &str = "/proc/meminfo";

/// The boot of this host, by which it is known whether a machine can have survived.
///
/// # Errors
/// [`FileError`] where the kernel does not say.
pub fn host_boot() -> Result<String, FileError> {
    let text = fs::read_to_string(HOST_BOOT).at("reading", Utf8Path::new(HOST_BOOT))?;
    Ok(text.trim().to_owned())
}

/// Refuses to start machines that have `needed_mib` of memory together where the host has less available and gets
/// `freed_mib` back from others. A guest that is starved is slow in ways that nobody understands, and one that is killed
/// for its memory is worse.
///
/// # Errors
/// [`Error::Memory`] with both numbers.
pub fn check_memory(needed_mib: u64, freed_mib: u64) -> Result<(), Error> {
    let text = fs::read_to_string(MEMORY).at("reading", Utf8Path::new(MEMORY))?;
    match available_mib(&text).map(|available_mib| available_mib + freed_mib) {
        Some(available_mib) if needed_mib > available_mib => Err(Error::Memory { needed_mib, available_mib }),
        _ => Ok(()),
    }
}

/// What programs can have without swapping (proc_meminfo(5), `MemAvailable`), in MiB.
pub fn available_mib(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024)
}

/// What machines begin with.
#[derive(Debug, Clone, Copy)]
pub enum Beginning<'a> {
    /// They boot.
    Boot,
    /// They are loaded from a checkpoint, and stay held.
    Load(&'a Entry),
}

impl Beginning<'_> {
    fn phase(self) -> &'static str {
        match self {
            Self::Boot => "start",
            Self::Load(_) => "load",
        }
    }

    async fn of(self, hypervisor: &dyn Hypervisor, name: &NodeName, machine: &Machine) -> Result<(), Failed> {
        match self {
            Self::Boot => hypervisor.start(machine).await.map(drop),
            Self::Load(Entry { folder, manifest }) => {
                let memory = manifest.nodes.get(name).map_or(SavedMemory::Streamed, |node| node.memory);
                hypervisor.restore(machine, &folder.saved(name, memory)).await?;
                crash::at(Point::RestoreNode);
                Ok(())
            }
        }
    }
}

/// Boots the machines of `names`, as [`bring`] does.
///
/// # Errors
/// As [`bring`].
pub async fn start(
    world: &World,
    hypervisor: &dyn Hypervisor,
    folder: &LabFolder,
    state: &mut State,
    names: &[NodeName],
    keys: &Keys,
) -> Result<(), Error> {
    let cpu = hypervisor.facts().cpu();
    for (_, node) in state.nodes.iter_mut().filter(|(name, _)| names.contains(name)) {
        node.cpu = Some(cpu.clone());
    }
    bring(world, hypervisor, folder, state, names, keys, Beginning::Boot).await
}

/// Starts the machines of `names`, and the network between them. It is written down first that they were started. A
/// node whose SSH port was taken since it was chosen gets another.
///
/// # Errors
/// [`Error::Machines`] with every machine that could not be started; the others run.
pub async fn bring(
    world: &World,
    hypervisor: &dyn Hypervisor,
    folder: &LabFolder,
    state: &mut State,
    names: &[NodeName],
    keys: &Keys,
    from: Beginning<'_>,
) -> Result<(), Error> {
    if names.is_empty() {
        return Ok(());
    }
    hypervisor.segment_up(&folder.segment()).await?;
    let loaded = matches!(from, Beginning::Load(_));
    write_down(hypervisor, folder, state, names, loaded).await?;
    crash::at(Point::Starting);
    for name in names {
        // Of one that hung when a save was put right.
        settle_disk(hypervisor, folder, name, &machine(folder, state.uuid, name, &state.nodes[name])).await?;
    }
    let mut names = names.to_vec();
    for choice in 1.. {
        let failed = start_all(world, hypervisor, folder, state, &names, from).await;
        if failed.is_empty() {
            break;
        }
        let homeless = failed.iter().all(|(name, error)| taken_port(error, &state.nodes[name]).is_some());
        if !homeless || choice == CHOICES {
            return Err(Error::Machines(failed.into_iter().map(|(_, error)| error).collect()));
        }
        names = failed.into_iter().map(|(name, _)| name).collect();
        move_ports(world, folder, state, &names).await?;
        files::write(folder, state, keys)?;
    }
    Ok(())
}

/// Writes down that the machines of `names` were started.
async fn write_down(
    hypervisor: &dyn Hypervisor,
    folder: &LabFolder,
    state: &mut State,
    names: &[NodeName],
    loaded: bool,
) -> Result<(), Error> {
    let (host_boot, started) = (host_boot()?, Timestamp::now());
    // One that has ended since is noticed when the machines find nothing to be plugged into.
    let segment = hypervisor.segment_id(&folder.segment()).await?.unwrap_or_default();
    for name in names {
        let machine = machine(folder, state.uuid, name, &state.nodes[name]);
        let console_offset = length(&hypervisor.console_log(&machine))?;
        let (host_boot, segment) = (host_boot.clone(), segment.clone());
        let boot = Boot { host_boot, started, console_offset, segment, loaded, answered: None, ready: None };
        state.nodes.entry(name.clone()).and_modify(|node| node.boot = Some(boot));
    }
    save_state(folder, state)
}

/// Starts all at once, and returns what could not be started and why.
async fn start_all(
    world: &World,
    hypervisor: &dyn Hypervisor,
    folder: &LabFolder,
    state: &State,
    names: &[NodeName],
    from: Beginning<'_>,
) -> Vec<(NodeName, Failed)> {
    let start_one = async |name: &NodeName| {
        let node = &state.nodes[name];
        let task = world.console.reporter().start(name.as_str(), from.phase());
        match from.of(hypervisor, name, &machine(folder, state.uuid, name, node)).await {
            Ok(()) => {
                task.done();
                None
            }
            Err(error) => {
                match taken_port(&error, node) {
                    Some(port) => task.skipped(format!("port {port} was taken meanwhile")),
                    None => task.failed(error.to_string()),
                }
                Some((name.clone(), error))
            }
        }
    };
    join_all(names.iter().map(start_one)).await.into_iter().flatten().collect()
}

/// The port for which a machine was not started, because it is in use, if it is one that was chosen here and can be
/// another.
fn taken_port(error: &Failed, node: &NodeState) -> Option<u16> {
    let Failed::Start { problem, .. } = error else { return None };
    match **problem {
        StartProblem::PortTaken { port, .. } if port == node.ssh_port || Some(port) == node.api_port => Some(port),
        _ => None,
    }
}

fn length(path: &Utf8Path) -> Result<u64, FileError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(FileError::new("looking at", path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_available_memory_is_read() {
        let text = "MemTotal:       24683520 kB\nMemFree:        20480000 kB\nMemAvailable:   21504000 kB\n";
        assert_eq!(available_mib(text), Some(21_000));
        assert_eq!(available_mib("MemTotal: 1 kB\n"), None);
    }
}
