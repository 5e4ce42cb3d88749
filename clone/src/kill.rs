//! Ending machines without asking their guests.

use kiln_machines::{Hypervisor, Machine};

use crate::error::Error;
use crate::tasks::join_all;
use crate::world::World;

/// Kills the machines, all at once; each is reported as the phase `phase`. One that does not run is fine.
///
/// # Errors
/// [`Error::Machines`] with every machine that could not be killed; the others are dead.
pub async fn kill(
    world: &World,
    hypervisor: &dyn Hypervisor,
    machines: impl IntoIterator<Item = Machine>,
    phase: &str,
) -> Result<(), Error> {
    let kill = async |machine: Machine| {
        let task = world.console.reporter().start(machine.name.as_str(), phase);
        task.finish(hypervisor.kill(&machine).await.map(drop))
    };
    let results = join_all(machines.into_iter().map(kill)).await;
    let errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Machines(errors)) }
}
