//! Versions of Kubernetes, and what differs between them.
//!
//! Every difference is a method here, so that nothing else compares version numbers. Where a number comes from is said
//! beside it: `kubeadm` is `cmd/kubeadm/app` in the source of that version, the rest the changelog.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The oldest version whose configuration is known.
const OLDEST: Version = Version::new(12, 0);

/// An exact version of Kubernetes: 1.*minor*.*patch*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    minor: u32,
    patch: u32,
}

/// A text that is not an exact version, or that of one which is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersion {
    /// Not of the form `1.20.2`.
    #[error("`{0}` is no exact version of Kubernetes, such as 1.20.2")]
    Malformed(String),
    /// Older than anything that is known.
    #[error("Kubernetes {0} is too old: 1.12 is the oldest that is known here")]
    TooOld(Version),
}

/// The version of kubeadm's configuration format (`kubeadm.k8s.io/…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigApi {
    /// `v1alpha3`: 1.12.
    V1Alpha3,
    /// `v1beta1`: 1.13 and 1.14.
    V1Beta1,
    /// `v1beta2`: 1.15 to 1.21.
    V1Beta2,
    /// `v1beta3`: 1.22 to 1.30.
    V1Beta3,
    /// `v1beta4`: from 1.31 on.
    V1Beta4,
}

/// How kubeadm is told of patches for the static pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patches {
    /// Not at all. (The patches of kustomize that 1.16 to 1.18 took have another form, and were dropped.)
    None,
    /// With this option.
    Option(&'static str),
    /// In the configuration: `patches.directory`.
    Field,
}

impl Version {
    /// Version 1.`minor`.`patch`.
    pub const fn new(minor: u32, patch: u32) -> Self {
        Self { minor, patch }
    }

    /// Whether it is 1.`minor` or later.
    const fn since(self, minor: u32) -> bool {
        self.minor >= minor
    }

    /// The newest configuration format that this version's kubeadm reads (`apis/kubeadm/`).
    pub const fn config_api(self) -> ConfigApi {
        match self.minor {
            0..=12 => ConfigApi::V1Alpha3,
            13..=14 => ConfigApi::V1Beta1,
            15..=21 => ConfigApi::V1Beta2,
            22..=30 => ConfigApi::V1Beta3,
            _ => ConfigApi::V1Beta4,
        }
    }

    /// How patches are given (`cmd/init.go`; the option was renamed when the field came).
    pub const fn patches(self) -> Patches {
        match self.minor {
            0..=18 => Patches::None,
            19..=21 => Patches::Option("--experimental-patches"),
            _ => Patches::Field,
        }
    }

    /// Whether kubeadm has etcd ask for disk space (`phases/etcd/local.go`). A kubelet that has only just started does not
    /// know how much it has, refuses the pod, and does not come back to it: etcd never runs, and with the first member that
    /// waits for the second the whole control plane stands still (kubernetes/kubernetes issue 99305).
    pub const fn etcd_asks_for_storage(self) -> bool {
        matches!(self.minor, 20..=21)
    }

    /// Whether the API server looks a thousand times a second how many requests each priority level has (feature gate
    /// `APIPriorityAndFairness`, on since 1.20, and its `sample_and_watermark.go`; kubernetes/kubernetes issue 97685). From
    /// 1.25 on it counts when the number changes (pull request 110104).
    pub const fn samples_flow_control(self) -> bool {
        matches!(self.minor, 20..=24)
    }

    /// Whether `kubeadm init` can leave out phases. 1.12 knows phases as commands only.
    pub const fn skips_phases(self) -> bool {
        self.since(13)
    }

    /// Whether kubeadm can leave out static pods of a control plane, for them to be made later. 1.33 and later wait for each of
    /// them (feature gate `WaitForAllControlPlaneComponents`), and have the kubelet of a control plane that joins ask the API
    /// server of its own node (`ControlPlaneKubeletLocalMode`).
    pub const fn leaves_out_static_pods(self) -> bool {
        self.skips_phases() && !self.since(33)
    }

    /// Whether joining as a control plane is an option of its own: in 1.12 to 1.14 it was an experiment, and there were
    /// neither stacked etcd members (1.13) nor shared certificates yet.
    pub const fn joins_control_planes(self) -> bool {
        self.since(15)
    }

    /// Whether kubeadm reads ECDSA keys: before, `pkiutil` said "isn't in RSA format". The service-account key has to be an
    /// RSA key for some versions more, and the CAs always can be.
    pub const fn reads_ecdsa_keys(self) -> bool {
        self.since(15)
    }

    /// Whether the administrators of the cluster are a group of their own, and `system:masters` is for emergencies
    /// (`super-admin.conf`).
    pub const fn has_super_admin(self) -> bool {
        self.since(29)
    }

    /// Whether controller manager and scheduler ask the API server of their own node, not the shared endpoint.
    pub const fn asks_local_api(self) -> bool {
        self.since(20)
    }

    /// Where the definitions of further kinds of objects are: the first version of that API was there until 1.21.
    pub const fn crds_path(self) -> &'static str {
        match self.since(16) {
            true => "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            false => "/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions",
        }
    }

    /// Whether the kubelet can ask docker by itself (dockershim).
    pub const fn has_dockershim(self) -> bool {
        !self.since(24)
    }

    /// Whether sockets of runtimes are named as URLs.
    pub const fn names_sockets_as_urls(self) -> bool {
        self.since(24)
    }

    /// Whether kubeadm asks docker for its cgroup driver. Later ones take `systemd` unless they are told.
    pub const fn asks_docker_for_cgroup_driver(self) -> bool {
        !self.since(22)
    }

    /// Whether every node renews a lease by default (feature gate `NodeLease`). Before, only its conditions tell that it
    /// lives.
    pub const fn has_node_leases(self) -> bool {
        self.since(14)
    }

    /// How the client of etcd is called in etcd's own container. That of etcd 3.3, which kubeadm takes for Kubernetes below
    /// 1.17 (its app/constants, `DefaultEtcdVersion`), speaks the language of etcd 2 unless a variable says otherwise; its
    /// image has a shell, which kubeadm's own probe sets the variable with. Later images have none.
    pub const fn etcdctl(self) -> &'static [&'static str] {
        if self.since(17) {
            return &["etcdctl"];
        }
        &["sh", "-c", "ETCDCTL_API=3 exec etcdctl \"$@\"", "etcdctl"]
    }

    /// The path at which the API server answers as soon as it listens, before it is ready.
    pub const fn liveness_path(self) -> &'static str {
        if self.since(16) { "/livez/ping" } else { "/healthz/ping" }
    }

    /// The path at which the API server says whether it is ready.
    pub const fn readiness_path(self) -> &'static str {
        if self.since(16) { "/readyz" } else { "/healthz" }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}.{}", self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let malformed = || InvalidVersion::Malformed(text.to_owned());
        let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten();
        let [major, minor, patch] = text.split('.').collect::<Vec<_>>()[..] else { return Err(malformed()) };
        let (Some(1), Some(minor), Some(patch)) = (number(major), number(minor), number(patch)) else {
            return Err(malformed());
        };
        let version = Self { minor, patch };
        if version < OLDEST { Err(InvalidVersion::TooOld(version)) } else { Ok(version) }
    }
}

impl TryFrom<String> for Version {
    type Error = InvalidVersion;

    fn try_from(text: String) -> Result<Self, InvalidVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_versions_are_taken() {
        for good in ["1.12.6", "1.20.2", "1.36.1", "1.31.0"] {
            assert_eq!(good.parse::<Version>().unwrap().to_string(), good);
        }
        for bad in ["", "1.20", "v1.20.2", "1.20.2-rc.0", "2.0.0", "1.20.x", "1.+20.2", "stable-1", "1.20.2.1"] {
            assert_eq!(bad.parse::<Version>(), Err(InvalidVersion::Malformed(bad.to_owned())), "{bad:?}");
        }
        assert_eq!("1.11.10".parse::<Version>(), Err(InvalidVersion::TooOld(Version::new(11, 10))));
        assert!(Version::new(9, 9) < Version::new(12, 0) && Version::new(20, 2) < Version::new(20, 10));
    }

    #[test]
    fn the_client_of_etcd_speaks_the_language_of_version_3() {
        assert_eq!(Version::new(17, 0).etcdctl(), ["etcdctl"]);
        let folder = tempfile::tempdir().unwrap();
        let fake = folder.path().join("etcdctl");
        std::fs::write(&fake, "echo $ETCDCTL_API \"$@\"").unwrap();
        let words = Version::new(16, 15).etcdctl();
        let script = words[2].replace("exec etcdctl", &format!("exec sh {}", fake.display()));
        let mut shell = std::process::Command::new("sh");
        let said = shell.args([words[1], &script, words[3], "member", "list"]).output().unwrap();
        assert_eq!(String::from_utf8(said.stdout).unwrap(), "3 member list\n");
    }

    #[test]
    fn the_configuration_is_the_newest_that_is_known() {
        use ConfigApi::{V1Alpha3, V1Beta1, V1Beta2, V1Beta3, V1Beta4};
        for (minor, api) in [
            (12, V1Alpha3),
            (13, V1Beta1),
            (14, V1Beta1),
            (15, V1Beta2),
            (21, V1Beta2),
            (22, V1Beta3),
            (30, V1Beta3),
            (31, V1Beta4),
            (36, V1Beta4),
        ] {
            assert_eq!(Version::new(minor, 0).config_api(), api, "1.{minor}");
        }
    }

    #[test]
    fn patches_are_given_the_way_the_version_takes_them() {
        for (minor, patches) in [
            (12, Patches::None),
            (18, Patches::None),
            (19, Patches::Option("--experimental-patches")),
            (21, Patches::Option("--experimental-patches")),
            (22, Patches::Field),
        ] {
            assert_eq!(Version::new(minor, 0).patches(), patches, "1.{minor}");
        }
    }
}
