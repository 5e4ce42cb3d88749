//! The golden images that the nodes of a lab are to be clones of, as the store has them now.

use std::collections::{BTreeMap, BTreeSet};

use kiln_images::size::human;
use kiln_images::store::{Image, Store, StoreError};

use crate::error::Error;
use crate::kubernetes::{Unsuitable, suitable};
use crate::lab::{Lab, Node};

/// The images of a lab, by the names that its file has for them.
#[derive(Debug, Clone)]
pub struct GoldenImages(BTreeMap<String, Image>);

impl GoldenImages {
    /// Looks up every image that a node of `lab` names.
    ///
    /// # Errors
    /// Where one is not in the store.
    pub fn resolve(store: &Store, lab: &Lab) -> Result<Self, StoreError> {
        let names: BTreeSet<_> = lab.nodes.iter().map(|node| &node.image).collect();
        let images = names.into_iter().map(|name| Ok((name.clone(), store.resolve(name)?)));
        images.collect::<Result<_, _>>().map(Self)
    }

    /// The image of a node.
    ///
    /// # Panics
    /// Where it is a node of another lab than the one whose images these are.
    pub fn of(&self, node: &Node) -> &Image {
        &self.0[&node.image]
    }

    /// These, but for those under a name for which `other` has another.
    #[must_use]
    pub fn replaced(&self, other: impl Fn(&str) -> Option<Image>) -> Self {
        let images = self.0.iter().map(|(name, image)| (name.clone(), other(name).unwrap_or_else(|| image.clone())));
        Self(images.collect())
    }

    /// The names of the container images that all of them hold: a pod may come to any node.
    pub fn container_images(&self) -> impl Iterator<Item = &str> {
        let names = self.0.values().map(|image| &image.manifest.container_images);
        let names = names.map(|images| images.iter().map(|image| image.name.as_str()).collect::<BTreeSet<_>>());
        let all = names.reduce(|all, other| &all & &other);
        all.unwrap_or_default().into_iter()
    }

    /// Checks what only the images can tell to be wrong with a lab.
    ///
    /// # Errors
    /// Where the disk of a node is smaller than its image; where its cluster cannot be made of them.
    pub fn check(&self, lab: &Lab) -> Result<(), Error> {
        self.check_cluster(lab)?;
        let smaller = |node: &Node| {
            let needed = self.of(node).manifest.virtual_size_bytes;
            node.disk.filter(|disk| disk.bytes() < needed).map(|disk| (disk, needed))
        };
        match lab.nodes.iter().find_map(|node| Some((node, smaller(node)?))) {
            None => Ok(()),
            Some((node, (disk, needed))) => Err(Error::DiskTooSmall {
                node: node.name.clone(),
                wanted: disk.to_string(),
                image: node.image.clone(),
                needed: human(needed),
            }),
        }
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
        images("1.12.6").check(&lab).unwrap();
        let error = images("1.20.2").check(&lab).unwrap_err().to_string();
        assert!(error.contains("`desktop` and `plain`") && error.contains("base: {image: NAME}"), "{error}");
        let without = check::parse("lab.yaml", &LAB.replace("kubernetes: {}\n", "")).unwrap();
        images("1.20.2").check(&without).unwrap();
    }

    #[test]
    fn an_image_that_another_stands_for_is_that_of_its_nodes() {
        let lab = check::parse("lab.yaml", LAB).unwrap();
        let other = Image { digest: Digest::of_bytes(b"kept"), ..images("1.12.6").of(&lab.nodes[1]).clone() };
        let kept = images("1.12.6").replaced(|name| (name == "desktop").then(|| other.clone()));
        assert_eq!(kept.of(&lab.nodes[0]).digest, Digest::of_bytes(b"plain"));
        assert_eq!(kept.of(&lab.nodes[1]).digest, Digest::of_bytes(b"kept"));
    }
}
