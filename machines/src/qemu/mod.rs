//! The embedded default: plain `qemu-system-x86_64`, without a daemon and without root.
//!
//! Each machine is one QEMU process in a session of its own; each segment is one `vde_switch` (`segment`). The way
//! from a [`Machine`] to a command line is a pure function (`command_line`); `launch` runs it, `process` finds it again,
//! [`qmp`] talks to QEMU and [`agent`] to the guest. `checkpoint` saves a machine with its memory and loads it again.

mod accelerator;
pub mod agent;
mod checkpoint;
mod command_line;
mod complaint;
mod facts;
mod files;
mod launch;
mod lines;
mod log;
mod options;
mod process;
pub(crate) mod processor;
pub mod qmp;
mod ram;
mod segment;
mod stop;
#[cfg(test)]
mod tests;

use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tool::{Invocation, Program, Tool};
use tokio::net::UnixStream;
use tokio::time::Instant;

use crate::patience::Patience;
use crate::{
    Ahead, Answer, Console, Ending, Error, Facts, GuestCommand, GuestOutput, Hypervisor, Machine, Saved, SavedMemory,
    Segment, StartProblem, Started, State,
};
use agent::Agent;
use command_line::Beginning;
use files::Files;
pub use lines::LineError;
use log::Log;
use process::Process;
use qmp::Qmp;

/// The program.
const QEMU: Program = Program::new("qemu-system-x86_64", "qemu-system-x86");

/// How long the monitor may take to answer. It answers at once unless the host swaps.
const MONITOR_LIMIT: Duration = Duration::from_secs(10);

/// How long the guest's agent may take to answer. Under TCG a busy guest takes seconds.
const AGENT_LIMIT: Duration = Duration::from_secs(30);

/// How long a QEMU that hung up may take to be gone: it gives back its memory, which takes a busy host a while.
const END_LIMIT: Duration = Duration::from_secs(5);

/// How often a QEMU is started while others that were started at the same moment come and go.
const STARTS: usize = 3;

/// The longest pause before a monitor that is not there yet is looked for again.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// The socket at which the screen of a running machine is served (VNC, without a password: its folder is private).
pub fn screen_socket(machine: &Machine) -> Utf8PathBuf {
    Files::of(machine).screen()
}

/// The qemu backend.
#[derive(Debug)]
pub struct Qemu {
    tool: Tool,
    facts: Facts,
}

impl Qemu {
    /// Finds QEMU and finds out what it can do on this host. The answer is kept in the file `cache` until the host boots
    /// or QEMU changes; its folder must exist. `KILN_ACCEL` overrides the accelerator that was found to work.
    ///
    /// # Errors
    /// When QEMU is not installed, or cannot tell what it is.
    pub async fn open(cache: &Utf8Path) -> Result<Self, Error> {
        let tool = QEMU.find()?;
        let facts = facts::find(&tool, cache).await?;
        Ok(Self { tool, facts })
    }

    fn command(&self, machine: &Machine, beginning: Beginning<'_>) -> Invocation {
        let command = self.tool.invoke(format!("starting {}", machine.title()));
        command.env("LC_ALL", "C").current_dir("/").args(command_line::arguments(machine, &self.facts, beginning))
    }

    /// Starts the machine unless it runs. A QEMU that holds the pid file need not come to run: one that was started a
    /// moment ago, by a program that was killed since, ends at its start where its port is taken. Its monitor tells.
    async fn start(&self, machine: &Machine, beginning: Beginning<'_>) -> Result<Started, Error> {
        Files::of(machine).prepare()?;
        for _ in 0..STARTS {
            if state(machine).await? != State::Stopped {
                return Ok(Started::Already);
            }
            if self.launch(machine, beginning).await? == Started::Now {
                return Ok(Started::Now);
            }
        }
        let contended =
            io::Error::other("other programs start it at the same moment, and their QEMUs end\n  try again");
        Err(Error::io("starting the QEMU that logs to", Files::of(machine).log())(contended))
    }

    async fn launch(&self, machine: &Machine, beginning: Beginning<'_>) -> Result<Started, Error> {
        if let Some(service) = &machine.service
            && !segment::is_up(&service.segment).await?
        {
            let problem = StartProblem::SegmentDown { folder: service.segment.folder.clone() };
            return Err(Error::Start { machine: machine.title(), problem: Box::new(problem) });
        }
        let mut command = self.command(machine, beginning);
        if beginning.hands_memory_down(machine) {
            let memory = ram::create().map_err(Error::io("making the memory of", &machine.folder))?;
            command = command.stdin_file(memory, ram::REDIRECTION);
        }
        launch::launch(command, machine).await
    }
}

impl Hypervisor for Qemu {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn check_paths(&self, machine: &Utf8Path, segment: &Segment) -> Result<(), Error> {
        check_paths(machine, segment)
    }

    fn segment_up<'a>(&'a self, segment: &'a Segment) -> Answer<'a, Started> {
        Box::pin(segment::up(segment))
    }

    fn segment_id<'a>(&'a self, segment: &'a Segment) -> Answer<'a, Option<String>> {
        Box::pin(segment::id(segment))
    }

    fn segment_down<'a>(&'a self, segment: &'a Segment) -> Answer<'a, ()> {
        Box::pin(async { segment::down(segment).await.map(drop) })
    }

    fn start_command(&self, machine: &Machine) -> String {
        self.command(machine, Beginning::Boot).command_line()
    }

    fn start<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Started> {
        Box::pin(self.start(machine, Beginning::Boot))
    }

    fn state<'a>(&'a self, machine: &'a Machine) -> Answer<'a, State> {
        Box::pin(state(machine))
    }

    fn stop<'a>(&'a self, machine: &'a Machine, deadline: Duration) -> Answer<'a, Ending> {
        Box::pin(stop::stop(machine, deadline))
    }

    fn kill<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Ending> {
        Box::pin(stop::kill(machine))
    }

    fn pause<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()> {
        Box::pin(checkpoint::pause(machine))
    }

    fn resume<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()> {
        Box::pin(checkpoint::resume(machine))
    }

    fn switch_disk<'a>(&'a self, machine: &'a Machine, overlay: &'a Utf8Path) -> Answer<'a, ()> {
        Box::pin(checkpoint::switch_disk(machine, overlay))
    }

    fn pull_disk<'a>(&'a self, machine: &'a Machine, base: &'a Utf8Path) -> Answer<'a, ()> {
        Box::pin(checkpoint::pull_disk(machine, base))
    }

    fn settle_disk<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()> {
        Box::pin(checkpoint::settle_disk(machine))
    }

    fn disk_in_use<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Option<Utf8PathBuf>> {
        Box::pin(checkpoint::disk_in_use(machine))
    }

    fn memory_in_use<'a>(&'a self, machine: &'a Machine) -> Answer<'a, u64> {
        Box::pin(async { checkpoint::memory_in_use(machine) })
    }

    fn check_saving(&self) -> Result<(), Error> {
        Ok(checkpoint::check_version(self)?)
    }

    fn save_ahead<'a>(&'a self, machine: &'a Machine, to: &'a Saved) -> Answer<'a, Ahead> {
        Box::pin(checkpoint::save_ahead(machine, to))
    }

    fn save<'a>(&'a self, machine: &'a Machine, to: &'a Saved) -> Answer<'a, SavedMemory> {
        Box::pin(checkpoint::save(machine, to))
    }

    fn restore<'a>(&'a self, machine: &'a Machine, from: &'a Saved) -> Answer<'a, ()> {
        Box::pin(checkpoint::restore(self, machine, from))
    }

    fn screenshot<'a>(&'a self, machine: &'a Machine, file: &'a Utf8Path) -> Answer<'a, ()> {
        Box::pin(async move {
            let doing = "taking a screenshot";
            let failed = |source| Error::Monitor { doing, machine: machine.title(), source };
            monitor(machine, doing).await?.screendump(file).await.map_err(failed)
        })
    }

    fn console_log(&self, machine: &Machine) -> Utf8PathBuf {
        Files::of(machine).console_log()
    }

    fn last_words(&self, machine: &Machine) -> Vec<String> {
        Log::last_words(&Files::of(machine).log()).unwrap_or_default()
    }

    fn console<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Console> {
        Box::pin(async {
            running(machine, "connecting to the console").await?;
            let path = Files::of(machine).console();
            let stream = UnixStream::connect(&path).await.map_err(Error::io("connecting to the console at", path))?;
            Ok(Box::new(stream) as Console)
        })
    }

    fn guest_ping<'a>(&'a self, machine: &'a Machine, limit: Duration) -> Answer<'a, ()> {
        Box::pin(async move {
            let doing = "asking the guest agent for a sign of life";
            guest(machine, doing, limit, async |agent| agent.ping().await).await
        })
    }

    fn guest_run<'a>(&'a self, machine: &'a Machine, command: &'a GuestCommand) -> Answer<'a, GuestOutput> {
        Box::pin(async {
            let doing = "running a command through the guest agent";
            guest(machine, doing, AGENT_LIMIT, async |agent| agent.run(command).await).await
        })
    }

    fn guest_set_clock<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()> {
        Box::pin(async {
            let doing = "setting the clock through the guest agent";
            guest(machine, doing, AGENT_LIMIT, async |agent| agent.set_clock().await).await
        })
    }
}

/// As [`Hypervisor::check_paths`]: it takes no QEMU to answer that.
///
/// # Errors
/// [`Error::SocketPath`].
pub fn check_paths(machine: &Utf8Path, segment: &Segment) -> Result<(), Error> {
    Files::within(machine).check_sockets()?;
    segment::check_sockets(segment)
}

/// Says what the machine does.
async fn state(machine: &Machine) -> Result<State, Error> {
    let status = ask(machine, "asking for the state", MONITOR_LIMIT, Qmp::query_status).await?;
    Ok(status.map_or(State::Stopped, read_state))
}

/// Asks QEMU a question through its monitor; nothing if the machine does not run. A QEMU that is about to end hangs up on
/// whoever asks it; one that was started a moment ago, by a program that was killed since, has no monitor yet.
async fn ask<T>(
    machine: &Machine,
    doing: &'static str,
    limit: Duration,
    question: impl AsyncFn(&mut Qmp) -> Result<T, qmp::Error>,
) -> Result<Option<T>, Error> {
    let Some(process) = Process::of(machine).await? else { return Ok(None) };
    let mut patience = Patience::until(Instant::now() + limit, LONGEST_PAUSE);
    loop {
        let ask = async { question(&mut Qmp::connect(&Files::of(machine).monitor(), limit).await?).await };
        match ask.await {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) if error.nobody_listens() && !process.has_ended()? && patience.pause().await => {}
            Err(_) if process.ended_within(END_LIMIT).await? => return Ok(None),
            Err(source) => return Err(Error::Monitor { doing, machine: machine.title(), source }),
        }
    }
}

/// The words are those of `RunState` in QEMU's qapi/run-state.json.
fn read_state(status: qmp::Status) -> State {
    match status.status.as_str() {
        "running" => State::Running,
        // Also where the guest has suspended itself to its memory.
        "paused" | "suspended" | "prelaunch" | "inmigrate" | "postmigrate" | "finish-migrate" | "restore-vm"
        | "save-vm" => State::Paused,
        _ => State::Halted(status.status),
    }
}

async fn running(machine: &Machine, doing: &'static str) -> Result<Process, Error> {
    Process::of(machine).await?.ok_or_else(|| Error::NotRunning { doing, machine: machine.title() })
}

async fn monitor(machine: &Machine, doing: &'static str) -> Result<Qmp, Error> {
    running(machine, doing).await?;
    let failed = |source| Error::Monitor { doing, machine: machine.title(), source };
    Qmp::connect(&Files::of(machine).monitor(), MONITOR_LIMIT).await.map_err(failed)
}

/// Connects to the guest's agent and asks it one question.
async fn guest<T>(
    machine: &Machine,
    doing: &'static str,
    limit: Duration,
    question: impl AsyncFnOnce(&mut Agent) -> Result<T, agent::Error>,
) -> Result<T, Error> {
    running(machine, doing).await?;
    let ask = async { question(&mut Agent::connect(&Files::of(machine).agent(), limit).await?).await };
    ask.await.map_err(|source| Error::Agent { doing, machine: machine.title(), source })
}
