//! What a lab installs on its cluster when that is ready: the section `mesh` of its file, whose values are well-formed by
//! themselves. [`super::check_mesh`] compares them with each other and with the rest of the file.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use kiln_images::digest::Digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The namespace of objects for which nothing is said: that of Kubernetes itself.
pub const DEFAULT_NAMESPACE: &str = "default";

/// What is installed on the cluster when it is ready, in the order of the file: a service mesh, its examples, and how it is
/// seen that they work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mesh {
    /// The archive that manifests are taken from, such as a release of Istio.
    pub archive: Option<Archive>,
    /// What is applied, group after group: one begins when all that the one before waits for is there.
    pub groups: Vec<Group>,
    /// Examples that run in it: groups like the others, applied after them.
    #[serde(default)]
    pub samples: Vec<Group>,
    /// What has to answer at the end.
    #[serde(default)]
    pub probes: Vec<Probe>,
    /// What `clone open NAME` leads to.
    #[serde(default)]
    pub open: BTreeMap<ObjectName, Door>,
}

/// A `tar.gz` that manifests are read from. Nothing of it is unpacked to a disk.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Archive {
    /// A file beside the lab file, or a URL.
    pub source: String,
    /// Second sources, asked in their order where the one before does not answer.
    #[serde(default)]
    pub also: Vec<String>,
    /// The SHA-256 of its bytes. What comes from a URL without one is pinned the first time it is used.
    #[schemars(with = "Option<String>")]
    pub sha256: Option<Digest>,
}

/// Manifests that are applied together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: ObjectName,
    /// Where objects go that do not say it themselves; `default` if nothing is said. An object that names another namespace
    /// cannot be in the group then.
    pub namespace: Option<ObjectName>,
    /// Namespaces that are made, or given labels, before anything else of the group.
    #[serde(default)]
    pub namespaces: Vec<Namespace>,
    /// What is applied, in this order.
    #[serde(default)]
    pub manifests: Vec<ManifestSource>,
    /// What is waited for before the group is done.
    #[serde(default)]
    pub wait: Vec<Wait>,
}

/// A namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Namespace {
    /// Its name.
    pub name: ObjectName,
    /// Labels that it gets, such as `istio-injection: enabled`. Others that it has stay.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// Where a manifest comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ManifestSource {
    /// A file in the archive, by its path there.
    Archive(String),
    /// A file beside the lab file.
    File(String),
}

/// What is waited for. The first four are about the objects that are in the manifests of the group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// Every custom resource definition is established: objects of its kind can be made.
    Crds,
    /// Every Deployment has all its replicas available.
    Deployments,
    /// Every DaemonSet is ready on all nodes that it is for.
    DaemonSets,
    /// Every Job is complete. Its pods then stay, as `Completed`.
    Jobs,
    /// So many pods are ready.
    Pods(Pods),
    /// Any object has a condition.
    Condition(Condition),
}

/// Pods that are waited for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pods {
    /// Where they are.
    pub namespace: ObjectName,
    /// The labels they have; all pods of the namespace if nothing is said.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// How many there are.
    pub count: usize,
    /// How many containers each has, all of them ready: 2 where a mesh adds one to the only one.
    pub containers: Option<usize>,
}

/// A condition that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Condition {
    /// The kind of the object, as `kubectl get` takes it: `gateways.networking.istio.io`.
    pub kind: ObjectName,
    /// Its name.
    pub name: ObjectName,
    /// Where it is, if it is in a namespace.
    pub namespace: Option<ObjectName>,
    /// The condition that has to be true, such as `Ready`.
    pub condition: String,
}

/// A page that has to be there, asked for from a node of the lab.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Probe {
    /// The service.
    pub service: ObjectName,
    /// Where it is; `default` if nothing is said.
    pub namespace: Option<ObjectName>,
    /// The port of the service (not that of the nodes, which is looked up).
    pub port: u16,
    /// The path of the page; `/` if nothing is said.
    #[serde(default = "root_path")]
    #[schemars(with = "Option<String>")]
    pub path: String,
    /// The status of the answer; 200 if nothing is said.
    #[serde(default = "ok_status")]
    #[schemars(with = "Option<u16>")]
    pub status: u16,
    /// What the page has in it.
    pub text: Option<String>,
    /// Where the service is asked.
    #[serde(default)]
    pub at: Entrance,
}

/// Where a service is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Entrance {
    /// At its node port, of every node.
    #[default]
    NodePort,
    /// At its address in the cluster.
    ClusterIp,
}

/// A service that `clone open` leads to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Door {
    /// The service.
    pub service: ObjectName,
    /// Where it is; `default` if nothing is said.
    pub namespace: Option<ObjectName>,
    /// The port of the service.
    pub port: u16,
    /// The path of the page; `/` if nothing is said.
    #[serde(default = "root_path")]
    #[schemars(with = "Option<String>")]
    pub path: String,
}

impl Mesh {
    /// All groups, in the order in which they are applied.
    pub fn all_groups(&self) -> impl DoubleEndedIterator<Item = &Group> {
        self.groups.iter().chain(&self.samples)
    }
}

impl Group {
    /// Where objects of it go that do not say it themselves.
    pub fn namespace(&self) -> &str {
        or_default(self.namespace.as_ref())
    }

    /// Whether something is waited for that only its manifests name.
    pub fn waits_for_its_objects(&self) -> bool {
        self.wait.iter().any(|wait| match wait {
            Wait::Crds | Wait::Deployments | Wait::DaemonSets | Wait::Jobs => true,
            Wait::Pods(_) | Wait::Condition(_) => false,
        })
    }
}

/// The namespace that is meant where this is said of it.
pub fn or_default(namespace: Option<&ObjectName>) -> &str {
    namespace.map_or(DEFAULT_NAMESPACE, ObjectName::as_str)
}

fn root_path() -> String {
    "/".to_owned()
}

fn ok_status() -> u16 {
    200
}

/// The name of an object of Kubernetes (RFC 1123, subdomain): at most 253 lower-case letters, digits, `-` and `.`, the
/// first and the last a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"))]
pub struct ObjectName(String);

/// A text is not the name of an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name in Kubernetes: lower-case letters, digits, `-` and `.` make one, such as istio-system")]
pub struct InvalidObjectName(String);

impl ObjectName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectName {
    type Err = InvalidObjectName;

    fn from_str(text: &str) -> Result<Self, InvalidObjectName> {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
        let outer = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let bytes = || text.bytes();
        let good = text.len() <= 253 && bytes().all(inner) && outer(bytes().next()) && outer(bytes().next_back());
        if good { Ok(Self(text.to_owned())) } else { Err(InvalidObjectName(text.to_owned())) }
    }
}

impl TryFrom<String> for ObjectName {
    type Error = InvalidObjectName;

    fn try_from(text: String) -> Result<Self, InvalidObjectName> {
        text.parse()
    }
}

impl From<ObjectName> for String {
    fn from(name: ObjectName) -> Self {
        name.0
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_objects_are_taken() {
        for good in ["a", "istio-system", "gateways.networking.istio.io", "1"] {
            assert_eq!(good.parse::<ObjectName>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a b", "a/b", &"a".repeat(254)] {
            assert!(bad.parse::<ObjectName>().is_err(), "{bad:?}");
        }
    }
}
