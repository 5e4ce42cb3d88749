//! The life of a helper: bound to ours, and ended with all its children.

use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::process::ExitStatus;
use std::time::Duration;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, kill_process_group, set_parent_process_death_signal};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long a helper that was asked to end may take to clean up after itself before it is killed.
const GRACE: Duration = Duration::from_secs(3);

/// A running helper. It leads a process group of its own; when this value is dropped before the helper ended, the
/// whole group is killed.
#[derive(Debug)]
pub(crate) struct Helper {
    child: Child,
    group: Option<Pid>,
}

impl Helper {
    /// Starts `command` in a process group of its own, with the order to the kernel to kill it when we die.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Self> {
        command.process_group(0);
        die_with_parent(command);
        let child = command.spawn()?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Ok(Self { child, group })
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for the end of the helper.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.group = None;
        Ok(status)
    }

    /// Ends the helper: asked first, so that it can remove its scratch files, then killed.
    pub(crate) async fn stop(&mut self) {
        self.signal(Signal::TERM);
        if timeout(GRACE, self.child.wait()).await.is_err() {
            self.signal(Signal::KILL);
            // It was killed: what is left is to collect its status, which cannot fail in a way that matters.
            self.child.wait().await.ok();
        }
        self.group = None;
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // The group may have ended this moment; then there is nothing to do.
            kill_process_group(group, signal).ok();
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Gives the child a session of its own (setsid(2)), so that it has no terminal and no group in common with us.
#[expect(unsafe_code, reason = "the session has to be left between fork and exec")]
pub(crate) fn in_own_session(command: &mut Command) {
    // SAFETY: setsid and fcntl are async-signal-safe system calls; the closure allocates nothing and locks nothing.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            hand_nothing_down();
            Ok(())
        });
    }
}

/// How many descriptors are looked at that our own caller may have handed down to us. Shells and makes use the lowest.
const INHERITED: RawFd = 256;

/// Makes every descriptor but the three streams end with exec. What a caller of ours has handed down (a lock of `flock`,
/// a pipe of a script) must not be held open by a machine, or by the daemon that a helper leaves, for all its life. To be
/// called between fork and exec: system calls only.
#[expect(unsafe_code, reason = "descriptors that are not ours are named by their number")]
fn hand_nothing_down() {
    for number in 3..INHERITED {
        // SAFETY: the descriptor is used for nothing but this one call, which fails with EBADF where there is none.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        fcntl_setfd(descriptor, FdFlags::CLOEXEC).ok();
    }
}

/// Asks the kernel to kill the child when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG). Both programs
/// run on a current-thread runtime, so that thread is the program.
#[expect(unsafe_code, reason = "the death signal has to be set between fork and exec")]
pub(crate) fn die_with_parent(command: &mut Command) {
    let parent = rustix::process::getpid();
    // SAFETY: prctl, getppid and fcntl are async-signal-safe system calls; the closure allocates nothing and locks nothing.
    unsafe {
        command.pre_exec(move || {
            hand_nothing_down();
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // The parent may have died before the line above; then nobody would ever send the signal.
            if rustix::process::getppid() != Some(parent) {
                return Err(io::Error::from_raw_os_error(rustix::io::Errno::SRCH.raw_os_error()));
            }
            Ok(())
        });
    }
}
