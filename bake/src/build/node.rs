//! What makes an image a node of a cluster: what its own programs say, and whether that is what the recipe says.

use kiln_images::manifest::CgroupDriver;
use serde_json::Value;

use super::report::ReportError;
use crate::recipe::Recipe;
use crate::steps::{DOCKER, KubernetesVersion, runtime_of};

/// The node's half of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// The version of its kubelet.
    pub kubernetes: Option<KubernetesVersion>,
    /// What runs its containers.
    pub container_runtime: Option<String>,
    /// Who makes their control groups; none where its configuration does not say.
    pub cgroup_driver: Option<CgroupDriver>,
}

impl Node {
    /// Reads what the programs said: each section begins with the line of `--version` and goes on with what the
    /// configuration says about control groups.
    pub fn parse(kubelet: &[&str], docker: &[&str], containerd: &[&str]) -> Self {
        let kubernetes = kubelet.first().and_then(|said| KubernetesVersion::find_in(said));
        let has = |section: &[&str], name: &str| section.first().is_some_and(|line| line.starts_with(name));
        let runtime = runtime_of(has(docker, "Docker version"), has(containerd, "containerd "), kubernetes);
        let driver = runtime.and_then(|name| match name {
            DOCKER => docker_driver(&docker[1..].join("\n")),
            _ => containerd_driver(containerd),
        });
        Self { kubernetes, container_runtime: runtime.map(str::to_owned), cgroup_driver: driver }
    }

    /// Checks that the image is what its recipe says.
    ///
    /// # Errors
    /// When another version or another runtime came of it.
    pub fn check(&self, recipe: &Recipe) -> Result<(), ReportError> {
        if let Some(expected) = recipe.kubernetes().filter(|expected| self.kubernetes != Some(*expected)) {
            let found = self.kubernetes.map_or_else(|| "has no kubelet".to_owned(), |found| format!("has {found}"));
            return Err(ReportError::OtherNode { expected: format!("Kubernetes {expected}"), found });
        }
        if let Some(expected) = recipe.runtime().filter(|expected| self.container_runtime.as_deref() != Some(*expected))
        {
            let found = self.container_runtime.as_deref().unwrap_or("no container runtime");
            return Err(ReportError::OtherNode { expected: expected.to_owned(), found: format!("has {found}") });
        }
        Ok(())
    }
}

/// What daemon.json of dockerd(8) says.
fn docker_driver(daemon_json: &str) -> Option<CgroupDriver> {
    let settings: Value = serde_json::from_str(daemon_json).ok()?;
    let options = settings.get("exec-opts")?.as_array()?;
    let named = options.iter().find_map(|option| option.as_str()?.strip_prefix("native.cgroupdriver="))?;
    [CgroupDriver::Systemd, CgroupDriver::Cgroupfs].into_iter().find(|driver| driver.as_str() == named)
}

/// What `containerd config dump` says of runc.
fn containerd_driver(lines: &[&str]) -> Option<CgroupDriver> {
    lines.iter().find_map(|line| match line.trim() {
        "SystemdCgroup = true" => Some(CgroupDriver::Systemd),
        "SystemdCgroup = false" => Some(CgroupDriver::Cgroupfs),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTAINERD: &str = "containerd";
    const DOCKER_SAYS: &[&str] = &[
        "Docker version 20.10.24+dfsg1, build 297e128",
        "{",
        "  \"exec-opts\": [\"native.cgroupdriver=systemd\"]",
        "}",
    ];
    const CONTAINERD_SAYS: &[&str] =
        &["containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+b1", "   SystemdCgroup = false", ""];

    fn node(
        kubelet: &str,
        docker: &[&str],
        containerd: &[&str],
    ) -> (Option<String>, Option<String>, Option<CgroupDriver>) {
        let node = Node::parse(&[kubelet], docker, containerd);
        (node.kubernetes.map(|version| version.to_string()), node.container_runtime, node.cgroup_driver)
    }

    #[test]
    fn the_programs_are_taken_by_their_word() {
        let (docker, containerd) = (Some(DOCKER.to_owned()), Some(CONTAINERD.to_owned()));
        let (systemd, cgroupfs) = (Some(CgroupDriver::Systemd), Some(CgroupDriver::Cgroupfs));
        let version = |version: &str| Some(version.to_owned());
        let cases = [
            (node("", &[], &[]), (None, None, None)),
            (node("Kubernetes v1.20.2", DOCKER_SAYS, CONTAINERD_SAYS), (version("1.20.2"), docker.clone(), systemd)),
            (node("Kubernetes v1.36.1", DOCKER_SAYS, CONTAINERD_SAYS), (version("1.36.1"), containerd, cgroupfs)),
            (node("", &DOCKER_SAYS[..1], &[]), (None, docker, None)),
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_is_not_what_the_recipe_says_is_told() {
        let text = "name: x\nbase: {image: y}\nuser: z\ndisk: 1GiB\nlayers:\n- name: node\n  steps:\n  - docker: {}\n  \
                    - kubernetes: {version: 1.20.2, binaries: {file: bin}}\n";
        let recipe = kiln_document::read::<Recipe>("x.yaml", text).unwrap_or_else(|error| panic!("{error}")).value;
        let check = |kubelet: &str, docker, containerd| {
            Node::parse(&[kubelet], docker, containerd).check(&recipe).map_err(|error| error.to_string())
        };
        assert_eq!(check("Kubernetes v1.20.2", DOCKER_SAYS, &[]), Ok(()));
        let cases = [
            (check("Kubernetes v1.20.3", DOCKER_SAYS, &[]), "Kubernetes 1.20.2, but the finished image has 1.20.3"),
            (check("", DOCKER_SAYS, &[]), "has no kubelet"),
            (check("Kubernetes v1.20.2", &[], CONTAINERD_SAYS), "docker, but the finished image has containerd"),
            (check("Kubernetes v1.20.2", &[], &[]), "has no container runtime"),
        ];
        for (said, expected) in cases {
            let said = said.unwrap_err();
            assert!(said.contains(expected), "{said}");
        }
    }
}
