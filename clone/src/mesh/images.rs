//! Whether the nodes have the container images of what is installed: the golden image holds some, and what the manifests say
//! of others has the kubelet ask a registry. Known before anything starts.

use std::collections::BTreeSet;

use kiln_images::home::Home;
use kiln_images::reference::full_name;

use super::Bundle;
use super::object::{self, Container, Object};
use crate::folder::LabFolder;
use crate::golden::GoldenImages;
use crate::kubernetes::cni::manifest;
use crate::lab::Lab;

/// Warns of every container that has a node ask a registry, where the golden images of the lab hold container images: in
/// the mesh, and in the manifest of the pod network as far as that is at hand.
pub fn warn(home: &Home, folder: &LabFolder, lab: &Lab, images: &GoldenImages, bundle: Option<&Bundle>) {
    let held: BTreeSet<_> = images.container_images().map(full_name).collect();
    if held.is_empty() {
        return;
    }
    // That of flannel has a DaemonSet for each kind of processor: what is not held is not needed here.
    let network = manifest::at_hand(home, folder, lab).map(|text| doubts("the pod network", &text, None));
    let manifests = bundle.into_iter().flat_map(|bundle| &bundle.parcels).flat_map(|parcel| &parcel.manifests);
    let mesh = manifests.flat_map(|manifest| doubts(&manifest.source, &manifest.text, Some(&held)));
    let doubts: Vec<_> = network.into_iter().flatten().chain(mesh).collect();
    if !doubts.is_empty() {
        tracing::warn!(
            "the golden image holds container images, and the nodes ask a registry all the same:{}",
            doubts.concat()
        );
    }
}

/// The containers of a manifest that are asked for at a registry, a line each: by what they say, and where `held` has not
/// their image. What cannot be read is not known.
fn doubts(source: &str, text: &str, held: Option<&BTreeSet<String>>) -> Vec<String> {
    let objects = object::read(source, text, "");
    let of_object = |Object { kind, name, containers, .. }: Object| {
        let of_container = move |container: Container| {
            let reason = doubt(&container, held)?;
            Some(format!("\n  {kind} {name} in {source}, container {}: {reason}", container.name))
        };
        containers.into_iter().filter_map(of_container).collect::<Vec<_>>()
    };
    objects.into_iter().flat_map(of_object).collect()
}

/// Why a container has a node ask a registry.
fn doubt(container: &Container, held: Option<&BTreeSet<String>>) -> Option<String> {
    let (image, name) = (&container.image, full_name(&container.image));
    if held.is_some_and(|held| !held.contains(&name)) {
        return Some(format!("{image} is not in the golden image"));
    }
    match container.policy.as_deref() {
        Some("Always") => Some(format!("{image} with imagePullPolicy: Always")),
        // (core/v1, `Container.imagePullPolicy`)
        None if name.ends_with(":latest") => Some(format!("{image} without imagePullPolicy, which means Always")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_registry_is_asked_for_is_named() {
        let text = "\
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: first, image: busybox}]
      containers:
      - {name: held, image: 'docker.io/library/web:1'}
      - {name: short, image: 'web:1', imagePullPolicy: IfNotPresent}
      - {name: again, image: 'web:1', imagePullPolicy: Always}
      - {name: other, image: 'registry.local:5000/web:1', imagePullPolicy: Never}
      - {name: newest, image: 'busybox:latest', imagePullPolicy: IfNotPresent}
      - {name: exact, image: 'busybox@sha256:0'}
";
        let line = |what: &str| format!("\n  Deployment web in file:web.yaml, container {what}");
        let always = [
            line("first: busybox without imagePullPolicy, which means Always"),
            line("again: web:1 with imagePullPolicy: Always"),
        ];
        assert_eq!(doubts("file:web.yaml", text, None), always);
        let held = ["web:1", "busybox"].map(full_name).into();
        let others = [
            line("other: registry.local:5000/web:1 is not in the golden image"),
            line("exact: busybox@sha256:0 is not in the golden image"),
        ];
        assert_eq!(doubts("file:web.yaml", text, Some(&held)), [&always[..], &others].concat());
        assert_eq!(doubts("file:web.yaml", "{", Some(&held)), [""; 0]);
    }
}
