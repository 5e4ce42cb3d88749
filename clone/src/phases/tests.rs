//! Phases against a hypervisor that only pretends.

mod cluster;
mod identity;
mod join;
mod mesh;
pub(crate) mod pretence;
mod programs;

use std::future::pending;
use std::time::Duration;

use camino::Utf8Path;
use kiln_images::home::Home;
use kiln_machines::{Accelerator, GuestCommand, GuestOutput, State};
use pretence::{Pretence, output};

use super::hosts::Hosts;
use super::*;
use crate::state::tests::{node, state};

/// A phase that never ends, and tries this.
struct Endless(Option<&'static str>);

impl Phase for Endless {
    fn name(&self) -> &'static str {
        "endless"
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(3600)
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, task: &'a Task) -> Work<'a, Option<&'static str>> {
        if let Some(attempt) = self.0 {
            task.remember(attempt);
        }
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, ()> {
        Box::pin(pending())
    }
}

/// The same, with another one beside it.
struct Beside(Endless, Endless);

impl Phase for Beside {
    fn name(&self) -> &'static str {
        "beside"
    }

    fn limit(&self) -> Duration {
        self.0.limit()
    }

    fn is_done<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, Option<&'static str>> {
        self.0.is_done(node, task)
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, _: &'a Task) -> Work<'a, ()> {
        Box::pin(async {
            run(node, &self.1).await.unwrap_err();
            pending().await
        })
    }
}

/// Takes a node through a phase, and returns how that went and what the agent was asked.
async fn take_through(
    phase: &dyn Phase,
    (state_of_machine, console, says): (State, &str, GuestOutput),
    limit: Option<Duration>,
) -> (Result<(), Failure>, Vec<GuestCommand>) {
    let guard = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(guard.path()).unwrap();
    let log = root.join("console.log");
    std::fs::write(&log, console).unwrap();
    let hypervisor = Pretence::new(state_of_machine, log, move |_, _| says.clone());
    let folder = LabFolder::new(&Home::new(root.join("kiln")).unwrap(), &"lab".parse().unwrap());
    let state = state([("node1", node())]);
    let (changed, reporter, ssh) = (Notify::new(), Reporter::silent(), Ssh::new(&folder.ssh_config()));
    let site = Site {
        folder: &folder,
        uuid: state.uuid,
        hypervisor: &hypervisor,
        ssh: &ssh,
        reporter: &reporter,
        pace: Pace::new(Accelerator::Kvm, 1, 1),
        limit,
        changed: &changed,
    };
    let (name, node_state) = state.nodes.first_key_value().unwrap();
    let node = Node::new(site, name, node_state);
    node.progress.agent_answered();
    let result = run(&node, phase).await;
    (result, hypervisor.asked.take())
}

#[tokio::test]
async fn a_machine_that_cannot_come_up_any_more_is_not_waited_for() {
    for (state, console, message) in [
        (State::Stopped, "", "its machine has ended"),
        (State::Halted("io-error".to_owned()), "", "is the disk of this host full?"),
        (State::Running, "[    1.5] Kernel panic - not syncing: VFS\n", "Kernel panic - not syncing: VFS"),
    ] {
        let (result, _) = take_through(&Endless(None), (state, console, output(0, "", "")), None).await;
        let failure = result.unwrap_err();
        let text = failure.to_string();
        assert!(text.starts_with("node1: phase `endless` failed: ") && text.contains(message), "{text}");
        if let Problem::Halted { .. } = *failure.problem {
            assert!(failure.next().contains("make room there"), "{}", failure.next());
        }
        if let Problem::GaveUp(_) = *failure.problem {
            let next = failure.next();
            let kept = next.find("clone down, then clone up").unwrap();
            assert!(kept < next.find("clone reset node1 --to golden").unwrap(), "{next}");
        }
    }
}

#[tokio::test]
async fn a_time_limit_tells_the_last_attempt_and_the_last_words() {
    let limit = Duration::from_millis(10);
    let console = "one\n\u{1b}[32mtwo\u{1b}[0m\n";
    let attempt = |what| take_through(what, (State::Running, console, output(0, "", "")), Some(limit));
    let (result, _) = attempt(&Endless(Some("nobody was there"))).await;
    let failure = result.unwrap_err();
    let text = failure.to_string();
    for part in ["it took longer than 0 s", "last: nobody was there", "ended with:\n    one\n    two"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(failure.next().contains("wait on: clone up"), "{}", failure.next());
    let beside = Beside(Endless(Some("nobody was there")), Endless(Some("the other one")));
    let text = attempt(&beside).await.0.unwrap_err().to_string();
    assert!(text.contains("last: nobody was there\n"), "{text}");
    let text = attempt(&Endless(None)).await.0.unwrap_err().to_string();
    assert!(!text.contains("last:"), "{text}");
}

#[tokio::test]
async fn a_phase_whose_result_is_there_does_nothing() {
    let done = Hosts::new("hosts".to_owned());
    assert_eq!(done.digest(), node().hosts);
    let (result, asked) = take_through(&done, (State::Running, "", output(0, "", "")), None).await;
    result.unwrap();
    assert_eq!(asked.len(), 0);
}

#[tokio::test]
async fn a_script_gets_its_input_and_its_failure_is_told_in_its_words() {
    let hosts = Hosts::new("127.0.0.1 localhost\n".to_owned());
    let (result, asked) = take_through(&hosts, (State::Running, "", output(0, "", "")), None).await;
    result.unwrap();
    assert_eq!(asked[0].stdin, b"127.0.0.1 localhost\n");

    let (result, _) = take_through(&hosts, (State::Running, "", output(1, "", "read-only file system\n")), None).await;
    let text = result.unwrap_err().to_string();
    assert!(text.contains("ended with status 1\n  it said:\n    read-only file system"), "{text}");
}
