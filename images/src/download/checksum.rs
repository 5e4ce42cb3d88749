//! Checksums as publishers give them: SHA-256 or SHA-512.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::str::FromStr;

use camino::Utf8Path;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha512};

use crate::digest::Digest;
use crate::{At, FileError};

/// A checksum of a file. Written `sha256:` or `sha512:` and hexadecimal digits; the prefix may be missing, as the number
/// of digits tells them apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Checksum {
    /// SHA-256.
    Sha256(Digest),
    /// SHA-512, for publishers who give no other.
    Sha512(Box<[u8; 64]>),
}

/// A text is no checksum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a checksum: it must be sha256: and 64, or sha512: and 128 hexadecimal digits")]
pub struct InvalidChecksum(String);

impl Checksum {
    /// All digits, without a prefix.
    pub fn hex(&self) -> String {
        match self {
            Self::Sha256(digest) => digest.hex(),
            Self::Sha512(bytes) => HEXLOWER.encode(&bytes[..]),
        }
    }

    /// The checksum of a file, by the same algorithm as this one. Blocks.
    pub(super) fn same_kind_of_file(&self, path: &Utf8Path) -> Result<Self, FileError> {
        match self {
            Self::Sha256(_) => Digest::of_file(path).map(Self::Sha256),
            Self::Sha512(_) => File::open(path).and_then(sha512).at("reading", path).map(Self::Sha512),
        }
    }
}

fn sha512(mut file: File) -> io::Result<Box<[u8; 64]>> {
    let mut hasher = Sha512::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Box::new(hasher.finalize().into())),
            count => hasher.update(&buffer[..count]),
        }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self {
            Self::Sha256(_) => "sha256",
            Self::Sha512(_) => "sha512",
        };
        write!(f, "{prefix}:{}", self.hex())
    }
}

impl FromStr for Checksum {
    type Err = InvalidChecksum;

    fn from_str(text: &str) -> Result<Self, InvalidChecksum> {
        if let Ok(digest) = text.parse() {
            return Ok(Self::Sha256(digest));
        }
        let digits = text.strip_prefix("sha512:").unwrap_or(text);
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        bytes.map(|bytes| Self::Sha512(Box::new(bytes))).ok_or_else(|| InvalidChecksum(text.to_owned()))
    }
}

impl TryFrom<String> for Checksum {
    type Error = InvalidChecksum;

    fn try_from(text: String) -> Result<Self, InvalidChecksum> {
        text.parse()
    }
}

impl From<Checksum> for String {
    fn from(checksum: Checksum) -> Self {
        checksum.to_string()
    }
}

impl JsonSchema for Checksum {
    fn schema_name() -> Cow<'static, str> {
        "Checksum".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "`sha256:` and 64, or `sha512:` and 128 hexadecimal digits.",
            "pattern": "^((sha256:)?[0-9a-fA-F]{64}|(sha512:)?[0-9a-fA-F]{128})$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4's example, the SHA-512 digest of "abc".
    const ABC_512: &str = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                           2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

    #[test]
    fn both_kinds_are_computed_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("abc");
        std::fs::write(&path, "abc").unwrap();
        for text in [format!("sha512:{ABC_512}"), Digest::of_bytes(b"abc").to_string()] {
            let checksum: Checksum = text.parse().unwrap();
            assert_eq!(checksum.to_string(), text);
            assert_eq!(checksum.same_kind_of_file(&path).unwrap(), checksum);
            assert_eq!(checksum.hex().parse::<Checksum>().unwrap(), checksum);
        }
        for text in ["", "sha512:", "md5:900150983cd24fb0d6963f7d28e17f72", &format!("sha256:{ABC_512}")] {
            assert!(text.parse::<Checksum>().is_err(), "{text}");
        }
    }
}
