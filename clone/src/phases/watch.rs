//! Watching a machine while it is waited for: a guest that cannot come up any more is not waited for until the end.

use std::time::Duration;

use kiln_machines::State;
use kiln_machines::console_log::LastWords;
use tokio::time::sleep;

use super::{Node, Problem};

/// How often the machine is looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// Returns when the machine has ended, is held by the hypervisor, or its guest has given up.
pub async fn trouble(node: &Node<'_>) -> Problem {
    let path = node.site.hypervisor.console_log(&node.machine);
    let mut console = LastWords::of(&path, node.state.boot.as_ref().map_or(0, |boot| boot.console_offset));
    loop {
        if let Some(problem) = end(node).await {
            return problem;
        }
        match console.read() {
            Ok(Some(words)) => return Problem::GaveUp(words),
            Ok(None) => {}
            Err(error) => tracing::debug!(node = %node.name, %error, "its console cannot be read"),
        }
        sleep(INTERVAL).await;
    }
}

/// Whether the machine has ended, or is held by the hypervisor. Who talks to the guest may notice that before
/// [`trouble`] does, and takes it for something else.
pub async fn end(node: &Node<'_>) -> Option<Problem> {
    match node.site.hypervisor.state(&node.machine).await {
        Ok(State::Stopped) => Some(Problem::Ended { said: node.site.hypervisor.last_words(&node.machine) }),
        Ok(State::Halted(word)) => Some(Problem::Halted { word }),
        Ok(State::Running | State::Paused) => None,
        // A monitor that is slow to answer is no trouble with the guest.
        Err(error) => {
            tracing::debug!(node = %node.name, %error, "the machine cannot be looked at");
            None
        }
    }
}
