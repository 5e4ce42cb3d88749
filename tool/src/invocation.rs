//! One run of a program: how it is called, and the methods that say what becomes of its output.

use std::cell::RefCell;
use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::error::{Ending, Run};
use crate::input::Input;
use crate::outcome::Outcome;
use crate::process::{self, Helper};
use crate::streams::{Lines, Output, Pipes, Sink, pump};
use crate::tail::Tail;
use crate::{Error, Tool};

/// The time limit of a run that sets none. Programs that may take longer say so.
pub const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(120);

/// It has written more than it may ([`Invocation::output_limit`]).
#[derive(Debug, thiserror::Error)]
#[error("too much output")]
struct TooMuch;

/// One run of a program, being prepared.
#[derive(Debug)]
#[must_use = "nothing runs before run, output, parse, json, stream, outcome, interactive, detach or attach is called"]
pub struct Invocation {
    step: String,
    program: &'static str,
    path: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    stdin: Input,
    limit: Duration,
    output_limit: usize,
    log: Option<PathBuf>,
}

impl Invocation {
    pub(crate) fn new(tool: &Tool, step: String) -> Self {
        Self {
            step,
            program: tool.program().name,
            path: tool.path().to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: None,
            stdin: Input::Empty,
            limit: DEFAULT_TIME_LIMIT,
            output_limit: usize::MAX,
            log: None,
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, arguments: I) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable, beside those of this process.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets the working directory.
    pub fn current_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// Gives the program these bytes as its standard input, which is empty otherwise.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Input::Bytes(bytes.into());
        self
    }

    /// Gives the program this open file as its standard input: the one descriptor that every program inherits under a
    /// number that is known beforehand. `redirection` is how the command line says it, such as `< file`.
    pub fn stdin_file(mut self, file: impl Into<OwnedFd>, redirection: impl Into<String>) -> Self {
        self.stdin = Input::File { file: file.into(), redirection: redirection.into() };
        self
    }

    /// Gives the program this connection as its standard input and output; nothing comes to us but its standard error.
    /// `redirection` is how the command line says it, such as `<>/dev/tcp/127.0.0.1/22 >&0` (bash(1), REDIRECTION).
    pub fn on_connection(mut self, socket: impl Into<OwnedFd>, redirection: impl Into<String>) -> Self {
        self.stdin = Input::Connection { socket: socket.into(), redirection: redirection.into() };
        self
    }

    /// Ends the program when it takes longer than `limit` ([`DEFAULT_TIME_LIMIT`] if this is not called).
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Ends the program when it writes more than `bytes` to its standard output: for what makes it of somebody else's data.
    pub fn output_limit(mut self, bytes: usize) -> Self {
        self.output_limit = bytes;
        self
    }

    /// Appends the command line and everything the program says to the file `log`; errors name it.
    pub fn log(mut self, log: impl AsRef<Path>) -> Self {
        self.log = Some(log.as_ref().to_owned());
        self
    }

    /// The command line as it could be typed into a shell. For people; it is never given to a shell.
    pub fn command_line(&self) -> String {
        let environment = self
            .environment
            .iter()
            .map(|(name, value)| format!("{}={}", name.to_string_lossy(), crate::error::quote(value)));
        let words = std::iter::once(crate::error::quote(self.path.as_os_str()))
            .chain(self.arguments.iter().map(|word| crate::error::quote(word)));
        environment.chain(words).chain(self.stdin.redirection()).collect::<Vec<_>>().join(" ")
    }

    /// Runs the program. Standard output goes to the log, or nowhere; standard error to the log and, its end, into the
    /// error.
    ///
    /// # Errors
    /// [`Error::Failed`] unless the program ends with status 0 in time.
    pub async fn run(self) -> Result<(), Error> {
        let failure = self.as_run();
        let (status, said) = self.execute(Output::Apart(&mut |_| ())).await?;
        if status.success() { Ok(()) } else { Err(failure.status(status, said)) }
    }

    /// Runs the program and returns its standard output. Standard error goes to the log and, its end, into the error.
    ///
    /// # Errors
    /// [`Error::Failed`] unless the program ends with status 0 in time.
    pub async fn output(self) -> Result<Vec<u8>, Error> {
        self.parse(|stdout| Ok::<_, Infallible>(stdout.to_owned())).await
    }

    /// Runs the program and reads its standard output with `parse`. Standard error as in [`Invocation::output`].
    ///
    /// # Errors
    /// [`Error::Failed`] unless the program ends with status 0 in time and prints what `parse` understands.
    pub async fn parse<T, E: Display>(self, parse: impl FnOnce(&[u8]) -> Result<T, E>) -> Result<T, Error> {
        let outcome = self.outcome().await?;
        if outcome.code != 0 {
            return Err(outcome.failed());
        }
        parse(&outcome.stdout).map_err(|problem| outcome.not_understood(problem))
    }

    /// Runs the program and reads its standard output as JSON. Standard error as in [`Invocation::output`].
    ///
    /// # Errors
    /// [`Error::Failed`] unless the program ends with status 0 in time and prints JSON of the type `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.parse(|stdout| serde_json::from_slice(stdout)).await
    }

    /// Runs the program and hands over each line of its output, of both streams, as it comes. The end of both goes into
    /// the error, and all of it to the log.
    ///
    /// # Errors
    /// [`Error::Failed`] unless the program ends with status 0 in time.
    pub async fn stream(self, on_line: impl FnMut(&str)) -> Result<(), Error> {
        let failure = self.as_run();
        let mut lines = Lines { pending: Vec::new(), on_line };
        let (status, said) = self.execute(Output::Merged(&mut |bytes| lines.push(bytes))).await?;
        lines.finish();
        if status.success() { Ok(()) } else { Err(failure.status(status, said)) }
    }

    /// Runs a program whose exit code is an answer (`qemu-img compare`, a command in a guest). Output as in
    /// [`Invocation::output`].
    ///
    /// # Errors
    /// [`Error::Failed`] when it could not be run, took too long, or was killed by a signal.
    pub async fn outcome(self) -> Result<Outcome, Error> {
        let mut stdout = Vec::new();
        let run = self.as_run();
        let (status, stderr) = self.execute(Output::Apart(&mut |bytes| stdout.extend_from_slice(bytes))).await?;
        match status.code() {
            Some(code) => Ok(Outcome { code, stdout, stderr, status, run }),
            None => Err(run.status(status, stderr)),
        }
    }

    /// Runs the program on the user's terminal: all three streams are ours, there is no time limit, and it stays in our
    /// process group so that Ctrl-C reaches it. Returns its exit status.
    ///
    /// # Errors
    /// [`Error::Failed`] when it could not be started.
    pub async fn interactive(self) -> Result<ExitStatus, Error> {
        let failure = self.as_run();
        let mut command = self.command();
        let status = command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit()).status().await;
        status.map_err(|error| failure.with(Ending::Io(error), String::new()))
    }

    /// Starts a program that outlives us, in a session of its own: no terminal reaches it, and nothing of ours ends it.
    /// Both its output streams go to the end of the open file `output`, for all its life. There is no time limit; the
    /// child is returned so that its end can be noticed while we live.
    ///
    /// # Errors
    /// [`Error::Failed`] when it could not be started.
    pub fn detach(self, output: &File) -> Result<Child, Error> {
        self.start_beside_us(output, process::in_own_session)
    }

    /// Starts a program that runs beside us and is killed when we end, however that is. All else is as with
    /// [`Invocation::detach`].
    ///
    /// # Errors
    /// [`Error::Failed`] when it could not be started.
    pub fn attach(self, output: &File) -> Result<Child, Error> {
        self.start_beside_us(output, |command| {
            process::in_own_session(command);
            process::die_with_parent(command);
        })
    }

    fn start_beside_us(self, output: &File, prepare: impl FnOnce(&mut Command)) -> Result<Child, Error> {
        let streams = || -> io::Result<(Stdio, Stdio)> { Ok((output.try_clone()?.into(), output.try_clone()?.into())) };
        let start = || {
            let (stdout, stderr) = streams()?;
            let mut command = self.command();
            command.stdin(self.stdin.as_stdio()?).stdout(stdout).stderr(stderr);
            prepare(&mut command);
            command.spawn()
        };
        start().map_err(|error| self.as_run().with(Ending::Io(error), String::new()))
    }

    fn command(&self) -> Command {
        tracing::debug!(target: "kiln::command", step = %self.step, "{}", self.command_line());
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    fn as_run(&self) -> Run {
        Run { step: self.step.clone(), program: self.program, command: self.command_line(), log: self.log.clone() }
    }

    /// Runs the program under its time limit, and returns its status and the end of its standard error (of both streams
    /// where they are merged).
    async fn execute(self, output: Output<'_>) -> Result<(ExitStatus, String), Error> {
        let failure = self.as_run();
        let (limit, output_limit) = (self.limit, self.output_limit);
        let mut tail = Tail::default();
        let (mut helper, pipes) = match self.start(&output) {
            Ok(started) => started,
            Err(error) => return Err(failure.with(Ending::Io(error), String::new())),
        };
        let ending = match tokio::time::timeout(limit, self.serve(&mut helper, pipes, &mut tail, output)).await {
            Ok(Ok(status)) => return Ok((status, tail.into_text())),
            Ok(Err(error)) if error.get_ref().is_some_and(|source| source.is::<TooMuch>()) => {
                Ending::TooMuch(output_limit)
            }
            Ok(Err(error)) => Ending::Io(error),
            Err(_) => Ending::TimedOut(limit),
        };
        helper.stop().await;
        Err(failure.with(ending, tail.into_text()))
    }

    fn start(&self, output: &Output<'_>) -> io::Result<(Helper, Pipes)> {
        let mut command = self.command();
        command.stdin(self.stdin.as_stdio()?);
        let pipes = Pipes::connect(&mut command, output)?;
        if let Some(connection) = self.stdin.as_stdout()? {
            command.stdout(connection);
        }
        // `command` holds the writing ends too and is dropped here: their closing must mean that the program ended.
        Ok((Helper::spawn(&mut command)?, pipes))
    }

    async fn serve(
        &self,
        helper: &mut Helper,
        pipes: Pipes,
        tail: &mut Tail,
        output: Output<'_>,
    ) -> io::Result<ExitStatus> {
        let log = RefCell::new(self.open_log()?);
        let write_log = |bytes: &[u8]| log.borrow_mut().as_mut().map_or(Ok(()), |file| file.write_all(bytes));
        let stdin = helper.child().stdin.take();
        let feed = async {
            if let (Some(mut pipe), Input::Bytes(bytes)) = (stdin, &self.stdin) {
                // A program may end without reading all its input; what it thought of that is its exit status.
                pipe.write_all(bytes).await.ok();
            }
            Ok(())
        };
        let (mut no_stdout, mut no_merged) = (|_: &[u8]| (), |_: &[u8]| ());
        let (on_stdout, on_merged): (Sink<'_>, Sink<'_>) = match output {
            Output::Apart(sink) => (sink, &mut no_merged),
            Output::Merged(sink) => (&mut no_stdout, sink),
        };
        let out = async {
            let Some(pipe) = pipes.stdout else { return Ok(()) };
            let mut room = self.output_limit;
            pump(pipe, |bytes| {
                room = room.checked_sub(bytes.len()).ok_or_else(|| io::Error::other(TooMuch))?;
                on_stdout(bytes);
                write_log(bytes)
            })
            .await
        };
        let err = pump(pipes.stderr, |bytes| {
            on_merged(bytes);
            tail.push(bytes);
            write_log(bytes)
        });
        tokio::try_join!(feed, out, err)?;
        helper.wait().await
    }

    fn open_log(&self) -> io::Result<Option<File>> {
        let Some(path) = &self.log else { return Ok(None) };
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        writeln!(file, "$ {}", self.command_line())?;
        Ok(Some(file))
    }
}
