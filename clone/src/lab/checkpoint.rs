//! The checkpoints that a lab makes by itself: the section `checkpoint` of its file.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

/// The word that turns all of it off.
const OFF: &str = "off";

/// Which checkpoints are made without being asked for: `off`, or the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoints {
    /// Whether `clone up` saves the lab under the name `ready` when it has made nodes and all are up.
    pub ready: bool,
    /// How many of that name are kept: the latest ones.
    pub keep: NonZeroU32,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self { ready: true, keep: NonZeroU32::MIN }
    }
}

impl Checkpoints {
    /// How many of the name `ready` are kept.
    pub fn kept(&self) -> usize {
        usize::try_from(self.keep.get()).unwrap_or(usize::MAX)
    }
}

/// The settings as they are written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Settings {
    /// Whether `clone up` saves the lab under the name `ready` when it has made nodes and all are up; it does if nothing
    /// is said.
    ready: Option<bool>,
    /// How many of that name are kept, the latest ones; 1 if nothing is said.
    #[serde(default, deserialize_with = "at_least_one")]
    keep: Option<NonZeroU32>,
}

fn at_least_one<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NonZeroU32>, D::Error> {
    let none = || D::Error::custom("at least one is kept; to have none made: `checkpoint: off`");
    Option::<u32>::deserialize(from)?.map(|count| NonZeroU32::new(count).ok_or_else(none)).transpose()
}

impl<'de> Deserialize<'de> for Checkpoints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

struct Either;

impl Either {
    const NONE: Checkpoints = Checkpoints { ready: false, keep: NonZeroU32::MIN };
}

impl<'de> Visitor<'de> for Either {
    type Value = Checkpoints;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`off`, or settings such as {ready: true, keep: 2}")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Checkpoints, E> {
        if word == OFF { Ok(Self::NONE) } else { Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)) }
    }

    /// To YAML 1.1 `off` is a word for false.
    fn visit_bool<E: Error>(self, word: bool) -> Result<Checkpoints, E> {
        if word { Err(E::invalid_value(serde::de::Unexpected::Bool(word), &self)) } else { Ok(Self::NONE) }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Checkpoints, A::Error> {
        let (settings, default) = (Settings::deserialize(MapAccessDeserializer::new(map))?, Checkpoints::default());
        Ok(Checkpoints { ready: settings.ready.unwrap_or(default.ready), keep: settings.keep.unwrap_or(default.keep) })
    }
}

impl JsonSchema for Checkpoints {
    fn schema_name() -> Cow<'static, str> {
        "Checkpoints".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Which checkpoints are made without being asked for: `off`, or the settings.",
            "oneOf": [{"const": OFF}, generator.subschema_for::<Settings>()],
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::check::parse;

    const LAB: &str =
        "name: lab\nimage: debian-12\nnetwork: 192.168.206.0/24\nnodes: [{name: node1, ip: 192.168.206.196}]\n";

    #[test]
    fn it_is_off_or_says_how_many() {
        for (line, ready, keep) in [
            ("", true, 1),
            ("checkpoint: off\n", false, 1),
            ("checkpoint: {keep: 3}\n", true, 3),
            ("checkpoint: {ready: false}\n", false, 1),
        ] {
            let lab = parse("lab.yaml", &format!("{LAB}{line}")).unwrap();
            assert_eq!((lab.checkpoints.ready, lab.checkpoints.keep.get()), (ready, keep), "{line}");
        }
        for (line, message) in [
            ("checkpoint: on\n", "off"),
            ("checkpoint: {keep: 0}\n", "at least one is kept"),
            ("checkpoint: {often: true}\n", "unknown field `often`"),
        ] {
            let error = parse("lab.yaml", &format!("{LAB}{line}")).unwrap_err().to_string();
            assert!(error.contains(message), "{line}: {error}");
        }
    }
}
