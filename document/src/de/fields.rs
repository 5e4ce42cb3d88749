//! The fields of a struct.

use serde::de::{DeserializeSeed, Error, MapAccess};

use super::access::Entries;
use super::fault::{Complaint, Fault, Finding};
use super::{Field, State, hand};
use crate::node::{Entry, Node, NodeId};
use crate::stand_in::{StandIn, field_name};
use crate::suggest::nearest;

/// The fields that are written, then those that are missing and made up.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    node: NodeId,
    written: Entries<'a>,
    made_up: std::collections::btree_map::Range<'a, Field, usize>,
    value: Option<Next<'a>>,
    state: &'a State,
}

/// The value of the field whose name was read last.
#[derive(Debug)]
enum Next<'a> {
    Written(&'a Node),
    MadeUp(Field, usize),
}

impl<'a> Fields<'a> {
    /// The fields of the map `node`; `names` are all that the struct has.
    ///
    /// # Errors
    /// A key that is none of them.
    pub fn new(
        node: NodeId,
        entries: &'a [Entry],
        names: &'static [&'static str],
        state: &'a State,
    ) -> Result<Self, Fault> {
        let mut written = Entries::new(entries, state);
        while let Some(Entry { key, .. }) = written.next_entry() {
            let name = key.text().unwrap_or_default();
            if !names.contains(&name) {
                let complaint = Complaint::unknown("field", name, names);
                let meant = nearest(name, names.iter().copied());
                let (span, within) = (key.span, node);
                return Err(Finding::UnknownField { node: key.id, span, within, complaint, meant }.into());
            }
        }
        let made_up = state.stand_ins.range((node, "")..);
        Ok(Self { node, written: Entries::new(entries, state), made_up, value: None, state })
    }
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        if let Some(entry) = self.written.next_entry() {
            self.value = Some(Next::Written(&entry.value));
            return hand(seed, &entry.key, self.state).map(Some);
        }
        let Some((field, sample)) = self.made_up.next().filter(|(field, _)| field.0 == self.node) else {
            return Ok(None);
        };
        self.value = Some(Next::MadeUp(*field, *sample));
        seed.deserialize(field_name(field.1)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        match self.value.take() {
            Some(Next::Written(node)) => hand(seed, node, self.state),
            Some(Next::MadeUp(field, sample)) => {
                seed.deserialize(StandIn::new(sample)).map_err(|_| Finding::StandIn(field).into())
            }
            None => Err(Fault::custom("a value without a name")),
        }
    }
}
