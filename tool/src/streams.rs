//! What a program writes, on its way to the log, the error and the caller.

use std::io::{self, PipeReader};
use std::os::fd::OwnedFd;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::Command;

/// Takes bytes as they come.
pub(crate) type Sink<'a> = &'a mut dyn FnMut(&[u8]);

/// What becomes of a program's standard output.
pub(crate) enum Output<'a> {
    /// It has a pipe of its own, which the callback is fed from.
    Apart(Sink<'a>),
    /// It shares one pipe with standard error, so that the order of what was said is kept; the callback gets both.
    Merged(Sink<'a>),
}

/// The reading ends of what a program writes.
pub(crate) struct Pipes {
    pub(crate) stdout: Option<Receiver>,
    pub(crate) stderr: Receiver,
}

impl Pipes {
    /// Makes the pipes that `output` needs and gives their writing ends to `command`.
    pub(crate) fn connect(command: &mut Command, output: &Output<'_>) -> io::Result<Self> {
        let (stderr, stderr_end) = io::pipe()?;
        let stdout = match output {
            Output::Apart(_) => {
                let (stdout, stdout_end) = io::pipe()?;
                command.stdout(stdout_end);
                Some(receiver(stdout)?)
            }
            Output::Merged(_) => {
                command.stdout(stderr_end.try_clone()?);
                None
            }
        };
        command.stderr(stderr_end);
        Ok(Self { stdout, stderr: receiver(stderr)? })
    }
}

/// Cuts bytes into lines for [`Invocation::stream`].
pub(crate) struct Lines<F> {
    pub(crate) pending: Vec<u8>,
    pub(crate) on_line: F,
}

impl<F: FnMut(&str)> Lines<F> {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.pending.drain(..=end).collect();
            (self.on_line)(String::from_utf8_lossy(&line).trim_end());
        }
    }

    pub(crate) fn finish(mut self) {
        if !self.pending.is_empty() {
            (self.on_line)(String::from_utf8_lossy(&self.pending).trim_end());
        }
    }
}

fn receiver(pipe: PipeReader) -> io::Result<Receiver> {
    Receiver::from_owned_fd(OwnedFd::from(pipe))
}

pub(crate) async fn pump(mut pipe: Receiver, mut sink: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = pipe.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        sink(&buffer[..count])?;
    }
}
