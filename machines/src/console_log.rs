//! What a guest wrote to its serial console: its end, for people, and the words with which it gives up.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use camino::{Utf8Path, Utf8PathBuf};

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

/// How much of a line that has no end yet is kept, in bytes: none that says those words is longer.
const LONGEST_LINE: usize = 4 << 10;

/// How much of the console is quoted.
pub(crate) const QUOTED_LINES: usize = 12;
const QUOTED_BYTES: u64 = 8 << 10;

/// Reads a console as it grows, for the words with which a guest gives up.
#[derive(Debug)]
pub struct LastWords {
    path: Utf8PathBuf,
    offset: u64,
    /// The end of what was read, which may be the beginning of a word.
    rest: Vec<u8>,
}

impl LastWords {
    /// Of the console that is logged to the file `path`, from the byte `offset` on. There need not be a file yet.
    pub fn of(path: &Utf8Path, offset: u64) -> Self {
        Self { path: path.to_owned(), offset, rest: Vec::new() }
    }

    /// Reads what is new, and returns the line with the guest's last words if they are in it, as plain text.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&mut self) -> io::Result<Option<String>> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(self.offset))?;
        let count = file.take(WINDOW).read_to_end(&mut self.rest)?;
        self.offset += count as u64;
        let text = String::from_utf8_lossy(&self.rest);
        let found = text.lines().find(|line| LAST_WORDS.iter().any(|words| line.contains(words)));
        let found = found.map(|line| plain(line).trim().to_owned());
        let begin = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.rest.drain(..begin.max(self.rest.len().saturating_sub(LONGEST_LINE)));
        Ok(found)
    }
}

/// The last lines of the console that is logged to the file `path`, from the byte `offset` on, without the control
/// characters that boot messages are coloured with.
///
/// # Errors
/// When the file cannot be read.
pub fn last_lines(path: &Utf8Path, offset: u64) -> io::Result<Vec<String>> {
    let text = plain(&tail(&mut File::open(path)?, offset, QUOTED_BYTES)?);
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    Ok(lines[lines.len().saturating_sub(QUOTED_LINES)..].to_vec())
}

/// The end of a log, from the byte `begin` on, but no more than `limit` bytes.
pub(crate) fn tail(file: &mut File, begin: u64, limit: u64) -> io::Result<String> {
    let end = file.metadata()?.len();
    file.seek(SeekFrom::Start(begin.max(end.saturating_sub(limit))))?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A text without escape sequences (ECMA-48: ESC `[` parameters letter) and other control characters, which a terminal
/// would obey: what a guest says is nothing to be obeyed.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' if characters.next_if_eq(&'[').is_some() => {
                while characters.next().is_some_and(|c| !('@'..='~').contains(&c)) {}
            }
            '\n' => plain.push('\n'),
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
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
        let mut words = LastWords::of(&path, file.as_file().metadata().unwrap().len());
        for (piece, expected) in [
            (&b"Booting Linux\r\n[ 1.0] Kernel pa"[..], None),
            (
                b"nic - not syncing: \x1b]0;title\x07\x1b[31mVFS\r\n",
                Some("[ 1.0] Kernel panic - not syncing: ]0;titleVFS"),
            ),
        ] {
            file.write_all(piece).unwrap();
            assert_eq!(words.read().unwrap().as_deref(), expected);
        }
        assert_eq!(LastWords::of("/no/such/file".into(), 0).read().unwrap(), None);
    }

    #[test]
    fn a_line_without_end_is_not_kept_and_hides_no_last_words() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut words = LastWords::of(Utf8Path::from_path(file.path()).unwrap(), 0);
        for _ in 0..3 {
            file.write_all(&[b'.'; 10_000]).unwrap();
            assert_eq!(words.read().unwrap(), None);
            assert_eq!(words.rest.len(), LONGEST_LINE);
        }
        file.write_all(b"(initra").unwrap();
        assert_eq!(words.read().unwrap(), None);
        file.write_all(b"mfs)").unwrap();
        assert!(words.read().unwrap().unwrap().ends_with("...(initramfs)"));
    }

    #[test]
    fn colours_are_taken_out() {
        assert_eq!(plain("[\u{1b}[0;32m  OK  \u{1b}[0m] Started\r\n\u{1b}c"), "[  OK  ] Started\nc");
    }

    #[test]
    fn the_console_is_quoted_from_its_end_and_from_this_boot_only() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let path = Utf8Path::from_path(file.path()).unwrap().to_owned();
        writeln!(file, "before").unwrap();
        let offset = file.as_file().metadata().unwrap().len();
        (0..20).for_each(|number| writeln!(file, "line {number}").unwrap());
        let lines = last_lines(&path, offset).unwrap();
        assert_eq!((lines.len(), lines[0].as_str()), (QUOTED_LINES, "line 8"));
        assert_eq!(last_lines(&path, 0).unwrap().last().unwrap(), "line 19");
    }
}
