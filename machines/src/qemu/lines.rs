//! Lines of JSON over a stream, as QEMU's monitor and its guest agent speak them: with a time limit for every wait and a
//! length limit for every line.

use std::io;
use std::time::Duration;

use camino::Utf8Path;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::{Instant, timeout_at};

use crate::patience::Patience;

/// The longest pause before a busy socket is tried again.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// How much of a line that is no JSON an error quotes, in characters.
const QUOTE_LIMIT: usize = 120;

/// A connection that carries lines of JSON.
#[derive(Debug)]
pub(crate) struct JsonLines<S = UnixStream> {
    stream: S,
    buffer: Vec<u8>,
    limit_bytes: usize,
}

/// Why a line could not be sent or received.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The stream could not be used.
    #[error("the connection failed")]
    Io(#[from] io::Error),
    /// The other side closed the connection, perhaps in the middle of a line.
    #[error("the connection was closed")]
    HungUp,
    /// Nothing came in time.
    #[error("there was no answer in time")]
    TimedOut,
    /// A line was longer than anything that is expected.
    #[error("a line is longer than {limit_bytes} bytes")]
    TooLong {
        /// The greatest length in bytes.
        limit_bytes: usize,
    },
    /// A line was no JSON.
    #[error("a line is not JSON: {line}")]
    Garbage {
        /// The beginning of the line.
        line: String,
    },
}

impl JsonLines {
    /// Connects to `socket` before `deadline`; no line may be longer than `limit_bytes`.
    ///
    /// QEMU's sockets serve one client and let one more wait. For all others connect(2) fails with EAGAIN.
    pub(crate) async fn connect(socket: &Utf8Path, deadline: Instant, limit_bytes: usize) -> Result<Self, LineError> {
        let mut patience = Patience::until(deadline, LONGEST_PAUSE);
        loop {
            match UnixStream::connect(socket).await {
                Ok(stream) => return Ok(Self::over(stream, limit_bytes)),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error.into()),
                Err(_) if patience.pause().await => {}
                Err(_) => return Err(LineError::TimedOut),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> JsonLines<S> {
    /// Speaks over `stream`; no line may be longer than `limit_bytes`.
    pub(crate) fn over(stream: S, limit_bytes: usize) -> Self {
        Self { stream, buffer: Vec::new(), limit_bytes }
    }

    /// Sends `prefix` and then `value` as one line.
    pub(crate) async fn send(&mut self, prefix: &[u8], value: &Value, deadline: Instant) -> Result<(), LineError> {
        let line = [prefix, value.to_string().as_bytes(), b"\n"].concat();
        match timeout_at(deadline, self.stream.write_all(&line)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(hung_up_or(error)),
            Err(_) => Err(LineError::TimedOut),
        }
    }

    /// Receives the next line. A wait that was given up loses nothing of a line that was half received.
    pub(crate) async fn receive(&mut self, deadline: Instant) -> Result<Value, LineError> {
        let line = self.take_until(b'\n', deadline).await?;
        serde_json::from_slice(&line).map_err(|_| LineError::Garbage {
            line: String::from_utf8_lossy(&line).trim_end().chars().take(QUOTE_LIMIT).collect(),
        })
    }

    /// Receives everything up to and with the byte `mark`.
    pub(crate) async fn take_until(&mut self, mark: u8, deadline: Instant) -> Result<Vec<u8>, LineError> {
        let mut searched = 0;
        loop {
            if let Some(offset) = self.buffer[searched..].iter().position(|byte| *byte == mark) {
                return Ok(self.buffer.drain(..=searched + offset).collect());
            }
            searched = self.buffer.len();
            if searched > self.limit_bytes {
                return Err(LineError::TooLong { limit_bytes: self.limit_bytes });
            }
            match timeout_at(deadline, self.stream.read_buf(&mut self.buffer)).await {
                Ok(Ok(0)) => return Err(LineError::HungUp),
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(hung_up_or(error)),
                Err(_) => return Err(LineError::TimedOut),
            }
        }
    }
}

fn hung_up_or(error: io::Error) -> LineError {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => LineError::HungUp,
        _ => LineError::Io(error),
    }
}
