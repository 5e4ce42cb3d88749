//! Which process runs a machine, and how it is ended.
//!
//! QEMU holds a write lock (fcntl(2), `F_SETLK`) on its pid file from its first moment to its last
//! (`qemu_write_pidfile` in its util/oslib-posix.c). The kernel names the holder of that lock, and drops it however
//! QEMU ends. So the number in the file is never read, a pid that was given to another process or survived a reboot
//! in a file cannot be mistaken for a machine, and no book is kept here. In the moment before, between its fork and that
//! lock, it is known by its log (`Log::take`).

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Flock, FlockType, Pid, PidfdFlags, Signal, fcntl_getlk, pidfd_open, pidfd_send_signal};
use tokio::time::Instant;

use super::files::Files;
use super::log::Log;
use crate::patience::Patience;
use crate::{Error, Machine};

/// How long a killed process may take to be gone. It has to finish the disk operation it is in.
const KILL_LIMIT: Duration = Duration::from_secs(10);

/// How long a QEMU may take from its fork to the lock on its pid file. It takes 20 ms; a host that swaps takes longer.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The longest pause between two looks at a process that ends.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// A live process, held by a descriptor that stays with this process whatever becomes of its number (pidfd_open(2)).
#[derive(Debug)]
pub(crate) struct Process {
    pid: Pid,
    descriptor: OwnedFd,
}

impl Process {
    /// The QEMU of the machine; nothing if there is none. One that was started a moment ago, by a program that may have
    /// been killed since, has the log before it locks its pid file.
    pub(crate) async fn of(machine: &Machine) -> Result<Option<Self>, Error> {
        let (pid, log) = (Files::of(machine).pid(), Files::of(machine).log());
        let mut patience = Patience::until(Instant::now() + START_LIMIT, LONGEST_PAUSE);
        loop {
            if let Some(process) = Self::holding(&pid)? {
                return Ok(Some(process));
            }
            if !Log::is_taken(&log).map_err(Error::io("asking who has locked", &log))? {
                return Ok(None);
            }
            if !patience.pause().await {
                let source = io::Error::new(io::ErrorKind::TimedOut, STARTS_FOR_LONG);
                return Err(Error::io("waiting for the start of the QEMU that logs to", log)(source));
            }
        }
    }

    /// The process that holds the lock on the pid file `path`; nothing if there is none.
    pub(crate) fn holding(path: &Utf8Path) -> Result<Option<Self>, Error> {
        let holder = || lock_holder(path).map_err(Error::io("asking who has locked", path));
        let Some(pid) = holder()? else { return Ok(None) };
        let Some(process) = Self::open(pid, path)? else { return Ok(None) };
        // Between the question and the descriptor the process may have ended and its number been given away.
        Ok((holder()? == Some(pid)).then_some(process))
    }

    /// The process with this number; nothing if there is none. `path` says where the number is from, for the error.
    pub(crate) fn open(pid: Pid, path: &Utf8Path) -> Result<Option<Self>, Error> {
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(descriptor) => Ok(Some(Self { pid, descriptor })),
            Err(Errno::SRCH) => Ok(None),
            Err(errno) => Err(Error::io("watching the process that has", path)(errno.into())),
        }
    }

    /// Its number, for messages.
    pub(crate) fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Waits until it has ended, for `limit` at most, and says whether it has.
    pub(crate) async fn ended_within(&self, limit: Duration) -> Result<bool, Error> {
        let mut patience = Patience::until(Instant::now() + limit, LONGEST_PAUSE);
        while !self.has_ended()? {
            if !patience.pause().await {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A descriptor of a process becomes readable when the process ends.
    pub(crate) fn has_ended(&self) -> Result<bool, Error> {
        let mut waiting = [PollFd::new(&self.descriptor, PollFlags::IN)];
        match poll(&mut waiting, Some(&Timespec::default())) {
            Ok(ready) => Ok(ready > 0),
            Err(errno) => Err(Error::io("watching", self.path_in_proc())(errno.into())),
        }
    }

    /// What no other process has: its number and when it was started, in ticks since the host's boot (proc_pid_stat(5);
    /// the second field is a name in parentheses, which can have spaces, and the start is field 22).
    pub(crate) fn identity(&self) -> Result<String, Error> {
        let path = self.path_in_proc().join("stat");
        let stat = std::fs::read_to_string(&path).map_err(Error::io("reading", &path))?;
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        Ok(format!("{}-{}", self.pid(), fields.split_whitespace().nth(19).unwrap_or_default()))
    }

    fn path_in_proc(&self) -> Utf8PathBuf {
        format!("/proc/{}", self.pid()).into()
    }

    /// Kills it and waits until it is gone. `what` it is, for the error.
    pub(crate) async fn kill(&self, what: &str) -> Result<(), Error> {
        match pidfd_send_signal(&self.descriptor, Signal::KILL) {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(errno) => return Err(Error::io("killing", self.path_in_proc())(errno.into())),
        }
        if self.ended_within(KILL_LIMIT).await? {
            return Ok(());
        }
        Err(Error::Unkillable { what: what.to_owned(), pid: self.pid(), seconds: KILL_LIMIT.as_secs() })
    }
}

/// Asks the kernel which process has a lock on the file. A missing file is locked by nobody.
///
/// # Errors
/// Where the holder has no number here: it is in another PID namespace, a container's for example (the kernel says 0,
/// `locks_translate_pid` in its fs/locks.c).
fn lock_holder(path: &Utf8Path) -> io::Result<Option<Pid>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(lock) = fcntl_getlk(&file, &Flock::from(FlockType::WriteLock))? else { return Ok(None) };
    lock.pid.map(Some).ok_or_else(|| io::Error::other(ELSEWHERE))
}

/// What is said where a QEMU does not get to its pid file.
const STARTS_FOR_LONG: &str = "a program has it open and has not come further\n  see who with: fuser -v <that file>";

/// What is said where the holder of a lock cannot be seen.
const ELSEWHERE: &str = "it is locked by a process that cannot be seen from here, in a container or outside of this one\n  \
    run this command where the machine was started";

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Names the pid file to the test when it runs itself in a PID namespace of its own.
    const PID_FILE: &str = "KILN_TEST_PID_FILE";

    #[test]
    fn a_machine_outside_of_the_container_is_not_taken_for_a_stopped_one() {
        if let Ok(path) = std::env::var(PID_FILE) {
            let error = Process::holding(path.as_str().into()).unwrap_err();
            let why = std::error::Error::source(&error).unwrap().to_string();
            assert!(error.to_string().contains(&path) && why.contains("cannot be seen from here"), "{error}: {why}");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("pid");
        let file = File::create(&path).unwrap();
        rustix::fs::fcntl_lock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
        let mut inside = Command::new("unshare");
        inside.args(["--user", "--map-root-user", "--pid", "--fork"]).arg(std::env::current_exe().unwrap());
        inside.args([
            "--exact",
            "qemu::process::tests::a_machine_outside_of_the_container_is_not_taken_for_a_stopped_one",
        ]);
        let output = inside.env(PID_FILE, &path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}
