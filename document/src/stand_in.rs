//! Values that stand in for fields that are missing.
//!
//! A derived `Deserialize` ends at the first missing field. To hear of the second one the first is given a value, which
//! nobody sees: a file with a missing field is refused whatever follows. Numbers, lists and the like are easy. Text may
//! be read by a type that takes only addresses or sizes, so several samples are tried in turn; if none fits, the
//! fields after that one are reported only once it is there.

use serde::de::value::StrDeserializer;
use serde::de::{self, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::de::{Complaint, Fault};

/// The texts that are tried, one after the other: a name, a size, an address, a network, a MAC address, a digest, a
/// path, a version, a URL.
pub(crate) const SAMPLES: [&str; 9] = [
    "a",
    "1GiB",
    "10.0.0.1",
    "10.0.0.0/24",
    "02:00:00:00:00:01",
    "sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "/a",
    "1.0",
    "https://a.example/a",
];

/// How deep required fields stand in each other before this gives up; a type may contain itself.
const MAX_DEPTH: usize = 8;

/// A deserializer that makes up what it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StandIn {
    /// Index into [`SAMPLES`].
    sample: usize,
    depth: usize,
}

impl StandIn {
    /// One that uses the sample with this index for texts.
    pub fn new(sample: usize) -> Self {
        Self { sample, depth: 0 }
    }

    fn deeper(self) -> Result<Self, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Complaint::new("too deep").into());
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

/// Methods that make up a value without asking further.
macro_rules! made_up {
    ($($method:ident => |$self:ident, $visitor:ident| $value:expr;)*) => {$(
        fn $method<V: Visitor<'de>>($self, $visitor: V) -> Result<V::Value, Fault> { $value }
    )*};
}

impl<'de> Deserializer<'de> for StandIn {
    type Error = Fault;

    made_up! {
        deserialize_any => |self, visitor| visitor.visit_str(SAMPLES[self.sample]);
        deserialize_bool => |self, visitor| visitor.visit_bool(false);
        deserialize_i8 => |self, visitor| visitor.visit_i8(1);
        deserialize_i16 => |self, visitor| visitor.visit_i16(1);
        deserialize_i32 => |self, visitor| visitor.visit_i32(1);
        deserialize_i64 => |self, visitor| visitor.visit_i64(1);
        deserialize_u8 => |self, visitor| visitor.visit_u8(1);
        deserialize_u16 => |self, visitor| visitor.visit_u16(1);
        deserialize_u32 => |self, visitor| visitor.visit_u32(1);
        deserialize_u64 => |self, visitor| visitor.visit_u64(1);
        deserialize_f32 => |self, visitor| visitor.visit_f32(1.0);
        deserialize_f64 => |self, visitor| visitor.visit_f64(1.0);
        deserialize_option => |self, visitor| visitor.visit_none();
        deserialize_unit => |self, visitor| visitor.visit_unit();
        deserialize_seq => |self, visitor| visitor.visit_seq(Fields { names: [].iter(), value: self });
        deserialize_map => |self, visitor| visitor.visit_map(Fields { names: [].iter(), value: self });
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self.deeper()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_map(Fields { names: names.iter(), value: self.deeper()? })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let first = variants.first().copied().unwrap_or_default();
        visitor.visit_enum(First { variant: first, value: self.deeper()? })
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// A map with all the fields of a struct, or a list without elements.
struct Fields {
    names: std::slice::Iter<'static, &'static str>,
    value: StandIn,
}

impl<'de> de::MapAccess<'de> for Fields {
    type Error = Fault;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.names.next().map(|name| seed.deserialize(field_name(name))).transpose()
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(self.value)
    }
}

impl<'de> de::SeqAccess<'de> for Fields {
    type Error = Fault;

    fn next_element_seed<S: de::DeserializeSeed<'de>>(&mut self, _: S) -> Result<Option<S::Value>, Fault> {
        Ok(None)
    }
}

/// The first variant of an enum.
struct First {
    variant: &'static str,
    value: StandIn,
}

impl<'de> de::EnumAccess<'de> for First {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: de::DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        Ok((seed.deserialize(field_name(self.variant))?, self))
    }
}

impl<'de> de::VariantAccess<'de> for First {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: de::DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self.value)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        self.value.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, names: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.value.deserialize_struct(self.variant, names, visitor)
    }
}

/// The name of a field or variant as something that serde can read it from.
pub(crate) fn field_name(name: &str) -> StrDeserializer<'_, Fault> {
    name.into_deserializer()
}
