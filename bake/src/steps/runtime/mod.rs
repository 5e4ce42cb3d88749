//! Steps that install a container runtime, set up as Kubernetes needs it.

mod containerd;
mod docker;

pub use containerd::Containerd;
pub use docker::Docker;

use super::Package;
use crate::actions::Action;

/// Installs packages, if there are any: a base that was made from packages may have brought them.
fn install(packages: &[Package]) -> Option<Action> {
    (!packages.is_empty()).then(|| Action::Install(packages.to_vec()))
}
