//! Kubernetes on the nodes of a lab, as far as it is decided on the host: nothing here talks to a node.
//!
//! - [`version`] knows what differs between the versions of Kubernetes, [`suitable`] whether a lab's cluster can be made of
//!   its image, and [`cluster`] is what all files of one cluster are made of;
//! - [`pki`] makes the cluster's certificates on the host, so that they are known before anything boots and no emulated
//!   processor spends minutes on RSA keys; [`token`] is what joining nodes show;
//! - [`kubeadm`] writes the configuration that `kubeadm init` and `kubeadm join` take on each node;
//! - [`pods`] gives every node its addresses of pods, [`cni`] makes the network between them;
//! - [`kubeconfig`] is how the host reaches the cluster, [`kubectl`] asks it.
//!
//! What a node is to get is a list of [`NodeFile`]s; the phases bring them there.

pub mod cluster;
pub mod cni;
pub mod kubeadm;
pub mod kubeconfig;
pub mod kubectl;
pub mod pki;
pub mod pods;
pub mod suitable;
pub mod token;
pub mod version;
pub(crate) mod yaml;

use std::fmt;

use camino::Utf8PathBuf;

pub use cluster::{Cluster, Member, Runtime};
pub use suitable::Unsuitable;
pub use token::Token;
pub use version::Version;

/// The static pods that kubeadm makes on a control plane: the names of their manifests, and of the pods in front of the node's
/// (kubeadm, `app/constants`).
pub const STATIC_PODS: [&str; 4] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/// A file that a node is to have, owned by root; the folders above it are made with it.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeFile {
    /// Where it goes; absolute.
    pub path: Utf8PathBuf,
    /// Its permissions.
    pub mode: u32,
    /// What is in it.
    pub content: Vec<u8>,
}

impl NodeFile {
    /// A file that everybody on the node may read.
    pub fn public(path: impl Into<Utf8PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), mode: 0o644, content: content.into() }
    }

    /// A file that holds a secret.
    pub fn secret(path: impl Into<Utf8PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), mode: 0o600, content: content.into() }
    }
}

/// Without the content, which can be a private key.
impl fmt::Debug for NodeFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:o}, {} bytes)", self.path, self.mode, self.content.len())
    }
}
