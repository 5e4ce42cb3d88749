//! The elements of lists and the entries of maps, without those that are left out.

use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::fault::Fault;
use super::{State, hand};
use crate::node::{Entry, Node};

/// The elements of a list, in order.
#[derive(Debug)]
pub(super) struct Elements<'a> {
    elements: &'a [Node],
    rest: std::slice::Iter<'a, Node>,
    state: &'a State,
}

impl<'a> Elements<'a> {
    pub fn new(elements: &'a [Node], state: &'a State) -> Self {
        Self { elements, rest: elements.iter(), state }
    }

    /// How many are written, with those that are left out.
    pub fn count(&self) -> usize {
        self.elements.len()
    }

    /// Whether an element is left out.
    pub fn some_left_out(&self) -> bool {
        self.elements.iter().any(|element| self.state.poisoned.contains(&element.id))
    }
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let next = self.rest.find(|element| !self.state.poisoned.contains(&element.id));
        next.map(|element| hand(seed, element, self.state)).transpose()
    }
}

/// The entries of a map whose keys are data, in order.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    rest: std::slice::Iter<'a, Entry>,
    /// The value of the key that was read last.
    value: Option<&'a Node>,
    state: &'a State,
}

impl<'a> Entries<'a> {
    pub fn new(entries: &'a [Entry], state: &'a State) -> Self {
        Self { rest: entries.iter(), value: None, state }
    }

    /// The next entry that is not left out.
    pub fn next_entry(&mut self) -> Option<&'a Entry> {
        let poisoned = &self.state.poisoned;
        self.rest.find(|entry| !poisoned.contains(&entry.key.id) && !poisoned.contains(&entry.value.id))
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some(entry) = self.next_entry() else { return Ok(None) };
        self.value = Some(&entry.value);
        hand(seed, &entry.key, self.state).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let value = self.value.take().ok_or_else(|| <Fault as serde::de::Error>::custom("a value without a key"))?;
        hand(seed, value, self.state)
    }
}
