//! What container images are called.

/// The registry of names that have none, and the folder there of names that have no other (distribution, `reference`).
const HUB: &str = "docker.io";
const LIBRARY: &str = "library";

/// The name of a container image with all that is left out of it where it goes without saying.
pub fn full_name(image: &str) -> String {
    let is_registry = |part: &str| part.contains(['.', ':']) || part == "localhost";
    let (registry, path) = match image.split_once('/') {
        Some((registry, path)) if is_registry(registry) => (registry, path),
        _ => (HUB, image),
    };
    let folder = if registry == HUB && !path.contains('/') { format!("{LIBRARY}/") } else { String::new() };
    let is_tagged = path.rsplit('/').next().is_some_and(|last| last.contains([':', '@']));
    format!("{registry}/{folder}{path}{}", if is_tagged { "" } else { ":latest" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_image_has_one_full_name() {
        for (image, name) in [
            ("grafana/grafana:5.2.3", "docker.io/grafana/grafana:5.2.3"),
            ("docker.io/grafana/grafana:5.2.3", "docker.io/grafana/grafana:5.2.3"),
            ("busybox", "docker.io/library/busybox:latest"),
            ("docker.io/busybox:1", "docker.io/library/busybox:1"),
            ("localhost/a", "localhost/a:latest"),
            ("registry:5000/a/b", "registry:5000/a/b:latest"),
            ("k8s.gcr.io/pause@sha256:0", "k8s.gcr.io/pause@sha256:0"),
        ] {
            assert_eq!(full_name(image), name, "{image}");
        }
    }
}
