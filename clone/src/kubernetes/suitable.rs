//! Whether a lab's cluster can be made of its image, and whether it can be changed into another one.

use kiln_images::manifest::Manifest;

use super::cluster::Runtime;
use super::version::{InvalidVersion, Version};
use crate::lab::kubernetes::{Endpoint, Kubernetes, Role};
use crate::lab::{Lab, LabName, Node};

/// The image and the lab do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsuitable {
    /// There is no Kubernetes in the image.
    #[error(
        "lab {lab} has a section `kubernetes`, but the image `{image}` has no Kubernetes in it\n  \
         take an image with the step `kubernetes`, such as debian-12-k8s-1.20, or leave the section out"
    )]
    NoKubernetes {
        /// The lab.
        lab: LabName,
        /// Its image.
        image: String,
    },
    /// The image's version cannot be used.
    #[error("the Kubernetes of image `{image}` cannot be used")]
    Version {
        /// The image.
        image: String,
        /// Why.
        source: InvalidVersion,
    },
    /// There is no runtime in the image that this version of Kubernetes can ask.
    #[error(
        "the image `{image}` has the container runtime {runtime}, which Kubernetes {version} cannot ask\n  \
         bake it with {remedy}"
    )]
    Runtime {
        /// The image.
        image: String,
        /// What is in it.
        runtime: String,
        /// The version of Kubernetes in it.
        version: Version,
        /// What would do.
        remedy: &'static str,
    },
    /// The lab asks for what came with a later version.
    #[error(
        "lab {lab} asks for {what}, which Kubernetes {version} of image `{image}` cannot do: {since} is the first that can"
    )]
    TooOld {
        /// The lab.
        lab: LabName,
        /// What it asks for.
        what: &'static str,
        /// The version of Kubernetes.
        version: Version,
        /// The image.
        image: String,
        /// The first version.
        since: &'static str,
    },
    /// The images of the nodes have different versions or runtimes.
    #[error(
        "the cluster of lab {lab} cannot be made of `{}` and `{}`: they have not the same Kubernetes with the same container \
         runtime\n  take images that stand on the same layers (`base: {{image: NAME}}` in a recipe)",
        .images[0], .images[1]
    )]
    Mixed {
        /// The lab.
        lab: LabName,
        /// Two of its images.
        images: [String; 2],
    },
    /// The cluster that exists is another one.
    #[error(
        "{what} of the cluster of lab {lab} cannot be changed from {from} to {to}\n  \
         make it anew: clone destroy {lab}, then clone up"
    )]
    Changed {
        /// The lab.
        lab: LabName,
        /// What.
        what: &'static str,
        /// How it is.
        from: String,
        /// How it would be.
        to: String,
    },
}

/// Whether the cluster that `lab` asks for can be made of nodes with this image; what is found out about it on the way.
/// Nothing if the lab asks for none.
///
/// # Errors
/// [`Unsuitable`], which says what to do instead. `up` and `plan` refuse the lab with it before anything is made.
pub fn check(lab: &Lab, manifest: &Manifest) -> Result<Option<(Version, Runtime)>, Unsuitable> {
    let Some(kubernetes) = &lab.kubernetes else { return Ok(None) };
    let image = || manifest.name.to_string();
    let Some(version) = &manifest.kubernetes else {
        return Err(Unsuitable::NoKubernetes { lab: lab.name.clone(), image: image() });
    };
    let version: Version = version.parse().map_err(|source| Unsuitable::Version { image: image(), source })?;
    let runtime = match manifest.container_runtime.as_deref() {
        Some("docker") if version.has_dockershim() => Runtime::Docker,
        Some("containerd") => Runtime::Containerd,
        other => {
            let runtime = other.unwrap_or("none").to_owned();
            let remedy = if version.has_dockershim() { "docker or containerd" } else { "containerd" };
            return Err(Unsuitable::Runtime { image: image(), runtime, version, remedy });
        }
    };
    let too_old = |what, since| Unsuitable::TooOld { lab: lab.name.clone(), what, version, image: image(), since };
    if !kubernetes.skip_phases.is_empty() && !version.skips_phases() {
        return Err(too_old("phases to be skipped", "1.13"));
    }
    if planes(lab).count() > 1 && !version.joins_control_planes() {
        return Err(too_old("several control-plane nodes", "1.15"));
    }
    Ok(Some((version, runtime)))
}

/// Refuses to change what is decided when a cluster is made: `was` is the lab as it is, `lab` as it is asked for.
///
/// # Errors
/// [`Unsuitable::Changed`]
pub fn check_change(was: &Lab, lab: &Lab) -> Result<(), Unsuitable> {
    let (Some(old), Some(new)) = (&was.kubernetes, &lab.kubernetes) else { return Ok(()) };
    let endpoint = |settings: &Kubernetes| settings.endpoint.as_ref().map_or("none", Endpoint::as_str).to_owned();
    for (what, from, to) in [
        ("the addresses of pods", old.pods.to_string(), new.pods.to_string()),
        ("the addresses of services", old.services.to_string(), new.services.to_string()),
        ("the endpoint", endpoint(old), endpoint(new)),
        ("the node that the API is reached by", door(was), door(lab)),
    ] {
        if from != to {
            return Err(Unsuitable::Changed { lab: lab.name.clone(), what, from, to });
        }
    }
    // Controllers of a single control plane elect no leader: a second one would do everything twice. Those of several can do
    // with one.
    if planes(was).count() == 1 && planes(lab).count() > 1 {
        let (what, from, to) = ("the number of control planes", "one".to_owned(), "several".to_owned());
        return Err(Unsuitable::Changed { lab: lab.name.clone(), what, from, to });
    }
    Ok(())
}

/// The control planes, in the order of the lab file.
fn planes(lab: &Lab) -> impl Iterator<Item = &Node> {
    lab.nodes.iter().filter(|node| node.role == Some(Role::ControlPlane))
}

/// The node whose address all others know as that of the API ([`Cluster::endpoint_host`]): without it they are lost.
///
/// [`Cluster::endpoint_host`]: super::Cluster::endpoint_host
fn door(lab: &Lab) -> String {
    let endpoint = lab.kubernetes.as_ref().and_then(|settings| settings.endpoint.as_ref());
    let node = match endpoint {
        Some(endpoint) => lab.nodes.iter().find(|node| node.name.as_str() == endpoint.as_str()),
        None => planes(lab).next(),
    };
    node.map_or_else(|| "none of them".to_owned(), |node| node.name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::cluster::tests::{LAB, manifest};
    use crate::lab::check as lab_file;

    #[test]
    fn what_the_image_cannot_do_is_refused() {
        let several = LAB.replace("196}", "196, role: control-plane}").replace("197}", "197, role: control-plane}");
        let skipping = LAB.replace("{}", "{skip-phases: [addon/coredns]}");
        for (text, version, runtime, message) in [
            (LAB, None, Some("docker"), "has no Kubernetes in it"),
            (LAB, Some("1.20"), Some("docker"), "cannot be used"),
            (LAB, Some("1.11.3"), Some("docker"), "cannot be used"),
            (LAB, Some("1.24.0"), Some("docker"), "bake it with containerd"),
            (LAB, Some("1.20.2"), None, "the container runtime none"),
            (&several, Some("1.14.0"), Some("docker"), "1.15 is the first"),
            (&skipping, Some("1.12.6"), Some("docker"), "1.13 is the first"),
        ] {
            let lab = lab_file::parse("lab.yaml", text).unwrap();
            let error = check(&lab, &manifest(version, runtime)).unwrap_err().to_string();
            assert!(error.contains(message) && error.contains("debian-12-k8s"), "{error}");
        }
        let without = lab_file::parse("lab.yaml", &LAB.replace("kubernetes: {}\n", "")).unwrap();
        assert_eq!(check(&without, &manifest(None, None)), Ok(None));
        for (version, runtime) in [("1.12.6", "docker"), ("1.20.2", "containerd"), ("1.36.1", "containerd")] {
            let lab = lab_file::parse("lab.yaml", LAB).unwrap();
            assert!(check(&lab, &manifest(Some(version), Some(runtime))).unwrap().is_some());
        }
    }

    #[test]
    fn what_is_decided_when_a_cluster_is_made_stays() {
        let read = |text: &str| lab_file::parse("lab.yaml", text).unwrap();
        let several = LAB.replace("196}", "196, role: control-plane}").replace("197}", "197, role: control-plane}");
        for (text, what) in [
            (
                LAB.replace("{}", "{pods: 10.50.0.0/16}"),
                "addresses of pods of the cluster of lab lab cannot be changed",
            ),
            (LAB.replace("{}", "{services: 10.50.0.0/16}"), "from 10.96.0.0/12 to 10.50.0.0/16"),
            (LAB.replace("{}", "{endpoint: mike}"), "from none to mike"),
            (several.clone(), "from one to several"),
            (
                LAB.replace("196}", "196, role: worker}").replace("197}", "197, role: control-plane}"),
                "from zulu to alpha",
            ),
        ] {
            let error = check_change(&read(LAB), &read(&text)).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        // Of several one can go, but for the one by whose address the others know the API.
        let several = read(&several);
        assert_eq!(check_change(&several, &read(LAB)), Ok(()));
        let mut first = several.clone();
        first.nodes.remove(0);
        let error = check_change(&several, &first).unwrap_err().to_string();
        assert!(
            error.contains("the node that the API is reached by") && error.contains("from zulu to alpha"),
            "{error}"
        );
        let without = read(&LAB.replace("kubernetes: {}\n", ""));
        assert_eq!(check_change(&without, &read(LAB)), Ok(()));
        assert_eq!(check_change(&read(LAB), &read(&LAB.replace("{}", "{ignore-preflight: [Mem]}"))), Ok(()));
    }
}
