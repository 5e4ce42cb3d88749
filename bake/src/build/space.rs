//! Watching the disk while an appliance writes to it.

use std::time::Duration;

use camino::Utf8Path;

use super::BuildError;

/// With less than this the next cluster that a guest writes may not fit.
const LEAST_BYTES: u64 = 4 << 20;

/// A full disk stays full; nobody tells when it becomes so.
const INTERVAL: Duration = Duration::from_secs(1);

/// Ends when the disk that `folder` is on is full. QEMU pauses a guest whose disk cannot grow, and waits for somebody
/// to make room and continue it (qemu-system(1), `werror=enospc`, its default): the appliance would never end.
pub(super) async fn full(folder: &Utf8Path) -> BuildError {
    loop {
        match rustix::fs::statvfs(folder.as_std_path()) {
            Ok(stat) if stat.f_bavail * stat.f_frsize >= LEAST_BYTES => tokio::time::sleep(INTERVAL).await,
            Ok(_) => return BuildError::Full { folder: folder.to_owned() },
            Err(source) => return BuildError::File { path: folder.to_owned(), source: source.into() },
        }
    }
}
