//! Patches of the static pods. For slow hosts: a probe may be answered late, or the kubelet kills a control plane that only
//! is slow; and garbage is collected less often. For all: etcd asks for no disk space.

use serde::Serialize;

use super::{GARBAGE, NodeFile, PATCHES};
use crate::kubernetes::yaml::{self, YamlError};

/// The static pods, and the probes that all versions which take patches give them (kubeadm, `phases/controlplane` and
/// `phases/etcd`). A probe that is not there must not be patched: it would have no action.
const PODS: [&str; 4] = [ETCD, "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
/// The only one of them with a third probe in all those versions.
const WITH_READINESS: &str = "kube-apiserver";

const ETCD: &str = "etcd";

/// How long an answer may take: usually 15 s.
const TIMEOUT_SECONDS: u32 = 60;
/// Usually 8 failures, 10 s apart. Every probe is a TLS handshake, which an emulated processor feels.
const LIVENESS: Probe =
    Probe { timeout_seconds: TIMEOUT_SECONDS, failure_threshold: Some(20), period_seconds: Some(30) };
/// kubeadm itself makes the failures last as long as it waits for the control plane.
const STARTUP: Probe = Probe { timeout_seconds: TIMEOUT_SECONDS, failure_threshold: None, period_seconds: None };
/// Usually one every second.
const READINESS: Probe =
    Probe { timeout_seconds: TIMEOUT_SECONDS, failure_threshold: Some(20), period_seconds: Some(5) };

/// See [`GARBAGE`].
const COLLECT_LESS: Variable = Variable { name: GARBAGE.0, value: GARBAGE.1 };

#[derive(Serialize)]
struct Pod {
    spec: Spec,
}

#[derive(Serialize)]
struct Spec {
    containers: [Container; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    env: Option<[Variable; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    liveness_probe: Option<Probe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    startup_probe: Option<Probe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    readiness_probe: Option<Probe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<Resources>,
}

#[derive(Serialize)]
struct Resources {
    requests: Requests,
}

/// A null takes out what kubeadm has put there.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Requests {
    ephemeral_storage: (),
}

#[derive(Clone, Copy, Serialize)]
struct Variable {
    name: &'static str,
    value: &'static str,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Probe {
    timeout_seconds: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_threshold: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    period_seconds: Option<u32>,
}

/// Strategic merge patches, which is what kubeadm takes a file `<pod>.yaml` for: containers are merged by their names.
/// `slow` says whether the host is, `storage` whether etcd asks for disk space ([`Version::etcd_asks_for_storage`]).
///
/// [`Version::etcd_asks_for_storage`]: crate::kubernetes::Version::etcd_asks_for_storage
pub(super) fn patches(slow: bool, storage: bool) -> Result<Vec<NodeFile>, YamlError> {
    let asks = |name: &str| storage && name == ETCD;
    let patch = |name: &'static str| {
        let container = Container {
            name,
            env: slow.then_some([COLLECT_LESS]),
            liveness_probe: slow.then_some(LIVENESS),
            startup_probe: slow.then_some(STARTUP),
            readiness_probe: (slow && name == WITH_READINESS).then_some(READINESS),
            resources: asks(name).then_some(Resources { requests: Requests { ephemeral_storage: () } }),
        };
        let text = yaml::write("a patch of a static pod", &Pod { spec: Spec { containers: [container] } })?;
        Ok(NodeFile::public(format!("{PATCHES}/{name}.yaml"), text))
    };
    PODS.into_iter().filter(|name| slow || asks(name)).map(patch).collect()
}
