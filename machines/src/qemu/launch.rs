//! Starting QEMU so that it outlives us, or ends with us if that is the machine's lifetime.
//!
//! QEMU's own `-daemonize` cannot be had together with its sandbox: that forbids fork(2) and setsid(2) before
//! `-daemonize` needs them. So QEMU is detached from us before it starts, and what it says, at its start and in all its
//! life, goes to a file in the node's folder. A QEMU that runs answers on its monitor; one that cannot
//! run ends.

use std::time::Duration;

use camino::Utf8Path;
use kiln_tool::{Ending, Invocation};
use rustix::fs::Mode;
use rustix::process::umask;
use tokio::process::Child;
use tokio::time::Instant;

use super::complaint::{self, Complaint};
use super::files::Files;
use super::log::Log;
use super::process::Process;
use super::qmp::Qmp;
use crate::patience::Patience;
use crate::{Error, Lifetime, Machine, StartProblem, Started};

/// How long QEMU may take until its monitor answers. It takes 0.1 s; a host that swaps takes longer.
const LIMIT: Duration = Duration::from_secs(60);

/// The longest pause before the monitor is tried again.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Starts QEMU by the command `start` and waits until it answers.
pub(super) async fn launch(start: Invocation, machine: &Machine) -> Result<Started, Error> {
    let path = Files::of(machine).log();
    let mut log = Log::open(&path).map_err(Error::io("opening", &path))?;
    if !log.take().map_err(Error::io("locking", &path))? {
        return Ok(Started::Already);
    }
    let command = start.command_line();
    log.begin(&command).map_err(Error::io("writing", &path))?;
    let mut child = privately(|| match machine.lifetime {
        Lifetime::ItsOwn => start.detach(log.file()),
        Lifetime::OfItsStarter => start.attach(log.file()),
    })?;
    let monitor = Files::of(machine).monitor();
    let ended = tokio::select! {
        // The end is looked at first: the monitor that answers could be that of another QEMU.
        biased;
        status = child.wait() => Some(status.map_err(Error::io("waiting for the QEMU that logs to", &path))?),
        answers = monitor_answers(&monitor) => if answers { return Ok(Started::Now) } else { None },
    };
    let said = log.said().map_err(Error::io("reading", &path))?;
    let problem = match ended {
        Some(status) => match complaint::read(&said, machine) {
            Complaint::AlreadyRuns => return Ok(Started::Already),
            Complaint::Known(problem) => problem,
            Complaint::Unknown => StartProblem::Ended { ending: Ending::Status(status), said, command, log: path },
        },
        None => {
            end_silent(child, machine).await?;
            StartProblem::Silent { seconds: LIMIT.as_secs(), said, command, log: path }
        }
    };
    Err(Error::Start { machine: machine.title(), problem: Box::new(problem) })
}

/// Lets what `start` starts make files that are its owner's alone: QEMU gives its sockets and its console log the modes
/// that the umask leaves. A umask belongs to a process, and passes to those that it starts.
fn privately<T>(start: impl FnOnce() -> T) -> T {
    let before = umask(Mode::RWXG | Mode::RWXO);
    let started = start();
    umask(before);
    started
}

/// Waits until the monitor at `socket` answers, and says whether it does. Until QEMU has made all devices it does not,
/// and the socket may be a dead one of an earlier QEMU.
async fn monitor_answers(socket: &Utf8Path) -> bool {
    let mut patience = Patience::until(Instant::now() + LIMIT, LONGEST_PAUSE);
    while let Err(error) = Qmp::connect(socket, LIMIT).await {
        tracing::trace!(target: "kiln::qmp", %socket, %error, "not yet");
        if !patience.pause().await {
            return false;
        }
    }
    true
}

async fn end_silent(mut child: Child, machine: &Machine) -> Result<(), Error> {
    match Process::holding(&Files::of(machine).pid())? {
        Some(process) => process.kill(&machine.title()).await,
        None => child.kill().await.map_err(Error::io("killing QEMU of", &machine.folder)),
    }
}
