//! Whether the nodes reach each other on the lab's own segment.

use std::time::Duration;

use kiln_cloud_init::NodeName;

use crate::guest::{self, Script};
use crate::phases::{Failure, Node, Problem};

const PHASE: &str = "links";

/// How long all of it may take on a quick host: longer than the script waits, which can tell then who does not answer.
const LIMIT: Duration = Duration::from_secs(20);

/// Pings all addresses at once and prints those that do not answer. An image without `ping` opens a TCP connection
/// to the SSH server instead, which bash can by itself.
const SCRIPT: &str = "\
if command -v ping >/dev/null 2>&1; then
  for ip; do { ping -c 1 -w 10 -q \"$ip\" >/dev/null 2>&1 || echo \"$ip\"; } & done
else
  for ip; do { timeout 10 bash -c ': < \"/dev/tcp/$0/22\"' \"$ip\" 2>/dev/null || echo \"$ip\"; } & done
fi
wait";

/// Lets `node` reach every other of `nodes`, with one command, as soon as all have an address.
///
/// # Errors
/// [`Failure`] with the names of all it does not reach.
pub async fn check_links(node: &Node<'_>, nodes: &[Node<'_>]) -> Result<(), Failure> {
    let others: Vec<_> = nodes.iter().filter(|other| other.name != node.name).collect();
    if others.is_empty() {
        return Ok(());
    }
    node.progress.until(|| nodes.iter().all(|node| node.progress.is_configured())).await;
    let task = node.site.reporter.start(node.name.as_str(), PHASE);
    let addresses = others.iter().map(|other| other.state.ip.to_string()).collect();
    let step = "reaching the other nodes";
    let script = Script { step, phase: PHASE, text: SCRIPT, arguments: addresses, stdin: Vec::new() };
    let problem = match guest::run_within(node, &script, LIMIT).await {
        Ok(answer) => match unreached(&String::from_utf8_lossy(&answer), &others) {
            None => {
                task.done();
                return Ok(());
            }
            Some(problem) => problem,
        },
        Err(problem) => problem,
    };
    task.failed(problem.headline());
    Err(Failure::new(node, PHASE, problem, None))
}

/// The problem that an answer with addresses in it is.
fn unreached(answer: &str, others: &[&Node<'_>]) -> Option<Problem> {
    let name =
        |address: &str| others.iter().find(|other| other.state.ip.to_string() == address).map(|other| other.name);
    let names: Vec<&NodeName> = answer.lines().filter_map(|line| name(line.trim())).collect();
    if names.is_empty() {
        return None;
    }
    let names = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Some(Problem::Wrong(format!(
        "it does not reach {names} on the lab's network\n  is there a firewall in the golden image?"
    )))
}
