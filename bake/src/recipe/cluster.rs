//! Whether the parts of a node that a recipe names fit together.

use kiln_document::Problems;

use super::Recipe;
use crate::steps::{KubernetesVersion, Step, runtime_of};

impl Recipe {
    /// The version of Kubernetes that an image of it has: the last that is installed.
    pub fn kubernetes(&self) -> Option<KubernetesVersion> {
        let versions = self.steps().filter_map(|(_, step)| match step {
            Step::Kubernetes(kubernetes) => Some(kubernetes.version),
            _ => None,
        });
        versions.last()
    }

    /// The container runtime that an image of it has, whichever comes first.
    pub fn runtime(&self) -> Option<&'static str> {
        let has = |is: fn(&Step) -> bool| self.steps().any(|(_, step)| is(step));
        let (docker, containerd) =
            (has(|step| matches!(step, Step::Docker(_))), has(|step| matches!(step, Step::Containerd(_))));
        runtime_of(docker, containerd, self.kubernetes())
    }
}

/// Adds a problem where the recipe's Kubernetes cannot use the recipe's runtime.
pub(super) fn check(problems: &mut Problems, recipe: &Recipe) {
    if recipe.runtime().is_none()
        && let Some(version) = recipe.kubernetes()
        && let Some((at, _)) = recipe.steps().find(|(_, step)| matches!(step, Step::Docker(_)))
    {
        let message = format!("Kubernetes {version} cannot run its containers with Docker");
        problems.add(at.at("docker"), message).hint("versions from 1.24 on have no dockershim: use `containerd`");
    }
}

#[cfg(test)]
mod tests {
    use kiln_document::Document;

    use super::*;

    fn document(steps: &str) -> Document<Recipe> {
        let text =
            format!("name: x\nbase: {{image: y}}\nuser: z\ndisk: 1GiB\nlayers: [{{name: a, steps: [{steps}]}}]\n");
        kiln_document::read("x.yaml", &text).unwrap_or_else(|error| panic!("{text}{error}"))
    }

    fn problems(steps: &str) -> String {
        let document = document(steps);
        let mut problems = document.problems();
        check(&mut problems, &document.value);
        problems.finish().map_or_else(|problems| problems.to_string(), |()| String::new())
    }

    #[test]
    fn docker_is_refused_from_1_24_on() {
        let kubernetes = |version| format!("kubernetes: {{version: {version}, binaries: {{file: bin}}}}");
        let containerd = "containerd: {sandbox-image: 'registry.k8s.io/pause:3.10.2'}";
        assert_eq!(problems(&format!("{{docker: {{}}}}, {{{}}}", kubernetes("1.23.17"))), "");
        assert_eq!(problems(&format!("{{docker: {{}}}}, {{{containerd}}}, {{{}}}", kubernetes("1.36.1"))), "");
        let both = [("1.23.17", "docker"), ("1.36.1", "containerd")];
        for (version, runtime) in both {
            for runtimes in [["docker: {}", containerd], [containerd, "docker: {}"]] {
                let document = document(&format!("{{{}}}, {{{}}}", kubernetes(version), runtimes.join("}, {")));
                assert_eq!(document.value.runtime(), Some(runtime), "{runtimes:?}");
            }
        }
        let said = problems(&format!("{{docker: {{}}}}, {{{}}}", kubernetes("1.24.0")));
        assert!(
            said.contains("1.24.0 cannot run its containers with Docker") && said.contains("use `containerd`"),
            "{said}"
        );
    }
}
