//! A client of the agent of QEMU in the guest, qemu-ga (QEMU's docs/interop/qemu-ga-ref and qga/qapi-schema.json).
//!
//! The agent numbers nothing, and what an earlier client left unread is still in the pipe ([`line`]): so every connection
//! begins with `guest-sync-delimited`, and everything before its answer is thrown away. There is one client at a time; a
//! connection lives for one question.

mod answer;
pub(super) mod line;

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use camino::{Utf8Path, Utf8PathBuf};
use data_encoding::BASE64;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::patience::Patience;
use crate::qemu::lines::{JsonLines, LineError};
use crate::qemu::qmp::Refusal;
use crate::{GuestCommand, GuestOutput};
use answer::{ExecStatus, Started};
use line::Line;

/// The byte before the answer to `guest-sync-delimited`. Sent before the question, it makes the agent forget a question
/// that was left half sent.
const SENTINEL: u8 = 0xff;

/// The longest line that is read: two streams of 16 MiB (`GUEST_EXEC_MAX_OUTPUT` in qga/commands.c) in base64.
const LINE_LIMIT_BYTES: usize = 48 << 20;

/// The longest pause between two looks at a running command: a look costs the guest time.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// A connection to the agent of one machine.
#[derive(Debug)]
pub struct Agent {
    path: Utf8PathBuf,
    lines: JsonLines<Line>,
    limit: Duration,
}

/// The agent did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The agent is not there (yet).
    #[error(
        "the guest agent does not answer on {path}\n  it has not started yet, or qemu-guest-agent is not installed, or another program talks to it"
    )]
    Absent {
        /// The line to the agent.
        path: Utf8PathBuf,
        /// What happened.
        source: LineError,
    },
    /// The conversation broke off.
    #[error("{command} on {path}")]
    Line {
        /// The command that was being executed.
        command: &'static str,
        /// The line to the agent.
        path: Utf8PathBuf,
        /// What happened.
        source: LineError,
    },
    /// The agent refused the command.
    #[error("{command} was refused: {refusal}")]
    Refused {
        /// The command.
        command: &'static str,
        /// The agent's words.
        refusal: Refusal,
    },
    /// The agent answered something else than was expected.
    #[error("{command} was answered with something unexpected: {problem}")]
    Answer {
        /// The command.
        command: &'static str,
        /// What is wrong with the answer.
        problem: String,
    },
    /// A command was still running at its time limit. It goes on running.
    #[error("{program} (process {pid} in the guest) did not end within {seconds} s and still runs")]
    StillRunning {
        /// The program.
        program: String,
        /// Its process id in the guest.
        pid: i64,
        /// The time limit in seconds.
        seconds: u64,
    },
}

impl Agent {
    /// Connects to the agent over the line at `path` and synchronises with it. `limit` is the time that this, and every command
    /// later, may take.
    ///
    /// # Errors
    /// [`Error::Absent`] when no agent answers in that time.
    pub async fn connect(path: &Utf8Path, limit: Duration) -> Result<Self, Error> {
        let deadline = Instant::now() + limit;
        let absent = |source| Error::Absent { path: path.to_owned(), source };
        let line = line::open(path, deadline).await.map_err(absent)?;
        let mut agent = Self { path: path.to_owned(), lines: JsonLines::over(line, LINE_LIMIT_BYTES), limit };
        agent.synchronise(deadline).await.map_err(absent)?;
        Ok(agent)
    }

    async fn synchronise(&mut self, deadline: Instant) -> Result<(), LineError> {
        // The agent reads the number as a signed 64-bit integer and JSON numbers of 53 bits survive everywhere.
        let id = uuid::Uuid::new_v4().as_u64_pair().0 >> 11;
        let request = json!({ "execute": "guest-sync-delimited", "arguments": { "id": id } });
        self.lines.send(&[SENTINEL], &request, deadline).await?;
        loop {
            self.lines.take_until(SENTINEL, deadline).await?;
            // An answer to somebody else's question may have come first.
            if self.lines.receive(deadline).await?["return"] == json!(id) {
                return Ok(());
            }
        }
    }

    /// Asks the agent for a sign of life.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn ping(&mut self) -> Result<(), Error> {
        self.execute::<Value>("guest-ping", json!({})).await.map(drop)
    }

    /// Has the guest shut down and power off. Only a refusal is answered: it is listened for until the machine has ended,
    /// which closes the connection, and until `deadline` at most.
    ///
    /// # Errors
    /// When it could not be asked, or refused.
    pub async fn shutdown(&mut self, deadline: Instant) -> Result<(), Error> {
        let command = "guest-shutdown";
        let request = json!({ "execute": command, "arguments": { "mode": "powerdown" } });
        let sent = self.lines.send(b"", &request, deadline.min(Instant::now() + self.limit)).await;
        sent.map_err(|source| self.broken(command, source))?;
        match self.lines.receive(deadline).await {
            Err(LineError::HungUp | LineError::TimedOut) => Ok(()),
            Err(source) => Err(self.broken(command, source)),
            Ok(answer) => match answer.get("error") {
                None => Ok(()),
                Some(error) => Err(Error::Refused { command, refusal: Refusal::read(error) }),
            },
        }
    }

    /// Sets the guest's clock to the host's.
    ///
    /// # Errors
    /// When the agent could not.
    pub async fn set_clock(&mut self) -> Result<(), Error> {
        let command = "guest-set-time";
        let problem = |problem: &str| Error::Answer { command, problem: problem.to_owned() };
        let now =
            SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| problem("the host's clock is before 1970"))?;
        let nanoseconds = i64::try_from(now.as_nanos()).map_err(|_| problem("the host's clock is after 2262"))?;
        self.execute::<Value>(command, json!({ "time": nanoseconds })).await.map(drop)
    }

    /// Runs a command in the guest and waits for its end.
    ///
    /// # Errors
    /// When the agent could not start it, or when it did not end in time.
    pub async fn run(&mut self, command: &GuestCommand) -> Result<GuestOutput, Error> {
        let mut arguments = json!({ "path": command.program, "arg": command.arguments, "capture-output": true });
        if !command.stdin.is_empty() {
            arguments["input-data"] = BASE64.encode(&command.stdin).into();
        }
        let mut patience = Patience::until(Instant::now() + command.limit, LONGEST_PAUSE);
        let Started { pid } = self.execute("guest-exec", arguments).await?;
        loop {
            let status: ExecStatus = self.execute("guest-exec-status", json!({ "pid": pid })).await?;
            if status.exited {
                return status.output();
            }
            if !patience.pause().await {
                let seconds = command.limit.as_secs();
                return Err(Error::StillRunning { program: command.program.clone(), pid, seconds });
            }
        }
    }

    async fn execute<T: DeserializeOwned>(&mut self, command: &'static str, arguments: Value) -> Result<T, Error> {
        let deadline = Instant::now() + self.limit;
        let request = json!({ "execute": command, "arguments": arguments });
        self.lines.send(b"", &request, deadline).await.map_err(|source| self.broken(command, source))?;
        let mut answer = self.lines.receive(deadline).await.map_err(|source| self.broken(command, source))?;
        if let Some(error) = answer.get("error") {
            return Err(Error::Refused { command, refusal: Refusal::read(error) });
        }
        serde_json::from_value(answer["return"].take())
            .map_err(|error| Error::Answer { command, problem: error.to_string() })
    }

    fn broken(&self, command: &'static str, source: LineError) -> Error {
        Error::Line { command, path: self.path.clone(), source }
    }
}
