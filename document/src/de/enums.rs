//! Enums: `name` alone, or a map with one key, `name: value`.

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, VariantAccess, Visitor};

use super::fault::{Complaint, Fault, Finding};
use super::{State, Value, hand};
use crate::node::{Entry, Kind, Node};
use crate::suggest::listed;

/// A variant as it is written.
#[derive(Debug)]
pub(super) struct Variant<'a> {
    name: &'a Node,
    value: Option<&'a Node>,
    state: &'a State,
}

impl<'a> Variant<'a> {
    /// Takes apart what is written; `variants` are all that the enum has.
    ///
    /// # Errors
    /// Neither a name nor a map with exactly one key; or a name that the enum does not have.
    pub fn of(Value { node, state }: Value<'a>, variants: &'static [&'static str]) -> Result<Self, Fault> {
        let (name, value) = match &node.kind {
            Kind::Scalar { .. } if !node.is_null() => (node, None),
            Kind::Map(entries) => match entries.as_slice() {
                [Entry { key, value }] => (key, Some(value)),
                [first, second, ..] => return Err(two(node, &first.key, &second.key, variants).into()),
                [] => return Err(neither(node, "an empty map", variants).into()),
            },
            _ => return Err(neither(node, &node.found(), variants).into()),
        };
        if value.is_some_and(|value| state.poisoned.contains(&value.id)) {
            return Err(Finding::Incomplete(node.id).into());
        }
        let text = name.text().unwrap_or_default();
        if !variants.contains(&text) {
            return Err(Finding::about_part(node, name, Complaint::unknown("name", text, variants)).into());
        }
        Ok(Self { name, value, state })
    }

    /// The value, which this variant has to have.
    fn value(&self) -> Result<&'a Node, Fault> {
        let name = self.name.text().unwrap_or_default();
        let complaint = || Complaint::new(format!("`{name}` needs a value")).hint(format!("write `{name}: …`"));
        self.value.ok_or_else(|| Finding::about(self.name, complaint()).into())
    }
}

fn neither(node: &Node, found: &str, variants: &[&str]) -> Finding {
    let names = listed(variants.iter().copied());
    let expected = if variants.len() == 1 { names } else { format!("one of {names}") };
    Finding::about(node, Complaint::new(format!("expected {expected}, found {found}")))
}

/// Two keys where there should be one: mostly the dash before the second is missing.
fn two(node: &Node, first: &Node, second: &Node, variants: &[&str]) -> Finding {
    let [first_name, second_name] = [first, second].map(|key| key.text().unwrap_or_default());
    let hint = if variants.contains(&first_name) && variants.contains(&second_name) {
        format!("write one of the two; in a list, `{second_name}` needs a `- ` of its own")
    } else {
        format!("does `{second_name}` belong deeper, below `{first_name}`?")
    };
    let complaint = Complaint::new(format!("expected one key, found `{first_name}` and `{second_name}`"));
    Finding::about_part(node, second, complaint.hint(hint))
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        Ok((hand(seed, self.name, self.state)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.value {
            Some(value) if !value.is_null() => {
                let name = self.name.text().unwrap_or_default();
                let complaint = Complaint::new(format!("`{name}` takes no value, found {}", value.found()));
                Err(Finding::about(value, complaint).into())
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        hand(seed, self.value()?, self.state)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        let node = self.value()?;
        Value { node, state: self.state }.deserialize_tuple(length, visitor).map_err(|fault| fault.at(node).into())
    }

    fn struct_variant<V: Visitor<'de>>(self, names: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        let node = self.value()?;
        let value = Value { node, state: self.state };
        value.deserialize_struct("", names, visitor).map_err(|fault| fault.at(node).into())
    }
}
