//! What the API says, as far as it is looked at here (Kubernetes, `core/v1` and `coordination.k8s.io/v1`). Everything else
//! is left out when it is read.

mod node;
mod pod;

use jiff::Timestamp;
use serde::Deserialize;

pub use node::{Lease, LeaseSpec, Node, NodeInfo, NodeSpec, NodeStatus};
pub use pod::{Container, ContainerState, ContainerStatus, Pod, PodPhase, PodSpec, PodStatus, Reason};

/// A list of objects, as `kubectl get --output json` prints it.
#[derive(Debug, Clone, Deserialize)]
pub struct List<T> {
    /// The objects.
    pub items: Vec<T>,
}

/// What every object has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Its name.
    pub name: String,
    /// Where it is; empty for what is nowhere.
    #[serde(default)]
    pub namespace: String,
    /// Its labels.
    #[serde(default)]
    pub labels: std::collections::BTreeMap<String, String>,
    /// What has made it, and is to clean it up.
    #[serde(default)]
    pub owner_references: Vec<Owner>,
    /// When it was made.
    pub creation_timestamp: Option<Timestamp>,
    /// When somebody asked for its end.
    pub deletion_timestamp: Option<Timestamp>,
}

/// An object in the same namespace that owns another one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Owner {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// One thing that is so, or not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What: `Ready`, `MemoryPressure`, `PodScheduled`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it is so.
    pub status: Truth,
    /// When that was said last.
    pub last_heartbeat_time: Option<Timestamp>,
    /// Why, in one word.
    #[serde(default)]
    pub reason: String,
    /// Why, in a sentence.
    #[serde(default)]
    pub message: String,
}

/// Whether a condition is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Truth {
    /// It is.
    True,
    /// It is not.
    False,
    /// Nobody has said for too long.
    Unknown,
}

fn condition<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::List;

    /// The objects of a list that kubectl 1.20.2 printed of an API server of that version, without the fields of its own
    /// bookkeeping.
    pub(super) fn items<T: serde::de::DeserializeOwned>(text: &str) -> Vec<T> {
        serde_json::from_str::<List<T>>(text).unwrap().items
    }
}
