//! What a script in the guest says, as it is looked at again and again.

use std::fs::{File, OpenOptions};
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::At;

use super::BootError;

/// How much of what a script says is kept, in bytes.
const KEPT_BYTES: usize = 64 << 10;
/// How much of it an error quotes, in lines.
const QUOTED_LINES: usize = 20;

/// How a script is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ScriptState {
    Runs,
    Ended(i32),
    /// It has ended without a status.
    Gone,
}

impl ScriptState {
    /// What the first line of a look says; it runs where there is none, because the guest had no time for it.
    fn read(line: &str) -> Self {
        match line.split_once(' ') {
            Some(("ended", status)) => Self::Ended(status.trim().parse().unwrap_or(-1)),
            _ if line == "gone" => Self::Gone,
            _ => Self::Runs,
        }
    }
}

/// What a script has said so far.
pub(super) struct Said {
    log: File,
    path: Utf8PathBuf,
    /// How much that was.
    pub(super) bytes: usize,
    kept: Vec<u8>,
}

impl Said {
    pub(super) fn new(log: &Utf8Path) -> Result<Self, BootError> {
        let file = OpenOptions::new().create(true).append(true).open(log).at("opening", log)?;
        Ok(Self { log: file, path: log.to_owned(), bytes: 0, kept: Vec::new() })
    }

    /// Takes what a look has found, and says whether there may be more of it now.
    pub(super) fn take(&mut self, found: &[u8]) -> Result<(ScriptState, bool), BootError> {
        let end = found.iter().position(|byte| *byte == b'\n').unwrap_or(found.len());
        let news = found.get(end + 1..).unwrap_or_default();
        self.log.write_all(news).at("writing", &self.path)?;
        self.bytes += news.len();
        self.kept.extend_from_slice(news);
        self.kept.drain(..self.kept.len().saturating_sub(KEPT_BYTES));
        Ok((ScriptState::read(&String::from_utf8_lossy(&found[..end])), news.len() >= KEPT_BYTES))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept).into_owned()
    }

    /// The last lines.
    pub(super) fn end(&self) -> String {
        let text = self.text();
        let lines: Vec<_> = text.trim_end().lines().collect();
        lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_look_finds_is_taken_apart() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let path = Utf8Path::from_path(log.path()).unwrap();
        let mut said = Said::new(path).unwrap();
        for (found, state, more) in [
            (b"".to_vec(), ScriptState::Runs, false),
            (b"runs\none\n".to_vec(), ScriptState::Runs, false),
            ([b"ended 7\n".to_vec(), vec![b'x'; KEPT_BYTES]].concat(), ScriptState::Ended(7), true),
            (b"ended 7\n\ntwo\n".to_vec(), ScriptState::Ended(7), false),
            (b"gone\n".to_vec(), ScriptState::Gone, false),
        ] {
            assert_eq!(said.take(&found).unwrap(), (state, more));
        }
        assert_eq!(said.bytes, 4 + KEPT_BYTES + 5);
        assert_eq!(said.text().len(), KEPT_BYTES);
        assert!(said.end().ends_with("x\ntwo"));
        assert_eq!(std::fs::metadata(path).unwrap().len(), said.bytes as u64);
    }
}
