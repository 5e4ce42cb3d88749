//! The booted guest: scripts are run in it by way of its agent.
//!
//! The agent is asked short questions only. A script runs beside it, as a transient unit of systemd's, and writes what it
//! says and its status to files, which are asked for again and again: so a script may take hours and say megabytes, can do
//! to the agent what it likes, and is not bound by what the agent itself is allowed to do.

use std::cell::Cell;
use std::time::Duration;

use camino::Utf8Path;
use kiln_machines::console_log::LastWords;
use kiln_machines::{Accelerator, Ending, GuestCommand, GuestOutput, Hypervisor, Machine, State};
use tokio::time::{Instant, sleep};

use super::BootError;
use super::said::{Said, ScriptState};
use crate::build::seal::TRIM;
use crate::steps::quote;

/// How many times longer a guest takes for the same under QEMU's translator.
const TRANSLATED: u32 = 8;

/// How long it may take on a quick host until the agent answers, and until all has started after that: docker, for one,
/// takes its time.
const BOOT: Duration = Duration::from_secs(60);
const START: Duration = Duration::from_secs(120);
/// How long a guest may take to shut down.
const SHUTDOWN: Duration = Duration::from_secs(60);
/// How long the agent may take to run a command that does next to nothing.
const QUESTION: Duration = Duration::from_secs(15);
/// How long a guest may be so busy that its agent does not answer.
const SILENCE: Duration = Duration::from_secs(60);
/// How long the agent is asked for a sign of life, again and again.
const PING: Duration = Duration::from_secs(1);
/// How often the machine is looked at.
const INTERVAL: Duration = Duration::from_millis(500);
/// The pauses between two looks at a script that runs, at first and at most. A look costs the guest time.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// Starts the script that it reads from standard input. `$1` is the name of its unit, `$2` is [`RUNNER`].
const BEGIN: &str = "\
set -e
umask 077
mkdir -p /run/kiln && cd /run/kiln
rm -f pid status
cat > script && printf '%s' \"$2\" > runner && : > output
exec systemd-run --unit=\"$1\" --description='A step of bake' /bin/sh /run/kiln/runner";

/// Runs the script. It comes as a file, because systemd would replace what looks like a variable to it.
const RUNNER: &str = "\
echo $$ > /run/kiln/pid
cd /
sh /run/kiln/script > /run/kiln/output 2>&1 < /dev/null
echo $? > /run/kiln/part
mv /run/kiln/part /run/kiln/status
";

/// Says how the script is, in a line, and what it said from the byte `$1` on. The status is looked at once more when the
/// script's shell is gone: it may have ended in between.
const LOOK: &str = "\
cd /run/kiln || exit
if [ ! -e status ] && [ -s pid ] && ! kill -0 \"$(cat pid)\" 2> /dev/null && [ ! -e status ]; then echo gone
elif [ -e status ]; then echo \"ended $(cat status)\"
else echo runs; fi
tail -c \"+$1\" output | head -c 65536";

/// Waits until everything has started that is started at boot, whether it went well or not (systemctl(1)). CentOS 7's
/// systemctl cannot wait, and says nothing then; to ask again and again slows the boot down.
const STARTED: &str = "\
state=$(systemctl is-system-running --wait 2> /dev/null)
while case $state in '' | initializing | starting) true ;; *) false ;; esac
do
    sleep 2
    state=$(systemctl is-system-running)
done
echo \"the system is $state\"
[ \"$state\" != degraded ] || systemctl --failed --no-legend --no-pager";

/// A booted guest.
#[derive(Debug)]
pub(super) struct Guest<'a> {
    hypervisor: &'a dyn Hypervisor,
    machine: &'a Machine,
    log: &'a Utf8Path,
    /// How many scripts it was given.
    scripts: Cell<usize>,
}

impl<'a> Guest<'a> {
    /// The guest of a machine that was started. What its scripts say goes to `log`.
    pub(super) fn new(hypervisor: &'a dyn Hypervisor, machine: &'a Machine, log: &'a Utf8Path) -> Self {
        Self { hypervisor, machine, log, scripts: Cell::new(0) }
    }

    /// Waits until it has started.
    pub(super) async fn started(&self) -> Result<(), BootError> {
        self.answers().await?;
        self.run(STARTED, &[], self.scale(START)).await.map(drop)
    }

    async fn answers(&self) -> Result<(), BootError> {
        let limit = self.scale(BOOT);
        let deadline = Instant::now() + limit;
        while let Err(last) = self.hypervisor.guest_ping(self.machine, self.scale(PING)).await {
            if Instant::now() >= deadline {
                return Err(BootError::Silent { limit, last: Box::new(last) });
            }
            sleep(INTERVAL).await;
        }
        Ok(())
    }

    /// Runs a script with these arguments and returns the last of what it said, of both streams.
    pub(super) async fn run(&self, script: &str, arguments: &[&str], limit: Duration) -> Result<String, BootError> {
        let deadline = Instant::now() + limit;
        let script = format!("set -- {}\n{script}\n", quote(arguments.iter().copied()));
        self.scripts.set(self.scripts.get() + 1);
        let unit = format!("kiln-{}", self.scripts.get());
        let begun = self.ask(BEGIN, &[&unit, RUNNER], script.into_bytes()).await?;
        if begun.code != Some(0) {
            let said = String::from_utf8_lossy(&begun.stderr).trim().to_owned();
            return Err(BootError::Failed { status: begun.code.unwrap_or(-1), said });
        }
        let mut said = Said::new(self.log)?;
        let (mut pause, longest) = PAUSES;
        loop {
            sleep(pause).await;
            let (state, more) = said.take(&self.look(said.bytes).await?)?;
            match state {
                // What it said before it ended may be more than one look shows.
                _ if more => continue,
                ScriptState::Ended(0) => return Ok(said.text()),
                ScriptState::Ended(status) => return Err(BootError::Failed { status, said: said.end() }),
                ScriptState::Gone => return Err(BootError::Killed { said: said.end() }),
                ScriptState::Runs if Instant::now() >= deadline => return Err(BootError::TimedOut(limit)),
                ScriptState::Runs => pause = (pause * 2).min(longest),
            }
        }
    }

    /// Looks at the script. A guest that is busy with it may be slow to answer.
    async fn look(&self, offset: usize) -> Result<Vec<u8>, BootError> {
        let deadline = Instant::now() + self.scale(SILENCE);
        loop {
            match self.ask(LOOK, &[&(offset + 1).to_string()], Vec::new()).await {
                Ok(output) => return Ok(output.stdout),
                Err(error) if Instant::now() >= deadline => return Err(error.into()),
                Err(error) => tracing::debug!(%error, "the guest does not say how its script is"),
            }
            sleep(INTERVAL).await;
        }
    }

    async fn ask(&self, text: &str, arguments: &[&str], stdin: Vec<u8>) -> Result<GuestOutput, kiln_machines::Error> {
        let arguments = ["-c", text, "sh"].iter().chain(arguments).map(|&word| word.to_owned()).collect();
        let command = GuestCommand { program: "/bin/sh".to_owned(), arguments, stdin, limit: self.scale(QUESTION) };
        self.hypervisor.guest_run(self.machine, &command).await
    }

    /// Lets it shut down, and waits until it has.
    pub(super) async fn shut_down(&self) -> Result<(), BootError> {
        let limit = self.scale(SHUTDOWN);
        self.run(TRIM, &[], limit).await?;
        match self.hypervisor.stop(self.machine, limit).await? {
            Ending::ShutDown => Ok(()),
            Ending::NotRunning => Err(BootError::Ended),
            Ending::Ended | Ending::Killed => Err(BootError::NoShutdown(limit)),
        }
    }

    /// Returns when the guest cannot go on: it has given up, or its machine has ended or was halted.
    pub(super) async fn trouble(&self) -> BootError {
        let mut console = LastWords::of(&self.hypervisor.console_log(self.machine), 0);
        loop {
            match self.hypervisor.state(self.machine).await {
                Ok(State::Stopped) => return BootError::Ended,
                Ok(State::Halted(word)) => return BootError::Halted(word),
                Ok(State::Running | State::Paused) => {}
                // A monitor that is slow to answer is no trouble with the guest.
                Err(error) => tracing::debug!(%error, "the machine cannot be looked at"),
            }
            match console.read() {
                Ok(Some(words)) => return BootError::GaveUp(words),
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "the console cannot be read"),
            }
            sleep(INTERVAL).await;
        }
    }

    fn scale(&self, time: Duration) -> Duration {
        match self.hypervisor.facts().accelerator {
            Accelerator::Kvm => time,
            Accelerator::Tcg => time * TRANSLATED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_tells_running_ended_and_killed_apart() {
        let folder = tempfile::tempdir().unwrap();
        let look = |files: &[(&str, &str)]| {
            files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
            let script = LOOK.replace("/run/kiln", folder.path().to_str().unwrap());
            let ran = std::process::Command::new("sh").args(["-c", &script, "sh", "3"]).output().unwrap();
            String::from_utf8(ran.stdout).unwrap()
        };
        let own = std::process::id().to_string();
        // There is no process with the number 2^30 (proc(5), pid_max).
        for (files, expected) in [
            (vec![("output", "")], "runs\n"),
            (vec![("pid", "")], "runs\n"),
            (vec![("output", "one\ntwo\n"), ("pid", &own)], "runs\ne\ntwo\n"),
            (vec![("pid", "1073741824\n")], "gone\ne\ntwo\n"),
            (vec![("status", "7\n")], "ended 7\ne\ntwo\n"),
        ] {
            assert_eq!(look(&files), expected);
        }
    }
}
