//! What the machines of a lab do at this moment.

use std::collections::BTreeMap;

use kiln_cloud_init::NodeName;
use kiln_machines::{DISK_FULL, Error as MachineError, Hypervisor, State as MachineState};

use crate::error::Error;
use crate::folder::LabFolder;
use crate::machine::machine;
use crate::plan::{self, Seen};
use crate::state::{NodeState, State};
use crate::tasks::try_join_all;

/// Looks at all machines of a lab, all at once. One whose monitor does not answer is hung, and one that was plugged into
/// a network segment that has ended since is cut off: both have to be started again.
///
/// # Errors
/// [`Error::Machine`] where it cannot be found out whether a machine or the segment runs.
pub async fn survey(
    hypervisor: &dyn Hypervisor,
    folder: &LabFolder,
    state: &State,
) -> Result<BTreeMap<NodeName, Seen>, Error> {
    let segment = hypervisor.segment_id(&folder.segment()).await?;
    let look = async |name: &NodeName| {
        let node = &state.nodes[name];
        let seen = match hypervisor.state(&machine(folder, state.uuid, name, node)).await {
            Ok(MachineState::Halted(word)) if word != DISK_FULL => Seen::Held(format!("halted ({word})")),
            Ok(state @ (MachineState::Running | MachineState::Paused | MachineState::Halted(_)))
                if is_cut_off(node, segment.as_deref()) =>
            {
                Seen::Held(cut_off(&state))
            }
            Ok(MachineState::Running) => Seen::Running,
            Ok(MachineState::Paused) => Seen::Paused,
            Ok(MachineState::Halted(_)) => Seen::DiskFull,
            // A lab that is on its way to a checkpoint, such as one that was imported, gets its disks there.
            Ok(MachineState::Stopped) if state.pending.is_some() => Seen::Stopped,
            Ok(MachineState::Stopped) if node.made && !folder.disk(name).exists() => Seen::Lost,
            Ok(MachineState::Stopped) => Seen::Stopped,
            Err(MachineError::Monitor { .. }) => Seen::Held("hung: its monitor does not answer".to_owned()),
            Err(error) => return Err(error),
        };
        Ok((name.clone(), seen))
    };
    Ok(try_join_all(state.nodes.keys().map(look)).await?.into_iter().collect())
}

fn is_cut_off(node: &NodeState, segment: Option<&str>) -> bool {
    node.boot.as_ref().map(|boot| boot.segment.as_str()) != segment || segment.is_none()
}

/// What is said of a machine that is cut off. One that is held for want of space, too, is worth making room for.
fn cut_off(state: &MachineState) -> String {
    let network = "cut off from the network of the lab";
    match state {
        MachineState::Halted(_) => format!("{network}, and {}", plan::DISK_FULL),
        _ => network.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::state::{Boot, tests::node};

    #[test]
    fn a_node_is_cut_off_unless_it_was_plugged_into_the_segment_that_is_up() {
        let plugged = |segment: &str| {
            let (host_boot, segment) = ("boot".to_owned(), segment.to_owned());
            let boot = Boot {
                host_boot,
                started: Timestamp::UNIX_EPOCH,
                console_offset: 0,
                segment,
                loaded: false,
                answered: None,
                ready: None,
            };
            NodeState { boot: Some(boot), ..node() }
        };
        for (node, segment, expected) in [
            (plugged("7-1"), Some("7-1"), false),
            (plugged("7-1"), Some("7-2"), true),
            (plugged("7-1"), None, true),
            (node(), Some("7-1"), true),
            (node(), None, true),
        ] {
            assert_eq!(is_cut_off(&node, segment), expected, "{segment:?}");
        }
    }

    #[test]
    fn a_full_disk_is_not_hidden_by_a_network_that_is_gone() {
        let full = MachineState::Halted(DISK_FULL.to_owned());
        assert_eq!(cut_off(&MachineState::Running), "cut off from the network of the lab");
        assert_eq!(cut_off(&full), "cut off from the network of the lab, and paused on I/O error: host disk full");
    }
}
