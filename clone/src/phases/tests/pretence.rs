//! A hypervisor that only pretends.

use std::cell::RefCell;
use std::fmt;
use std::future::pending;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_machines::qemu::agent;
use kiln_machines::{
    Accelerator, Ahead, Answer, Console, Ending, Facts, GuestCommand, GuestOutput, Hypervisor, Machine, Saved,
    SavedMemory, Segment, Started, State,
};

/// What the agent of the machine of this name says to a command.
type Says = Box<dyn Fn(&str, &GuestCommand) -> GuestOutput>;

/// A machine that is in one state for ever, whatever it is told, with an agent that answers what it is told to.
pub(crate) struct Pretence {
    facts: Facts,
    state: State,
    console: Utf8PathBuf,
    says: Says,
    /// What it was asked.
    pub(crate) asked: RefCell<Vec<GuestCommand>>,
}

impl Pretence {
    /// A machine in this state, whose console is this file.
    pub(crate) fn new(
        state: State,
        console: Utf8PathBuf,
        says: impl Fn(&str, &GuestCommand) -> GuestOutput + 'static,
    ) -> Self {
        let facts = Facts {
            hypervisor: "a pretence".to_owned(),
            board: "board".to_owned(),
            boards: vec![],
            accelerator: Accelerator::Kvm,
            reason: String::new(),
            processors: vec![],
        };
        Self { facts, state, console, says: Box::new(says), asked: RefCell::default() }
    }
}

impl fmt::Debug for Pretence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pretence")
    }
}

impl Hypervisor for Pretence {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn check_paths(&self, _: &Utf8Path, _: &Segment) -> Result<(), kiln_machines::Error> {
        Ok(())
    }

    fn check_saving(&self) -> Result<(), kiln_machines::Error> {
        Ok(())
    }

    fn segment_up<'a>(&'a self, _: &'a Segment) -> Answer<'a, Started> {
        Box::pin(pending())
    }

    fn segment_id<'a>(&'a self, _: &'a Segment) -> Answer<'a, Option<String>> {
        Box::pin(pending())
    }

    fn segment_down<'a>(&'a self, _: &'a Segment) -> Answer<'a, ()> {
        Box::pin(pending())
    }

    fn start_command(&self, _: &Machine) -> String {
        String::new()
    }

    fn start<'a>(&'a self, _: &'a Machine) -> Answer<'a, Started> {
        Box::pin(pending())
    }

    fn state<'a>(&'a self, _: &'a Machine) -> Answer<'a, State> {
        Box::pin(async { Ok(self.state.clone()) })
    }

    fn stop<'a>(&'a self, _: &'a Machine, _: Duration) -> Answer<'a, Ending> {
        Box::pin(pending())
    }

    fn kill<'a>(&'a self, _: &'a Machine) -> Answer<'a, Ending> {
        Box::pin(pending())
    }

    fn pause<'a>(&'a self, _: &'a Machine) -> Answer<'a, ()> {
        Box::pin(pending())
    }

    fn resume<'a>(&'a self, _: &'a Machine) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn switch_disk<'a>(&'a self, _: &'a Machine, _: &'a Utf8Path) -> Answer<'a, ()> {
        Box::pin(pending())
    }

    fn pull_disk<'a>(&'a self, _: &'a Machine, _: &'a Utf8Path) -> Answer<'a, ()> {
        Box::pin(pending())
    }

    fn settle_disk<'a>(&'a self, _: &'a Machine) -> Answer<'a, ()> {
        Box::pin(pending())
    }

    fn disk_in_use<'a>(&'a self, _: &'a Machine) -> Answer<'a, Option<Utf8PathBuf>> {
        Box::pin(pending())
    }

    fn memory_in_use<'a>(&'a self, _: &'a Machine) -> Answer<'a, u64> {
        Box::pin(pending())
    }

    fn save_ahead<'a>(&'a self, _: &'a Machine, _: &'a Saved) -> Answer<'a, Ahead> {
        Box::pin(pending())
    }

    fn save<'a>(&'a self, _: &'a Machine, _: &'a Saved) -> Answer<'a, SavedMemory> {
        Box::pin(pending())
    }

    fn restore<'a>(&'a self, _: &'a Machine, _: &'a Saved) -> Answer<'a, ()> {
        Box::pin(pending())
    }

    fn screenshot<'a>(&'a self, _: &'a Machine, _: &'a Utf8Path) -> Answer<'a, ()> {
        Box::pin(pending())
    }

    fn console_log(&self, _: &Machine) -> Utf8PathBuf {
        self.console.clone()
    }

    fn last_words(&self, _: &Machine) -> Vec<String> {
        Vec::new()
    }

    fn console<'a>(&'a self, _: &'a Machine) -> Answer<'a, Console> {
        Box::pin(pending())
    }

    fn guest_ping<'a>(&'a self, _: &'a Machine, _: Duration) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn guest_run<'a>(&'a self, machine: &'a Machine, command: &'a GuestCommand) -> Answer<'a, GuestOutput> {
        self.asked.borrow_mut().push(command.clone());
        Box::pin(async move {
            let output = (self.says)(&machine.name, command);
            if output == still_running() {
                let (program, seconds) = (command.program.clone(), command.limit.as_secs());
                let source = agent::Error::StillRunning { program, pid: 1, seconds };
                let doing = "running a command through the guest agent";
                return Err(kiln_machines::Error::Agent { doing, machine: machine.name.clone(), source });
            }
            Ok(output)
        })
    }

    fn guest_set_clock<'a>(&'a self, _: &'a Machine) -> Answer<'a, ()> {
        Box::pin(pending())
    }
}

/// What stands for a command that has not ended within its limit.
pub(crate) fn still_running() -> GuestOutput {
    GuestOutput { code: None, ..output(0, "", "") }
}

/// What an agent says of a command that ended so.
pub(crate) fn output(code: i32, stdout: &str, stderr: &str) -> GuestOutput {
    GuestOutput { code: Some(code), stdout: stdout.into(), stderr: stderr.into(), truncated: false }
}
