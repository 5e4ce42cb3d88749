//! What the API says of the objects of a mesh at one moment.

use std::collections::{BTreeMap, BTreeSet};

use kiln_tool::Error;
use serde_json::Value;

use super::goal::Goal;
use crate::kubernetes::Version;
use crate::kubernetes::kubectl::Kubectl;
use crate::kubernetes::kubectl::objects::Pod;
use crate::lab::mesh::{Condition, ObjectName};
use crate::tasks::try_join_all;

/// A question to the API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Query {
    /// All objects at a path.
    List(String),
    /// One object of a kind whose path is not known here.
    Object(Reference),
}

/// What `kubectl get` finds an object by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Its kind.
    pub kind: ObjectName,
    /// Its name.
    pub name: ObjectName,
    /// Where it is.
    pub namespace: Option<ObjectName>,
}

impl From<&Condition> for Reference {
    fn from(condition: &Condition) -> Self {
        let Condition { kind, name, namespace, .. } = condition.clone();
        Self { kind, name, namespace }
    }
}

/// What the API said.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// All pods of the cluster.
    pub pods: Vec<Pod>,
    answers: BTreeMap<Query, Vec<Value>>,
}

impl Seen {
    /// These pods, and these answers.
    pub fn of(pods: Vec<Pod>, answers: impl IntoIterator<Item = (Query, Vec<Value>)>) -> Self {
        Self { pods, answers: answers.into_iter().collect() }
    }

    /// Asks, all at once, for the pods and for what these goals need.
    ///
    /// # Errors
    /// Where the API does not answer.
    pub async fn look(kubectl: &Kubectl, version: Version, goals: &[Goal]) -> Result<Self, Error> {
        let queries: BTreeSet<_> = goals.iter().flat_map(|goal| goal.queries(version)).collect();
        let answers = try_join_all(queries.iter().map(async |query| match query {
            Query::List(path) => kubectl.items(path).await,
            Query::Object(it) => {
                let namespace = it.namespace.as_ref().map(ObjectName::as_str);
                Ok(kubectl.get(it.kind.as_str(), it.name.as_str(), namespace).await?.into_iter().collect())
            }
        }));
        let (pods, answers) = tokio::try_join!(kubectl.pods(), answers)?;
        Ok(Self::of(pods, queries.into_iter().zip(answers)))
    }

    /// The answer to a question; nothing where it was not asked.
    pub fn answer(&self, query: &Query) -> &[Value] {
        self.answers.get(query).map(Vec::as_slice).unwrap_or_default()
    }
}
