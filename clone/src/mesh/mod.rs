//! What a lab installs on its cluster: a service mesh, the examples that run in it, or anything else that comes as
//! manifests.
//!
//! What there is to install is data: the section `mesh` of the lab file ([`crate::lab::mesh`]). [`bundle`] gathers the
//! manifests, and knows by [`crate::lab::base`] where those lie that are files; [`object`] reads what is in them,
//! [`memory`] tells whether a node can hold it and [`images`] whether it has the container images for it, all before
//! anything starts.
//! When the cluster is ready, the phase [`crate::phases::mesh`] takes it through the groups: [`record`] is what the cluster
//! remembers of that, [`goal`] what is waited for, [`view`] what the API says, [`trouble`] what waiting does not help
//! against, and [`page`] the pages that have to be there. [`report`] shows what came of it, and [`mod@remove`] takes it away.

pub mod archive;
pub mod bundle;
pub mod error;
pub mod goal;
pub mod images;
pub mod memory;
pub mod object;
pub mod page;
pub mod record;
pub mod remove;
pub mod report;
pub mod trouble;
pub mod view;

use std::collections::BTreeSet;

pub use bundle::Bundle;
pub use error::MeshError;
use object::Object;

use crate::lab::mesh::{Group, Wait};

/// The namespaces in which the objects of a group are, and the pods that it waits for.
pub fn namespaces_of(group: &Group, objects: &[Object]) -> BTreeSet<String> {
    let waited = group.wait.iter().filter_map(|wait| match wait {
        Wait::Pods(pods) => Some(pods.namespace.to_string()),
        _ => None,
    });
    objects.iter().map(|object| object.namespace.clone()).chain(waited).collect()
}
