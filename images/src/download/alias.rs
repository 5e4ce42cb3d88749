//! Aliases: by what other name (a SHA-512 checksum, "that file, unpacked") a download is known.

use camino::Utf8PathBuf;

use crate::digest::Digest;
use crate::home::Home;
use crate::{FileError, durable};

/// The longest alias: `sha256:`, 64 digits, a newline.
const MAX_BYTES: u64 = 72;

/// The download that `name` stands for. An alias that cannot be read is as good as none: it is found out again.
pub(super) fn read(home: &Home, name: &str) -> Option<Digest> {
    let bytes = durable::read_limited(&path(home, name), MAX_BYTES).ok()?;
    std::str::from_utf8(&bytes).ok()?.trim_end().parse().ok()
}

/// Lets `name` stand for a download.
pub(super) fn write(home: &Home, name: &str, digest: &Digest) -> Result<(), FileError> {
    durable::write_atomically(&path(home, name), format!("{digest}\n").as_bytes(), 0o600)
}

fn path(home: &Home, name: &str) -> Utf8PathBuf {
    home.downloads().join(format!("{name}.is"))
}
