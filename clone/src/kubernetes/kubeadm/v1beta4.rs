//! `kubeadm.k8s.io/v1beta4`: Kubernetes 1.31 and later (kubeadm, `apis/kubeadm/v1beta4/types.go`). Options are lists of
//! names and values, and all time limits stand together.

use serde::Serialize;

use super::facts::{Arguments, Facts};
use super::parts::{
    self, ApiEndpoint, BootstrapToken, BootstrapTokenDiscovery, Dns, JoinControlPlane, Networking, Patches,
};
use crate::kubernetes::yaml::{self, YamlError};

const API: &str = "kubeadm.k8s.io/v1beta4";

#[derive(Serialize)]
struct Argument<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitConfiguration<'a> {
    api_version: &'static str,
    kind: &'static str,
    bootstrap_tokens: [BootstrapToken<'a>; 1],
    #[serde(rename = "localAPIEndpoint")]
    local_api_endpoint: ApiEndpoint,
    node_registration: NodeRegistration<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    skip_phases: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    patches: Option<Patches>,
    timeouts: Timeouts,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeRegistration<'a> {
    name: &'a str,
    cri_socket: &'static str,
    kubelet_extra_args: Vec<Argument<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ignore_preflight_errors: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    taints: Option<[(); 0]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Timeouts {
    #[serde(skip_serializing_if = "Option::is_none")]
    control_plane_component_health_check: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kubelet_health_check: Option<&'static str>,
    #[serde(rename = "kubernetesAPICall", skip_serializing_if = "Option::is_none")]
    kubernetes_api_call: Option<&'static str>,
    #[serde(rename = "etcdAPICall", skip_serializing_if = "Option::is_none")]
    etcd_api_call: Option<&'static str>,
    #[serde(rename = "tlsBootstrap", skip_serializing_if = "Option::is_none")]
    tls_bootstrap: Option<&'static str>,
    discovery: &'static str,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extra_args: Vec<Argument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Component<'a> {
    extra_args: Vec<Argument<'a>>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    patches: Option<Patches>,
    timeouts: Timeouts,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Discovery<'a> {
    bootstrap_token: BootstrapTokenDiscovery<'a>,
}

pub(super) fn init(facts: &Facts<'_>) -> Result<Vec<String>, YamlError> {
    let init = InitConfiguration {
        api_version: API,
        kind: "InitConfiguration",
        bootstrap_tokens: parts::bootstrap_tokens(facts),
        local_api_endpoint: parts::api_endpoint(facts),
        node_registration: node_registration(facts),
        skip_phases: &facts.skip_phases,
        patches: parts::patches(facts),
        timeouts: timeouts(facts),
    };
    let cluster = ClusterConfiguration {
        api_version: API,
        kind: "ClusterConfiguration",
        kubernetes_version: &facts.version,
        cluster_name: facts.cluster_name,
        control_plane_endpoint: facts.shared_endpoint.as_deref(),
        networking: parts::networking(facts),
        dns: parts::dns(facts),
        api_server: ApiServer { cert_sans: &facts.names, extra_args: arguments(&facts.api_server) },
        controller_manager: component(&facts.controller_manager),
        scheduler: component(&facts.scheduler),
        etcd: (!facts.etcd.is_empty()).then(|| Etcd { local: component(&facts.etcd) }),
    };
    Ok(vec![yaml::write("an InitConfiguration", &init)?, yaml::write("a ClusterConfiguration", &cluster)?])
}

pub(super) fn join(facts: &Facts<'_>) -> Result<String, YamlError> {
    let join = JoinConfiguration {
        api_version: API,
        kind: "JoinConfiguration",
        discovery: Discovery { bootstrap_token: parts::discovery(facts) },
        node_registration: node_registration(facts),
        control_plane: parts::control_plane(facts),
        patches: parts::patches(facts),
        timeouts: timeouts(facts),
    };
    yaml::write("a JoinConfiguration", &join)
}

fn arguments(arguments: &Arguments) -> Vec<Argument<'_>> {
    arguments.iter().map(|(name, value)| Argument { name, value }).collect()
}

fn component(extra_args: &Arguments) -> Component<'_> {
    Component { extra_args: arguments(extra_args) }
}

fn timeouts(facts: &Facts<'_>) -> Timeouts {
    let limit = facts.timeout;
    Timeouts {
        control_plane_component_health_check: limit,
        kubelet_health_check: limit,
        kubernetes_api_call: limit,
        etcd_api_call: limit,
        tls_bootstrap: limit,
        discovery: facts.discovery,
    }
}

fn node_registration<'a>(facts: &'a Facts<'_>) -> NodeRegistration<'a> {
    NodeRegistration {
        name: facts.name,
        cri_socket: facts.socket,
        kubelet_extra_args: arguments(&facts.kubelet),
        ignore_preflight_errors: &facts.ignore_preflight,
        taints: facts.taints,
    }
}
