//! Ports of the host for the forwards of machines: chosen once, remembered by the caller, used for the life of a lab.
//!
//! A port is chosen while a lock is held that all labs of a user share, and the caller writes its choice down before it
//! lets go of the lock. So two labs that come up at the same moment cannot choose the same port. The range lies outside
//! the one from which the kernel gives ports to outgoing connections (`ip_local_port_range`, ip(7)): a port that was
//! free yesterday is not taken by a web browser today.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use std::time::Duration;

use camino::Utf8Path;
use kiln_images::durable::{Lock, LockError};
use kiln_images::{At, FileError};

/// Where the kernel says which ports it gives to outgoing connections.
const EPHEMERAL: &str = "/proc/sys/net/ipv4/ip_local_port_range";

/// The lowest port that is chosen; below it are the ports that well-known services use.
const LOWEST: u16 = 20_000;

/// How long the lock is waited for. It is held only while a state file is written.
const LOCK_LIMIT: Duration = Duration::from_secs(10);

/// The right to choose ports. Drop it when the choice is written down.
#[derive(Debug)]
pub struct Chooser {
    _lock: Lock,
    range: RangeInclusive<u16>,
}

/// No port could be chosen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What the kernel says of its ports could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Somebody else chooses ports all the time.
    #[error("choosing ports")]
    Locked(#[from] LockError),
    /// The kernel said something about its port range that was not understood.
    #[error("{EPHEMERAL} holds {text:?}, and not two port numbers")]
    Range {
        /// What the file holds.
        text: String,
    },
    /// Everything is taken.
    #[error("only {found} of {wanted} ports are free from {first} to {last}\n  remove labs that are no longer used")]
    Exhausted {
        /// How many were asked for.
        wanted: usize,
        /// How many there are.
        found: usize,
        /// The first port that was looked at.
        first: u16,
        /// The last one.
        last: u16,
    },
}

impl Chooser {
    /// Waits for the right to choose. `lock_file` is one and the same for all labs of a user; it is created if needed.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process keeps it too long.
    pub async fn acquire(lock_file: &Utf8Path) -> Result<Self, Error> {
        let text = fs::read_to_string(EPHEMERAL).at("reading", EPHEMERAL.into())?;
        let range = usable_range(&text)?;
        Ok(Self { _lock: Lock::exclusive_within(lock_file, LOCK_LIMIT).await?, range })
    }

    /// Chooses `wanted` ports that are free now and not in `remembered`, the ports of all labs, running or not. Read
    /// those after [`Chooser::acquire`].
    ///
    /// # Errors
    /// [`Error::Exhausted`] if there are not that many.
    pub fn choose(&self, wanted: usize, remembered: &BTreeSet<u16>) -> Result<Vec<u16>, Error> {
        let candidates = self.range.clone().filter(|port| !remembered.contains(port) && is_free(*port));
        let found: Vec<u16> = candidates.take(wanted).collect();
        if found.len() == wanted {
            return Ok(found);
        }
        let (first, last) = (*self.range.start(), *self.range.end());
        Err(Error::Exhausted { wanted, found: found.len(), first, last })
    }
}

/// True if nothing listens on the port of 127.0.0.1 (or of all addresses).
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// The larger of the two ranges above [`LOWEST`] that the kernel's own range leaves.
fn usable_range(text: &str) -> Result<RangeInclusive<u16>, Error> {
    let not_understood = || Error::Range { text: text.trim().to_owned() };
    let mut numbers = text.split_whitespace().map(str::parse::<u16>);
    let (Some(Ok(first)), Some(Ok(last))) = (numbers.next(), numbers.next()) else {
        return Err(not_understood());
    };
    let below = LOWEST..=first.saturating_sub(1);
    let above = last.saturating_add(1).max(LOWEST)..=u16::MAX;
    Ok(if below.len() >= above.len() { below } else { above })
}

/// The process that listens on a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: i32,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.name, self.pid)
    }
}

/// Finds out which process listens on a TCP port of this host. Nothing if none does, or if it is another user's, whose
/// open files are not for us to see: this only makes an error message better, so every failure is the same as that.
pub fn holder(port: u16) -> Option<Holder> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let sockets: Vec<String> = tables.iter().flat_map(|table| listening_sockets(table, port)).collect();
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let mut files = fs::read_dir(entry.path().join("fd")).ok()?.flatten();
        files.find(|file| {
            fs::read_link(file.path()).is_ok_and(|to| sockets.iter().any(|s| to.as_os_str() == s.as_str()))
        })?;
        let name = fs::read_to_string(entry.path().join("comm")).ok()?.trim().to_owned();
        Some(Holder { pid, name })
    })
}

/// The sockets that listen on `port`, as the links in `/proc/<pid>/fd` name them. The columns are those of the kernel's
/// Documentation/networking/proc_net_tcp.rst: the local address is the second, the state (0A: listening) the fourth, the
/// inode the tenth.
fn listening_sockets(table: &str, port: u16) -> Vec<String> {
    let wanted = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() > 9 && row[1].ends_with(&wanted) && row[3] == "0A")
        .map(|row| format!("socket:[{}]", row[9]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_outside_the_kernels() {
        for (text, range) in
            [("32768\t60999\n", 20_000..=32_767), ("15000\t60999\n", 61_000..=65_535), ("1024 30000", 30_001..=65_535)]
        {
            assert_eq!(usable_range(text).unwrap(), range, "{text:?}");
        }
        assert!(usable_range("many").unwrap_err().to_string().contains("many"));
    }

    #[tokio::test]
    async fn what_is_remembered_or_in_use_is_not_chosen() {
        let folder = tempfile::tempdir().unwrap();
        let chooser = Chooser::acquire(&Utf8Path::from_path(folder.path()).unwrap().join("lock")).await.unwrap();
        let bind = |port| Some((port, TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?));
        let (used, _listener) = chooser.range.clone().find_map(bind).unwrap();
        let remembered = chooser.choose(1, &BTreeSet::new()).unwrap()[0];
        let chosen = chooser.choose(3, &BTreeSet::from([remembered])).unwrap();
        assert!(!chosen.contains(&used) && !chosen.contains(&remembered), "{used} {remembered} {chosen:?}");
        let holder = holder(used).unwrap();
        assert_eq!(holder.pid.unsigned_abs(), std::process::id(), "{holder}");
    }

    #[tokio::test]
    async fn only_one_chooses_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("lock");
        let first = Chooser::acquire(&path).await.unwrap();
        let second = tokio::time::timeout(Duration::from_millis(50), Chooser::acquire(&path)).await;
        assert!(second.is_err(), "the second one waits");
        drop(first);
        Chooser::acquire(&path).await.unwrap();
    }

    #[tokio::test]
    async fn more_ports_than_there_are_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("lock");
        let chooser = Chooser { range: 20_000..=20_000, ..Chooser::acquire(&path).await.unwrap() };
        let error = chooser.choose(2, &BTreeSet::new()).unwrap_err();
        assert!(matches!(error, Error::Exhausted { wanted: 2, .. }), "{error}");
    }

    #[test]
    fn only_listening_sockets_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:08AE 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1\n\
             1: 0100007F:08AE 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 222 1\n\
             2: 0100007F:08AF 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 333 1\n";
        assert_eq!(listening_sockets(table, 0x08ae), ["socket:[111]"]);
    }
}
