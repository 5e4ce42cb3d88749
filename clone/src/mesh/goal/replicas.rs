//! Which pods a Deployment still wants: those of its newest ReplicaSet. After a change the older ones stay until the new ones
//! are ready, and what is wrong with them may be what was mended.

use serde_json::Value;

use super::list;
use super::status::is_observed;
use crate::kubernetes::kubectl::objects::Pod;
use crate::mesh::view::{Query, Seen};

/// How often the Deployment was changed until then (`deployment/util`, `RevisionAnnotation`). It counts up in the
/// Deployment and in its newest ReplicaSet, also where an older one becomes the newest again.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// What has to be known for that of the pods in a namespace.
pub(super) fn queries(namespace: &str) -> [Query; 2] {
    ["deployments", "replicasets"].map(|kind| list("apps/v1", namespace, kind))
}

/// Whether a pod is of a ReplicaSet that its Deployment does not want any more, or may not: what has not been looked at since
/// it was changed says nothing of the pods there are. Those that no Deployment has made are as they should be.
pub(super) fn is_outdated(pod: &Pod, seen: &Seen) -> bool {
    let owner = pod.metadata.owner_references.iter().find(|owner| owner.kind == "ReplicaSet");
    let [deployments, sets] = queries(&pod.metadata.namespace).map(|query| seen.answer(&query));
    let set = owner.and_then(|owner| named(sets, &owner.name));
    let Some((set, name)) = set.and_then(|set| Some((set, deployment_of(set)?))) else { return false };
    let Some(deployment) = named(deployments, name) else { return false };
    let siblings = sets.iter().filter(|other| deployment_of(other) == Some(name));
    // The lists were not made in one moment: the Deployment may know of a ReplicaSet that is not among them.
    let newest = siblings.chain([deployment]).map(revision).max();
    !is_observed(deployment) || Some(revision(set)) < newest
}

fn named<'a>(objects: &'a [Value], name: &str) -> Option<&'a Value> {
    objects.iter().find(|object| object["metadata"]["name"] == name)
}

/// The Deployment that has made a ReplicaSet.
fn deployment_of(set: &Value) -> Option<&str> {
    let owners = set["metadata"]["ownerReferences"].as_array()?;
    owners.iter().find(|owner| owner["kind"] == "Deployment")?["name"].as_str()
}

fn revision(object: &Value) -> u64 {
    object["metadata"]["annotations"][REVISION].as_str().and_then(|text| text.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(kind: &str, name: &str, revision: &str, owner: &str) -> Value {
        let owners = json!([{"kind": kind, "name": owner}]);
        json!({"metadata": {"name": name, "annotations": {REVISION: revision}, "ownerReferences": owners}})
    }

    fn outdated(pods: &[(&str, &str)], deployment: Value) -> Vec<bool> {
        let sets = [("web-1", "9", "web"), ("web-2", "10", "web"), ("other-1", "30", "other")];
        let sets = sets.map(|(name, revision, owner)| object("Deployment", name, revision, owner));
        let [deployments, replica_sets] = queries("ns");
        let seen = Seen::of(Vec::new(), [(deployments, vec![deployment]), (replica_sets, sets.into())]);
        let pod = |(kind, owner): &(&str, &str)| -> Pod {
            let mut pod = json!({"spec": {}, "status": {"phase": "Pending"}, "metadata": object(kind, "p", "0", owner)["metadata"]});
            pod["metadata"]["namespace"] = "ns".into();
            serde_json::from_value(pod).unwrap()
        };
        pods.iter().map(|owner| is_outdated(&pod(owner), &seen)).collect()
    }

    #[test]
    fn only_the_pods_of_the_newest_replica_set_are_wanted() {
        let pods = [("ReplicaSet", "web-1"), ("ReplicaSet", "web-2"), ("ReplicaSet", "web-3"), ("Job", "web-1")];
        let mut web = object("", "web", "10", "");
        assert_eq!(outdated(&pods, web.clone()), [true, false, false, false]);
        // One that was changed after the ReplicaSets were listed.
        assert_eq!(outdated(&pods, object("", "web", "11", "")), [true, true, false, false]);
        // An annotation that was applied with an old manifest.
        assert_eq!(outdated(&pods, object("", "web", "1", "")), [true, false, false, false]);
        web["metadata"]["generation"] = 2.into();
        web["status"]["observedGeneration"] = 1.into();
        assert_eq!(outdated(&pods, web), [true, true, false, false]);
        assert_eq!(outdated(&pods, object("", "gone", "1", "")), [false; 4]);
    }
}
