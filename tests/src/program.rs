//! Running the programs under test.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::{TestHome, until};

/// A program of ours, as `make programs` builds it.
///
/// # Panics
/// When it was not built.
pub fn program(name: &str) -> Utf8PathBuf {
    let target = env::var("CARGO_TARGET_DIR").map_or_else(|_| root().join("target"), Utf8PathBuf::from);
    let path = target.join("release").join(name);
    assert!(path.exists(), "{path} is missing: run `make programs` first");
    path
}

/// The root of the repository.
pub(crate) fn root() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// `bake` with these arguments, on `home`.
pub fn bake<S: AsRef<OsStr>>(home: &TestHome, arguments: impl IntoIterator<Item = S>) -> Running {
    Running::new("bake", home, arguments)
}

/// `clone` with these arguments, on `home`.
pub fn clone<S: AsRef<OsStr>>(home: &TestHome, arguments: impl IntoIterator<Item = S>) -> Running {
    Running::new("clone", home, arguments)
}

/// A run of a program that is being prepared. Nothing of the caller's environment but PATH and HOME reaches it.
#[derive(Debug)]
#[must_use = "nothing runs before it is finished or spawned"]
pub struct Running(Command);

impl Running {
    fn new<S: AsRef<OsStr>>(name: &str, home: &TestHome, arguments: impl IntoIterator<Item = S>) -> Self {
        let path = home.owner().map_or_else(|| program(name), |owner| owner.program(name));
        let mut command = match home.network() {
            Some(network) => network.command(path.as_ref()),
            None => Command::new(path),
        };
        command.args(arguments).current_dir(home.work()).env_clear();
        for kept in ["PATH", "HOME", "LANG"] {
            if let Some(value) = env::var_os(kept) {
                command.env(kept, value);
            }
        }
        if let Some(owner) = home.owner() {
            owner.run(&mut command);
        }
        command.env("KILN_HOME", home.root()).stdin(Stdio::null());
        Self(command)
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Has it, and what it starts, live this many days later (libfaketime). What is waited for still passes in real time,
    /// and files keep their times.
    ///
    /// # Panics
    /// When libfaketime is not installed.
    pub fn days_later(self, days: u32) -> Self {
        let library = format!("/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1", env::consts::ARCH);
        assert!(Utf8Path::new(&library).exists(), "{library} is missing: install libfaketime");
        self.env("LD_PRELOAD", library)
            .env("FAKETIME", format!("+{days}d"))
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1")
    }

    /// The command itself, for whoever runs it in another way.
    pub fn into_command(self) -> Command {
        self.0
    }

    /// Runs it to its end.
    pub fn finish(mut self) -> Finished {
        let shown = format!("{:?}", self.0);
        Finished { output: self.0.output().unwrap(), shown }
    }

    /// Runs it; see [`Finished::ok`].
    #[track_caller]
    pub fn ok(self) -> String {
        self.finish().ok()
    }

    /// Runs it; see [`Finished::json`].
    #[track_caller]
    pub fn json(self) -> Value {
        self.finish().json()
    }

    /// Runs it; see [`Finished::fails`].
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        self.finish().fails(code)
    }

    /// Starts it, and keeps what it says.
    pub fn start(mut self) -> Started {
        let shown = format!("{:?}", self.0);
        let mut child = self.0.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stdout, stderr) = (Said::by(child.stdout.take().unwrap()), Said::by(child.stderr.take().unwrap()));
        Started { child, stdout: Some(stdout), stderr: Some(stderr), shown }
    }

    /// Starts it, with its output thrown away.
    pub fn spawn(mut self) -> Child {
        self.0.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }
}

/// What is read from a pipe, as it comes.
#[derive(Debug)]
struct Said {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Said {
    fn by(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes: Arc<Mutex<Vec<u8>>> = Arc::default();
        let said = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut some) {
                said.lock().unwrap().extend(&some[..count]);
            }
        });
        Self { bytes, reader }
    }

    fn whole(self) -> Vec<u8> {
        self.reader.join().unwrap();
        std::mem::take(&mut self.bytes.lock().unwrap())
    }
}

/// A run that was started, and goes on beside the test. It is ended with the test, so that it does not make what the test
/// removes.
#[derive(Debug)]
#[must_use = "it is to be finished or killed"]
pub struct Started {
    child: Child,
    stdout: Option<Said>,
    stderr: Option<Said>,
    shown: String,
}

impl Started {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has locked this file (flock(2)): the kernel lists the locks with who holds them (proc_locks(5)).
    pub fn has_locked(&self, path: &Utf8Path) -> bool {
        let Ok(file) = fs::metadata(path) else { return false };
        let (pid, inode) = (self.pid().to_string(), format!(":{}", file.ino()));
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let is_it = |fields: &[&str]| fields[1] == "FLOCK" && fields[4] == pid && fields[5].ends_with(&inode);
        locks.lines().any(|line| is_it(&line.split_whitespace().collect::<Vec<_>>()))
    }

    /// Waits until `condition` holds, no longer than `limit`, while it runs.
    ///
    /// # Panics
    /// When the time is over; when the run ends before that, with what it said.
    #[track_caller]
    pub fn until(&mut self, what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
        until(what, limit, || {
            if condition() {
                return true;
            }
            if self.child.try_wait().unwrap().is_some() {
                panic!("it ended before {what}: {}", self.end().describe());
            }
            false
        });
    }

    /// Waits until it has said this on standard error, no longer than `limit`, while it runs.
    ///
    /// # Panics
    /// As [`Started::until`].
    #[track_caller]
    pub fn until_it_says(&mut self, text: &str, limit: Duration) {
        let said = Arc::clone(&self.stderr.as_ref().unwrap().bytes);
        self.until(text, limit, || String::from_utf8_lossy(&said.lock().unwrap()).contains(text));
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Finished {
        self.end()
    }

    fn end(&mut self) -> Finished {
        let status = self.child.wait().unwrap();
        let [stdout, stderr] = [&mut self.stdout, &mut self.stderr].map(|said| said.take().unwrap().whole());
        Finished { output: Output { status, stdout, stderr }, shown: std::mem::take(&mut self.shown) }
    }

    /// Ends it as `kill -9` does, and waits for that.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A run that has ended.
#[derive(Debug)]
#[must_use = "say what the run should have come to"]
pub struct Finished {
    output: Output,
    shown: String,
}

impl Finished {
    /// Its standard output, when it ended well.
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(self.output.status.success(), "{}", self.describe());
        self.stdout()
    }

    /// Its standard output as JSON, when it ended well. Of several lines, the last.
    #[track_caller]
    pub fn json(self) -> Value {
        let shown = self.describe();
        let text = self.ok();
        let line = text.trim_end().lines().next_back().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}\n{shown}"))
    }

    /// All of its standard output as one JSON document, when it ended well.
    #[track_caller]
    pub fn json_document(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// What it said on standard error, when it ended with the exit code `code`.
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        assert_eq!(self.output.status.code(), Some(code), "{}", self.describe());
        self.stderr()
    }

    /// Its exit code; none if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// Its standard output.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// Its standard error.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    fn describe(&self) -> String {
        format!("{} ended with {}\n{}{}", self.shown, self.output.status, self.stdout(), self.stderr())
    }
}
