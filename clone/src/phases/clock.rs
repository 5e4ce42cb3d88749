//! The phase `clock`: a node that was saved and is there again has the time of the host. Until then it takes every lease
//! and certificate for what it was when the node was saved.

use std::time::Duration;

use jiff::Timestamp;
use kiln_console::Task;

use super::{Node, Phase, Problem, Work};
use crate::guest::{self, Script};

const NAME: &str = "clock";
/// How long the agent is tried before SSH is, on a quick host. It answers at once, or when the guest is warm again.
const AGENT: Duration = Duration::from_secs(4);
/// Sets the clock to the seconds since 1970 that it is given.
const SCRIPT: &str = "date -u -s \"@$1\"";

/// See the module.
#[derive(Debug)]
pub struct Clock;

impl Phase for Clock {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        // Only time can be set, not asked for: whoever looks is late.
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, _: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let by_agent = node.site.hypervisor.guest_set_clock(&node.machine);
            match tokio::time::timeout(node.site.pace.scale(AGENT), by_agent).await {
                Ok(Ok(())) => {
                    node.progress.agent_answered();
                    return Ok(());
                }
                Ok(Err(error)) => tracing::debug!(node = %node.name, %error, "the agent does not set the clock"),
                Err(_) => tracing::debug!(node = %node.name, "the agent does not answer"),
            }
            over_ssh(node).await
        })
    }
}

async fn over_ssh(node: &Node<'_>) -> Result<(), Problem> {
    node.progress.let_in();
    let arguments = vec![Timestamp::now().as_second().to_string()];
    let script = Script { step: "setting the clock", phase: NAME, text: SCRIPT, arguments, stdin: Vec::new() };
    guest::wait_over_ssh(node, &script).await.map(drop)
}
