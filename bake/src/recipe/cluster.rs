//! Whether the parts of a node that a recipe names fit together.

use kiln_document::Problems;

use super::Recipe;
use crate::steps::{KubernetesVersion, Step};

/// Adds a problem where the recipe's Kubernetes cannot use the recipe's runtime.
pub(super) fn check(problems: &mut Problems, recipe: &Recipe) {
    let version = recipe.steps().find_map(|(_, step)| match step {
        Step::Kubernetes(kubernetes) => Some(kubernetes.version),
        _ => None,
    });
    let Some(version) = version.filter(|version| *version >= KubernetesVersion::WITHOUT_DOCKERSHIM) else { return };
    if recipe.steps().any(|(_, step)| matches!(step, Step::Containerd(_))) {
        return;
    }
    if let Some((at, _)) = recipe.steps().find(|(_, step)| matches!(step, Step::Docker(_))) {
        let message = format!("Kubernetes {version} cannot run its containers with Docker");
        problems.add(at.at("docker"), message).hint("versions from 1.24 on have no dockershim: use `containerd`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(steps: &str) -> String {
        let text =
            format!("name: x\nbase: {{image: y}}\nuser: z\ndisk: 1GiB\nlayers: [{{name: a, steps: [{steps}]}}]\n");
        let document = kiln_document::read::<Recipe>("x.yaml", &text).unwrap_or_else(|error| panic!("{text}{error}"));
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
        let said = problems(&format!("{{docker: {{}}}}, {{{}}}", kubernetes("1.24.0")));
        assert!(
            said.contains("1.24.0 cannot run its containers with Docker") && said.contains("use `containerd`"),
            "{said}"
        );
    }
}
