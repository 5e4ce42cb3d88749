//! The parts of the configuration that have not changed between its versions.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::PATCHES;
use super::facts::{Facts, TOKEN_TTL};
use crate::kubernetes::cluster::API_PORT;

/// A token that is made with the cluster.
#[derive(Serialize)]
pub(super) struct BootstrapToken<'a> {
    token: &'a str,
    ttl: &'static str,
}

/// Where the API server of a node listens.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiEndpoint {
    advertise_address: Ipv4Addr,
    bind_port: u16,
}

/// The networks of the cluster.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Networking<'a> {
    pod_subnet: &'a str,
    service_subnet: &'a str,
}

/// Where CoreDNS' image comes from (since v1beta1).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dns {
    image_repository: &'static str,
}

/// Where the patches of the static pods are (since v1beta3).
#[derive(Serialize)]
pub(super) struct Patches {
    directory: &'static str,
}

/// How a joining node finds the cluster and knows it (since v1beta1).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BootstrapTokenDiscovery<'a> {
    token: &'a str,
    api_server_endpoint: &'a str,
    ca_cert_hashes: [&'a str; 1],
}

/// What makes a joining node a control plane (since v1beta1).
#[derive(Serialize)]
pub(super) struct JoinControlPlane {
    #[serde(rename = "localAPIEndpoint")]
    local_api_endpoint: ApiEndpoint,
}

/// kubeadm pulls CoreDNS' image before anything else, also where its phase is skipped, and tries that five times for 40 s
/// each on a node that reaches no name server. From the node's own port 1, where nothing listens, it is refused at once.
pub(super) fn dns(facts: &Facts<'_>) -> Option<Dns> {
    let skipped = facts.skip_phases.iter().any(|phase| ["addon", "addon/coredns"].contains(phase));
    skipped.then_some(Dns { image_repository: "localhost:1/skipped" })
}

pub(super) fn bootstrap_tokens<'a>(facts: &'a Facts<'_>) -> [BootstrapToken<'a>; 1] {
    [BootstrapToken { token: &facts.token, ttl: TOKEN_TTL }]
}

pub(super) fn api_endpoint(facts: &Facts<'_>) -> ApiEndpoint {
    ApiEndpoint { advertise_address: facts.address, bind_port: API_PORT }
}

pub(super) fn networking<'a>(facts: &'a Facts<'_>) -> Networking<'a> {
    Networking { pod_subnet: &facts.pods, service_subnet: &facts.services }
}

pub(super) fn patches(facts: &Facts<'_>) -> Option<Patches> {
    facts.patched.then_some(Patches { directory: PATCHES })
}

pub(super) fn discovery<'a>(facts: &'a Facts<'_>) -> BootstrapTokenDiscovery<'a> {
    BootstrapTokenDiscovery { token: &facts.token, api_server_endpoint: &facts.endpoint, ca_cert_hashes: [facts.hash] }
}

pub(super) fn control_plane(facts: &Facts<'_>) -> Option<JoinControlPlane> {
    facts.is_control_plane.then(|| JoinControlPlane { local_api_endpoint: api_endpoint(facts) })
}
