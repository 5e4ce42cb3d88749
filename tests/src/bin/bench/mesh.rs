//! What Kiln adds to a cluster that takes a mesh in: its phase `mesh`, against the time from the first object of the mesh to
//! the moment when the last pod was ready. That is what the API says of them, so that it does not depend on what Kiln says of
//! itself.

use std::time::Duration;

use jiff::Timestamp;
use kiln_tests::{TestHome, clone, lab_with_mesh};
use serde_json::Value;

use crate::measure::run;
use crate::table::{Figure, Row, Target};

/// How long an emulated cluster may take to come up with a mesh on a busy host.
const UP_LIMIT: Duration = Duration::from_secs(60 * 60);

const LAB: &str = "shop";
/// Where its objects are, and what its definitions end with.
const NAMESPACES: [&str; 2] = ["mesh-system", "default"];
const GROUP: &str = ".mesh.kiln.local";

/// The row of one way up.
pub fn row() -> Row {
    let home = &TestHome::with_kubernetes();
    eprintln!("bench: a cluster with a mesh");
    let lab = lab_with_mesh(home);
    run(clone(home, ["up", lab.as_str()]).into_command(), UP_LIMIT);
    let objects: Vec<_> =
        ["crds", "jobs", "deployments", "pods"].into_iter().flat_map(|kind| get(home, kind)).collect();
    let phase = phase(&clone(home, ["timings", LAB, "-o", "json"]).json());
    clone(home, ["destroy", "--yes", LAB]).ok();
    Row::new("clone up, the phase mesh", Figure::seconds(&[phase]))
        .against("the cluster itself, by the times of its objects", Some(Figure::seconds(&[taken(&objects)])))
        .target(Target::Share(1.05))
}

fn get(home: &TestHome, kind: &str) -> Vec<Value> {
    let words = ["kubectl", "--lab", LAB, "--", "get", kind, "--all-namespaces", "-o", "json"];
    clone(home, words).finish().json_document()["items"].as_array().unwrap().clone()
}

fn phase(timings: &Value) -> Duration {
    let mut spans = timings["spans"].as_array().unwrap().iter();
    let span = spans.find(|span| span["phase"] == "mesh").unwrap();
    let at = |key: &str| span[key].as_u64().unwrap();
    Duration::from_millis(at("end-ms") - at("begin-ms"))
}

/// From when the first of these objects was made until the last pod was ready, or the last Job complete.
fn taken(objects: &[Value]) -> Duration {
    let objects: Vec<_> = objects.iter().filter(|object| is_of_mesh(object)).collect();
    let begin = objects.iter().filter_map(|object| time(&object["metadata"]["creationTimestamp"])).min().unwrap();
    let end = objects.iter().filter_map(|object| end(object)).max().unwrap();
    end.duration_since(begin).try_into().unwrap()
}

fn is_of_mesh(object: &Value) -> bool {
    let text = |key: &str| object["metadata"][key].as_str().unwrap_or_default();
    NAMESPACES.contains(&text("namespace")) || text("name").ends_with(GROUP)
}

/// When a pod became ready, or a Job complete. The pod of a Job says that it is not ready when it has ended.
fn end(object: &Value) -> Option<Timestamp> {
    let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    let mut ready = conditions.filter(|condition| condition["type"] == "Ready" && condition["status"] == "True");
    let ready = ready.find_map(|condition| time(&condition["lastTransitionTime"]));
    ready.or_else(|| time(&object["status"]["completionTime"]))
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_cluster_is_measured_from_the_first_object_to_the_last_pod() {
        let object = |namespace: &str, name: &str, second: u8, status: Value| {
            let made = format!("2026-01-31T12:00:{second:02}Z");
            json!({"metadata": {"namespace": namespace, "name": name, "creationTimestamp": made}, "status": status})
        };
        let ready = |status: &str, second: u8| {
            let at = format!("2026-01-31T12:00:{second:02}Z");
            json!({"conditions": [{"type": "Ready", "status": status, "lastTransitionTime": at}]})
        };
        let objects = [
            object("kube-system", "proxy", 1, ready("True", 59)),
            object("", "rules.mesh.kiln.local", 10, json!({})),
            object("mesh-system", "pilot", 12, ready("True", 30)),
            object("mesh-system", "cleanup-1", 12, ready("False", 55)),
            object("mesh-system", "cleanup", 12, json!({"completionTime": "2026-01-31T12:00:20Z"})),
            object("default", "details", 25, ready("True", 40)),
        ];
        assert_eq!(taken(&objects), Duration::from_secs(30));
        assert_eq!(taken(&objects[..4]), Duration::from_secs(20));
    }

    #[test]
    fn the_phase_is_read_from_the_timings() {
        let spans =
            json!([{"phase": "ready", "begin-ms": 0, "end-ms": 9}, {"phase": "mesh", "begin-ms": 10, "end-ms": 35}]);
        assert_eq!(phase(&json!({"spans": spans})), Duration::from_millis(25));
    }
}
