//! What a lab adds to its nodes' first boot.

use std::collections::BTreeMap;

use camino::{Utf8Component, Utf8PathBuf};
use data_encoding::BASE64;
use serde::Serialize;

use crate::{Error, yaml};

/// What a lab adds to the first boot of its nodes. cloud-init does it in this order: `bootcmd`, `files`, `packages`,
/// `runcmd`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extra {
    /// Shell lines that run early at every boot.
    pub bootcmd: Vec<String>,
    /// Files that are written once, before users are made: they belong to root.
    pub files: Vec<File>,
    /// Packages that are installed from the network.
    pub packages: Vec<String>,
    /// Shell lines that run once, at the end.
    pub runcmd: Vec<String>,
    /// Other keys of cloud-config, as they are. Those Kiln writes itself are refused.
    pub cloud_config: BTreeMap<String, serde_json::Value>,
}

/// A file of the lab on its nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it goes; absolute.
    pub path: Utf8PathBuf,
    /// What is in it.
    pub content: String,
    /// Its permissions, such as `0o644`.
    pub mode: u32,
}

/// An entry of cloud-config's `write_files`.
#[derive(Serialize)]
pub(super) struct WriteFile {
    path: Utf8PathBuf,
    /// Octal digits. A bare number would be one in YAML 1.1, too, but is refused by the schema of 25.x.
    permissions: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    content: String,
}

impl WriteFile {
    pub(super) fn new(file: &File) -> Result<Self, Error> {
        let File { path, content, mode } = file;
        let climbs = path.components().any(|part| part == Utf8Component::ParentDir);
        if !path.is_absolute() || climbs || path.file_name().is_none() || path.as_str().chars().any(char::is_control) {
            return Err(Error::FilePath(path.clone()));
        }
        if *mode > 0o7777 {
            return Err(Error::FileMode { path: path.clone(), mode: *mode });
        }
        let (encoding, content) = match yaml::can_hold(content) {
            true => (None, content.clone()),
            false => (Some("b64"), BASE64.encode(content.as_bytes())),
        };
        Ok(Self { path: path.clone(), permissions: format!("{mode:04o}"), encoding, content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str, mode: u32) -> File {
        File { path: path.into(), content: content.to_owned(), mode }
    }

    #[test]
    fn permissions_have_four_digits() {
        for (mode, text) in [(0o644, "0644"), (0, "0000"), (0o4755, "4755")] {
            assert_eq!(WriteFile::new(&file("/a", "", mode)).unwrap().permissions, text);
        }
        assert!(matches!(WriteFile::new(&file("/a", "", 0o10000)), Err(Error::FileMode { .. })));
    }

    #[test]
    fn a_path_must_lead_to_a_file() {
        for path in ["", "etc/motd", "/", "/etc/../motd", "/etc/mo\ntd"] {
            assert!(matches!(WriteFile::new(&file(path, "", 0o644)), Err(Error::FilePath(_))), "{path:?}");
        }
    }

    #[test]
    fn what_old_readers_refuse_is_encoded() {
        let plain = WriteFile::new(&file("/a", "é\n", 0o644)).unwrap();
        assert_eq!((plain.encoding, plain.content.as_str()), (None, "é\n"));
        let smile = WriteFile::new(&file("/a", "\u{1f600}", 0o644)).unwrap();
        assert_eq!((smile.encoding, smile.content.as_str()), (Some("b64"), "8J+YgA=="));
    }
}
