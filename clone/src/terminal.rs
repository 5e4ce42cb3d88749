//! The user's terminal, byte by byte: no line editing, no echo, no signals.

use std::io;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

/// The controlling terminal in raw mode (termios(3), `cfmakeraw`); the mode it had comes back when this is dropped.
#[derive(Debug)]
pub struct RawTerminal {
    file: File,
    before: Termios,
}

impl RawTerminal {
    /// Opens the terminal.
    ///
    /// # Errors
    /// Where there is none.
    pub fn open() -> io::Result<Self> {
        let file = std::fs::File::open("/dev/tty")?;
        let before = tcgetattr(&file)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(&file, OptionalActions::Flush, &raw)?;
        Ok(Self { file: File::from_std(file), before })
    }

    /// Waits for what is typed. It is read on a thread of its own: making a terminal non-blocking would do so for the
    /// shell, too. Dropping the wait loses nothing.
    ///
    /// # Errors
    /// Those of the terminal.
    pub async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer).await
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        // A terminal that has gone needs no mode.
        tcsetattr(&self.file, OptionalActions::Flush, &self.before).ok();
    }
}
