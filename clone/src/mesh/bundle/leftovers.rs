//! Groups that the lab file has no more. What they have made is on the cluster until somebody removes it, for which their
//! manifests are needed. Whether a group was applied is not asked: the cluster remembers those only that came to their end,
//! and may not run; and removing what is not there does no harm.

use super::{Bundle, Parcel};
use crate::lab::mesh::Mesh;

impl Bundle {
    /// The parcels of groups that the mesh has not, the oldest first.
    pub fn leftovers(&self, mesh: Option<&Mesh>) -> impl DoubleEndedIterator<Item = &Parcel> {
        let is_known = move |parcel: &&Parcel| {
            mesh.is_some_and(|mesh| mesh.all_groups().any(|group| group.name.as_str() == parcel.group))
        };
        self.leftovers.iter().chain(&self.parcels).filter(move |parcel| !is_known(parcel))
    }

    /// Warns of them.
    pub fn warn_of_leftovers(&self, mesh: Option<&Mesh>) {
        let names: Vec<_> = self.leftovers(mesh).map(|parcel| parcel.group.as_str()).collect();
        if !names.is_empty() {
            tracing::warn!(
                "the lab file does not have these groups any more, and what they made stays on the cluster until \
                 `clone mesh remove` takes it away, with the rest of the mesh: {}",
                names.join(", ")
            );
        }
    }

    /// The same without them: they were removed.
    pub fn without_leftovers(mut self, mesh: Option<&Mesh>) -> Self {
        let gone: Vec<_> = self.leftovers(mesh).map(|parcel| parcel.group.clone()).collect();
        self.leftovers.clear();
        self.parcels.retain(|parcel| !gone.contains(&parcel.group));
        self
    }

    /// What is left over when these parcels take the place of what was kept. A group that has another name now, or is in
    /// another one, is not.
    pub(super) fn left_over_by(&self, parcels: &[Parcel], mesh: Option<&Mesh>) -> Vec<Parcel> {
        self.leftovers(mesh).filter(|old| !old.is_in(parcels)).cloned().collect()
    }
}

impl Parcel {
    /// Whether all of it is in others.
    fn is_in(&self, others: &[Self]) -> bool {
        let mut manifests = self.manifests.iter();
        manifests.all(|manifest| {
            let has = |other: &Self| other.manifests.iter().any(|its| its.source == manifest.source);
            others.iter().any(|other| other.namespace == self.namespace && has(other))
        }) && self.namespaces.iter().all(|its| others.iter().any(|other| other.namespaces.contains(its)))
    }
}
