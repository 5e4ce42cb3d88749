//! What a recipe may say of `kubernetes`, and what of it makes sense.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asset, Cni, Kubernetes, PROGRAMS, Repository, Source, Version};

/// `kubernetes`: kubelet, kubeadm and kubectl in one exact version, from one of `tarball`, `binaries`, `packages` and
/// `repository`; the CNI plugins; the kernel's settings; the kubelet's unit, enabled; no swap.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Fields {
    /// The exact version, such as 1.20.2. An image with another one is not published.
    version: Version,
    /// Kubernetes' own server or node tarball, such as dl.k8s.io/v1.12.6/kubernetes-node-linux-amd64.tar.gz: the way to
    /// the versions that no package repository has any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    tarball: Option<Asset>,
    /// A folder with the three programs, or links to them, or an archive of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    binaries: Option<Asset>,
    /// Makes RPMs of the programs of `tarball` or `binaries`, in the image, and installs these: so that `rpm -q kubelet`
    /// answers. rpmbuild comes from the image's repositories, and leaves the image again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    rpm_build: bool,
    /// Files of packages (.deb or .rpm) that hold the programs. What they need besides comes from the image's own
    /// repositories.
    #[serde(skip_serializing_if = "Option::is_none")]
    packages: Option<Vec<Asset>>,
    /// A package repository, such as those of pkgs.k8s.io.
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<Repository>,
    /// Where the CNI plugins come from. Nothing where the packages bring them (kubernetes-cni).
    #[serde(skip_serializing_if = "Option::is_none")]
    cni: Option<Cni>,
}

/// The fields do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKubernetes {
    /// The programs come from nowhere, or from several places.
    #[error("write where the programs come from: one of `tarball`, `binaries`, `packages` and `repository`")]
    Source,
    /// They are packages already.
    #[error("`rpm-build` makes packages of the programs of a `tarball` or of `binaries`")]
    RpmBuild,
    /// Some program's version is left to chance.
    #[error(
        "`packages` of the repository must name {program} in exactly this version: `{program}={version}-1.1` (apt) or \
         `{program}-{version}` (yum, dnf)"
    )]
    Inexact {
        /// The program.
        program: &'static str,
        /// The version.
        version: Version,
    },
    /// A name by which the image's package manager could not tell what the file is.
    #[error("`{0}` is no package file: its name must end with .deb or .rpm")]
    NoPackage(String),
}

impl TryFrom<Fields> for Kubernetes {
    type Error = InvalidKubernetes;

    fn try_from(fields: Fields) -> Result<Self, InvalidKubernetes> {
        let Fields { version, tarball, binaries, rpm_build, packages, repository, cni } = fields;
        let source = match (tarball, binaries, packages, repository) {
            (Some(asset), None, None, None) => Source::Tarball(asset),
            (None, Some(asset), None, None) => Source::Binaries(asset),
            (None, None, Some(assets), None) => {
                let odd = assets.iter().find(|asset| !super::actions::is_package(asset));
                if let Some(asset) = odd {
                    return Err(InvalidKubernetes::NoPackage(asset.to_string()));
                }
                Source::Packages(assets)
            }
            (None, None, None, Some(repository)) => {
                if let Some(program) = PROGRAMS.into_iter().find(|name| !repository.names_exactly(name, &version)) {
                    return Err(InvalidKubernetes::Inexact { program, version });
                }
                Source::Repository(repository)
            }
            _ => return Err(InvalidKubernetes::Source),
        };
        if rpm_build && !matches!(source, Source::Tarball(_) | Source::Binaries(_)) {
            return Err(InvalidKubernetes::RpmBuild);
        }
        Ok(Self { version, source, rpm_build, cni })
    }
}

impl From<Kubernetes> for Fields {
    fn from(step: Kubernetes) -> Self {
        let Kubernetes { version, source, rpm_build, cni } = step;
        let empty = Self { version, tarball: None, binaries: None, rpm_build, packages: None, repository: None, cni };
        match source {
            Source::Tarball(asset) => Self { tarball: Some(asset), ..empty },
            Source::Binaries(asset) => Self { binaries: Some(asset), ..empty },
            Source::Packages(assets) => Self { packages: Some(assets), ..empty },
            Source::Repository(repository) => Self { repository: Some(repository), ..empty },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Kubernetes, String> {
        let read = kiln_document::read::<Kubernetes>("step.yaml", text);
        read.map(|document| document.value).map_err(|problems| problems.to_string())
    }

    const REPOSITORY: &str = "from: {deb: {name: k8s, uri: 'https://pkgs/', suites: [/]}}";

    #[test]
    fn each_source_is_read_and_written_alike() {
        let digest = "a".repeat(128);
        let cases = [
            (format!("{{version: 1.12.6, tarball: {{url: 'https://x/k.tar.gz', sha512: {digest}}}}}"), "k.tar.gz"),
            ("{version: 1.20.2, binaries: {artifact: kubernetes, path: bin}}".to_owned(), "bin of kubernetes"),
            ("{version: 1.20.2, binaries: {file: bin}, rpm-build: true}".to_owned(), "bin, as RPMs"),
            ("{version: 1.20.2, packages: [{file: a.deb}, {file: b.deb}]}".to_owned(), "2 packages"),
            (
                format!(
                    "{{version: 1.2.3, repository: {{{REPOSITORY}, packages: [kubelet=1.2.3-1.1, kubeadm-1.2.3, kubectl=1.2.3-0]}}}}"
                ),
                "the repository k8s",
            ),
        ];
        for (text, from) in cases {
            let step = read(&text).unwrap_or_else(|said| panic!("{text}:\n{said}"));
            assert!(step.summary().ends_with(from), "{}", step.summary());
            let written = serde_json::to_string(&step).unwrap();
            assert_eq!(read(&written).unwrap(), step, "{written}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_told() {
        let packages =
            |packages: &str| format!("{{version: 1.36.1, repository: {{{REPOSITORY}, packages: [{packages}]}}}}");
        let cases = [
            ("{version: 1.20.2}".to_owned(), "one of `tarball`"),
            ("{version: 1.20.2, binaries: {file: a}, tarball: {file: b}}".to_owned(), "one of `tarball`"),
            ("{version: 1.36, binaries: {file: a}}".to_owned(), "all three numbers"),
            ("{version: 1.20.2, packages: [{file: a.deb}, {file: b.zip}]}".to_owned(), "`b.zip` is no package file"),
            (
                "{version: 1.20.2, packages: [{file: a.rpm}], rpm-build: true}".to_owned(),
                "`rpm-build` makes packages of",
            ),
            (packages("kubelet=1.36.1-1.1, kubectl=1.36.1-1.1"), "must name kubeadm"),
            (packages("kubelet, kubeadm=1.36.1-1.1, kubectl=1.36.1-1.1"), "must name kubelet"),
            (packages("kubelet=1.36.10-1.1, kubeadm=1.36.1-1.1, kubectl=1.36.1-1.1"), "must name kubelet"),
            ("{version: 1.20.2, binarys: {file: a}}".to_owned(), "did you mean `binaries`?"),
        ];
        for (text, expected) in cases {
            let said = read(&text).unwrap_err();
            assert!(said.contains(expected), "{text}:\n{said}");
        }
    }
}
