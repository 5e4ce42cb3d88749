//! What `qemu-img --output=json` prints (QEMU, `qapi/block-core.json`: `ImageInfo`, `ImageCheck`, `BlockMeasureInfo`).
//! Unknown fields are ignored: later versions add some.

use serde::Deserialize;

/// One disk of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ImageInfo {
    /// The size of the disk as the guest sees it, in bytes.
    #[serde(rename = "virtual-size")]
    pub virtual_size_bytes: u64,
}

/// How large a disk would be in another format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Measurement {
    /// What the content needs, in bytes.
    #[serde(rename = "required")]
    pub required_bytes: u64,
    /// What it would need if every block were written, in bytes.
    #[serde(rename = "fully-allocated")]
    pub fully_allocated_bytes: u64,
}

/// What a check of a disk's structure found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Nothing is wrong.
    Clean,
    /// Space is wasted, no data is harmed.
    Leaks {
        /// How many clusters belong to nobody.
        clusters: u64,
    },
    /// Data is or will be harmed.
    Corrupt {
        /// How many entries are wrong.
        corruptions: u64,
    },
    /// The format has nothing that could be checked.
    NotSupported,
}

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    corruptions: u64,
    #[serde(default)]
    leaks: u64,
}

/// Reads the exit code (man page, COMMAND `check`) and the report. `None` where the check was not completed.
pub(super) fn check(code: i32, stdout: &[u8]) -> Result<Option<Check>, serde_json::Error> {
    let report = || serde_json::from_slice::<Report>(stdout);
    Ok(match code {
        0 => Some(Check::Clean),
        2 => Some(Check::Corrupt { corruptions: report()?.corruptions }),
        3 => Some(Check::Leaks { clusters: report()?.leaks }),
        63 => Some(Check::NotSupported),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `qemu-img info -U --output=json --backing-chain` of QEMU 10.0.2.
    const CHAIN: &str = include_str!("../../fixtures/qemu-img-info-chain.json");

    /// `qemu-img check --output=json` of QEMU 10.0.2 on an image whose first L2 entry was overwritten.
    const CORRUPT: &str = include_str!("../../fixtures/qemu-img-check-corrupt.json");

    #[test]
    fn a_chain_is_read() {
        let chain: Vec<ImageInfo> = serde_json::from_str(CHAIN).unwrap();
        assert_eq!(chain.iter().map(|disk| disk.virtual_size_bytes).collect::<Vec<_>>(), [2 << 30, 1 << 30]);
    }

    #[test]
    fn a_check_is_read_with_its_exit_code() {
        for (code, stdout, expected) in [
            (0, "{}", Some(Check::Clean)),
            (1, "", None),
            (2, CORRUPT, Some(Check::Corrupt { corruptions: 2 })),
            (3, r#"{"leaks": 7, "check-errors": 0}"#, Some(Check::Leaks { clusters: 7 })),
            (63, "", Some(Check::NotSupported)),
        ] {
            assert_eq!(check(code, stdout.as_bytes()).unwrap(), expected);
        }
        assert!(check(2, b"no JSON").is_err());
    }

    #[test]
    fn a_measurement_is_read() {
        let text = r#"{"bitmaps": 0, "required": 589824, "fully-allocated": 2148073472}"#;
        let measurement: Measurement = serde_json::from_str(text).unwrap();
        assert_eq!(measurement, Measurement { required_bytes: 589_824, fully_allocated_bytes: 2_148_073_472 });
    }
}
