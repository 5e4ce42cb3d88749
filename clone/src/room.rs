//! Machines that are held because the host's disk is full.

use std::time::Duration;

use kiln_machines::{DISK_FULL, Hypervisor, Machine, State};
use tokio::time::sleep;

use crate::error::Error;

/// How long a machine that was let go on is looked at. It tries at once what could not be written, and is held again then.
const LOOKS: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(100);

/// Lets a machine go on that is held for want of space on the host's disk, and returns whether it is held again: there
/// still is none. Nothing is done to one that is not held for that.
///
/// # Errors
/// [`Error::Machine`] where it cannot be told to go on.
pub async fn is_wanting(hypervisor: &dyn Hypervisor, machine: &Machine) -> Result<bool, Error> {
    // One whose monitor does not answer cannot be let go on either.
    let is_held = async || matches!(hypervisor.state(machine).await, Ok(State::Halted(word)) if word == DISK_FULL);
    if !is_held().await {
        return Ok(false);
    }
    hypervisor.resume(machine).await?;
    for _ in 0..LOOKS {
        sleep(BETWEEN).await;
        if is_held().await {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use kiln_images::home::Home;
    use uuid::Uuid;

    use super::*;
    use crate::folder::LabFolder;
    use crate::machine::machine;
    use crate::phases::tests::pretence::{Pretence, output};
    use crate::state::tests::node;

    /// As this one is for ever.
    #[tokio::test]
    async fn a_machine_that_is_held_again_wants_space() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let folder = LabFolder::new(&Home::new(root.join("kiln")).unwrap(), &"lab".parse().unwrap());
        let machine = machine(&folder, Uuid::nil(), &"node1".parse().unwrap(), &node());
        let halted = |word: &str| State::Halted(word.to_owned());
        for (state, expected) in [
            (halted(DISK_FULL), true),
            (halted("internal-error"), false),
            (State::Running, false),
            (State::Paused, false),
            (State::Stopped, false),
        ] {
            let hypervisor = Pretence::new(state.clone(), root.join("console.log"), |_, _| output(0, "", ""));
            assert_eq!(is_wanting(&hypervisor, &machine).await.unwrap(), expected, "{state:?}");
        }
    }
}
