//! `kubectl` on this host, with the kubeconfig of a lab.

pub mod objects;
