//! The line to the agent of a guest: two named pipes, one for questions and one for answers (QEMU's chardev `pipe`).
//!
//! Not a socket: the guest is told when nobody is connected to one, and then an agent that still has something to answer
//! tries that again and again, with all of a processor (`ga_channel_write_all` in QEMU's qga/channel-posix.c; a write to
//! a port that nobody has opened on the host is EAGAIN). Whoever asked and was ended, or did not wait for the answer of a
//! slow guest, would leave it like that. QEMU has both pipes open for as long as it lives, so that an answer nobody
//! waits for is written, and thrown away by the next who asks.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{CWD, FileType, FlockOperation, Mode, OFlags, flock, mknodat};
use rustix::io::Errno;
use tokio::io::{Join, join};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::time::Instant;

use crate::patience::Patience;
use crate::qemu::lines::LineError;

/// The longest pause before a line that somebody else uses is tried again.
const LONGEST_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// An open line.
pub(super) type Line = Join<Receiver, Sender>;

/// What QEMU reads, and what it writes, of the chardev with this path (QEMU's chardev/char-pipe.c).
fn ends(path: &Utf8Path) -> [Utf8PathBuf; 2] {
    [format!("{path}.in").into(), format!("{path}.out").into()]
}

/// Makes the pipes, its owner's alone, unless they are there.
pub(in crate::qemu) fn make(path: &Utf8Path) -> io::Result<()> {
    for end in ends(path) {
        match mknodat(CWD, end.as_std_path(), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0) {
            Err(Errno::EXIST) if end.symlink_metadata()?.file_type().is_fifo() => {}
            result => result?,
        }
    }
    Ok(())
}

/// Opens the line before `deadline`; who has it waits for nobody else. What was asked or answered before is thrown away.
pub(super) async fn open(path: &Utf8Path, deadline: Instant) -> Result<Line, LineError> {
    let [questions, answers] = ends(path);
    // One that nobody reads could not be opened for writing alone; whether QEMU is there shows at the other end.
    let questions = pipe(OpenOptions::new().read(true).write(true), &questions)?;
    let mut patience = Patience::until(deadline, LONGEST_PAUSE);
    while let Err(errno) = flock(&questions, FlockOperation::NonBlockingLockExclusive) {
        if errno != Errno::WOULDBLOCK {
            return Err(io::Error::from(errno).into());
        }
        if !patience.pause().await {
            return Err(LineError::TimedOut);
        }
    }
    let answers = pipe(OpenOptions::new().read(true), &answers)?;
    drain(&questions)?;
    drain(&answers)?;
    Ok(join(Receiver::from_file(answers)?, Sender::from_file(questions)?))
}

fn pipe(options: &mut OpenOptions, path: &Utf8Path) -> io::Result<File> {
    options.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
}

/// Reads what is there, until there is nothing, or nobody who could write.
fn drain(mut pipe: &File) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        match pipe.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::unix::pipe::OpenOptions as PipeOptions;

    use super::*;

    /// The other side of the line at `path`, as QEMU has it.
    pub(crate) fn far_side(path: &Utf8Path) -> (Receiver, Sender) {
        make(path).unwrap();
        let [questions, answers] = ends(path);
        let mut both_ways = PipeOptions::new();
        both_ways.read_write(true);
        (both_ways.open_receiver(questions).unwrap(), both_ways.open_sender(answers).unwrap())
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(200)
    }

    #[tokio::test]
    async fn what_was_left_on_the_line_is_not_heard() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("agent");
        let (mut questions, mut answers) = far_side(&path);
        answers.write_all(b"an old answer").await.unwrap();
        open(&path, soon()).await.unwrap().write_all(b"an old question").await.unwrap();
        let mut line = open(&path, soon()).await.unwrap();
        line.write_all(b"new?").await.unwrap();
        answers.write_all(b"new!").await.unwrap();
        let mut heard = [0; 4];
        questions.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"new?");
        line.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"new!");
    }

    #[tokio::test]
    async fn there_is_one_client_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("agent");
        let _far_side = far_side(&path);
        let first = open(&path, soon()).await.unwrap();
        assert!(matches!(open(&path, soon()).await, Err(LineError::TimedOut)));
        drop(first);
        open(&path, soon()).await.unwrap();
    }

    #[tokio::test]
    async fn the_end_of_the_far_side_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("agent");
        let far_side = far_side(&path);
        let mut line = open(&path, soon()).await.unwrap();
        drop(far_side);
        assert_eq!(line.read(&mut [0; 1]).await.unwrap(), 0);
    }

    #[test]
    fn what_is_no_pipe_is_not_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("agent");
        std::fs::write(format!("{path}.in"), "").unwrap();
        assert_eq!(make(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
