//! Starting machines, all at once.

use std::fs;
use std::io;

use camino::Utf8Path;
use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_console::Reporter;
use kiln_images::{At, FileError};
use kiln_machines::{Hypervisor, Machine};

use crate::crash::{self, Point};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::machine::machine;
use crate::state::{Boot, State};
use crate::tasks::join_all;
use crate::world::save_state;

const PHASE: &str = "start";
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

/// Refuses to start `names` where the host has less memory available than they have together. A guest that is starved
/// is slow in ways that nobody understands, and one that is killed for its memory is worse.
///
/// # Errors
/// [`Error::Memory`] with both numbers.
pub fn check_memory(state: &State, names: &[NodeName]) -> Result<(), Error> {
    let text = fs::read_to_string(MEMORY).at("reading", Utf8Path::new(MEMORY))?;
    let needed_mib = names.iter().map(|name| state.nodes[name].memory_mib).sum();
    match available_mib(&text) {
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

/// Starts the machines of `names`, and the network between them. It is written down first that they were started.
///
/// # Errors
/// [`Error::Machines`] with every machine that could not be started; the others run.
pub async fn start(
    hypervisor: &dyn Hypervisor,
    folder: &LabFolder,
    state: &mut State,
    names: &[NodeName],
    reporter: &Reporter,
) -> Result<(), Error> {
    if names.is_empty() {
        return Ok(());
    }
    hypervisor.segment_up(&folder.segment()).await?;
    let machines: Vec<_> = names.iter().map(|name| machine(folder, state.uuid, name, &state.nodes[name])).collect();
    let (host_boot, started) = (host_boot()?, Timestamp::now());
    for (name, machine) in names.iter().zip(&machines) {
        let console_offset = length(&hypervisor.console_log(machine))?;
        let boot = Boot { host_boot: host_boot.clone(), started, console_offset, answered: None };
        state.nodes.entry(name.clone()).and_modify(|node| node.boot = Some(boot));
    }
    save_state(folder, state)?;
    crash::at(Point::Starting);
    let results = join_all(machines.iter().map(|machine| start_one(hypervisor, machine, reporter))).await;
    let errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Machines(errors)) }
}

async fn start_one(
    hypervisor: &dyn Hypervisor,
    machine: &Machine,
    reporter: &Reporter,
) -> Result<(), kiln_machines::Error> {
    let task = reporter.start(&machine.name, PHASE);
    task.finish(hypervisor.start(machine).await.map(drop))
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
