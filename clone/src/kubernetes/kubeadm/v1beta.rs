//! `kubeadm.k8s.io/v1beta1` to `v1beta3`: Kubernetes 1.13 to 1.30 (kubeadm, `apis/kubeadm/v1beta*/types.go`). What came
//! with one of them is left out for those before it.

use serde::Serialize;

use super::facts::{Arguments, Facts};
use super::parts::{
    self, ApiEndpoint, BootstrapToken, BootstrapTokenDiscovery, Dns, JoinControlPlane, Networking, Patches,
};
use crate::kubernetes::version::ConfigApi;
use crate::kubernetes::yaml::{self, YamlError};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitConfiguration<'a> {
    api_version: &'static str,
    kind: &'static str,
    bootstrap_tokens: [BootstrapToken<'a>; 1],
    #[serde(rename = "localAPIEndpoint")]
    local_api_endpoint: ApiEndpoint,
    node_registration: NodeRegistration<'a>,
    /// Since v1beta3.
    #[serde(skip_serializing_if = "Option::is_none")]
    skip_phases: Option<&'a [&'a str]>,
    /// Since v1beta3.
    #[serde(skip_serializing_if = "Option::is_none")]
    patches: Option<Patches>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeRegistration<'a> {
    name: &'a str,
    cri_socket: &'static str,
    kubelet_extra_args: &'a Arguments,
    /// Since v1beta2.
    #[serde(skip_serializing_if = "Option::is_none")]
    ignore_preflight_errors: Option<&'a [&'a str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    taints: Option<[(); 0]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterConfiguration<'a> {
    api_version: &'static str,
    kind: &'static str,
    kubernetes_version: &'a str,
    cluster_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    control_plane_endpoint: Option<&'a str>,
    networking: Networking<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dns: Option<Dns>,
    api_server: ApiServer<'a>,
    controller_manager: Component<'a>,
    scheduler: Component<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etcd: Option<Etcd<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiServer<'a> {
    #[serde(rename = "certSANs")]
    cert_sans: &'a [String],
    #[serde(skip_serializing_if = "Arguments::is_empty")]
    extra_args: &'a Arguments,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_for_control_plane: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Component<'a> {
    extra_args: &'a Arguments,
}

#[derive(Serialize)]
struct Etcd<'a> {
    local: Component<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JoinConfiguration<'a> {
    api_version: &'static str,
    kind: &'static str,
    discovery: Discovery<'a>,
    node_registration: NodeRegistration<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    control_plane: Option<JoinControlPlane>,
    /// Since v1beta3.
    #[serde(skip_serializing_if = "Option::is_none")]
    patches: Option<Patches>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Discovery<'a> {
    bootstrap_token: BootstrapTokenDiscovery<'a>,
    timeout: &'static str,
}

pub(super) fn init(facts: &Facts<'_>) -> Result<Vec<String>, YamlError> {
    let skips = facts.api >= ConfigApi::V1Beta3 && !facts.skip_phases.is_empty();
    let init = InitConfiguration {
        api_version: api(facts),
        kind: "InitConfiguration",
        bootstrap_tokens: parts::bootstrap_tokens(facts),
        local_api_endpoint: parts::api_endpoint(facts),
        node_registration: node_registration(facts),
        skip_phases: skips.then_some(&facts.skip_phases),
        patches: patches(facts),
    };
    let cluster = ClusterConfiguration {
        api_version: api(facts),
        kind: "ClusterConfiguration",
        kubernetes_version: &facts.version,
        cluster_name: facts.cluster_name,
        control_plane_endpoint: facts.shared_endpoint.as_deref(),
        networking: parts::networking(facts),
        dns: parts::dns(facts),
        api_server: ApiServer {
            cert_sans: &facts.names,
            extra_args: &facts.api_server,
            timeout_for_control_plane: facts.timeout,
        },
        controller_manager: Component { extra_args: &facts.controller_manager },
        scheduler: Component { extra_args: &facts.scheduler },
        etcd: (!facts.etcd.is_empty()).then_some(Etcd { local: Component { extra_args: &facts.etcd } }),
    };
    Ok(vec![yaml::write("an InitConfiguration", &init)?, yaml::write("a ClusterConfiguration", &cluster)?])
}

pub(super) fn join(facts: &Facts<'_>) -> Result<String, YamlError> {
    let join = JoinConfiguration {
        api_version: api(facts),
        kind: "JoinConfiguration",
        discovery: Discovery { bootstrap_token: parts::discovery(facts), timeout: facts.discovery },
        node_registration: node_registration(facts),
        control_plane: parts::control_plane(facts),
        patches: patches(facts),
    };
    yaml::write("a JoinConfiguration", &join)
}

fn api(facts: &Facts<'_>) -> &'static str {
    match facts.api {
        ConfigApi::V1Alpha3 | ConfigApi::V1Beta1 => "kubeadm.k8s.io/v1beta1",
        ConfigApi::V1Beta2 => "kubeadm.k8s.io/v1beta2",
        ConfigApi::V1Beta3 | ConfigApi::V1Beta4 => "kubeadm.k8s.io/v1beta3",
    }
}

/// The field is of v1beta3; before, an option of the command says it.
fn patches(facts: &Facts<'_>) -> Option<Patches> {
    if facts.api >= ConfigApi::V1Beta3 { parts::patches(facts) } else { None }
}

fn node_registration<'a>(facts: &'a Facts<'_>) -> NodeRegistration<'a> {
    let ignores = facts.api >= ConfigApi::V1Beta2 && !facts.ignore_preflight.is_empty();
    NodeRegistration {
        name: facts.name,
        cri_socket: facts.socket,
        kubelet_extra_args: &facts.kubelet,
        ignore_preflight_errors: ignores.then_some(&facts.ignore_preflight),
        taints: facts.taints,
    }
}
