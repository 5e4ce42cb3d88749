//! kubeadm on a node: what is there already, the files it needs, running it, and undoing what it did.

mod traces;
mod transcript;
mod trouble;

use std::time::Duration;

use jiff::Timestamp;
use kiln_console::Task;

pub use traces::{Traces, look};
pub use transcript::{Failed, Transcript};
pub use trouble::Trouble;

use super::{Node, Problem};
use crate::cluster::Assembly;
use crate::guest::{self, Script, archive};
use crate::kubernetes::cni::conflist;
use crate::kubernetes::kubeadm;
use crate::kubernetes::{Cluster, NodeFile, Runtime};

/// A node whose clock is further off than this is set right: certificates that were made a moment ago would not be valid
/// yet, and leases look stale or come from the future.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);

/// Unpacks the archive, and waits until the container runtime is up; an earlier kubeadm, whose command was interrupted,
/// does not work beside the next one.
const PREPARE: &str = "\
tar -x -p -f - -C / && { pkill -x kubeadm || :; } && systemctl start \"$1\"";

const SET_CLOCK: &str = "date -s \"$1\" > /dev/null";

/// What kubeadm leaves behind. What the pods' network is made of stays, it was there before; but kubeadm up to 1.17 removes
/// the configuration of its plugins.
const CLEAN: &str = "\
pkill -x kubeadm; \"$@\"
systemctl stop kubelet
rm -rf /etc/kubernetes/manifests /etc/kubernetes/pki /etc/kubernetes/*.conf /var/lib/etcd /var/lib/kubelet/pki";

/// How long a phase may take in which kubeadm waits for something, on a quick host: longer than kubeadm itself waits, so
/// that it can say why it gives up. That is four minutes for the control plane and five for a join (its
/// app/apis/kubeadm/v1beta3, `DefaultControlPlaneTimeout`, `DefaultDiscoveryTimeout`), and on a slow host what it is told
/// (`facts`), which a slow host's limits are long enough for.
pub fn limit(cluster: &Cluster) -> Duration {
    Duration::from_secs(if cluster.slow { 160 } else { 330 })
}

/// Brings files to a node, and has its container runtime up, with one command. Among them is what an earlier kubeadm may have
/// removed of the network `routes`.
///
/// # Errors
/// [`Problem`] where the node cannot be asked, or does not do it.
pub async fn prepare(
    node: &Node<'_>,
    phase: &'static str,
    assembly: &Assembly<'_>,
    files: Vec<NodeFile>,
) -> Result<(), Problem> {
    let cluster = &assembly.cluster;
    let runtime = match cluster.runtime {
        Runtime::Docker => "docker",
        Runtime::Containerd => "containerd",
    };
    let now = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
    let plugins = conflist::of_member(cluster, node.member(assembly)?);
    let plugins = plugins.map_err(|error| Problem::Wrong(format!("its network cannot be written down: {error}")))?;
    let files: Vec<_> = files.into_iter().chain(plugins).collect();
    let stdin = archive::pack(&files, now).map_err(|error| Problem::Wrong(error.to_string()))?;
    let arguments = vec![runtime.to_owned()];
    let script = Script { step: "bringing files to the node", phase, text: PREPARE, arguments, stdin };
    guest::run(node, &script).await.map(drop)
}

/// Runs `kubeadm init` or `kubeadm join`, or phases of it, for as long as the phase of ours may take; what it says goes to the
/// phase's log, and what it is at to the task.
///
/// # Errors
/// [`Problem::Kubeadm`] where it fails.
pub async fn run(
    node: &Node<'_>,
    phase: &'static str,
    command: &'static str,
    words: &[String],
    task: &Task,
) -> Result<(), Problem> {
    let mut transcript = Transcript::default();
    let ssh = guest::long_command(node, phase, &format!("kubeadm {command}"), words)?;
    let result = ssh.stream(|line| transcript.take(line).into_iter().for_each(|note| task.note(note))).await;
    match result {
        Ok(()) => Ok(()),
        // Status 255 is ssh's own: the connection broke (ssh(1)).
        Err(kiln_tool::Error::Failed(failure)) if failure.code().is_some_and(|code| code != 255) => {
            Err(Problem::Kubeadm(Box::new(transcript.failed(command))))
        }
        Err(error) => Err(error.into()),
    }
}

/// Undoes what kubeadm did on a node. What it says of what it does not find is no failure.
///
/// # Errors
/// [`Problem`] where the node cannot be reached.
pub async fn reset(node: &Node<'_>, phase: &'static str, cluster: &Cluster, task: &Task) -> Result<(), Problem> {
    task.note("undoing what an earlier attempt has left");
    let words =
        ["sh", "-c", CLEAN, "sh"].map(str::to_owned).into_iter().chain(kubeadm::reset(cluster)).collect::<Vec<_>>();
    let ssh = guest::long_command(node, phase, "undoing an earlier attempt", &words)?;
    Ok(ssh.stream(|line| tracing::trace!(node = %node.name, "{line}")).await?)
}

/// Sets the node's clock if it is off, which its certificates and leases would not survive.
///
/// # Errors
/// [`Problem`] where the clock is off and cannot be set.
pub async fn set_clock(node: &Node<'_>, phase: &'static str, traces: &Traces, task: &Task) -> Result<(), Problem> {
    let off = traces.clock_offset.unsigned_abs();
    if off <= CLOCK_TOLERANCE {
        return Ok(());
    }
    let way = if traces.clock_offset.is_negative() { "behind" } else { "ahead" };
    tracing::warn!("the clock of {} was {} s {way}; it is set to that of this host", node.name, off.as_secs());
    task.note("setting its clock");
    let arguments = vec![format!("@{}", Timestamp::now().as_second())];
    let step = "setting the clock";
    guest::run(node, &Script { step, phase, text: SET_CLOCK, arguments, stdin: Vec::new() }).await.map(drop)
}
