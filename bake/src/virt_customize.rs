//! virt-customize(1): changes a disk image without booting it, in the libguestfs appliance.

use std::time::Duration;

use camino::Utf8Path;
use kiln_images::home::Home;
use kiln_machines::Accelerator;
use kiln_tool::{Error, Invocation, Program, Tool};

use crate::actions::Action;
use crate::appliance::Appliance;

const VIRT_CUSTOMIZE: Program = Program::new("virt-customize", "guestfs-tools");

/// Under emulation an appliance takes 15 s to start and installing a desktop most of an hour.
const TIME_LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// The wrapper of virt-customize.
#[derive(Debug, Clone)]
pub struct VirtCustomize {
    tool: Tool,
    accelerator: Accelerator,
    appliance: Option<Appliance>,
}

/// One run on one disk.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// What it is for, in words.
    pub step: &'a str,
    /// The qcow2 that is changed.
    pub disk: &'a Utf8Path,
    /// A raw scratch disk that commands in the guest can write to, and have to find: the only way out of the appliance
    /// beside the disk itself.
    pub report: Option<&'a Utf8Path>,
    /// What is done, in this order.
    pub actions: &'a [Action],
    /// Whether it has a network.
    pub network: bool,
    /// Whether every file gets the label that the image's SELinux policy has for it afterwards: what the appliance writes
    /// has none, and its own kernel knows no policy. An image without SELinux is left as it is (guestfs-tools,
    /// common/mlcustomize/SELinux_relabel.ml).
    pub relabel: bool,
    /// Where everything it says goes.
    pub log: &'a Utf8Path,
}

impl VirtCustomize {
    /// Finds the program, and prepares its appliance in `home`. It has to be told what executes that: libguestfs would try
    /// KVM, and fail.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn find(accelerator: Accelerator, home: &Home) -> Result<Self, Error> {
        let tool = VIRT_CUSTOMIZE.find()?;
        let appliance = Appliance::prepare(home).unwrap_or_else(|error| {
            tracing::warn!("libguestfs's own appliance is used, which is slower: {error}");
            None
        });
        Ok(Self { tool, accelerator, appliance })
    }

    /// The command of a run, to show or to execute.
    pub fn command(&self, run: Run<'_>) -> Invocation {
        let mut command = self.tool.invoke(run.step).env("LC_ALL", "C").env("LIBGUESTFS_BACKEND", "direct");
        if let Some(settings) = self.accelerator.libguestfs_settings() {
            command = command.env("LIBGUESTFS_BACKEND_SETTINGS", settings);
        }
        for (name, folder) in self.appliance.iter().flat_map(Appliance::variables) {
            command = command.env(name, folder);
        }
        command.args(arguments(run)).log(run.log).time_limit(TIME_LIMIT)
    }

    /// Carries out a run. `began` is called with the number of each action when it begins.
    ///
    /// # Errors
    /// The failure of the program, with the end of what it and the guest said.
    pub async fn run(&self, run: Run<'_>, mut began: impl FnMut(usize)) -> Result<(), Error> {
        let mut progress = Progress { actions: run.actions, next: 0 };
        self.command(run)
            .stream(|line| {
                if let Some(action) = progress.read(line) {
                    began(action);
                }
            })
            .await
    }
}

fn arguments(run: Run<'_>) -> Vec<String> {
    // The format is named: probing a disk that a guest wrote to would let the guest choose it.
    let mut arguments = vec!["--format".to_owned(), "qcow2".to_owned(), "--add".to_owned(), run.disk.to_string()];
    if let Some(report) = run.report {
        arguments.extend(["--format".to_owned(), "raw".to_owned(), "--add".to_owned(), report.to_string()]);
    }
    if !run.network {
        arguments.push("--no-network".to_owned());
    }
    arguments.extend(run.actions.iter().flat_map(Action::arguments));
    if run.relabel {
        arguments.push("--selinux-relabel".to_owned());
    }
    arguments
}

/// Follows the lines that virt-customize prints when it begins something, one for each action: "[  15.0] Running: true".
/// What the guest said comes in between, and all of it once more when an action fails: lines of its kernel look alike.
#[derive(Debug)]
struct Progress<'a> {
    actions: &'a [Action],
    next: usize,
}

impl Progress<'_> {
    /// The number of the action that begins with this line, if one does.
    fn read(&mut self, line: &str) -> Option<usize> {
        let message = message(line)?;
        self.actions.get(self.next).filter(|action| message.starts_with(action.announced()))?;
        self.next += 1;
        Some(self.next - 1)
    }
}

/// The text after the seconds in "[   4.2] text".
fn message(line: &str) -> Option<&str> {
    let (seconds, message) = line.strip_prefix('[')?.split_once("] ")?;
    seconds.trim().parse::<f32>().ok().map(|_| message)
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::assert_explains;

    use super::*;

    #[tokio::test]
    async fn a_run_that_fails_is_explained_with_its_disk() {
        let folder = tempfile::tempdir().unwrap();
        let log = Utf8Path::from_path(folder.path()).unwrap().join("log");
        let (step, disk, actions) = ("installing curl", Utf8Path::new("/a.qcow2"), []);
        let run = Run { step, disk, report: None, actions: &actions, network: false, relabel: false, log: &log };
        let home = Home::new(Utf8Path::from_path(folder.path()).unwrap().join("home")).unwrap();
        let customize = async || VirtCustomize::find(Accelerator::Tcg, &home)?.run(run, |_| ()).await;
        assert_explains(("virt-customize", "guestfs-tools"), &[step, disk.as_str(), log.as_str()], customize).await;
    }

    #[test]
    fn an_action_begins_with_its_own_line_and_with_no_other() {
        let said = "[   0.0] Examining the guest ...\n[  14.9] Setting a random seed\n\
                    [  14.9] Setting the machine ID in /etc/machine-id\n\
                    [  15.0] Installing packages: curl\nGet:1 http://mirror/ [12]\n\
                    [    0.000000] Linux version 6.1.0\n[  33.1] Running: dmesg; false\n\
                    [    1.234567] virtio_net virtio0 eth0: renamed\n[    2.5] Writing: /never\n\
                    [  40.0] Making directory: /a\n[  41.0] Finishing off\n";
        let actions = [
            Action::Install(vec!["curl".parse().unwrap()]),
            Action::RunCommand("dmesg; false".into()),
            Action::Mkdir("/a".into()),
        ];
        let mut progress = Progress { actions: &actions, next: 0 };
        let lines = said.lines().enumerate();
        let begun: Vec<_> = lines.filter_map(|(line, text)| Some((line, progress.read(text)?))).collect();
        assert_eq!(begun, [(3, 0), (6, 1), (9, 2)]);
    }

    #[test]
    fn labels_are_given_when_all_else_is_done_and_a_network_where_there_is_to_be_one() {
        let (disk, log) = (Utf8Path::new("/a.qcow2"), Utf8Path::new("/log"));
        let actions = [Action::Delete("/x".into())];
        let run = Run { step: "x", disk, report: None, actions: &actions, network: false, relabel: true, log };
        assert_eq!(arguments(run).last().map(String::as_str), Some("--selinux-relabel"));
        assert!(!arguments(Run { relabel: false, ..run }).contains(&"--selinux-relabel".to_owned()));
        let offline = |network| arguments(Run { network, ..run }).contains(&"--no-network".to_owned());
        assert_eq!([offline(false), offline(true)], [true, false]);
    }
}
