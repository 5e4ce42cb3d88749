//! Sizes with a unit. Only the binary units are taken: tools disagree about the others (`20G` is 20 GiB to qemu-img and
//! 20·10⁹ bytes to others).

use std::borrow::Cow;
use std::fmt;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The units that are taken, largest first, in bytes.
const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// The largest size: QEMU counts bytes in a signed 64-bit integer (`int64_t`, block layer).
const MAX_BYTES: u64 = i64::MAX as u64;

/// A text is no size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a size: {why}")]
pub struct InvalidSize {
    text: String,
    why: Cow<'static, str>,
}

/// The size of a disk: a whole number of GiB, MiB or KiB, more than zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DiskSize(u64);

/// An amount of memory: a whole number of MiB, more than zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MemorySize(u64);

impl DiskSize {
    /// The size in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The smallest size that holds `bytes`, which are rounded up to a whole KiB.
    ///
    /// # Errors
    /// [`InvalidSize`] for zero and for more than QEMU can count.
    pub fn holding(bytes: u64) -> Result<Self, InvalidSize> {
        let rounded = bytes.checked_next_multiple_of(1 << 10);
        rounded
            .and_then(|bytes| in_range(bytes).ok())
            .map(Self)
            .ok_or_else(|| InvalidSize { text: bytes.to_string(), why: "it is out of range".into() })
    }
}

impl MemorySize {
    /// The amount in MiB.
    pub const fn mib(self) -> u64 {
        self.0 >> 20
    }

    /// The amount in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for DiskSize {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, InvalidSize> {
        parse(text).map(Self).map_err(|why| InvalidSize { text: text.to_owned(), why })
    }
}

impl FromStr for MemorySize {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, InvalidSize> {
        let bytes = parse(text).map_err(|why| InvalidSize { text: text.to_owned(), why })?;
        if bytes.is_multiple_of(1 << 20) {
            Ok(Self(bytes))
        } else {
            Err(InvalidSize { text: text.to_owned(), why: "memory is counted in whole MiB".into() })
        }
    }
}

fn parse(text: &str) -> Result<u64, Cow<'static, str>> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err("write a whole number and a unit, such as 20GiB".into());
    }
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(if unit.starts_with(['.', ',']) { whole(text) } else { hint(number, unit) });
    };
    let number = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*factor));
    in_range(number.ok_or("it is too large")?)
}

fn in_range(bytes: u64) -> Result<u64, Cow<'static, str>> {
    match bytes {
        0 => Err("it is zero".into()),
        1..=MAX_BYTES => Ok(bytes),
        _ => Err("it is too large".into()),
    }
}

/// A number with a fraction is written in a smaller unit.
fn whole(text: &str) -> Cow<'static, str> {
    let meant = UNITS.windows(2).find_map(|units| {
        let number: f64 = text.strip_suffix(units[0].0)?.parse().ok()?;
        let smaller = number * 1024.0;
        (smaller.fract() == 0.0).then(|| format!("the number must be whole; write {smaller}{}", units[1].0))
    });
    meant.map_or(Cow::Borrowed("the number must be whole, such as 1536MiB"), Cow::Owned)
}

fn hint(number: &str, unit: &str) -> Cow<'static, str> {
    let meant = match unit.trim().chars().next().map(|c| c.to_ascii_lowercase()) {
        Some('g') => "GiB",
        Some('m') => "MiB",
        Some('k') => "KiB",
        _ => return "its unit must be GiB, MiB or KiB".into(),
    };
    format!("the units are GiB, MiB and KiB; write {number}{meant}").into()
}

fn show(bytes: u64) -> String {
    let unit = UNITS.iter().find(|(_, factor)| bytes.is_multiple_of(*factor));
    // Both types hold whole KiB, so that the smallest unit always divides them.
    unit.map_or_else(|| format!("{bytes}B"), |(name, factor)| format!("{}{name}", bytes / factor))
}

/// What a file takes on the disk, in bytes: less than its length where it has holes.
pub fn on_disk(file: &Metadata) -> u64 {
    // In units of 512 bytes, whatever the file system's are (stat(2), st_blocks).
    file.blocks() * 512
}

/// A number of bytes for people, rounded: `1.4 GiB`, `196 KiB`, `12 bytes`.
pub fn human(bytes: u64) -> String {
    match UNITS.iter().find(|(_, factor)| bytes >= *factor) {
        None => format!("{bytes} bytes"),
        Some((name, factor)) if bytes >= factor * 100 => format!("{} {name}", bytes / factor),
        Some((name, factor)) => {
            let tenths = u128::from(bytes) * 10 / u128::from(*factor);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
    }
}

macro_rules! as_text {
    ($type:ident, $pattern:literal, $description:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&show(self.0))
            }
        }

        impl TryFrom<String> for $type {
            type Error = InvalidSize;

            fn try_from(text: String) -> Result<Self, InvalidSize> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(size: $type) -> Self {
                size.to_string()
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $description, "pattern": $pattern })
            }
        }
    };
}

as_text!(DiskSize, "^0*[1-9][0-9]*(GiB|MiB|KiB)$", "The size of a disk, such as 20GiB.");
as_text!(MemorySize, "^0*[1-9][0-9]*(GiB|MiB|KiB)$", "An amount of memory, such as 2GiB; whole MiB.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_shown_in_their_largest_unit() {
        for (text, bytes, shown) in [
            ("20GiB", 20 << 30, "20GiB"),
            ("1024MiB", 1 << 30, "1GiB"),
            ("1536MiB", 1536 << 20, "1536MiB"),
            ("64KiB", 64 << 10, "64KiB"),
        ] {
            let size: DiskSize = text.parse().unwrap();
            assert_eq!((size.bytes(), size.to_string().as_str()), (bytes, shown));
        }
    }

    #[test]
    fn other_units_are_refused_with_a_hint() {
        for (text, why) in [
            ("20G", "write 20GiB"),
            ("20GB", "write 20GiB"),
            ("512m", "write 512MiB"),
            ("20 GiB", "write 20GiB"),
            ("20", "GiB, MiB or KiB"),
            ("", "whole number"),
            ("-1GiB", "whole number"),
            ("1.5GiB", "the number must be whole; write 1536MiB"),
            ("0.3GiB", "the number must be whole, such as"),
            ("1,5GiB", "the number must be whole, such as"),
            ("0GiB", "zero"),
            ("99999999999999999999GiB", "too large"),
            ("9223372036854775807GiB", "too large"),
        ] {
            let error = text.parse::<DiskSize>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn memory_is_whole_mib() {
        assert_eq!("2GiB".parse::<MemorySize>().unwrap().mib(), 2048);
        assert!("100KiB".parse::<MemorySize>().unwrap_err().to_string().contains("whole MiB"));
    }

    #[test]
    fn holding_rounds_up() {
        assert_eq!(DiskSize::holding(1025).unwrap().bytes(), 2048);
        assert!(DiskSize::holding(0).is_err());
        assert!(DiskSize::holding(u64::MAX).is_err());
    }

    #[test]
    fn human_sizes() {
        for (bytes, text) in [(12, "12 bytes"), (200_704, "196 KiB"), (1 << 30, "1.0 GiB"), (1_503_238_553, "1.3 GiB")]
        {
            assert_eq!(human(bytes), text);
        }
    }
}
