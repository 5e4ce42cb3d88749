//! A serde deserializer over the tree of nodes.
//!
//! One run ends at the first [`Fault`], as it must with serde. What earlier runs found is in the [`State`]: nodes that
//! are left out and fields that are made up, so that this run gets further. See [`crate::reading`].

mod access;
mod enums;
mod fault;
mod fields;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use serde::de::{Deserialize, DeserializeSeed};

use crate::node::{Node, NodeId};

pub(crate) use fault::{Complaint, Fault, Finding};
use value::Value;

/// A field of the struct that is read from this node.
pub(crate) type Field = (NodeId, &'static str);

/// What the runs before have found.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Nodes that are wrong and were reported: they are treated as if they were not there.
    pub poisoned: BTreeSet<NodeId>,
    /// Required fields that are not there, and which sample stands in for them.
    pub stand_ins: BTreeMap<Field, usize>,
}

impl State {
    /// Whether anything inside the node is left out or made up. `last` is the last node inside.
    pub fn is_incomplete(&self, node: NodeId, last: NodeId) -> bool {
        // The empty name is before all others.
        let made_up = self.stand_ins.range((node, "")..).next().is_some_and(|((within, _), _)| *within <= last);
        made_up || self.poisoned.range(node + 1..).next().is_some_and(|poisoned| *poisoned <= last)
    }
}

/// Reads a value of type `T` from a node.
pub(crate) fn value<'de, T: Deserialize<'de>>(node: &Node, state: &State) -> Result<T, Finding> {
    T::deserialize(Value { node, state }).map_err(|fault| fault.at(node))
}

/// Hands a node to what reads it. A complaint that has no place yet is about this node.
fn hand<'de, S: DeserializeSeed<'de>>(seed: S, node: &Node, state: &State) -> Result<S::Value, Fault> {
    seed.deserialize(Value { node, state }).map_err(|fault| fault.at(node).into())
}
