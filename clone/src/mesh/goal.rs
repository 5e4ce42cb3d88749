//! What is waited for after a group: the section `wait` of the lab file, and the objects of the group that it is about.
//! What the API says is compared with it here, without asking anybody.

mod replicas;
mod status;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::object::Object;
use super::view::{Query, Seen};
use crate::kubernetes::Version;
use crate::kubernetes::kubectl::objects::Pod;
use crate::lab::mesh::{Condition, Group, Pods, Wait};
use status::{gathered, not_yet};

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

/// Whether what is not there may yet come; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chance {
    /// It will not.
    None,
    /// It would be a surprise: what is so now rarely changes by itself.
    Poor,
    /// It may.
    Good,
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
    pub fn queries(&self, version: Version) -> Vec<Query> {
        let replicas = match self {
            Self::Deployment(place) => replicas::queries(&place.namespace).to_vec(),
            Self::Pods(pods) if !pods.labels.is_empty() => replicas::queries(pods.namespace.as_str()).to_vec(),
            _ => Vec::new(),
        };
        self.query(version).into_iter().chain(replicas).collect()
    }

    /// Where its object is.
    fn query(&self, version: Version) -> Option<Query> {
        match self {
            Self::Crd(_) => Some(Query::List(version.crds_path().to_owned())),
            Self::Deployment(place) => Some(list("apps/v1", &place.namespace, "deployments")),
            Self::DaemonSet(place) => Some(list("apps/v1", &place.namespace, "daemonsets")),
            Self::Job(place) => Some(list("batch/v1", &place.namespace, "jobs")),
            Self::Pods(_) => None,
            Self::Condition(condition) => Some(Query::Object(condition.into())),
        }
    }

    /// The pods that it needs: those that its object selects, or those that it counts by their labels, without those that a
    /// Deployment is about to replace. What is told apart by nothing but its namespace may be somebody else's.
    pub fn pods<'a>(&self, seen: &'a Seen, version: Version) -> Vec<&'a Pod> {
        let (namespace, labels) = match self {
            Self::Deployment(place) | Self::DaemonSet(place) | Self::Job(place) => {
                (place.namespace.as_str(), self.object(seen, version).map(selected).unwrap_or_default())
            }
            Self::Pods(pods) => (pods.namespace.as_str(), pods.labels.clone()),
            Self::Crd(_) | Self::Condition(_) => return Vec::new(),
        };
        let is_meant =
            |pod: &&Pod| !labels.is_empty() && pod.metadata.namespace == namespace && has_labels(pod, &labels);
        seen.pods.iter().filter(is_meant).filter(|pod| !replicas::is_outdated(pod, seen)).collect()
    }

    /// Compares it with what the API said.
    ///
    /// # Errors
    /// Why it is not so.
    pub fn check(&self, seen: &Seen, version: Version) -> Result<(), Unmet> {
        let object = self.object(seen, version);
        if object.is_some_and(|object| !object["metadata"]["deletionTimestamp"].is_null()) {
            return not_yet(format!("{self} is about to go"));
        }
        match (self, object) {
            (Self::Pods(pods), _) => gathered(pods, &seen.pods),
            // One that is gone was removed after it had ended: by its time to live, or by somebody who tidied up.
            (Self::Job(_), None) => Ok(()),
            (_, None) => not_yet(format!("{self} is not there")),
            (Self::Crd(_), Some(crd)) => self.established(crd),
            (Self::Deployment(_), Some(deployment)) => self.deployed(deployment),
            (Self::DaemonSet(_), Some(daemon_set)) => self.spread(daemon_set),
            (Self::Job(place), Some(job)) => self.complete(place, job),
            (Self::Condition(wanted), Some(object)) => self.has_condition(object, &wanted.condition),
        }
    }

    /// Whether waiting does not bring it, but applying its manifest does: there is no such object.
    pub fn is_missing(&self, seen: &Seen, version: Version) -> bool {
        let is_applied = matches!(self, Self::Crd(_) | Self::Deployment(_) | Self::DaemonSet(_));
        is_applied && self.object(seen, version).is_none()
    }

    /// Its object, whether or not that is about to go.
    fn object<'a>(&self, seen: &'a Seen, version: Version) -> Option<&'a Value> {
        let items = seen.answer(&self.query(version)?);
        let named = |name: &str| items.iter().find(|item| item["metadata"]["name"] == name);
        match self {
            Self::Crd(name) => named(name),
            Self::Deployment(place) | Self::DaemonSet(place) | Self::Job(place) => named(&place.name),
            Self::Condition(_) => items.first(),
            Self::Pods(_) => None,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crd(name) => write!(f, "the definition {name}"),
            Self::Deployment(place) => write!(f, "Deployment {}", place.name),
            Self::DaemonSet(place) => write!(f, "DaemonSet {}", place.name),
            Self::Job(place) => write!(f, "Job {}", place.name),
            Self::Pods(pods) => write!(f, "{} pods in {}", pods.count, pods.namespace),
            Self::Condition(wanted) => write!(f, "{} {}", wanted.kind, wanted.name),
        }
    }
}

/// All objects of a kind in a namespace.
fn list(api: &str, namespace: &str, kind: &str) -> Query {
    Query::List(format!("/apis/{api}/namespaces/{namespace}/{kind}"))
}

/// The labels by which an object knows its pods.
fn selected(object: &Value) -> BTreeMap<String, String> {
    let labels = object["spec"]["selector"]["matchLabels"].as_object().into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn has_labels(pod: &Pod, labels: &BTreeMap<String, String>) -> bool {
    labels.iter().all(|(key, value)| pod.metadata.labels.get(key) == Some(value))
}

#[cfg(test)]
mod tests;
