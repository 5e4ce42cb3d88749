//! `clone down` and `clone node stop`: guests are asked to shut down, and ended when they do not in time. Disks and
//! identities stay.

use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_machines::{Ending, Hypervisor};

use crate::checkpoint;
use crate::error::Error;
use crate::folder::LabFolder;
use crate::machine::machine;
use crate::pace::Pace;
use crate::reset::choose;
use crate::tasks::join_all;
use crate::world::{World, load_state, lock, save_state};

/// How long a guest may take to shut down on a quick host.
const LIMIT: Duration = Duration::from_secs(30);

/// Takes the nodes of these names down, all if there are none, and says how each machine ended. `limit` is how long the
/// guests may take; one that has no time is ended as by a power cut.
///
/// # Errors
/// [`Error::NoNode`] where the lab does not have one of them; [`Error::Machines`] with every machine that could not be ended.
pub async fn down(
    world: &World,
    folder: &LabFolder,
    names: &[String],
    limit: Option<Duration>,
) -> Result<Vec<(NodeName, Ending)>, Error> {
    let _lock = lock(folder).await?;
    checkpoint::repair::settle(world, folder).await?;
    let Some(mut state) = load_state(folder)? else { return Ok(Vec::new()) };
    let names = choose(folder, &state, names)?;
    let hypervisor = world.hypervisor().await?;
    let cpus = state.nodes.values().map(|node| node.cpus).sum();
    let limit = limit.unwrap_or_else(|| Pace::of_host(hypervisor.facts().accelerator, cpus).scale(LIMIT));
    let stop = async |name: &NodeName| {
        let task = world.console.reporter().start(name.as_str(), "stop");
        let machine = machine(folder, state.uuid, name, &state.nodes[name]);
        match hypervisor.stop(&machine, limit).await {
            Ok(Ending::NotRunning) => task.skipped("it does not run"),
            Ok(ending) => {
                task.done();
                return Ok((name.clone(), ending));
            }
            Err(error) => {
                task.failed(error.to_string());
                return Err(error);
            }
        }
        Ok((name.clone(), Ending::NotRunning))
    };
    let (ended, errors): (Vec<_>, Vec<_>) = join_all(names.iter().map(stop)).await.into_iter().partition(Result::is_ok);
    let ended: Vec<_> = ended.into_iter().flatten().collect();
    for (name, _) in &ended {
        state.nodes.entry(name.clone()).and_modify(|node| node.boot = None);
    }
    state.awaited = false;
    save_state(folder, &state)?;
    let errors: Vec<_> = errors.into_iter().filter_map(Result::err).collect();
    if !errors.is_empty() {
        return Err(Error::Machines(errors));
    }
    if names.len() == state.nodes.len() {
        hypervisor.segment_down(&folder.segment()).await?;
    }
    Ok(ended)
}
