//! Steps that install a container runtime, set up as Kubernetes needs it.

mod containerd;
mod docker;

pub use containerd::Containerd;
pub use docker::Docker;

use super::{KubernetesVersion, Package};
use crate::actions::Action;

/// Installs packages, if there are any: a base that was made from packages may have brought them.
fn install(packages: &[Package]) -> Option<Action> {
    (!packages.is_empty()).then(|| Action::Install(packages.to_vec()))
}

/// What the manifest calls Docker.
pub const DOCKER: &str = "docker";
/// What it calls containerd.
const CONTAINERD: &str = "containerd";

/// Which runtime an image has, by what is in it. Docker comes with a containerd of its own, so that an image with both has
/// Docker, unless its kubelet cannot talk to that any more.
pub fn runtime_of(docker: bool, containerd: bool, kubernetes: Option<KubernetesVersion>) -> Option<&'static str> {
    let dockershim = kubernetes.is_none_or(|version| version < KubernetesVersion::WITHOUT_DOCKERSHIM);
    let docker = (docker && dockershim).then_some(DOCKER);
    docker.or_else(|| containerd.then_some(CONTAINERD))
}
