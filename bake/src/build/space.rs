//! Room: on the disk that an appliance writes to, and in the image.

use std::time::Duration;

use camino::Utf8Path;

use super::BuildError;

/// With less than this the next cluster that a guest writes may not fit.
const LEAST_BYTES: u64 = 4 << 20;

/// A full disk stays full; nobody tells when it becomes so.
const INTERVAL: Duration = Duration::from_secs(1);

/// How those who run in an image say that there is no room in it, in small letters: the C library and Go (ENOSPC), apt before
/// it fetches, yum and dnf before they install.
const NO_ROOM: [&str; 3] = ["no space left on device", "enough free space in /", "more space needed on the /"];

/// Whether what was said in an image is that a file system is full there, be it on the image's disk or in the guest's memory.
/// This machine's disk is not meant: when that is full, the guest is paused before it notices.
pub(super) fn is_missing_in_the_image(said: &str) -> bool {
    let said = said.to_lowercase();
    NO_ROOM.iter().any(|words| said.contains(words))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_image_is_known_by_what_is_said_in_it() {
        let cases = [
            ("dd: error writing '/big': No space left on device", true),
            ("write /var/lib/docker/tmp/x: no space left on device", true),
            ("E: You don't have enough free space in /var/cache/apt/archives/.", true),
            ("Disk Requirements:\n   At least 1104MB more space needed on the / filesystem.", true),
            ("E: Unable to locate package nginxx", false),
        ];
        for (said, expected) in cases {
            assert_eq!(is_missing_in_the_image(said), expected, "{said}");
        }
    }
}
