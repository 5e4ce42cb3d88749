//! What the cluster remembers of its mesh: which groups were applied, as what, and seen to work. It is kept in the cluster
//! itself, so that it is true for whatever becomes of that: a cluster that is made anew has forgotten it, and one that is
//! taken back to a checkpoint knows what was so then.

use std::collections::BTreeMap;

use kiln_images::digest::Digest;
use kiln_tool::Error;
use serde_json::{Value, json};

use crate::kubernetes::kubectl::Kubectl;

const NAMESPACE: &str = "kube-system";
const NAME: &str = "kiln-mesh";

/// The groups that are done, with the digests of what was applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record(BTreeMap<String, String>);

impl Record {
    /// Asks the cluster.
    ///
    /// # Errors
    /// Where the API does not answer.
    pub async fn read(kubectl: &Kubectl) -> Result<Self, Error> {
        let path = format!("/api/v1/namespaces/{NAMESPACE}/configmaps/{NAME}");
        let found = kubectl.find("asking the cluster what it has of its mesh", &path).await?.unwrap_or_default();
        let entries = found["data"].as_object().into_iter().flatten();
        Ok(Self(entries.filter_map(|(group, digest)| Some((group.clone(), digest.as_str()?.to_owned()))).collect()))
    }

    /// Tells the cluster.
    ///
    /// # Errors
    /// Where the API does not answer.
    pub async fn write(&self, kubectl: &Kubectl) -> Result<(), Error> {
        kubectl.apply("telling the cluster what it has of its mesh", self.object().to_string()).await
    }

    /// Has the cluster forget it all.
    ///
    /// # Errors
    /// Where the API does not answer.
    pub async fn forget(kubectl: &Kubectl) -> Result<(), Error> {
        kubectl.delete("having the cluster forget its mesh", Self::default().object().to_string()).await
    }

    /// Whether the group is done with what has this digest.
    pub fn has(&self, group: &str, digest: &Digest) -> bool {
        self.0.get(group).is_some_and(|known| *known == digest.to_string())
    }

    /// The group is done.
    pub fn add(&mut self, group: &str, digest: &Digest) {
        self.0.insert(group.to_owned(), digest.to_string());
    }

    fn object(&self) -> Value {
        let metadata = json!({"name": NAME, "namespace": NAMESPACE});
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": self.0})
    }
}
