//! A client of QEMU's monitor (QEMU's docs/interop/qmp-spec.rst).
//!
//! It knows a handful of commands and passes over everything else: events it has never heard of, members it does not
//! ask for, and replies to commands that were given up. So a newer QEMU cannot break it.

mod message;

#[cfg(test)]
mod tests;

use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::lines::{JsonLines, LineError};
use message::Message;
pub use message::Refusal;

/// The longest line that is read. The longest reply, that of `query-qmp-schema`, has 200 KB in QEMU 10.0.
const LINE_LIMIT_BYTES: usize = 4 << 20;

/// A connection to the monitor of one machine. The monitor serves one at a time, the others wait: keep none open.
#[derive(Debug)]
pub struct Qmp {
    socket: Utf8PathBuf,
    lines: JsonLines,
    limit: Duration,
    next_id: u64,
}

/// The monitor did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The conversation broke off.
    #[error("{command} on {socket}")]
    Line {
        /// The command that was being executed.
        command: String,
        /// The monitor's socket.
        socket: Utf8PathBuf,
        /// What happened.
        source: LineError,
    },
    /// The monitor refused the command.
    #[error("{command} was refused: {refusal}")]
    Refused {
        /// The command.
        command: String,
        /// The monitor's words.
        refusal: Refusal,
    },
    /// The monitor answered something else than was expected.
    #[error("{command} was answered with something unexpected: {problem}")]
    Answer {
        /// The command.
        command: String,
        /// What is wrong with the answer.
        problem: String,
    },
}

impl Error {
    /// Whether nobody listens on the monitor's socket, or there is none.
    pub(super) fn nobody_listens(&self) -> bool {
        let Self::Line { source: LineError::Io(error), .. } = self else { return false };
        matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
    }
}

/// The answer to `query-status`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Status {
    /// QEMU's `RunState`: `running`, `paused`, `io-error`, …
    pub status: String,
}

impl Qmp {
    /// Connects to the monitor at `socket` and ends its negotiation mode. `limit` is the time that this, and every
    /// command later, may take.
    ///
    /// # Errors
    /// [`Error::Line`] when nobody listens, or when another client is served for all that time.
    pub async fn connect(socket: &Utf8Path, limit: Duration) -> Result<Self, Error> {
        let failed = |source| Error::Line { command: "connecting".to_owned(), socket: socket.to_owned(), source };
        let deadline = Instant::now() + limit;
        let mut lines = JsonLines::connect(socket, deadline, LINE_LIMIT_BYTES).await.map_err(failed)?;
        loop {
            let line = lines.receive(deadline).await.map_err(failed)?;
            if line.get("QMP").is_some() {
                break;
            }
            // What happens between the connection and the greeting is told first.
            if line.get("event").is_none() {
                let problem = format!("no greeting but {line}");
                return Err(Error::Answer { command: "connecting".to_owned(), problem });
            }
        }
        let mut qmp = Self { socket: socket.to_owned(), lines, limit, next_id: 0 };
        qmp.execute::<Value>("qmp_capabilities", None).await?;
        Ok(qmp)
    }

    /// Executes a command and reads its answer as a `T`.
    ///
    /// # Errors
    /// [`Error::Refused`] with the monitor's words, [`Error::Answer`] when the answer is no `T`, [`Error::Line`] when
    /// there is none.
    pub async fn execute<T: DeserializeOwned>(&mut self, command: &str, arguments: Option<Value>) -> Result<T, Error> {
        let deadline = Instant::now() + self.limit;
        self.next_id += 1;
        let id = self.next_id;
        let mut request = json!({ "execute": command, "id": id });
        if let Some(arguments) = arguments {
            request["arguments"] = arguments;
        }
        self.lines.send(b"", &request, deadline).await.map_err(|source| self.broken(command, source))?;
        let answer = loop {
            let line = self.lines.receive(deadline).await.map_err(|source| self.broken(command, source))?;
            match Message::read(line) {
                Message::Answer { id: answered, answer } if answered == Some(id) => break answer,
                // The monitor could not even read the command, so it could not read its number.
                Message::Answer { id: None, answer: answer @ Err(_) } => break answer,
                Message::Answer { .. } | Message::Other => {}
            }
        };
        let value = answer.map_err(|refusal| Error::Refused { command: command.to_owned(), refusal })?;
        serde_json::from_value(value)
            .map_err(|error| Error::Answer { command: command.to_owned(), problem: error.to_string() })
    }

    /// What the machine does.
    ///
    /// # Errors
    /// As [`Qmp::execute`].
    pub async fn query_status(&mut self) -> Result<Status, Error> {
        self.execute("query-status", None).await
    }

    /// Presses the power button.
    ///
    /// # Errors
    /// As [`Qmp::execute`].
    pub async fn system_powerdown(&mut self) -> Result<(), Error> {
        self.execute::<Value>("system_powerdown", None).await.map(drop)
    }

    /// Has QEMU write its disks and end. That it hangs up before it answers is no error.
    ///
    /// # Errors
    /// As [`Qmp::execute`].
    pub async fn quit(&mut self) -> Result<(), Error> {
        match self.execute::<Value>("quit", None).await {
            Ok(_) | Err(Error::Line { source: LineError::HungUp, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes what the screen shows to `file`, an absolute path, as PNG (QEMU 7.1 or later).
    ///
    /// # Errors
    /// As [`Qmp::execute`].
    pub async fn screendump(&mut self, file: &Utf8Path) -> Result<(), Error> {
        let arguments = json!({ "filename": file, "format": "png" });
        self.execute::<Value>("screendump", Some(arguments)).await.map(drop)
    }

    /// Holds the processors.
    ///
    /// # Errors
    /// As [`Qmp::execute`].
    pub async fn stop(&mut self) -> Result<(), Error> {
        self.execute::<Value>("stop", None).await.map(drop)
    }

    /// Lets the processors go on.
    ///
    /// # Errors
    /// As [`Qmp::execute`].
    pub async fn cont(&mut self) -> Result<(), Error> {
        self.execute::<Value>("cont", None).await.map(drop)
    }

    /// Has the machine execute, whatever keeps it from that: one that is held goes on, and a guest that has suspended
    /// itself to its memory is woken. One that executes is left alone: if it is about to be halted for want of room, it
    /// would forget that, and what it waits for.
    ///
    /// # Errors
    /// As [`Qmp::execute`].
    pub async fn go_on(&mut self) -> Result<(), Error> {
        match self.query_status().await?.status.as_str() {
            "running" => Ok(()),
            "suspended" => self.execute::<Value>("system_wakeup", None).await.map(drop),
            _ => self.cont().await,
        }
    }

    fn broken(&self, command: &str, source: LineError) -> Error {
        Error::Line { command: command.to_owned(), socket: self.socket.clone(), source }
    }
}
