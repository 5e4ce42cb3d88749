//! Watching a machine while it is waited for: a guest that cannot come up any more is not waited for until the end.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::time::Duration;

use camino::Utf8Path;
use kiln_machines::State;
use tokio::time::sleep;

use super::{Node, Problem};

/// How often the machine is looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// What a guest writes to its console when it gives up: the kernel (kernel/panic.c), systemd's emergency.service,
/// dracut, Debian's initramfs-tools, and GRUB.
const LAST_WORDS: [&str; 7] = [
    "Kernel panic - not syncing",
    "You are in emergency mode",
    "Entering emergency mode",
    "Give root password for maintenance",
    "ALERT!  UUID=",
    "(initramfs)",
    "grub rescue>",
];

/// How much of the console is looked at in one go, in bytes.
const WINDOW: u64 = 64 << 10;

/// Returns when the machine has ended, is held by the hypervisor, or its guest has given up.
pub async fn trouble(node: &Node<'_>) -> Problem {
    let path = node.site.hypervisor.console_log(&node.machine);
    let mut console = Scan { offset: node.state.boot.as_ref().map_or(0, |boot| boot.console_offset), rest: Vec::new() };
    loop {
        match node.site.hypervisor.state(&node.machine).await {
            Ok(State::Stopped) => return Problem::Ended,
            Ok(State::Halted(word)) => return Problem::Halted { word },
            Ok(State::Running | State::Paused) => {}
            // A monitor that is slow to answer is no trouble with the guest.
            Err(error) => tracing::debug!(node = %node.name, %error, "the machine cannot be looked at"),
        }
        match console.next(&path) {
            Ok(Some(words)) => return Problem::GaveUp(words),
            Ok(None) => {}
            Err(error) => tracing::debug!(node = %node.name, %error, "its console cannot be read"),
        }
        sleep(INTERVAL).await;
    }
}

/// Reads a console as it grows.
struct Scan {
    offset: u64,
    /// The end of what was read, which may be the beginning of a word.
    rest: Vec<u8>,
}

impl Scan {
    /// Reads what is new, and returns the line with the guest's last words if they are in it.
    fn next(&mut self, path: &Utf8Path) -> io::Result<Option<String>> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(self.offset))?;
        let count = file.take(WINDOW).read_to_end(&mut self.rest)?;
        self.offset += count as u64;
        let text = String::from_utf8_lossy(&self.rest);
        let found = text.lines().find(|line| LAST_WORDS.iter().any(|words| line.contains(words)));
        let found = found.map(|line| line.trim().to_owned());
        let begin = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.rest.drain(..begin);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn last_words_are_found_even_in_pieces_and_only_after_the_offset() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let path = Utf8Path::from_path(file.path()).unwrap().to_owned();
        file.write_all(b"Kernel panic - not syncing: an earlier boot\n").unwrap();
        let mut scan = Scan { offset: file.as_file().metadata().unwrap().len(), rest: Vec::new() };
        for (piece, expected) in [
            (&b"Booting Linux\r\n[ 1.0] Kernel pa"[..], None),
            (b"nic - not syncing: VFS\r\n", Some("[ 1.0] Kernel panic - not syncing: VFS")),
        ] {
            file.write_all(piece).unwrap();
            assert_eq!(scan.next(&path).unwrap().as_deref(), expected);
        }
        assert_eq!(Scan { offset: 0, rest: Vec::new() }.next(Utf8Path::new("/no/such/file")).unwrap(), None);
    }
}
