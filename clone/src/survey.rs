//! What the machines of a lab do at this moment.

use std::collections::BTreeMap;

use kiln_cloud_init::NodeName;
use kiln_machines::{Hypervisor, State as MachineState};

use crate::error::Error;
use crate::folder::LabFolder;
use crate::machine::machine;
use crate::plan::Seen;
use crate::state::State;
use crate::tasks::try_join_all;

/// Looks at all machines of a lab, all at once.
///
/// # Errors
/// [`Error::Machine`] where a monitor does not answer.
pub async fn survey(
    hypervisor: &dyn Hypervisor,
    folder: &LabFolder,
    state: &State,
) -> Result<BTreeMap<NodeName, Seen>, Error> {
    let look = async |name: &NodeName| {
        let machine = machine(folder, state.uuid, name, &state.nodes[name]);
        let seen = match hypervisor.state(&machine).await? {
            MachineState::Running => Seen::Running,
            MachineState::Paused => Seen::Held("paused".to_owned()),
            MachineState::Halted(word) => Seen::Held(format!("halted ({word})")),
            MachineState::Stopped => Seen::Stopped,
        };
        Ok::<_, Error>((name.clone(), seen))
    };
    Ok(try_join_all(state.nodes.keys().map(look)).await?.into_iter().collect())
}
