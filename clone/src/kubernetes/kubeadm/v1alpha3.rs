//! `kubeadm.k8s.io/v1alpha3`: Kubernetes 1.12 (kubeadm, `apis/kubeadm/v1alpha3/types.go`).

use serde::Serialize;

use super::facts::{Arguments, Facts};
use super::parts::{self, ApiEndpoint, BootstrapToken, Networking};
use crate::kubernetes::yaml::{self, YamlError};

const API: &str = "kubeadm.k8s.io/v1alpha3";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitConfiguration<'a> {
    api_version: &'static str,
    kind: &'static str,
    bootstrap_tokens: [BootstrapToken<'a>; 1],
    api_endpoint: ApiEndpoint,
    node_registration: NodeRegistration<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeRegistration<'a> {
    name: &'a str,
    cri_socket: &'static str,
    kubelet_extra_args: &'a Arguments,
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
    networking: Networking<'a>,
    #[serde(rename = "apiServerCertSANs")]
    api_server_cert_sans: &'a [String],
    #[serde(skip_serializing_if = "Arguments::is_empty")]
    api_server_extra_args: &'a Arguments,
    controller_manager_extra_args: &'a Arguments,
    scheduler_extra_args: &'a Arguments,
    #[serde(skip_serializing_if = "Option::is_none")]
    etcd: Option<Etcd<'a>>,
}

#[derive(Serialize)]
struct Etcd<'a> {
    local: LocalEtcd<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocalEtcd<'a> {
    extra_args: &'a Arguments,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JoinConfiguration<'a> {
    api_version: &'static str,
    kind: &'static str,
    token: &'a str,
    #[serde(rename = "discoveryTokenAPIServers")]
    discovery_token_api_servers: [&'a str; 1],
    #[serde(rename = "discoveryTokenCACertHashes")]
    discovery_token_ca_cert_hashes: [&'a str; 1],
    discovery_timeout: &'static str,
    node_registration: NodeRegistration<'a>,
}

pub(super) fn init(facts: &Facts<'_>) -> Result<Vec<String>, YamlError> {
    let init = InitConfiguration {
        api_version: API,
        kind: "InitConfiguration",
        bootstrap_tokens: parts::bootstrap_tokens(facts),
        api_endpoint: parts::api_endpoint(facts),
        node_registration: node_registration(facts),
    };
    let cluster = ClusterConfiguration {
        api_version: API,
        kind: "ClusterConfiguration",
        kubernetes_version: &facts.version,
        cluster_name: facts.cluster_name,
        networking: parts::networking(facts),
        api_server_cert_sans: &facts.names,
        api_server_extra_args: &facts.api_server,
        controller_manager_extra_args: &facts.controller_manager,
        scheduler_extra_args: &facts.scheduler,
        etcd: (!facts.etcd.is_empty()).then_some(Etcd { local: LocalEtcd { extra_args: &facts.etcd } }),
    };
    Ok(vec![yaml::write("an InitConfiguration", &init)?, yaml::write("a ClusterConfiguration", &cluster)?])
}

pub(super) fn join(facts: &Facts<'_>) -> Result<String, YamlError> {
    let join = JoinConfiguration {
        api_version: API,
        kind: "JoinConfiguration",
        token: &facts.token,
        discovery_token_api_servers: [&facts.endpoint],
        discovery_token_ca_cert_hashes: [facts.hash],
        discovery_timeout: facts.discovery,
        node_registration: node_registration(facts),
    };
    yaml::write("a JoinConfiguration", &join)
}

fn node_registration<'a>(facts: &'a Facts<'_>) -> NodeRegistration<'a> {
    NodeRegistration {
        name: facts.name,
        cri_socket: facts.socket,
        kubelet_extra_args: &facts.kubelet,
        taints: facts.taints,
    }
}
