//! `clone node start`: nodes that were taken down boot again, with what is on their disks.

use std::time::{Duration, Instant};

use kiln_cloud_init::NodeName;

use crate::checkpoint::{CheckpointError, repair};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::select::applied;
use crate::plan::Seen;
use crate::reset::{Options, choose};
use crate::ssh::files;
use crate::start::{check_memory, start};
use crate::state::State;
use crate::survey::survey;
use crate::timings::Recording;
use crate::wait::Waiting;
use crate::world::{World, existing_state, lock};

/// Boots those of the nodes of these names that do not run, and waits until all of them are up. Returns how long it took.
///
/// # Errors
/// [`Error::NoNode`] where the lab does not have one of them, [`Error::Usage`] where one cannot be started as it is.
pub async fn on(world: &World, folder: &LabFolder, names: &[String], options: Options) -> Result<Duration, Error> {
    let begin = Instant::now();
    let _lock = lock(folder).await?;
    repair::settle(world, folder).await?;
    let mut state = existing_state(folder)?;
    if state.pending.is_some() {
        return Err(CheckpointError::Suspended { lab: folder.lab().clone() }.into());
    }
    let (names, hypervisor) = (choose(folder, &state, names)?, world.hypervisor().await?);
    let seen = survey(&hypervisor, folder, &state).await?;
    let mut down = Vec::new();
    for name in &names {
        if !is_running(folder, &state, name, &seen[name])? {
            down.push(name.clone());
        }
    }
    if !options.overcommit {
        check_memory(down.iter().map(|name| state.nodes[name].memory_mib).sum(), 0)?;
    }
    for (name, seen) in &seen {
        state.nodes.entry(name.clone()).and_modify(|node| node.correct(seen));
    }
    let (lab, keys) = (applied(folder, &state)?, files::keys(folder, &state)?);
    files::write(folder, &state, &keys)?;
    let _recording = Recording::begin("start", folder.timings(), world.console.reporter());
    start(world, &hypervisor, folder, &mut state, &down, &keys).await?;
    if !options.no_wait {
        let (lab, names, keys, limit) = (&lab, names.as_slice(), &keys, options.limit);
        Waiting { world, lab, folder, names, hypervisor: &hypervisor, keys, limit }.until_up(&mut state).await?;
    }
    Ok(begin.elapsed())
}

/// Whether the node runs. One that cannot just be started is an error: `clone up` knows what to do with it.
fn is_running(folder: &LabFolder, state: &State, name: &NodeName, seen: &Seen) -> Result<bool, Error> {
    let why = match seen {
        _ if !state.nodes[name].made => "was begun and not finished".to_owned(),
        Seen::Running => return Ok(true),
        Seen::Stopped => return Ok(false),
        Seen::Lost => "has lost its disk".to_owned(),
        Seen::Paused => "is paused".to_owned(),
        Seen::DiskFull => format!("is {}", crate::plan::DISK_FULL),
        Seen::Held(why) => format!("is {why}"),
    };
    Err(Error::Usage(format!("{name} {why}\n  what is to be done about it does: clone up {}", folder.lab())))
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use kiln_images::home::Home;

    use super::*;
    use crate::state::tests::{node, state};

    #[test]
    fn only_a_node_that_is_down_is_started() {
        let guard = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(guard.path()).unwrap().join("home")).unwrap();
        let folder = LabFolder::new(&home, &"alpha".parse().unwrap());
        let state = state([("node1", node())]);
        let name = "node1".parse().unwrap();
        let is_running = |seen: Seen| is_running(&folder, &state, &name, &seen).map_err(|error| error.to_string());
        assert_eq!(is_running(Seen::Running), Ok(true));
        assert_eq!(is_running(Seen::Stopped), Ok(false));
        for seen in [Seen::Lost, Seen::Paused, Seen::DiskFull, Seen::Held("hung".to_owned())] {
            let error = is_running(seen).unwrap_err();
            assert!(error.starts_with("node1 ") && error.contains("clone up alpha"), "{error}");
        }
    }
}
