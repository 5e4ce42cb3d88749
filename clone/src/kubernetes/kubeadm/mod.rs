//! What `kubeadm` is told on each node: the configuration documents of its version, and how it is called.
//!
//! [`facts`] is what is to be said; a module for each family of configuration formats says it: [`v1alpha3`] for 1.12,
//! [`v1beta`] for 1.13 to 1.30, [`v1beta4`] for all later ones. [`kubelet`] is the kubelets' own configuration, which
//! `kubeadm init` hands to all nodes, and [`patches`] those of the static pods.

mod facts;
mod kubelet;
mod parts;
mod patches;
mod v1alpha3;
mod v1beta;
mod v1beta4;

use super::cluster::{Cluster, Member};
use super::token::Token;
use super::version::{ConfigApi, Patches};
pub use super::yaml::YamlError;
use super::{NodeFile, yaml};
use crate::lab::Role;
use facts::Facts;

/// Where the configuration lies on a node. `kubeadm reset` leaves it there; it is written anew before every call.
pub const CONFIGURATION: &str = "/etc/kubernetes/kiln/kubeadm.yaml";
/// The annotation of a node that says through which socket its containers are run (kubeadm, app/constants).
pub const CRI_SOCKET: &str = "kubeadm.alpha.kubernetes.io/cri-socket";
/// The folder of the patches.
const PATCHES: &str = "/etc/kubernetes/kiln/patches";

/// How much a program written in Go may grow before it collects garbage, in percent of what it needs (Go, `runtime`). It is
/// 100 usually. An API server that starts spends a quarter of its time on that, with 100 MB of memory.
const GARBAGE: (&str, &str) = ("GOGC", "400");

/// The phases of `kubeadm init` that make what waits for the API server.
const LATE: [&str; 2] = ["control-plane/controller-manager", "control-plane/scheduler"];

/// The phase of `kubeadm join` that makes what waits for etcd.
const LATE_TO_JOIN: &str = "control-plane-prepare/control-plane";

/// The phases of `kubeadm init` after which the API server runs. All others can be run again on what they have made.
const BEFORE_API: [&str; 6] = ["preflight", "certs", "kubeconfig", "kubelet-start", "control-plane", "etcd"];

/// Phases after those, in their order, that write into the API. Each takes requests of which one may be too many for a server
/// that is slow. They are called so in every version that can leave phases out.
const WRITING: [&str; 3] = ["upload-config", "mark-control-plane", "bootstrap-token"];
/// The phases after them.
const AFTER_WRITING: [&str; 2] = ["kubelet-finalize", "addon"];

/// Where `kubeadm init` begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// With its first phase, on a node that has nothing of a cluster.
    Scratch,
    /// With what comes after the API server, which an earlier call has brought up, but for what was written into it.
    Api {
        /// [`written_before`] the phase in which that call failed.
        written: usize,
    },
}

/// How many phases that write into the API were over when `kubeadm init` failed in this phase, or a phase of its. None where
/// that is not known.
pub fn written_before(phase: &str) -> usize {
    let phase = phase.split('/').next().unwrap_or(phase);
    let before = WRITING.iter().chain(&AFTER_WRITING).position(|known| *known == phase);
    before.unwrap_or(0).min(WRITING.len())
}

/// A call of `kubeadm` on a node, as root, and what it needs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The words of the command, `kubeadm` first.
    pub command: Vec<String>,
    /// The files that must be there before, beside those of [`super::pki`].
    pub files: Vec<NodeFile>,
}

/// How the first control-plane node makes the cluster, from that point on.
///
/// # Errors
/// [`YamlError`]
pub fn init(cluster: &Cluster, node: &Member, token: &Token, from: From) -> Result<Call, YamlError> {
    let mut facts = Facts::new(cluster, node, token, "");
    if let From::Api { written } = from {
        facts.skip_phases.extend(BEFORE_API);
        facts.skip_phases.extend(&WRITING[..written]);
    }
    let mut documents = match cluster.version.config_api() {
        ConfigApi::V1Alpha3 => v1alpha3::init(&facts)?,
        ConfigApi::V1Beta1 | ConfigApi::V1Beta2 | ConfigApi::V1Beta3 => v1beta::init(&facts)?,
        ConfigApi::V1Beta4 => v1beta4::init(&facts)?,
    };
    documents.push(kubelet::configuration(cluster)?);
    let mut call = call("init", &facts, &documents)?;
    // The command to join by, which it would print for people, has the token in it, and what it says is kept.
    call.command.push("--skip-token-print".to_owned());
    if !facts.skip_phases.is_empty() && cluster.version.config_api() < ConfigApi::V1Beta3 {
        call.command.push(format!("--skip-phases={}", facts.skip_phases.join(",")));
    }
    Ok(call)
}

/// Whether [`From::Api`] can be had.
pub fn goes_on(cluster: &Cluster) -> bool {
    cluster.version.skips_phases()
}

/// What `kubeadm init` leaves out on a slow host, and what is run beside it as soon as the API server listens: the static
/// pods that can do nothing before. They would give up and be started again and again, and each attempt would take
/// processor time from the API server that they wait for. Nothing where they start with the rest.
pub fn late(cluster: &Cluster) -> Option<Vec<String>> {
    let script = "kubeadm init phase control-plane controller-manager \"$@\" && \
                  kubeadm init phase control-plane scheduler \"$@\"";
    starts_late(cluster).then(|| phases(cluster, script))
}

/// What `kubeadm join` leaves out on a control plane of a slow host, and what is run after it: an API server can do nothing
/// before etcd is there beside it. The attempts that it makes meanwhile would take the time from the etcd of the others, to
/// which kubeadm gives two seconds to take the new member in (`etcdTimeout` in its util/etcd): with a member that was taken
/// in too late, and of which kubeadm does not know, two have no majority. Nothing where all starts at once.
pub fn late_to_join(cluster: &Cluster, member: &Member) -> Option<Vec<String>> {
    let script = "kubeadm join phase control-plane-prepare control-plane \"$@\"";
    joins_late(cluster, member).then(|| phases(cluster, script))
}

/// A script that runs phases of kubeadm, with the words of every call.
fn phases(cluster: &Cluster, script: &str) -> Vec<String> {
    let mut options = vec!["--config", CONFIGURATION];
    let patches = match cluster.version.patches() {
        Patches::Option(option) => Some(format!("{option}={PATCHES}")),
        Patches::Field | Patches::None => None,
    };
    options.extend(patches.as_deref());
    ["sh", "-c", script, "sh"].into_iter().chain(options).map(str::to_owned).collect()
}

/// Whether the static pods [`LATE`] are started later than the others.
fn starts_late(cluster: &Cluster) -> bool {
    cluster.slow && cluster.version.leaves_out_static_pods()
}

/// Whether the static pod [`LATE_TO_JOIN`] is started when etcd is there.
fn joins_late(cluster: &Cluster, member: &Member) -> bool {
    starts_late(cluster) && member.role == Role::ControlPlane && cluster.version.joins_control_planes()
}

/// How a node joins the cluster whose authority has the public key with this hash (`sha256:…`,
/// [`super::pki::Pki::discovery_hash`]).
///
/// # Errors
/// [`YamlError`]
pub fn join(cluster: &Cluster, node: &Member, token: &Token, hash: &str) -> Result<Call, YamlError> {
    let facts = Facts::new(cluster, node, token, hash);
    let document = match cluster.version.config_api() {
        ConfigApi::V1Alpha3 => v1alpha3::join(&facts)?,
        ConfigApi::V1Beta1 | ConfigApi::V1Beta2 | ConfigApi::V1Beta3 => v1beta::join(&facts)?,
        ConfigApi::V1Beta4 => v1beta4::join(&facts)?,
    };
    let mut call = call("join", &facts, &[document])?;
    if joins_late(cluster, node) {
        call.command.push(format!("--skip-phases={LATE_TO_JOIN}"));
    }
    Ok(call)
}

/// How what `kubeadm` did on a node is undone, before it is tried again.
pub fn reset(cluster: &Cluster) -> Vec<String> {
    let socket = cluster.runtime.socket(cluster.version);
    ["kubeadm", "reset", "--force", "--cri-socket", socket].map(str::to_owned).to_vec()
}

fn call(subcommand: &str, facts: &Facts<'_>, documents: &[String]) -> Result<Call, YamlError> {
    let mut command: Vec<_> = ["kubeadm", subcommand, "--config", CONFIGURATION].map(str::to_owned).to_vec();
    if !facts.ignore_preflight.is_empty() && facts.api < ConfigApi::V1Beta2 {
        command.push(format!("--ignore-preflight-errors={}", facts.ignore_preflight.join(",")));
    }
    let mut files = vec![NodeFile::secret(CONFIGURATION, yaml::join(documents))];
    files.extend(facts.slow.then(kubelet::unit));
    if facts.patched {
        files.extend(patches::patches(facts.slow, facts.storage)?);
        if let Patches::Option(option) = facts.patches {
            command.push(format!("{option}={PATCHES}"));
        }
    }
    Ok(Call { command, files })
}

#[cfg(test)]
mod tests;
