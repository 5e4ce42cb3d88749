//! What is waited for after a group: the section `wait` of the lab file, and the objects of the group that it is about.
//! What the API says is compared with it here, without asking anybody.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::Object;
use super::view::{Query, Seen};
use crate::kubernetes::Version;
use crate::kubernetes::kubectl::objects::Pod;
use crate::lab::mesh::{Condition, Group, Pods, Wait};

/// The kind of what defines further kinds.
const DEFINITION: &str = "CustomResourceDefinition";

/// One thing that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// A definition of a kind of objects is established.
    Crd(String),
    /// A Deployment has all its replicas.
    Deployment(Place),
    /// A DaemonSet is ready on all its nodes.
    DaemonSet(Place),
    /// A Job is complete.
    Job(Place),
    /// So many pods are ready.
    Pods(Pods),
    /// An object has a condition.
    Condition(Condition),
}

/// Where an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// Why something that is waited for is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// Why, with the name of the object.
    pub reason: String,
    /// Whether it may yet come.
    pub chance: Chance,
}

/// Whether what is not there may yet come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chance {
    /// It may.
    Good,
    /// It would be a surprise: what is so now rarely changes by itself.
    Poor,
    /// It will not.
    None,
}

/// What is waited for after a group with these objects.
pub fn goals(group: &Group, objects: &[Object]) -> Vec<Goal> {
    let of_kind = |kind: &'static str| objects.iter().filter(move |object| object.kind == kind);
    let places = |kind, goal: fn(Place) -> Goal| {
        let place = |object: &Object| Place { namespace: object.namespace.clone(), name: object.name.clone() };
        of_kind(kind).map(|object| goal(place(object))).collect::<Vec<_>>()
    };
    let goals = group.wait.iter().flat_map(|wait| match wait {
        Wait::Crds => definitions(objects),
        Wait::Deployments => places("Deployment", Goal::Deployment),
        Wait::DaemonSets => places("DaemonSet", Goal::DaemonSet),
        Wait::Jobs => places("Job", Goal::Job),
        Wait::Pods(pods) => vec![Goal::Pods(pods.clone())],
        Wait::Condition(condition) => vec![Goal::Condition(condition.clone())],
    });
    goals.collect()
}

/// The definitions among these objects, whether or not they are waited for: what uses them cannot be made without them.
pub fn definitions(objects: &[Object]) -> Vec<Goal> {
    let definitions = objects.iter().filter(|object| object.kind == DEFINITION);
    definitions.map(|object| Goal::Crd(object.name.clone())).collect()
}

impl Goal {
    /// What the API has to be asked for, beside the pods.
    pub fn query(&self, version: Version) -> Option<Query> {
        let list = |api: &str, place: &Place, kind: &str| {
            Some(Query::List(format!("/apis/{api}/namespaces/{}/{kind}", place.namespace)))
        };
        match self {
            Self::Crd(_) => Some(Query::List(version.crds_path().to_owned())),
            Self::Deployment(place) => list("apps/v1", place, "deployments"),
            Self::DaemonSet(place) => list("apps/v1", place, "daemonsets"),
            Self::Job(place) => list("batch/v1", place, "jobs"),
            Self::Pods(_) => None,
            Self::Condition(condition) => Some(Query::Object(condition.into())),
        }
    }

    /// The pods that it needs: those that its object selects, or those that it counts by their labels. What is told apart by
    /// nothing but its namespace may be somebody else's.
    pub fn pods<'a>(&self, seen: &'a Seen, version: Version) -> Vec<&'a Pod> {
        let (namespace, labels) = match self {
            Self::Deployment(place) | Self::DaemonSet(place) | Self::Job(place) => {
                let items = self.query(version).map(|query| seen.answer(&query)).unwrap_or_default();
                let object = items.iter().find(|item| item["metadata"]["name"] == place.name.as_str());
                (place.namespace.as_str(), object.map(selected).unwrap_or_default())
            }
            Self::Pods(pods) => (pods.namespace.as_str(), pods.labels.clone()),
            Self::Crd(_) | Self::Condition(_) => return Vec::new(),
        };
        let is_meant =
            |pod: &&Pod| !labels.is_empty() && pod.metadata.namespace == namespace && has_labels(pod, &labels);
        seen.pods.iter().filter(is_meant).collect()
    }

    /// Compares it with what the API said.
    ///
    /// # Errors
    /// Why it is not so.
    pub fn check(&self, seen: &Seen, version: Version) -> Result<(), Unmet> {
        let items = self.query(version).map(|query| seen.answer(&query)).unwrap_or_default();
        let named = |name: &str| items.iter().find(|item| item["metadata"]["name"] == name);
        match self {
            Self::Crd(name) => {
                named(name).map_or_else(|| missing("the definition", name), |crd| established(name, crd))
            }
            Self::Deployment(place) => {
                named(&place.name).map_or_else(|| missing("Deployment", &place.name), |it| deployed(&place.name, it))
            }
            Self::DaemonSet(place) => {
                named(&place.name).map_or_else(|| missing("DaemonSet", &place.name), |it| spread(&place.name, it))
            }
            // One that is gone was removed after it had ended: by its time to live, or by somebody who tidied up.
            Self::Job(place) => named(&place.name).map_or(Ok(()), |job| complete(&place.name, job)),
            Self::Pods(pods) => gathered(pods, &seen.pods),
            Self::Condition(wanted) => {
                let what = format!("{} {}", wanted.kind, wanted.name);
                let object = items.first();
                object.map_or_else(|| missing("", &what), |it| has_condition(&what, it, &wanted.condition))
            }
        }
    }
}

/// The labels by which an object knows its pods.
fn selected(object: &Value) -> BTreeMap<String, String> {
    let labels = object["spec"]["selector"]["matchLabels"].as_object().into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn has_labels(pod: &Pod, labels: &BTreeMap<String, String>) -> bool {
    labels.iter().all(|(key, value)| pod.metadata.labels.get(key) == Some(value))
}

/// An answer that may become another one.
fn not_yet<T>(reason: impl Into<String>) -> Result<T, Unmet> {
    Err(Unmet { reason: reason.into(), chance: Chance::Good })
}

fn missing(what: &str, name: &str) -> Result<(), Unmet> {
    not_yet(format!("{what} {name} is not there").trim_start())
}

/// What an object says of a condition: whether it is so, and why.
fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == kind)
}

fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

/// The words of a condition.
fn words(condition: &Value) -> String {
    let words = ["reason", "message"].map(|key| condition[key].as_str().unwrap_or_default());
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ")
}

fn established(name: &str, crd: &Value) -> Result<(), Unmet> {
    if is_true(crd, "Established") {
        return Ok(());
    }
    let bad = ["NamesAccepted", "Established"].iter().find_map(|kind| {
        let condition = condition(crd, kind).filter(|condition| condition["status"] != "True")?;
        Some(format!(": {kind} is {}: {}", condition["status"].as_str().unwrap_or("Unknown"), words(condition)))
    });
    not_yet(format!("the definition {name} is not established{}", bad.unwrap_or_default()))
}

/// As `kubectl rollout status` reckons it (kubectl, `polymorphichelpers/rollout_status.go`).
fn deployed(name: &str, deployment: &Value) -> Result<(), Unmet> {
    let wanted = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
    let status = &deployment["status"];
    let count = |key: &str| status[key].as_u64().unwrap_or_default();
    if !is_observed(deployment) {
        return not_yet(format!("Deployment {name} was not looked at by its controller yet"));
    }
    if let Some(failure) = condition(deployment, "ReplicaFailure").filter(|condition| condition["status"] == "True") {
        return not_yet(format!("Deployment {name} cannot make its pods: {}", words(failure)));
    }
    if count("updatedReplicas") < wanted || count("availableReplicas") < wanted {
        let ready = count("updatedReplicas").min(count("availableReplicas"));
        return not_yet(format!("Deployment {name} has {ready} of {wanted} replicas available"));
    }
    Ok(())
}

fn spread(name: &str, daemon_set: &Value) -> Result<(), Unmet> {
    let count = |key: &str| daemon_set["status"][key].as_u64().unwrap_or_default();
    if !is_observed(daemon_set) {
        return not_yet(format!("DaemonSet {name} was not looked at by its controller yet"));
    }
    let (ready, wanted) = (count("numberReady").min(count("updatedNumberScheduled")), count("desiredNumberScheduled"));
    if ready < wanted { not_yet(format!("DaemonSet {name} is ready on {ready} of {wanted} nodes")) } else { Ok(()) }
}

/// Whether the status is about the object as it is now.
fn is_observed(object: &Value) -> bool {
    object["status"]["observedGeneration"].as_u64() >= object["metadata"]["generation"].as_u64()
}

fn complete(name: &str, job: &Value) -> Result<(), Unmet> {
    if is_true(job, "Complete") {
        return Ok(());
    }
    match condition(job, "Failed").filter(|condition| condition["status"] == "True") {
        Some(failed) => {
            Err(Unmet { reason: format!("Job {name} has failed: {}", words(failed)), chance: Chance::None })
        }
        None => not_yet(format!("Job {name} is not complete")),
    }
}

/// Others may be in the namespace, too: so many of them have to fit.
fn gathered(wanted: &Pods, pods: &[Pod]) -> Result<(), Unmet> {
    let Pods { namespace, labels, count, containers } = wanted;
    let here = |pod: &&Pod| pod.metadata.namespace == namespace.as_str() && pod.metadata.deletion_timestamp.is_none();
    let pods: Vec<_> = pods.iter().filter(here).filter(|pod| has_labels(pod, labels)).collect();
    let is_complete = |pod: &Pod| containers.is_none_or(|containers| containers == pod.spec.containers.len());
    let (complete, lacking): (Vec<&Pod>, Vec<&Pod>) = pods.iter().partition(|pod| is_complete(pod));
    let (well, unwell): (Vec<&Pod>, Vec<&Pod>) = complete.iter().partition(|pod| pod.is_well());
    if well.len() >= *count {
        return Ok(());
    }
    if let Some(pod) = lacking.first().filter(|_| pods.len() >= *count && complete.len() < *count) {
        // What a pod is made of is decided when it is made.
        let (name, found) = (&pod.metadata.name, pod.spec.containers.len());
        let reason = format!(
            "pod {name} in {namespace} has {found} of {} containers\n  \
             was what adds the others there, and the namespace labelled, before the pod was made? \
             have it made anew: clone kubectl -- -n {namespace} delete pod {name}",
            containers.unwrap_or_default()
        );
        return Err(Unmet { reason, chance: Chance::Poor });
    }
    let first = unwell.first().map(|pod| {
        let (ready, total) = pod.ready_containers();
        format!(": pod {} is {} ({ready}/{total})", pod.metadata.name, pod.state())
    });
    not_yet(format!("{} of {count} pods in {namespace} are ready{}", well.len(), first.unwrap_or_default()))
}

fn has_condition(what: &str, object: &Value, kind: &str) -> Result<(), Unmet> {
    match condition(object, kind) {
        Some(condition) if condition["status"] == "True" => Ok(()),
        Some(condition) => {
            let status = condition["status"].as_str().unwrap_or("Unknown");
            not_yet(format!("{what}: {kind} is {status}: {}", words(condition)))
        }
        None => not_yet(format!("{what} does not say yet whether it is {kind}")),
    }
}

#[cfg(test)]
mod tests;
