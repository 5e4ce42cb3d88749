//! The configuration that all kubelets of a cluster share (`kubelet.config.k8s.io/v1beta1`).

use std::collections::BTreeMap;

use kiln_images::manifest::CgroupDriver;
use serde::Serialize;

use super::{GARBAGE, NodeFile};
use crate::kubernetes::cluster::{Cluster, Runtime};
use crate::kubernetes::yaml::{self, YamlError};

/// After kubeadm's own `10-kubeadm.conf`, and beside the one that an image can have (`bake/src/steps/kubernetes`).
const UNIT: &str = "/etc/systemd/system/kubelet.service.d/30-kiln-slow.conf";

/// How long a lease of a node is good, in seconds. It is renewed after a quarter of that (Kubernetes,
/// `nodeLeaseRenewIntervalFraction`), and the first renewal is what a lab that was taken back waits for longest: with the
/// usual 40 s, up to ten.
const LEASE: u32 = 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KubeletConfiguration {
    api_version: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cgroup_driver: Option<CgroupDriver>,
    #[serde(rename = "imageGCHighThresholdPercent")]
    image_gc_high_threshold_percent: u8,
    eviction_hard: BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node_lease_duration_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime_request_timeout: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_stats_agg_period: Option<&'static str>,
}

/// What systemd is told beside the unit that an image has: on a slow host the kubelet collects garbage less often. kubeadm
/// has systemd read its files again before it starts the kubelet.
pub(super) fn unit() -> NodeFile {
    let (name, value) = GARBAGE;
    NodeFile::public(UNIT, format!("[Service]\nEnvironment={name}={value}\n"))
}

pub(super) fn configuration(cluster: &Cluster) -> Result<String, YamlError> {
    let asks_docker = cluster.runtime == Runtime::Docker && cluster.version.asks_docker_for_cgroup_driver();
    let configuration = KubeletConfiguration {
        api_version: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        // Old kubeadms ask docker themselves.
        cgroup_driver: (!asks_docker).then_some(cluster.cgroup_driver.unwrap_or(CgroupDriver::Systemd)),
        // Images that were preloaded cannot be pulled again: none is ever collected. 100 switches the collection off, and
        // a full disk (the next three) must not begin it either.
        image_gc_high_threshold_percent: 100,
        eviction_hard: BTreeMap::from([
            ("imagefs.available", "0%"),
            ("nodefs.available", "0%"),
            ("nodefs.inodesFree", "0%"),
            ("memory.available", "100Mi"),
        ]),
        node_lease_duration_seconds: cluster.version.has_node_leases().then_some(LEASE),
        // 2 min and 1 min usually.
        runtime_request_timeout: cluster.slow.then_some("15m0s"),
        volume_stats_agg_period: cluster.slow.then_some("5m0s"),
    };
    yaml::write("the configuration of the kubelets", &configuration)
}
