//! What QEMU itself had to say: the file in the node's folder, read from where something began.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;

use camino::Utf8Path;

use crate::console_log::{QUOTED_LINES, tail};

/// How much of QEMU's words an error quotes, in bytes.
const QUOTE_LIMIT_BYTES: u64 = 4096;

/// How far back the last lines of a QEMU that has ended are looked for, in bytes: behind the command that it was started by.
const WINDOW_BYTES: u64 = 64 << 10;

/// What the line of a command begins with, as in the logs of all other programs that are run.
const COMMAND: &str = "$ ";

/// What QEMU is asked to write down: that a machine is going to be shut down, and why. A pattern, for a QEMU that was built
/// without it says nothing of a pattern that fits nothing.
pub(super) const TRACED: &str = "qemu_system_shutdown_reques*";

/// How that line ends. The number is a `ShutdownCause` of QEMU's qapi/run-state.json.
const CAUSES: [(&str, &str); 3] = [
    ("qemu_system_shutdown_request reason=2", "it was told to end through its monitor"),
    ("qemu_system_shutdown_request reason=6", "the guest has switched it off"),
    ("qemu_system_shutdown_request reason=8", "the guest has panicked"),
];

/// The file with what QEMU said, and where in it that begins which is of interest.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    begin: u64,
}

impl Log {
    /// Opens the log; what it has now is not of interest.
    pub(super) fn open(path: &Utf8Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path)?;
        let begin = file.metadata()?.len();
        Ok(Self { file, begin })
    }

    /// Takes the log for a QEMU that is going to be started, and says whether nobody else had it. The lock is of the open
    /// file description (flock(2)): the QEMU that inherits it has it from fork(2) on, before it can lock its pid file, and
    /// until it ends.
    pub(super) fn take(&self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether a QEMU, or a program that is about to start one, has the log at `path`.
    pub(super) fn is_taken(path: &Utf8Path) -> io::Result<bool> {
        match File::open(path).and_then(|file| Ok(file.try_lock_shared()?)) {
            Ok(()) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Writes down the command by which a QEMU is going to be started; only what comes behind it is of interest.
    pub(super) fn begin(&mut self, command: &str) -> io::Result<()> {
        self.file.write_all(format!("{COMMAND}{command}\n").as_bytes())?;
        self.begin = self.file.metadata()?.len();
        Ok(())
    }

    /// The last lines that the last QEMU said which was started.
    pub(super) fn last_words(path: &Utf8Path) -> io::Result<Vec<String>> {
        let text = tail(&mut File::open(path)?, 0, WINDOW_BYTES)?;
        let last: Vec<_> =
            text.lines().rev().take_while(|line| !line.starts_with(COMMAND)).take(QUOTED_LINES).collect();
        Ok(last.into_iter().rev().map(|line| in_words(line).to_owned()).collect())
    }

    /// The file, for QEMU to write to.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// The last words since it was opened.
    pub(super) fn said(mut self) -> io::Result<String> {
        Ok(tail(&mut self.file, self.begin, QUOTE_LIMIT_BYTES)?.trim().to_owned())
    }
}

/// The line, or what it means if it is one of those that were asked for.
fn in_words(line: &str) -> &str {
    CAUSES.iter().find(|(end, _)| line.ends_with(end)).map_or(line, |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_last_qemu_said_is_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("qemu.log");
        let mut log = Log::open(&path).unwrap();
        for (command, said, expected) in [
            (
                "qemu -name a",
                "terminating on signal 15 from pid 7 (kill)\n",
                &["terminating on signal 15 from pid 7 (kill)"][..],
            ),
            ("qemu -name b", "", &[]),
            (
                "qemu -name b",
                "24933@1796011409.701958:qemu_system_shutdown_request reason=6\n",
                &["the guest has switched it off"],
            ),
            ("qemu -name c", "a warning\nan assertion\n", &["a warning", "an assertion"]),
        ] {
            log.begin(command).unwrap();
            log.file().write_all(said.as_bytes()).unwrap();
            assert_eq!(Log::last_words(&path).unwrap(), expected, "{command}");
        }
        assert_eq!(log.said().unwrap(), "a warning\nan assertion");
    }
}
