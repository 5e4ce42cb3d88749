//! Machines that only pretend, for tests of what is done with all of a lab's.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::future::ready;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_machines::qemu::qmp;
use kiln_machines::{
    Ahead, Answer, Console as Serial, Ending, Error as MachineError, Facts, GuestCommand, GuestOutput, Hypervisor,
    Machine, Saved, SavedMemory, Segment, Started, State as MachineState,
};

use super::flat;

/// What a machine does, and the file that it writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pretended {
    pub(super) state: MachineState,
    pub(super) disk: Utf8PathBuf,
}

/// Machines that do what they are told, but for the one step that fails.
#[derive(Debug)]
pub(crate) struct Pretence {
    pub(super) facts: Facts,
    /// By their folders.
    pub(super) machines: RefCell<BTreeMap<String, Pretended>>,
    /// The step, and the machine, that fails.
    pub(super) fails: Cell<Option<(&'static str, &'static str)>>,
}

impl Pretence {
    pub(super) fn step(
        &self,
        step: &'static str,
        machine: &Machine,
        to: impl FnOnce(&mut Pretended),
    ) -> Result<(), MachineError> {
        if self.fails.get() == Some((step, machine.name.as_str())) {
            return Err(MachineError::NotRunning { doing: step, machine: machine.title() });
        }
        let stopped = || Pretended { state: MachineState::Stopped, disk: machine.disk.clone() };
        to(self.machines.borrow_mut().entry(machine.folder.to_string()).or_insert_with(stopped));
        Ok(())
    }

    /// A step for which the real one holds the machine for a moment: the one that fails is left held, as where QEMU ends the
    /// connection in that moment.
    fn holding(
        &self,
        step: &'static str,
        machine: &Machine,
        to: impl FnOnce(&mut Pretended),
    ) -> Result<(), MachineError> {
        self.step(step, machine, to).inspect_err(|_| {
            self.step("pause", machine, |it| it.state = MachineState::Paused).unwrap();
        })
    }

    pub(super) fn states(&self) -> Vec<MachineState> {
        self.machines.borrow().values().map(|machine| machine.state.clone()).collect()
    }
}

impl Hypervisor for Pretence {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn check_paths(&self, _: &Utf8Path, _: &Segment) -> Result<(), MachineError> {
        Ok(())
    }

    fn check_saving(&self) -> Result<(), MachineError> {
        Ok(())
    }

    fn segment_up<'a>(&'a self, _: &'a Segment) -> Answer<'a, Started> {
        Box::pin(ready(Ok(Started::Already)))
    }

    fn segment_id<'a>(&'a self, _: &'a Segment) -> Answer<'a, Option<String>> {
        Box::pin(ready(Ok(Some("segment".to_owned()))))
    }

    fn segment_down<'a>(&'a self, _: &'a Segment) -> Answer<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn start_command(&self, _: &Machine) -> String {
        String::new()
    }

    fn start<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Started> {
        let started = self.step("start", machine, |it| it.state = MachineState::Running);
        Box::pin(ready(started.map(|()| Started::Now)))
    }

    fn state<'a>(&'a self, machine: &'a Machine) -> Answer<'a, MachineState> {
        if self.fails.get() == Some(("state", machine.name.as_str())) {
            let source = qmp::Error::Answer { command: "query-status".to_owned(), problem: "it hangs".to_owned() };
            let hung = MachineError::Monitor { doing: "state", machine: machine.title(), source };
            return Box::pin(ready(Err(hung)));
        }
        let known = self.machines.borrow().get(machine.folder.as_str()).map(|machine| machine.state.clone());
        Box::pin(ready(Ok(known.unwrap_or(MachineState::Stopped))))
    }

    fn stop<'a>(&'a self, machine: &'a Machine, _: Duration) -> Answer<'a, Ending> {
        self.kill(machine)
    }

    fn kill<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Ending> {
        let killed = self.step("kill", machine, |it| it.state = MachineState::Stopped);
        Box::pin(ready(killed.map(|()| Ending::Killed)))
    }

    fn pause<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()> {
        Box::pin(ready(self.step("pause", machine, |it| it.state = MachineState::Paused)))
    }

    fn resume<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()> {
        // No machine executes while there is another disk beside its own.
        let next = machine.folder.join("disk.next.qcow2");
        assert!(!next.exists(), "{next}");
        // One that runs is left alone.
        let runs = |it: &Pretended| it.state == MachineState::Running;
        if self.machines.borrow().get(machine.folder.as_str()).is_some_and(runs) {
            return Box::pin(ready(Ok(())));
        }
        Box::pin(ready(self.step("resume", machine, |it| it.state = MachineState::Running)))
    }

    fn switch_disk<'a>(&'a self, machine: &'a Machine, overlay: &'a Utf8Path) -> Answer<'a, ()> {
        Box::pin(ready(self.step("switch", machine, |it| it.disk = overlay.to_owned())))
    }

    fn pull_disk<'a>(&'a self, machine: &'a Machine, base: &'a Utf8Path) -> Answer<'a, ()> {
        Box::pin(ready(self.holding("pull", machine, |_| flat::pull(&machine.disk, base))))
    }

    fn settle_disk<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()> {
        Box::pin(ready(self.holding("settle", machine, |_| ())))
    }

    fn disk_in_use<'a>(&'a self, machine: &'a Machine) -> Answer<'a, Option<Utf8PathBuf>> {
        let runs = |it: &Pretended| (it.state != MachineState::Stopped).then(|| it.disk.clone());
        // As the real one: by the name that it has now.
        let disk = self.machines.borrow().get(machine.folder.as_str()).and_then(runs);
        let disk = disk.map(|disk| if disk.exists() { disk } else { machine.disk.clone() });
        Box::pin(ready(Ok(disk)))
    }

    fn memory_in_use<'a>(&'a self, _: &'a Machine) -> Answer<'a, u64> {
        Box::pin(ready(Ok(1 << 20)))
    }

    fn save_ahead<'a>(&'a self, machine: &'a Machine, _: &'a Saved) -> Answer<'a, Ahead> {
        Box::pin(ready(self.step("ahead", machine, |_| ()).map(|()| Ahead::Runs)))
    }

    fn save<'a>(&'a self, machine: &'a Machine, to: &'a Saved) -> Answer<'a, SavedMemory> {
        let files = [Some(&to.state), to.memory.as_ref()];
        files.into_iter().flatten().for_each(|file| fs::write(file, &machine.name).unwrap());
        if self.fails.get() == Some(("seal", machine.name.as_str())) {
            fs::remove_file(&to.state).unwrap();
        }
        Box::pin(ready(self.step("save", machine, |_| ()).map(|()| SavedMemory::Copied)))
    }

    fn restore<'a>(&'a self, machine: &'a Machine, from: &'a Saved) -> Answer<'a, ()> {
        assert_eq!(fs::read_to_string(from.memory.as_ref().unwrap()).unwrap(), machine.name);
        let load = |it: &mut Pretended| *it = Pretended { state: MachineState::Paused, disk: machine.disk.clone() };
        Box::pin(ready(self.step("restore", machine, load)))
    }

    fn screenshot<'a>(&'a self, _: &'a Machine, _: &'a Utf8Path) -> Answer<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn console_log(&self, machine: &Machine) -> Utf8PathBuf {
        machine.folder.join("console.log")
    }

    fn last_words(&self, _: &Machine) -> Vec<String> {
        Vec::new()
    }

    fn console<'a>(&'a self, _: &'a Machine) -> Answer<'a, Serial> {
        Box::pin(std::future::pending())
    }

    fn guest_ping<'a>(&'a self, _: &'a Machine, _: Duration) -> Answer<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn guest_run<'a>(&'a self, _: &'a Machine, _: &'a GuestCommand) -> Answer<'a, GuestOutput> {
        Box::pin(std::future::pending())
    }

    fn guest_set_clock<'a>(&'a self, machine: &'a Machine) -> Answer<'a, ()> {
        Box::pin(ready(self.step("clock", machine, |_| ())))
    }
}
