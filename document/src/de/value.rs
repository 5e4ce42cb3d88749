//! A node as a serde deserializer: one method for every kind of type that may ask for a value.

use serde::de::{Deserializer, Visitor};

use super::State;
use super::access::{Elements, Entries};
use super::enums::Variant;
use super::fault::{Complaint, Fault, Finding};
use super::fields::Fields;
use crate::node::{Kind, Node};
use crate::scalar::{self, Scalar};
use crate::suggest::listed;

/// A node about to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    pub node: &'a Node,
    pub state: &'a State,
}

impl<'a> Value<'a> {
    /// The complaint that something else should stand here.
    fn expected(self, what: &str) -> Complaint {
        Complaint::new(format!("expected {what}, found {}", self.node.found()))
    }

    /// A complaint about this node.
    fn fault(self, complaint: Complaint) -> Fault {
        Finding::about(self.node, complaint).into()
    }

    /// The text of a scalar that is to be text: what is written without quotes counts as it is written.
    fn text(self) -> Result<&'a str, Fault> {
        match self.node.text() {
            Some(text) if !self.node.is_null() => Ok(text),
            // An empty value has nothing that could be quoted.
            Some("") | None => Err(self.fault(self.expected("text"))),
            Some(text) => Err(self.fault(self.expected("text").hint(format!("if this is a text, write `\"{text}\"`")))),
        }
    }

    /// The text of a scalar that is to be something else than text: it has no quotes.
    fn plain(self, what: &str) -> Result<&'a str, Fault> {
        match &self.node.kind {
            Kind::Scalar { text, plain: true } => Ok(text),
            Kind::Scalar { .. } => {
                Err(self.fault(Complaint::new(format!("expected {what}, found text")).hint("leave out the quotes")))
            }
            _ => Err(self.fault(self.expected(what))),
        }
    }

    fn integer<T: std::str::FromStr + std::fmt::Display>(self, least: T, most: T) -> Result<T, Fault> {
        let what = format!("a whole number from {least} to {most}");
        let text = self.plain(&what)?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let decimal =
            digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
        let number = decimal.then(|| text.parse().ok()).flatten();
        number.ok_or_else(|| self.fault(self.expected(&what)))
    }

    fn float(self) -> Result<f64, Fault> {
        match scalar::resolve(self.plain("a number")?) {
            #[expect(clippy::cast_precision_loss, reason = "who asks for a float gets the nearest one")]
            Scalar::Unsigned(number) => Ok(number as f64),
            #[expect(clippy::cast_precision_loss, reason = "as above")]
            Scalar::Signed(number) => Ok(number as f64),
            Scalar::Float(number) if number.is_finite() => Ok(number),
            _ => Err(self.fault(self.expected("a number"))),
        }
    }

    fn elements(self) -> Result<Elements<'a>, Fault> {
        match &self.node.kind {
            Kind::Seq(elements) => Ok(Elements::new(elements, self.state)),
            Kind::Scalar { text, .. } if !self.node.is_null() && !text.contains('\n') => {
                Err(self.fault(self.expected("a list").hint(format!("write `[{text}]`"))))
            }
            Kind::Scalar { .. } => Err(self.fault(self.expected("a list").hint("leave the key out, or write `[]`"))),
            _ => Err(self.fault(self.expected("a list"))),
        }
    }

    fn entries(self) -> Result<&'a [crate::node::Entry], Fault> {
        match &self.node.kind {
            Kind::Map(entries) => Ok(entries),
            _ => Err(self.fault(self.expected("a map"))),
        }
    }
}

/// Methods for whole numbers: each knows its range.
macro_rules! integers {
    ($($method:ident $visit:ident $type:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.integer(<$type>::MIN, <$type>::MAX)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Fault;

    integers! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.kind {
            Kind::Scalar { text, plain: false } => visitor.visit_str(text),
            Kind::Scalar { text, plain: true } => match scalar::resolve(text) {
                Scalar::Null => visitor.visit_unit(),
                Scalar::Bool(value) => visitor.visit_bool(value),
                Scalar::Unsigned(value) => visitor.visit_u64(value),
                Scalar::Signed(value) => visitor.visit_i64(value),
                Scalar::Float(value) => visitor.visit_f64(value),
                Scalar::Text(value) => visitor.visit_str(value),
            },
            Kind::Seq(elements) => visitor.visit_seq(Elements::new(elements, self.state)),
            Kind::Map(entries) => visitor.visit_map(Entries::new(entries, self.state)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        const WHAT: &str = "`true` or `false`";
        match self.plain(WHAT)? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(self.fault(self.expected(WHAT))),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_bytes(self.text()?.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.node.says_none() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.node.is_null() { visitor.visit_unit() } else { Err(self.fault(self.expected("nothing"))) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(self.elements()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        let elements = self.elements()?;
        if elements.some_left_out() {
            return Err(Finding::Incomplete(self.node.id).into());
        }
        match elements.count() {
            found if found == length => visitor.visit_seq(elements),
            found => Err(self.fault(Complaint::new(format!("expected a list of {length}, found {found}")))),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(Entries::new(self.entries()?, self.state))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Kind::Map(entries) = &self.node.kind else {
            let none = if self.node.is_null() { "; `{}` is a map with none of them" } else { "" };
            let hint = format!("with the fields {}{none}", listed(names.iter().copied()));
            return Err(self.fault(self.expected("a map").hint(hint)));
        };
        visitor.visit_map(Fields::new(self.node.id, entries, names, self.state)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(Variant::of(self, variants)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }
}
