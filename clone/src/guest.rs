//! Running something in a node: by the agent where there is one, which takes a tenth of a second, and over SSH else.

pub mod archive;

use std::time::Duration;

use kiln_machines::GuestCommand;
use kiln_machines::qemu::agent;
use kiln_tool::Invocation;

use crate::phases::{Node, Problem};

/// How long a short command in a node may take on a quick host.
const LIMIT: Duration = Duration::from_secs(10);

/// A shell script that is run as root in a node. It is part of this program; what changes from node to node comes as
/// its arguments, never as text of the script.
#[derive(Debug, Clone)]
pub struct Script {
    /// What it is for, in words.
    pub step: &'static str,
    /// The phase whose log takes what it says.
    pub phase: &'static str,
    /// The script, for a POSIX shell.
    pub text: &'static str,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What it reads from standard input.
    pub stdin: Vec<u8>,
}

/// Runs a script and returns what it wrote to standard output.
///
/// # Errors
/// [`Problem`] when it could not be run, or ended with another status than 0.
pub async fn run(node: &Node<'_>, script: &Script) -> Result<Vec<u8>, Problem> {
    run_within(node, script, LIMIT).await
}

/// The same for a script that may take up to `limit` on a quick host.
///
/// # Errors
/// As [`run`].
pub async fn run_within(node: &Node<'_>, script: &Script, limit: Duration) -> Result<Vec<u8>, Problem> {
    let limit = node.site.pace.scale(limit);
    if node.progress.has_agent() {
        match by_agent(node, script, limit).await {
            Ok(Ok(stdout)) => return Ok(stdout),
            Ok(Err(problem)) => return Err(problem),
            // The agents of some distributions may not run commands (CentOS 7's BLACKLIST_RPC).
            Err(error) => tracing::debug!(node = %node.name, %error, "the agent does not run commands; using SSH"),
        }
    }
    over_ssh(node, script, limit).await
}

/// Runs a script over SSH that may take as long as its phase does.
///
/// # Errors
/// As [`run`].
pub async fn wait_over_ssh(node: &Node<'_>, script: &Script) -> Result<Vec<u8>, Problem> {
    let ssh = ssh(node, script)?;
    // The phase has the time limit, and ends this with it.
    Ok(ssh.time_limit(Duration::MAX).output().await?)
}

/// The outer error: the agent does not do it. The inner one: it did, and the script failed or has not ended.
async fn by_agent(
    node: &Node<'_>,
    script: &Script,
    limit: Duration,
) -> Result<Result<Vec<u8>, Problem>, kiln_machines::Error> {
    let command =
        GuestCommand { program: "/bin/sh".to_owned(), arguments: words(script), stdin: script.stdin.clone(), limit };
    let output = match node.site.hypervisor.guest_run(&node.machine, &command).await {
        // It would be no quicker over SSH.
        Err(kiln_machines::Error::Agent { source: agent::Error::StillRunning { .. }, .. }) => {
            return Ok(Err(Problem::TimedOut { limit, last: Some(script.step.to_owned()) }));
        }
        output => output?,
    };
    if output.code == Some(0) {
        return Ok(Ok(output.stdout));
    }
    let status = output.code.map_or_else(|| "was killed".to_owned(), |code| format!("ended with status {code}"));
    let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "\n    ");
    Ok(Err(Problem::Wrong(format!("{}: the command in the node {status}\n  it said:\n    {said}", script.step))))
}

/// Begins a command in a node that may take as long as its phase does, as root, over SSH. The phase has the time limit,
/// and ends this with it.
///
/// # Errors
/// Where `ssh` is not installed.
pub fn long_command(
    node: &Node<'_>,
    phase: &str,
    step: &str,
    words: &[String],
) -> Result<Invocation, kiln_tool::Error> {
    let words: Vec<_> = as_root(node).map(str::to_owned).chain(words.iter().cloned()).collect();
    let ssh = node.site.ssh.lone_command(format!("{step} on {}", node.name), node.name, &words)?;
    Ok(ssh.time_limit(Duration::MAX).log(node.log(phase)))
}

async fn over_ssh(node: &Node<'_>, script: &Script, limit: Duration) -> Result<Vec<u8>, Problem> {
    Ok(ssh(node, script)?.time_limit(limit).output().await?)
}

fn ssh(node: &Node<'_>, script: &Script) -> Result<Invocation, kiln_tool::Error> {
    let words: Vec<_> = as_root(node).chain(["sh"]).map(str::to_owned).chain(words(script)).collect();
    let ssh = node.site.ssh.lone_command(format!("{} of {}", script.step, node.name), node.name, &words)?;
    Ok(ssh.stdin(script.stdin.clone()).log(node.log(script.phase)))
}

/// What makes a command one of root's.
fn as_root(node: &Node<'_>) -> impl Iterator<Item = &'static str> {
    let sudo: &[&str] = if node.state.image.user == "root" { &[] } else { &["sudo", "-n"] };
    sudo.iter().copied()
}

fn words(script: &Script) -> Vec<String> {
    ["-c", script.text, "sh"].map(str::to_owned).into_iter().chain(script.arguments.iter().cloned()).collect()
}
