//! Running a command, and measuring it.

use std::fs::{self, File};
use std::io::{Read, Seek};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// How often the memory of a process is looked at.
const LOOK: Duration = Duration::from_millis(1);

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    /// From its start until it ended.
    pub took: Duration,
    /// When it ended.
    pub end: Instant,
    /// Its standard output.
    pub stdout: String,
}

/// Runs a command to its end.
///
/// # Panics
/// When it fails, or does not end within `limit`.
#[track_caller]
pub fn run(command: Command, limit: Duration) -> Ran {
    watch(command, limit, limit, |_| ())
}

/// Runs a command to its end, and returns how much memory its process had at most, in bytes: the high water mark of its
/// resident set (VmHWM in proc(5)), as it was a millisecond before the end. Its children do not count.
///
/// # Panics
/// As [`run`] does.
#[track_caller]
pub fn peak_memory(command: Command, limit: Duration) -> u64 {
    let mut peak = 0;
    watch(command, limit, LOOK, |child| peak = peak.max(high_water_mark(child.id())));
    peak
}

/// Runs a command, and looks at it every `interval`.
#[track_caller]
fn watch(mut command: Command, limit: Duration, interval: Duration, mut look: impl FnMut(&Child)) -> Ran {
    let shown = format!("{command:?}");
    let (stdout, stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    command.stdin(Stdio::null()).stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let begin = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{shown}: {error}"));
    while !has_ended(&child, interval) {
        look(&child);
        if begin.elapsed() > limit {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{shown} did not end within {} s\n{}", limit.as_secs(), text(stderr));
        }
    }
    let end = Instant::now();
    let status = child.wait().unwrap();
    let stdout = text(stdout);
    assert!(status.success(), "{shown} ended with {status}\n{stdout}{}", text(stderr));
    Ran { took: end - begin, end, stdout }
}

/// Waits for the end of a process, no longer than `limit`.
fn has_ended(child: &Child, limit: Duration) -> bool {
    let process = pidfd_open(Pid::from_child(child), PidfdFlags::empty()).unwrap();
    let limit = Timespec::try_from(limit).unwrap();
    poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&limit)).unwrap() > 0
}

/// None that has ended has any memory.
fn high_water_mark(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
    kib.unwrap_or(0) * 1024
}

fn text(mut file: File) -> String {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    const LIMIT: Duration = Duration::from_secs(60);

    #[test]
    fn a_run_takes_as_long_as_its_command() {
        let ran = run(shell("echo said; sleep 0.2"), LIMIT);
        assert_eq!(ran.stdout, "said\n");
        assert!(ran.took >= Duration::from_millis(200));
    }

    #[test]
    #[should_panic(expected = "did not end within 0 s")]
    fn a_run_that_does_not_end_is_ended() {
        run(shell("sleep 60"), Duration::from_millis(10));
    }

    #[test]
    #[should_panic(expected = "exit status: 3\nwhy")]
    fn a_run_that_fails_says_why() {
        run(shell("echo why >&2; exit 3"), LIMIT);
    }

    #[test]
    fn the_memory_of_a_process_is_seen() {
        // dd holds one block in memory.
        let mut dd = Command::new("dd");
        dd.args(["if=/dev/zero", "of=/dev/null", "bs=64M", "count=20", "status=none"]);
        let peak = peak_memory(dd, LIMIT);
        assert!((64 << 20..80 << 20).contains(&peak), "{peak}");
    }
}
