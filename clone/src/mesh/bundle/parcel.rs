//! The manifests of one group, and what is in them.

use kiln_images::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::lab::mesh::{Group, Namespace, ObjectName};
use crate::mesh::MeshError;
use crate::mesh::object::{self, Object};

/// The manifests of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Parcel {
    /// The name of the group.
    pub group: String,
    /// Where objects go that do not say it themselves. This and the next are for the time when the lab file has the group no
    /// more; earlier versions did not write them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<ObjectName>,
    /// Namespaces that it makes or labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<Namespace>,
    /// They.
    pub manifests: Vec<Manifest>,
}

/// A manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// Where it came from: `archive:` or `file:`, and its path.
    pub source: String,
    /// Its text.
    pub text: String,
}

impl Parcel {
    /// These manifests of a group.
    pub fn of(group: &Group, manifests: Vec<Manifest>) -> Self {
        let Group { name, namespace, namespaces, .. } = group.clone();
        Self { group: name.to_string(), namespace, namespaces, manifests }
    }

    /// What is applied for the group, by which one that has something older is found.
    pub fn digest(&self, group: &Group) -> Digest {
        let namespaces = group.namespaces.iter().flat_map(|namespace| {
            let labels = namespace.labels.iter().map(|(key, value)| format!("{key}={value}"));
            std::iter::once(format!("namespace {}", namespace.name)).chain(labels)
        });
        let texts = self.manifests.iter().map(|manifest| manifest.text.clone());
        let parts: Vec<_> = std::iter::once(group.namespace().to_owned()).chain(namespaces).chain(texts).collect();
        // A text holds no NUL.
        Digest::of_bytes(parts.join("\0").as_bytes())
    }

    /// Its objects, as far as they can be read; [`Self::check`] says where not.
    pub fn objects(&self, group: &Group) -> Vec<Object> {
        let read = |manifest: &Manifest| object::read(&manifest.source, &manifest.text, group.namespace());
        self.manifests.iter().flat_map(read).collect()
    }

    /// Refuses what is to be waited for and cannot be read. What is not waited for is left to the API server, which reads more
    /// than we do, and told of.
    pub(super) fn check(&self, group: &Group) -> Result<(), MeshError> {
        let problems = self.manifests.iter().flat_map(|manifest| object::problems(&manifest.source, &manifest.text));
        for problems in problems {
            if group.waits_for_its_objects() {
                return Err(MeshError::Unreadable { group: self.group.clone(), problems: Box::new(problems) });
            }
            tracing::warn!(
                "{} is applied as it is, and nothing is known of what is in it:\n{problems}",
                problems.file_name()
            );
        }
        Ok(())
    }
}
