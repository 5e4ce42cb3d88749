//! What the status of an object says of whether it is as it should be.

use serde_json::Value;

use super::{Chance, Goal, Place, Unmet, has_labels};
use crate::kubernetes::kubectl::objects::Pod;
use crate::kubernetes::kubectl::passing;
use crate::lab::mesh::Pods;

/// An answer that may become another one.
pub(super) fn not_yet<T>(reason: impl Into<String>) -> Result<T, Unmet> {
    Err(Unmet { reason: reason.into(), chance: Chance::Good })
}

/// An answer that rarely becomes another one.
fn hardly<T>(reason: impl Into<String>) -> Result<T, Unmet> {
    Err(Unmet { reason: reason.into(), chance: Chance::Poor })
}

/// What an object says of a condition: whether it is so, and why.
fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == kind)
}

fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

/// Whether it is so, as the API says it.
fn status(condition: &Value) -> &str {
    condition["status"].as_str().unwrap_or("Unknown")
}

/// The words of a condition.
fn words(condition: &Value) -> String {
    let words = ["reason", "message"].map(|key| condition[key].as_str().unwrap_or_default());
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ")
}

impl Goal {
    pub(super) fn established(&self, crd: &Value) -> Result<(), Unmet> {
        if is_true(crd, "Established") {
            return Ok(());
        }
        let is_not = |kind: &str| {
            let condition = condition(crd, kind).filter(|condition| condition["status"] != "True")?;
            Some(format!(": {kind} is {}: {}", status(condition), words(condition)))
        };
        let reason = |bad: &str| format!("{self} is not established{bad}");
        match is_not("NamesAccepted") {
            Some(bad) => hardly(format!(
                "{}\n  \
                 another definition has one of its names: find it: clone kubectl -- get crd; \
                 delete one of the two: clone kubectl -- delete crd NAME; then: clone up",
                reason(&bad)
            )),
            None => not_yet(reason(&is_not("Established").unwrap_or_default())),
        }
    }

    /// As `kubectl rollout status` reckons it (kubectl, `polymorphichelpers/rollout_status.go`).
    pub(super) fn deployed(&self, deployment: &Value) -> Result<(), Unmet> {
        let wanted = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
        let count = |key: &str| deployment["status"][key].as_u64().unwrap_or_default();
        if !is_observed(deployment) {
            return not_yet(format!("{self} was not looked at by its controller yet"));
        }
        let ready = count("updatedReplicas").min(count("availableReplicas"));
        if ready >= wanted {
            return Ok(());
        }
        match condition(deployment, "ReplicaFailure").filter(|condition| condition["status"] == "True") {
            Some(failure) => {
                let words = words(failure);
                let reason = format!("{self} cannot make its pods: {words}");
                // Such as a webhook whose own pods are not ready.
                if passing::is_said(&words) { not_yet(reason) } else { hardly(reason) }
            }
            None => not_yet(format!("{self} has {ready} of {wanted} replicas available")),
        }
    }

    pub(super) fn spread(&self, daemon_set: &Value) -> Result<(), Unmet> {
        let count = |key: &str| daemon_set["status"][key].as_u64().unwrap_or_default();
        if !is_observed(daemon_set) {
            return not_yet(format!("{self} was not looked at by its controller yet"));
        }
        let ready = count("numberReady").min(count("updatedNumberScheduled"));
        let wanted = count("desiredNumberScheduled");
        if ready < wanted { not_yet(format!("{self} is ready on {ready} of {wanted} nodes")) } else { Ok(()) }
    }

    pub(super) fn complete(&self, place: &Place, job: &Value) -> Result<(), Unmet> {
        if is_true(job, "Complete") {
            return Ok(());
        }
        let Some(failed) = condition(job, "Failed").filter(|condition| condition["status"] == "True") else {
            return not_yet(format!("{self} is not complete"));
        };
        // Applying the same again leaves it as it is.
        let Place { namespace, name } = place;
        let reason = format!(
            "{self} has failed: {}\n  \
             it stays so: delete it: clone kubectl -- -n {namespace} delete job {name}; then: clone up",
            words(failed)
        );
        Err(Unmet { reason, chance: Chance::None })
    }

    pub(super) fn has_condition(&self, object: &Value, kind: &str) -> Result<(), Unmet> {
        match condition(object, kind) {
            Some(condition) if condition["status"] == "True" => Ok(()),
            Some(condition) => not_yet(format!("{self}: {kind} is {}: {}", status(condition), words(condition))),
            None => not_yet(format!("{self} does not say yet whether it is {kind}")),
        }
    }
}

/// Whether the status is about the object as it is now.
pub(super) fn is_observed(object: &Value) -> bool {
    object["status"]["observedGeneration"].as_u64() >= object["metadata"]["generation"].as_u64()
}

/// Others may be in the namespace, too: so many of them have to fit.
pub(super) fn gathered(wanted: &Pods, pods: &[Pod]) -> Result<(), Unmet> {
    let Pods { namespace, labels, count, containers } = wanted;
    let here = |pod: &&Pod| pod.metadata.namespace == namespace.as_str() && pod.metadata.deletion_timestamp.is_none();
    let pods: Vec<_> = pods.iter().filter(here).filter(|pod| has_labels(pod, labels)).collect();
    let is_complete = |pod: &Pod| containers.is_none_or(|containers| containers == pod.container_count());
    let (complete, lacking): (Vec<&Pod>, Vec<&Pod>) = pods.iter().partition(|pod| is_complete(pod));
    let (well, unwell): (Vec<&Pod>, Vec<&Pod>) = complete.iter().partition(|pod| pod.is_well());
    if well.len() >= *count {
        return Ok(());
    }
    if let Some(pod) = lacking.first().filter(|_| pods.len() >= *count && complete.len() < *count) {
        // What a pod is made of is decided when it is made.
        let (name, found) = (&pod.metadata.name, pod.container_count());
        let reason = format!(
            "pod {name} in {namespace} has {found} of {} containers\n  \
             was what adds the others there, and the namespace labelled, before the pod was made? \
             have it made anew: clone kubectl -- -n {namespace} delete pod {name}",
            containers.unwrap_or_default()
        );
        return hardly(reason);
    }
    let first = unwell.first().map(|pod| {
        let (ready, total) = pod.ready_containers();
        format!(": pod {} is {} ({ready}/{total})", pod.metadata.name, pod.state())
    });
    not_yet(format!("{} of {count} pods in {namespace} are ready{}", well.len(), first.unwrap_or_default()))
}
