//! The network between the pods of a cluster.
//!
//! - [`routes`]: a bridge on every node ([`conflist`]) and routes between the nodes: files on the nodes, no image;
//! - [`flannel`]: flannel's own manifest, fitted to the lab;
//! - any other manifest, as it is ([`manifest`]).

pub mod conflist;
pub mod flannel;
pub mod manifest;
pub mod routes;
