//! The phase `reachable`: the node lets us in over SSH, and proves itself with the host key that was handed to it.
//!
//! The node's SSH server starts after cloud-init's network stage, which makes users, keys, host name and `/etc/hosts`:
//! whoever is let in finds the node as it was asked for. Meanwhile the agent is waited for, too, but not any longer
//! than for SSH: not every image has one.

use std::time::Duration;

use kiln_console::Task;
use tokio::time::{Instant, sleep};

use super::{Node, Phase, Problem, Work};
use crate::ssh::banner::{self, Answer, Server};

/// How long one connection waits for the banner of the server: at first, and when the guest's network is known to be
/// up, so that only the server can be slow. QEMU repeats its knocking at a guest without network every six seconds only
/// (libslirp's TCP timers): it is better to begin anew often.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));
/// A guest without network is given this part of the time since the start for its banner, if that is more: where all is
/// slow the server is, too.
const SLOWNESS: u32 = 30;
/// How soon a server that was not there is looked for again.
const INTERVAL: Duration = Duration::from_millis(100);
/// The pauses between logins that fail although the server answers, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// How long one login may take on a quick host.
const LOGIN: Duration = Duration::from_secs(15);
/// How long the agent is asked, again and again.
const AGENT: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Debug)]
pub struct Reachable;

impl Phase for Reachable {
    fn name(&self) -> &'static str {
        "reachable"
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        // Only trying tells.
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let ssh = log_in(node, task);
            tokio::pin!(ssh);
            tokio::select! {
                biased;
                () = wait_for_agent(node) => ssh.await,
                result = &mut ssh => result,
            }
        })
    }
}

/// Whether a node that was up still is: its agent or its SSH server answers at once. This is what `clone up` of a
/// finished lab looks at.
pub async fn still_answers(node: &Node<'_>) -> bool {
    let limit = node.site.pace.scale(Duration::from_secs(1));
    tokio::select! {
        Ok(()) = node.site.hypervisor.guest_ping(&node.machine, limit) => true,
        // A host that has no connections to give is told so when the node is waited for.
        answer = banner::ask(node.state.ssh_port, limit) => matches!(answer, Ok(Answer::Server(_))),
    }
}

/// Logs in as soon as there is a server, over the connection on which it answered; while the node still starts, a login
/// can fail for a while (pam_nologin(8)).
async fn log_in(node: &Node<'_>, task: &Task) -> Result<(), Problem> {
    task.remember(format!("no SSH server answered on 127.0.0.1:{}", node.state.ssh_port));
    let (mut pause, longest) = RETRY;
    loop {
        let server = wait_for_server(node).await?;
        let login = node.site.ssh.knock(node.name, server, node.site.pace.scale(LOGIN), &node.log("reachable")).await;
        match login {
            Ok(()) => {
                node.progress.let_in();
                return Ok(());
            }
            Err(kiln_tool::Error::Failed(failure)) => task.remember(failure.to_string().replace('\n', "\n  ")),
            Err(error) => return Err(error.into()),
        }
        sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

/// Returns when the SSH server answers. There is one connection at a time: an emulated guest that has to serve several
/// serves none.
async fn wait_for_server(node: &Node<'_>) -> Result<Server, Problem> {
    let begin = Instant::now();
    let mut patience = PATIENCE.0;
    loop {
        match banner::ask(node.state.ssh_port, patience).await? {
            Answer::Server(server) => {
                node.progress.server_answered();
                return Ok(server);
            }
            Answer::Refused => patience = PATIENCE.1,
            Answer::Silence => patience = PATIENCE.0.max(begin.elapsed() / SLOWNESS),
        }
        sleep(INTERVAL).await;
    }
}

/// Returns when the agent answers.
async fn wait_for_agent(node: &Node<'_>) {
    let limit = node.site.pace.scale(AGENT);
    while let Err(error) = node.site.hypervisor.guest_ping(&node.machine, limit).await {
        tracing::trace!(node = %node.name, %error, "no agent yet");
        sleep(INTERVAL).await;
    }
    node.progress.agent_answered();
}

/// Looks for the agent of a node that was up before, so that it can be asked by it, or else over SSH.
pub async fn find_agent(node: &Node<'_>) {
    let limit = node.site.pace.scale(AGENT);
    match node.site.hypervisor.guest_ping(&node.machine, limit).await {
        Ok(()) => node.progress.agent_answered(),
        Err(error) => tracing::debug!(node = %node.name, %error, "no agent"),
    }
    node.progress.let_in();
}
