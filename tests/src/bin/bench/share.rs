//! Where the time of a cluster goes: the phases of its `up`, and what Kiln adds to kubeadm in those that run it, against the
//! time in which a kubeadm ran in any of the guests. That is what sudo(8) has written to their journals, so that it does not
//! depend on what Kiln says of itself.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use kiln_tests::{TestHome, clone};
use serde_json::Value;

use crate::table::{Figure, Row, Target};

/// What sudo writes to the journal when it begins, and when what it ran has ended (sudoers(5), pam_unix(8)).
const BEGUN: [&str; 2] = ["COMMAND=/usr/bin/kubeadm init", "COMMAND=/usr/bin/kubeadm join"];
const ENDED: &str = "session closed";

/// The phases that nodes go through until they are a cluster, in their order.
const PHASES: [&str; 5] = ["reachable", "network", "control-plane", "join", "ready"];

/// The rows of the last `up` of a lab with these nodes.
pub fn rows(home: &TestHome, lab: &str, nodes: &[&str]) -> Vec<Row> {
    let runs = nodes.iter().flat_map(|node| kubeadm_runs(&journal(home, node))).collect();
    let timings: Value = clone(home, ["timings", lab, "-o", "json"]).json();
    let spans = |phases: &[&str]| {
        let spans = timings["spans"].as_array().unwrap().iter();
        let spans = spans.filter(|span| phases.iter().any(|phase| span["phase"] == *phase));
        spans.map(|span| span["begin-ms"].as_u64().unwrap()..span["end-ms"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let joins = spans(&["join"]);
    let slowest = joins.iter().map(|join| join.end - join.start).max().unwrap();
    let mut rows: Vec<_> = PHASES
        .iter()
        .map(|phase| Row::new(format!("… of that, in the phase `{phase}`"), seconds(extent(&spans(&[phase])))))
        .collect();
    rows.extend([
        Row::new("… joins of all workers", seconds(extent(&joins)))
            .against("the slowest of them", Some(seconds(slowest)))
            .target(Target::Share(1.1)),
        Row::new(
            "… from kubeadm init until the last node has joined",
            seconds(extent(&spans(&["control-plane", "join"]))),
        )
        .against("kubeadm itself, by the guests' journals", Some(Figure::seconds(&[covered(runs)])))
        .target(Target::Share(1.05)),
    ]);
    rows
}

fn seconds(ms: u64) -> Figure {
    Figure::seconds(&[Duration::from_millis(ms)])
}

/// From where the first began until the last ended.
fn extent(spans: &[Range<u64>]) -> u64 {
    let (begin, end) = (spans.iter().map(|span| span.start).min(), spans.iter().map(|span| span.end).max());
    end.unwrap() - begin.unwrap()
}

fn journal(home: &TestHome, node: &str) -> String {
    let ask = ["sudo", "journalctl", "--quiet", "_COMM=sudo", "--output=json", "--output-fields=MESSAGE,_PID"];
    clone(home, ["exec", node, "--"].iter().chain(&ask)).ok()
}

/// When kubeadm ran, in microseconds since the epoch.
fn kubeadm_runs(journal: &str) -> Vec<Range<u64>> {
    let mut open = HashMap::new();
    let mut runs = Vec::new();
    for entry in journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
        let (pid, at, message) = (text("_PID"), text("__REALTIME_TIMESTAMP").parse().unwrap(), text("MESSAGE"));
        if BEGUN.iter().any(|begun| message.contains(begun)) {
            open.insert(pid, at);
        } else if message.contains(ENDED)
            && let Some(begun) = open.remove(&pid)
        {
            runs.push(begun..at);
        }
    }
    runs
}

/// For how long at least one of them ran.
fn covered(mut runs: Vec<Range<u64>>) -> Duration {
    runs.sort_by_key(|run| run.start);
    let (mut covered, mut until) = (0, 0);
    for run in runs {
        covered += run.end.saturating_sub(run.start.max(until));
        until = until.max(run.end);
    }
    Duration::from_micros(covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_kubeadm_are_read_from_the_journal() {
        let entry = |pid: &str, at: u64, message: &str| {
            serde_json::json!({"_PID": pid, "__REALTIME_TIMESTAMP": at.to_string(), "MESSAGE": message}).to_string()
        };
        let journal = [
            entry("7", 10, "debian : PWD=/home/debian ; USER=root ; COMMAND=/usr/bin/kubeadm init --config /x"),
            entry("7", 11, "pam_unix(sudo:session): session opened for user root(uid=0) by (uid=1000)"),
            entry("8", 12, "debian : PWD=/home/debian ; USER=root ; COMMAND=/usr/bin/cat /x"),
            entry("8", 13, "pam_unix(sudo:session): session closed for user root"),
            entry("7", 30, "pam_unix(sudo:session): session closed for user root"),
        ];
        assert_eq!(kubeadm_runs(&journal.join("\n")), [Range { start: 10, end: 30 }]);
    }

    #[test]
    fn what_ran_at_the_same_time_counts_once() {
        assert_eq!(covered(vec![0..10, 5..20, 7..9, 30..35]), Duration::from_micros(25));
    }
}
