//! The phase of a mesh, against an API that only pretends.

use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::cluster::{Guest, Stage};
use crate::lab::Mesh;
use crate::lab::check::parse;
use crate::mesh::Bundle;
use crate::mesh::bundle::{Manifest, Parcel};
use crate::phases::Failure;
use crate::phases::mesh::Install;
use crate::state::tests::node;

const LAB: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
kubernetes: {}
nodes: [{name: zulu, ip: 192.168.206.196, cpus: 2}]
mesh:
  groups:
  - {name: crds, manifests: [{file: crds.yaml}], wait: [crds]}
  - {name: demo, manifests: [{file: demo.yaml}], wait: [deployments, jobs]}
";
const CRD: &str = "{kind: CustomResourceDefinition, metadata: {name: gates.mesh.local}}";
const DEMO: &str = "\
{kind: Deployment, metadata: {name: pilot, namespace: mesh}}
---
{kind: Job, metadata: {name: tidy, namespace: mesh}}
";

const CONFIG_MAP: &str = "/api/v1/namespaces/kube-system/configmaps/kiln-mesh";
const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/mesh/deployments";
const REPLICA_SETS: &str = "/apis/apps/v1/namespaces/mesh/replicasets";
const JOBS: &str = "/apis/batch/v1/namespaces/mesh/jobs";
const PODS: &str = "/api/v1/pods";
const EVENTS: &str = "/api/v1/namespaces/mesh/events";

/// A mesh, and its manifests. They live as long as the tests.
fn mesh(lab: &str) -> (&'static Mesh, &'static Bundle) {
    let parcel = |group: &str, text: &str| {
        let manifest = Manifest { source: format!("file:{group}.yaml"), text: text.to_owned() };
        Parcel { group: group.to_owned(), manifests: vec![manifest], ..Parcel::default() }
    };
    let parcels = vec![parcel("crds", CRD), parcel("demo", DEMO)];
    let bundle = Bundle { parcels, ..Bundle::default() };
    (Box::leak(Box::new(parse("lab.yaml", lab).unwrap().mesh.unwrap())), Box::leak(Box::new(bundle)))
}

fn list(items: &[Value]) -> String {
    json!({"items": items}).to_string()
}

fn with(name: &str, condition: &str, status: &str) -> Value {
    let condition = json!({"type": condition, "status": status, "reason": "Reason", "message": "the message"});
    json!({"metadata": {"name": name, "namespace": "mesh"}, "status": {"conditions": [condition]}})
}

/// A pod of the namespace that waits for this reason.
fn waiting(reason: &str) -> Value {
    let state = json!({"waiting": {"reason": reason, "message": "image is not present"}});
    let container = json!({"name": "a", "image": "pilot:1", "ready": false, "restartCount": 0, "state": state});
    json!({"metadata": {"name": "pilot-1", "namespace": "mesh", "labels": {"app": "pilot"}}, "spec": {"nodeName": "zulu"},
           "status": {"phase": "Pending", "containerStatuses": [container]}})
}

/// An API that says that everything is as it should be.
async fn stage() -> Stage {
    let stage = Stage::new().await;
    let mut deployment = with("pilot", "Available", "True");
    deployment["status"]["updatedReplicas"] = 1.into();
    deployment["status"]["availableReplicas"] = 1.into();
    stage.programs.serve(CRDS, &list(&[with("gates.mesh.local", "Established", "True")]));
    stage.programs.serve(DEPLOYMENTS, &list(&[deployment]));
    stage.programs.serve(REPLICA_SETS, &list(&[]));
    stage.programs.serve(JOBS, &list(&[with("tidy", "Complete", "True")]));
    stage.programs.serve(PODS, &list(&[]));
    stage.programs.serve(EVENTS, &list(&[]));
    stage
}

async fn take(stage: &Stage, lab: &str, guest: Guest) -> Result<(), Failure> {
    let (mesh, bundle) = mesh(lab);
    stage.take("zulu", node(), guest, move |assembly| Box::new(Install::new(assembly, mesh, bundle))).await.0
}

/// What the cluster remembers when these groups are done.
fn remembers(stage: &Stage, groups: &[&str]) {
    let (mesh, bundle) = mesh(LAB);
    let done = mesh.groups.iter().filter(|group| groups.contains(&group.name.as_str()));
    let digests =
        done.map(|group| (group.name.to_string(), bundle.parcel(group).unwrap().digest(group).to_string().into()));
    stage.programs.serve(CONFIG_MAP, &json!({"data": digests.collect::<serde_json::Map<_, _>>()}).to_string());
}

#[tokio::test]
async fn groups_are_applied_in_order_and_remembered() {
    let stage = stage().await;
    take(&stage, LAB, Guest::default()).await.unwrap();
    // Each group, and what is remembered of it.
    assert_eq!(stage.programs.calls("apply"), 4);
}

#[tokio::test]
async fn what_is_remembered_is_looked_at_and_not_applied_again() {
    for (done, applied) in [(&["crds", "demo"][..], 0), (&["crds"], 2), (&["demo"], 2)] {
        let stage = stage().await;
        remembers(&stage, done);
        take(&stage, LAB, Guest::default()).await.unwrap();
        assert_eq!(stage.programs.calls("apply"), applied, "{done:?}");
        assert_eq!((stage.programs.calls(CRDS), stage.programs.calls(JOBS)), (1, 1));
    }
}

#[tokio::test]
async fn what_was_done_and_is_gone_is_applied_again() {
    let stage = stage().await;
    remembers(&stage, &["crds", "demo"]);
    stage.programs.serve(&format!("{DEPLOYMENTS}.1"), &list(&[]));
    take(&stage, LAB, Guest::default()).await.unwrap();
    // The group, and what is remembered of it.
    assert_eq!(stage.programs.calls("apply"), 2);
    assert!(stage.programs.stdin("apply").contains("\"demo\""));
}

#[tokio::test]
async fn what_is_about_to_go_is_applied_when_it_is_gone() {
    let stage = stage().await;
    let mut going = with("gates.mesh.local", "Established", "True");
    going["metadata"]["deletionTimestamp"] = "2026-01-31T12:00:00Z".into();
    stage.programs.serve(&format!("{CRDS}.1"), &list(&[going]));
    stage.programs.serve(&format!("{CRDS}.2"), &list(&[]));
    take(&stage, LAB, Guest::default()).await.unwrap();
    assert_eq!((stage.programs.calls("apply"), stage.programs.calls(CRDS)), (5, 3));
}

#[tokio::test]
async fn an_api_that_goes_away_between_two_groups_is_asked_again() {
    let stage = stage().await;
    let away = "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?";
    // The third is the first of the second group.
    stage.programs.fail("kubectl.3", away);
    take(&stage, LAB, Guest::default()).await.unwrap();
    assert_eq!(stage.programs.calls("apply"), 5);
}

#[tokio::test]
async fn a_namespace_that_ends_while_it_is_applied_is_made_by_applying_it_again() {
    let gone = "Error from server (NotFound): error when creating \"STDIN\": namespaces \"mesh\" not found";
    let stage = stage().await;
    stage.programs.fail("kubectl.3", gone);
    take(&stage, LAB, Guest::default()).await.unwrap();
    assert_eq!(stage.programs.calls("apply"), 5);
    let stage = self::stage().await;
    stage.programs.fail("kubectl.3", gone);
    stage.programs.fail("kubectl.4", gone);
    let text = take(&stage, LAB, Guest::default()).await.unwrap_err().to_string();
    assert!(text.contains("namespaces \"mesh\" not found"), "{text}");
}

#[tokio::test]
async fn two_groups_label_the_same_namespace() {
    let first = "{name: crds, namespaces: [{name: shop, labels: {mesh: enabled}}, {name: default}],";
    let second = "{name: demo, namespaces: [{name: shop, labels: {team: b}}],";
    let lab = LAB.replace("{name: crds,", first).replace("{name: demo,", second);
    let stage = stage().await;
    stage.programs.serve("/api/v1/namespaces/default", "{\"metadata\": {}}");
    stage.programs.serve("/api/v1/namespaces/shop.2", "{\"metadata\": {}}");
    take(&stage, &lab, Guest::default()).await.unwrap();
    for (call, times) in [
        ("create namespace -- shop", 1),
        ("create namespace -- default", 0),
        ("label namespace --overwrite -- shop mesh=enabled", 1),
        ("label namespace --overwrite -- shop team=b", 1),
        ("label namespace --overwrite -- default", 0),
        ("apply", 4),
    ] {
        assert_eq!(stage.programs.calls(call), times, "{call}:\n{}", stage.programs.book());
    }
}

#[tokio::test]
async fn what_the_api_refuses_is_named_at_once() {
    let stage = stage().await;
    stage.programs.fail("kubectl.3", "The Deployment \"pilot\" is invalid: spec.selector: Required value");
    let failure = take(&stage, LAB, Guest::default()).await.unwrap_err();
    let text = failure.to_string();
    for part in ["zulu: phase `mesh` failed: group demo: applying file:demo.yaml of the group demo", "spec.selector"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("console") && failure.next().contains("clone mesh status"), "{text}");
    assert_eq!(stage.programs.calls("apply"), 3);
}

#[tokio::test]
async fn a_definition_that_is_never_established_is_named_with_its_reason() {
    let mut stage = stage().await;
    stage.limit = Duration::from_secs(2);
    stage.programs.serve(CRDS, &list(&[with("gates.mesh.local", "NamesAccepted", "False")]));
    let text = take(&stage, LAB, Guest::default()).await.unwrap_err().to_string();
    let reason =
        "group crds: the definition gates.mesh.local is not established: NamesAccepted is False: Reason: the message";
    assert!(text.contains(reason), "{text}");
    assert_eq!(stage.programs.calls("apply"), 1, "the next group was begun");
}

#[tokio::test]
async fn a_job_that_fails_ends_it() {
    let stage = stage().await;
    stage.programs.serve(JOBS, &list(&[with("tidy", "Failed", "True")]));
    let event = json!({"type": "Warning", "reason": "BackOff", "message": "restarting",
                       "involvedObject": {"kind": "Pod", "name": "tidy-1"}});
    stage.programs.serve(EVENTS, &list(&[event]));
    let text = take(&stage, LAB, Guest::default()).await.unwrap_err().to_string();
    for part in [
        "group demo: Job tidy has failed: Reason: the message",
        "clone kubectl -- -n mesh delete job tidy",
        "Pod tidy-1: BackOff: restarting",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn an_image_that_is_not_in_the_preload_is_named() {
    let stage = stage().await;
    let pilot = json!({"metadata": {"name": "pilot"}, "spec": {"selector": {"matchLabels": {"app": "pilot"}}}});
    stage.programs.serve(DEPLOYMENTS, &list(&[pilot]));
    stage.programs.serve(PODS, &list(&[waiting("ErrImageNeverPull")]));
    let text = take(&stage, LAB, Guest::default()).await.unwrap_err().to_string();
    for part in [
        "pod pilot-1 in mesh does not get its image pilot:1: ErrImageNeverPull: image is not present",
        "add it to the step `container-images`",
        "pods that are not well:\n    mesh/pilot-1 on zulu: ErrImageNeverPull (0/1): image is not present",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// The pod that lacked an image is there until the one that has it is ready.
#[tokio::test]
async fn a_pod_from_before_the_image_was_mended_ends_nothing() {
    let stage = stage().await;
    let by = |kind: &str, name: &str| json!([{"kind": kind, "name": name}]);
    let revision = |number: &str| json!({"deployment.kubernetes.io/revision": number});
    let set = |name: &str, number: &str| json!({"metadata": {"name": name, "annotations": revision(number), "ownerReferences": by("Deployment", "pilot")}});
    let pilot = |available: u32| {
        let status = json!({"updatedReplicas": available, "availableReplicas": available});
        json!({"metadata": {"name": "pilot", "annotations": revision("2")}, "status": status,
               "spec": {"selector": {"matchLabels": {"app": "pilot"}}}})
    };
    let mut old = waiting("ErrImageNeverPull");
    old["metadata"]["ownerReferences"] = by("ReplicaSet", "pilot-a");
    stage.programs.serve(&format!("{DEPLOYMENTS}.1"), &list(&[pilot(0)]));
    stage.programs.serve(DEPLOYMENTS, &list(&[pilot(1)]));
    stage.programs.serve(REPLICA_SETS, &list(&[set("pilot-a", "1"), set("pilot-b", "2")]));
    stage.programs.serve(PODS, &list(&[old]));
    take(&stage, LAB, Guest::default()).await.unwrap();
    assert_eq!((stage.programs.calls(DEPLOYMENTS), stage.programs.calls(REPLICA_SETS)), (2, 2));
}

#[tokio::test]
async fn a_page_is_asked_for_until_it_is_right() {
    let lab = format!("{LAB}  probes: [{{service: gate, port: 80, text: Simple Shop}}]\n");
    let page = |answer: &str| {
        let line = |last: u8| format!("192.168.206.{last}:31380 {}\n", BASE64.encode(answer.as_bytes()));
        (196..=198).map(line).collect::<String>().leak() as &str
    };
    let service = json!({"spec": {"ports": [{"port": 80, "nodePort": 31380}]}}).to_string();

    let mut stage = stage().await;
    stage.limit = Duration::from_secs(3);
    stage.programs.serve("/api/v1/namespaces/default/services/gate", &service);
    let good = Guest::with_page(page("HTTP/1.1 200 OK\r\n\r\n<title>Simple Shop</title>"));
    take(&stage, &lab, good).await.unwrap();
    // One that hangs may answer the next time, and nobody turns to SSH for that.
    take(&stage, &lab, good.hanging(1)).await.unwrap();
    assert_eq!(stage.programs.calls("ssh "), 0);
    let bad = Guest::with_page(page("HTTP/1.1 503 No\r\n\r\nno healthy upstream"));
    let text = take(&stage, &lab, bad).await.unwrap_err().to_string();
    assert!(text.contains("page / of gate: http://192.168.206.196:31380/ answers 503, not 200"), "{text}");
}
