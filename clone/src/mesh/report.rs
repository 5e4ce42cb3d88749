//! The pods and services of a mesh, as tables: what `kubectl get` shows of them.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use kiln_console::{Column, human};
use kiln_tool::Error;
use serde::Serialize;
use serde_json::Value;

use super::{Bundle, namespaces_of};
use crate::kubernetes::kubectl::Kubectl;
use crate::kubernetes::kubectl::objects::Pod;
use crate::lab::mesh::Mesh;

/// A pod.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PodRow {
    /// Where it is.
    pub namespace: String,
    /// Its name.
    pub pod: String,
    /// How many of its containers are ready, of how many.
    pub ready: String,
    /// How it is: `Running`, `Completed`, or why not.
    pub status: String,
    /// How often its containers were started again.
    pub restarts: u32,
    /// How long it is there, in seconds.
    pub age_seconds: Option<u64>,
    /// Where it runs.
    pub node: Option<String>,
}

/// A service.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ServiceRow {
    /// Where it is.
    pub namespace: String,
    /// Its name.
    pub service: String,
    /// How it is reached: `ClusterIP`, `NodePort`, `LoadBalancer`.
    pub kind: String,
    /// Its address in the cluster.
    pub cluster_ip: String,
    /// Its ports, with those of the nodes that lead to them: `80:31380/TCP`.
    pub ports: Vec<String>,
    /// Where its pods listen that are ready: `10.244.1.22:3000`.
    pub endpoints: Vec<String>,
}

/// How many endpoints the table has of each service; the document has all.
const ENDPOINTS_SHOWN: usize = 3;

/// What is shown of pods.
pub const PODS: [Column<PodRow>; 7] = [
    Column::new("namespace", |row| row.namespace.clone()),
    Column::new("pod", |row| row.pod.clone()),
    Column::new("ready", |row| row.ready.clone()),
    Column::new("status", |row| row.status.clone()),
    Column::new("restarts", |row| row.restarts.to_string()),
    Column::new("age", |row| or_dash(row.age_seconds.map(|age| human::duration(Duration::from_secs(age))))),
    Column::new("node", |row| or_dash(row.node.clone())),
];

/// What is shown of services.
pub const SERVICES: [Column<ServiceRow>; 6] = [
    Column::new("namespace", |row| row.namespace.clone()),
    Column::new("service", |row| row.service.clone()),
    Column::new("type", |row| row.kind.clone()),
    Column::new("cluster-ip", |row| row.cluster_ip.clone()),
    Column::new("ports", |row| row.ports.join(",")),
    Column::new("endpoints", |row| shortened(&row.endpoints)),
];

fn shortened(endpoints: &[String]) -> String {
    let shown =
        or_dash(Some(endpoints[..endpoints.len().min(ENDPOINTS_SHOWN)].join(",")).filter(|shown| !shown.is_empty()));
    match endpoints.len().saturating_sub(ENDPOINTS_SHOWN) {
        0 => shown,
        more => format!("{shown} + {more} more"),
    }
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

/// The namespaces of a mesh.
pub fn namespaces(mesh: &Mesh, bundle: &Bundle) -> BTreeSet<String> {
    let parcels = mesh.all_groups().filter_map(|group| Some((group, bundle.parcel(group)?)));
    parcels.flat_map(|(group, parcel)| namespaces_of(group, &parcel.objects(group))).collect()
}

/// Asks the cluster for what is in these namespaces.
///
/// # Errors
/// Where the API does not answer.
pub async fn look(kubectl: &Kubectl, namespaces: &BTreeSet<String>) -> Result<(Vec<PodRow>, Vec<ServiceRow>), Error> {
    // Endpoints, not their slices: 1.12 has none, and 1.36 still has these.
    let items = |path| kubectl.items(path);
    let (pods, services, endpoints) =
        tokio::try_join!(kubectl.pods(), items("/api/v1/services"), items("/api/v1/endpoints"))?;
    let now = Timestamp::now();
    let pods = pods.iter().filter(|pod| namespaces.contains(&pod.metadata.namespace)).map(|pod| pod_row(pod, now));
    let services = services
        .iter()
        .map(|service| service_row(service, &endpoints))
        .filter(|row| namespaces.contains(&row.namespace));
    Ok((pods.collect(), services.collect()))
}

fn pod_row(pod: &Pod, now: Timestamp) -> PodRow {
    let (ready, total) = pod.ready_containers();
    let made = pod.metadata.creation_timestamp;
    PodRow {
        namespace: pod.metadata.namespace.clone(),
        pod: pod.metadata.name.clone(),
        ready: format!("{ready}/{total}"),
        status: pod.state(),
        restarts: pod.restarts(),
        age_seconds: made.and_then(|made| u64::try_from(now.duration_since(made).as_secs()).ok()),
        node: pod.spec.node_name.clone(),
    }
}

/// The endpoints of a service have its name.
fn service_row(service: &Value, endpoints: &[Value]) -> ServiceRow {
    let is_of =
        |other: &Value| ["namespace", "name"].iter().all(|key| other["metadata"][key] == service["metadata"][key]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let port = |port: &Value| {
        let node = port["nodePort"].as_u64().map(|node| format!(":{node}")).unwrap_or_default();
        format!("{}{node}/{}", port["port"], port["protocol"].as_str().unwrap_or("TCP"))
    };
    let spec = &service["spec"];
    ServiceRow {
        namespace: text(&service["metadata"]["namespace"]),
        service: text(&service["metadata"]["name"]),
        kind: text(&spec["type"]),
        cluster_ip: text(&spec["clusterIP"]),
        ports: spec["ports"].as_array().into_iter().flatten().map(port).collect(),
        endpoints: endpoints.iter().find(|other| is_of(other)).map(listening).unwrap_or_default(),
    }
}

/// Each address with each port, in kubectl's order.
fn listening(endpoints: &Value) -> Vec<String> {
    let all = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let of_subset = |subset: Value| {
        let addresses = all(&subset["addresses"]);
        let of_port = move |port: Value| {
            let address = |address: &Value| format!("{}:{}", address["ip"].as_str().unwrap_or_default(), port["port"]);
            addresses.iter().map(address).collect::<Vec<_>>()
        };
        all(&subset["ports"]).into_iter().flat_map(of_port)
    };
    all(&endpoints["subsets"]).into_iter().flat_map(of_subset).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pods_and_services_are_shown_as_kubectl_does() {
        let status = |name: &str, ready: bool| json!({"name": name, "ready": ready, "restartCount": 1});
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": "pilot", "namespace": "istio-system", "creationTimestamp": "2026-01-31T12:00:00Z"},
            "spec": {"nodeName": "node2", "containers": [{"name": "a"}, {"name": "b"}]},
            "status": {"phase": "Running", "containerStatuses": [status("a", true), status("b", false)]},
        }))
        .unwrap();
        let row = pod_row(&pod, "2026-01-31T12:01:00Z".parse().unwrap());
        assert_eq!((row.ready.as_str(), row.restarts, row.age_seconds), ("1/2", 2, Some(60)));
        let ports = json!([{"port": 80, "nodePort": 31380, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]);
        let named = json!({"namespace": "istio-system", "name": "gateway"});
        let service = json!({"metadata": named, "spec": {"type": "LoadBalancer", "ports": ports}});
        let endpoints = json!({"metadata": named, "subsets": [
            {"addresses": [{"ip": "10.244.1.26"}, {"ip": "10.244.2.26"}], "ports": [{"port": 80}, {"port": 53}]},
            {"notReadyAddresses": [{"ip": "10.244.3.26"}], "ports": [{"port": 80}]},
        ]});
        let other = json!({"metadata": {"namespace": "default", "name": "gateway"}, "subsets": []});
        let row = service_row(&service, &[other, endpoints]);
        assert_eq!(row.ports, ["80:31380/TCP", "53/UDP"]);
        assert_eq!(shortened(&row.endpoints), "10.244.1.26:80,10.244.2.26:80,10.244.1.26:53 + 1 more");
        assert_eq!(shortened(&service_row(&service, &[]).endpoints), "-");
    }
}
