//! The golden images that the nodes of a lab are to be clones of.
//!
//! A node that exists is a clone of the image it was made from, whatever its name stands for since, or if it stands for
//! nothing any more. What a name stands for now is for the nodes that are made.

use std::collections::{BTreeMap, BTreeSet};

use kiln_cloud_init::NodeName;
use kiln_images::digest::Digest;
use kiln_images::size::human;
use kiln_images::store::{Image, Store, StoreError};

use crate::error::Error;
use crate::kubernetes::{Unsuitable, suitable};
use crate::lab::{Lab, Node};
use crate::plan::{Plan, Seen};
use crate::state::State;

/// The images of a lab, by the names that its file has for them. One that no node is made from may be missing.
#[derive(Debug, Clone)]
pub struct GoldenImages(BTreeMap<String, Image>);

impl GoldenImages {
    /// Compares `lab` with what exists of it and what was seen of its nodes, and finds the images of the nodes that are
    /// made then.
    ///
    /// # Errors
    /// Where one is not in the store; where the lab cannot be made of them: the disk of a node is smaller than its image,
    /// or there is no cluster in them.
    pub fn plan(
        store: &Store,
        lab: &Lab,
        state: Option<&State>,
        seen: &BTreeMap<NodeName, Seen>,
    ) -> Result<(Plan, Self), Error> {
        let named = Self::named(store, lab)?;
        let plan = Plan::new(lab, |node| named.find(node).map(|image| image.digest), state, seen);
        let images = named.with_kept(store, lab, state, &plan);
        images.check(store, lab, &plan)?;
        Ok((plan, images))
    }

    /// The images that have the names now; what a name stands for that nothing has is not among them.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn named(store: &Store, lab: &Lab) -> Result<Self, StoreError> {
        let image = |name: &String| match store.resolve(name) {
            Err(StoreError::Unknown { .. }) => None,
            found => Some(found.map(|image| (name.clone(), image))),
        };
        names(lab).into_iter().filter_map(image).collect::<Result<_, _>>().map(Self)
    }

    /// These, and for a name that is gone the image that a node has under it. The nodes of a cluster come to have the same
    /// version of Kubernetes: there, one that stays is what its name stands for, although that was baked anew.
    fn with_kept(mut self, store: &Store, lab: &Lab, state: Option<&State>, plan: &Plan) -> Self {
        let image = |digest: Digest| store.resolve(&digest.to_string()).ok();
        for name in names(lab) {
            let known = || state.iter().flat_map(|state| &state.nodes).filter(|(_, known)| known.image.name == *name);
            let stays = known().find(|(node, _)| !plan.makes(node)).filter(|_| lab.kubernetes.is_some());
            let kept = if self.0.contains_key(name) { stays } else { stays.or_else(|| known().next()) };
            if let Some(image) = kept.and_then(|(_, known)| image(known.image.digest)) {
                self.0.insert(name.clone(), image);
            }
        }
        self
    }

    /// The image of a node, if there is one.
    fn find(&self, node: &Node) -> Option<&Image> {
        self.0.get(&node.image)
    }

    /// The image of a node that is made.
    ///
    /// # Panics
    /// Where the plan does not make it.
    pub fn of(&self, node: &Node) -> &Image {
        &self.0[&node.image]
    }

    /// The names of the container images that all of them hold: a pod may come to any node.
    pub fn container_images(&self) -> impl Iterator<Item = &str> {
        let names = self.0.values().map(|image| &image.manifest.container_images);
        let names = names.map(|images| images.iter().map(|image| image.name.as_str()).collect::<BTreeSet<_>>());
        let all = names.reduce(|all, other| &all & &other);
        all.unwrap_or_default().into_iter()
    }

    /// Checks what only the images can tell to be wrong with a lab.
    fn check(&self, store: &Store, lab: &Lab, plan: &Plan) -> Result<(), Error> {
        self.check_cluster(lab)?;
        for node in lab.nodes.iter().filter(|node| plan.makes(&node.name)) {
            let Some(image) = self.find(node) else { return Ok(store.resolve(&node.image).map(drop)?) };
            let needed = image.manifest.virtual_size_bytes;
            if let Some(disk) = node.disk.filter(|disk| disk.bytes() < needed) {
                return Err(Error::DiskTooSmall {
                    node: node.name.clone(),
                    wanted: disk.to_string(),
                    image: node.image.clone(),
                    needed: human(needed),
                });
            }
        }
        Ok(())
    }

    /// All nodes of a cluster have the same Kubernetes and the same runtime: the lab says one configuration for all.
    fn check_cluster(&self, lab: &Lab) -> Result<(), Unsuitable> {
        let mut first = None;
        for (name, image) in &self.0 {
            let found = suitable::check(lab, &image.manifest)?;
            match &first {
                None => first = Some((name, found)),
                Some((_, other)) if *other == found => {}
                Some((other, _)) => {
                    let (lab, images) = (lab.name.clone(), [(*other).clone(), name.clone()]);
                    return Err(Unsuitable::Mixed { lab, images });
                }
            }
        }
        Ok(())
    }
}

/// The names that a lab file has for images.
fn names(lab: &Lab) -> BTreeSet<&String> {
    lab.nodes.iter().map(|node| &node.image).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::cluster::tests::manifest;
    use crate::lab::check;
    use kiln_images::digest::Digest;

    const LAB: &str = "name: lab\nimage: plain\nnetwork: 10.1.1.0/24\nkubernetes: {}\ndefaults: {cpus: 2}\nnodes:\n\
                       - {name: node1, ip: 10.1.1.1}\n- {name: node2, ip: 10.1.1.2, image: desktop}\n";

    /// The images of the lab, of which the second has this Kubernetes.
    fn images(version: &str) -> GoldenImages {
        let image = |(name, version): (&str, &str)| {
            let (digest, disk) = (Digest::of_bytes(name.as_bytes()), "/disk".into());
            let manifest = manifest(Some(version), Some("docker"));
            (name.to_owned(), Image { digest, disk, manifest, names: Vec::new() })
        };
        GoldenImages([("plain", "1.12.6"), ("desktop", version)].map(image).into())
    }

    #[test]
    fn the_nodes_of_a_cluster_have_one_kubernetes() {
        let lab = check::parse("lab.yaml", LAB).unwrap();
        images("1.12.6").check_cluster(&lab).unwrap();
        let error = images("1.20.2").check_cluster(&lab).unwrap_err().to_string();
        assert!(error.contains("`desktop` and `plain`") && error.contains("base: {image: NAME}"), "{error}");
        let without = check::parse("lab.yaml", &LAB.replace("kubernetes: {}\n", "")).unwrap();
        images("1.20.2").check_cluster(&without).unwrap();
    }
}
