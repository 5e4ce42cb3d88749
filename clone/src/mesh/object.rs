//! The objects in a manifest, as far as they matter before and after they are applied: what they are, and how much memory
//! the pods want that are made of them.

use kiln_document::Problems;
use serde_json::Value;

use crate::kubernetes::yaml;

/// What counts beside a pod's containers, in the order in which the kinds of objects hold it (`core/v1`, `apps/v1`,
/// `batch/v1`; the last is that of a CronJob).
const POD_SPECS: [&str; 3] = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec", "/spec"];

/// An object of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it is: `Deployment`.
    pub kind: String,
    /// Where it goes. Objects that are in no namespace have one here, too, which means nothing.
    pub namespace: String,
    /// Its name; empty where the cluster makes one up.
    pub name: String,
    /// The memory that a pod of it asks for, in bytes; 0 for what has no pods.
    pub memory_bytes: u64,
    /// The containers of a pod of it, those first that run before the others.
    pub containers: Vec<Container>,
}

/// A container, as far as it matters for where its image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image, as the manifest has it.
    pub image: String,
    /// `imagePullPolicy`, where it says one.
    pub policy: Option<String>,
}

/// The objects of `text`, known as `source`, as far as it can be read; those that do not say where they go are in
/// `namespace`.
pub fn read(source: &str, text: &str, namespace: &str) -> Vec<Object> {
    let documents = yaml::documents(source, text).into_iter().filter_map(Result::ok);
    documents
        .flat_map(|document| items(&document).iter().map(|value| object(value, namespace)).collect::<Vec<_>>())
        .collect()
}

/// Why a part of `text`, known as `source`, cannot be read: one for each such document.
pub fn problems(source: &str, text: &str) -> Vec<Problems> {
    yaml::documents(source, text).into_iter().filter_map(Result::err).collect()
}

/// The document itself, or what is in it where it is a `List`.
fn items(document: &Value) -> &[Value] {
    match document["items"].as_array() {
        Some(items) if document["kind"].as_str().is_some_and(|kind| kind.ends_with("List")) => items,
        _ => std::slice::from_ref(document),
    }
}

fn object(value: &Value, namespace: &str) -> Object {
    let pod = POD_SPECS.iter().find_map(|path| value.pointer(path).filter(|pod| pod["containers"].is_array()));
    Object {
        kind: text(&value["kind"]).unwrap_or_default(),
        namespace: text(&value["metadata"]["namespace"]).unwrap_or_else(|| namespace.to_owned()),
        name: text(&value["metadata"]["name"]).unwrap_or_default(),
        memory_bytes: pod.map(memory_bytes).unwrap_or_default(),
        containers: pod.map(containers).unwrap_or_default(),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// What a pod asks for, as the scheduler reckons it: all its containers together, or the largest of those that run before
/// them.
fn memory_bytes(pod: &Value) -> u64 {
    let of = |key: &str| pod[key].as_array().into_iter().flatten().map(container_bytes);
    of("containers").fold(0, u64::saturating_add).max(of("initContainers").max().unwrap_or_default())
}

fn containers(pod: &Value) -> Vec<Container> {
    let all = ["initContainers", "containers"].into_iter().filter_map(|key| pod[key].as_array()).flatten();
    let container = |it: &Value| Container {
        name: text(&it["name"]).unwrap_or_default(),
        image: text(&it["image"]).unwrap_or_default(),
        policy: text(&it["imagePullPolicy"]),
    };
    all.map(container).collect()
}

/// A limit stands for a request that is missing.
fn container_bytes(container: &Value) -> u64 {
    let resources = &container["resources"];
    let asked = ["requests", "limits"].map(|key| quantity_bytes(&resources[key]["memory"]));
    asked.into_iter().flatten().next().unwrap_or_default()
}

/// Reads a quantity of bytes (apimachinery, `resource.Quantity`): a number with a binary or decimal suffix or an
/// exponent. What is none is left to the API server to refuse.
fn quantity_bytes(value: &Value) -> Option<u64> {
    const SUFFIXES: [(&str, f64); 13] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("m", 0.001),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("E", 1e18),
        ("", 1.0),
    ];
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let bytes = SUFFIXES.iter().find_map(|(suffix, unit)| {
        let number: f64 = text.strip_suffix(suffix)?.parse().ok()?;
        Some(number * unit)
    })?;
    (bytes.is_finite() && bytes >= 0.0).then_some(bytes.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_in_documents_and_lists() {
        let text = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: pilot, namespace: istio-system}
spec:
  template:
    spec:
      initContainers: [{name: i, image: 'b:1', imagePullPolicy: Never, resources: {requests: {memory: 4Gi}}}]
      containers:
      - {name: a, resources: {requests: {memory: 2Gi, cpu: 500m}, limits: {memory: 8Gi}}}
      - {name: b, resources: {limits: {memory: 128Mi}}}
---
kind: List
items:
- {kind: Job, metadata: {generateName: x-}, spec: {template: {spec: {containers: [{name: c}]}}}}
- {kind: ServiceEntry, metadata: {name: s}, spec: {hosts: [a]}}
";
        let container = |name: &str| Container { name: name.to_owned(), image: String::new(), policy: None };
        let first = Container { image: "b:1".to_owned(), policy: Some("Never".to_owned()), ..container("i") };
        let object = |kind: &str, namespace: &str, name: &str, memory_bytes, containers| Object {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            memory_bytes,
            containers,
        };
        assert_eq!(
            read("m.yaml", text, "here"),
            [
                object("Deployment", "istio-system", "pilot", 4 << 30, vec![first, container("a"), container("b")]),
                object("Job", "here", "", 0, vec![container("c")]),
                object("ServiceEntry", "here", "s", 0, Vec::new())
            ]
        );
    }

    #[test]
    fn quantities_are_read_as_kubernetes_does() {
        for (text, bytes) in [
            ("\"2048Mi\"", Some(2 << 30)),
            ("128974848", Some(128_974_848)),
            ("\"129e6\"", Some(129_000_000)),
            ("\"129M\"", Some(129_000_000)),
            ("\"1.5Gi\"", Some(1_610_612_736)),
            ("\"1500m\"", Some(2)),
            ("\"lots\"", None),
            ("null", None),
        ] {
            assert_eq!(quantity_bytes(&serde_json::from_str(text).unwrap()), bytes, "{text}");
        }
    }
}
