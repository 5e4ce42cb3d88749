//! What an earlier attempt has left on a node.

use jiff::{SignedDuration, Timestamp};

use crate::guest::{self, Script};
use crate::kubernetes::STATIC_PODS;
use crate::phases::{Node, Problem};

/// Prints the time, and one word for each thing that is there. kubeadm makes them in this order: the kubelet's
/// bootstrap credentials or an administrator's, the static pods, and etcd's data; the kubelet changes its bootstrap
/// credentials into `kubelet.conf` when the cluster has taken the node.
const SCRIPT: &str = "\
echo \"clock $(date +%s)\"
cd /etc/kubernetes 2>/dev/null || exit 0
for file in admin.conf bootstrap-kubelet.conf kubelet.conf pki/ca.crt manifests/etcd.yaml \
    manifests/kube-apiserver.yaml manifests/kube-controller-manager.yaml manifests/kube-scheduler.yaml; do
  [ -e \"$file\" ] && echo \"$file\"
done
:";

/// What is on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces {
    /// How far its clock is ahead of the host's.
    pub clock_offset: SignedDuration,
    /// Anything at all of kubeadm.
    pub any: bool,
    /// The kubelet's own credentials: the node was taken by a cluster.
    pub joined: bool,
    /// The static pods of a control plane that it has not. What was cut off while it was made, or while it joined, lacks
    /// some.
    pub missing: Vec<&'static str>,
}

impl Traces {
    /// Whether the API server's static pod is there.
    pub fn has_api_server(&self) -> bool {
        !self.missing.contains(&"kube-apiserver")
    }

    /// Whether all static pods of a control plane are there.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// Refuses to go on with a node that was a complete control plane, and is one no more: what has become of it is not for
    /// Kiln to guess, and making it anew would take what etcd has there. `next` says what to do instead.
    ///
    /// # Errors
    /// [`Problem::Wrong`]
    pub fn check_plane(&self, next: &str) -> Result<(), Problem> {
        if self.is_complete() {
            return Ok(());
        }
        let files: Vec<_> =
            self.missing.iter().map(|pod| format!("    /etc/kubernetes/manifests/{pod}.yaml")).collect();
        let files = files.join("\n");
        Err(Problem::Wrong(format!(
            "it is a control plane of the cluster, and this is not there any more:\n{files}\n  put it back, {next}"
        )))
    }
}

/// Looks at a node.
///
/// # Errors
/// [`Problem`] where it does not answer.
pub async fn look(node: &Node<'_>, phase: &'static str) -> Result<Traces, Problem> {
    let step = "looking for an earlier attempt";
    let script = Script { step, phase, text: SCRIPT, arguments: Vec::new(), stdin: Vec::new() };
    let before = Timestamp::now();
    let answer = guest::run(node, &script).await?;
    let asked = (before, Timestamp::now());
    parse(&String::from_utf8_lossy(&answer), asked)
        .ok_or_else(|| Problem::Wrong("it does not tell its time".to_owned()))
}

/// Reads what the node has answered to a question that was asked in this time.
fn parse(text: &str, (before, after): (Timestamp, Timestamp)) -> Option<Traces> {
    let clock = text.lines().find_map(|line| line.strip_prefix("clock ")?.trim().parse().ok())?;
    let clock = Timestamp::from_second(clock).ok()?;
    // Anything between the question and the answer is right, and `date` cuts off what is less than a second.
    let clock_offset = match clock {
        clock if clock > after => clock.duration_since(after),
        clock => (clock + SignedDuration::from_secs(1)).duration_since(before).min(SignedDuration::ZERO),
    };
    let has = |file: &str| text.lines().any(|line| line == file);
    Some(Traces {
        clock_offset,
        any: text.lines().any(|line| !line.starts_with("clock ")),
        joined: has("kubelet.conf"),
        missing: STATIC_PODS.into_iter().filter(|pod| !has(&format!("manifests/{pod}.yaml"))).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_clock_is_right_that_was_read_between_question_and_answer() {
        for (clock, offset) in [(99, 0), (100, 0), (103, 0), (105, 0), (3705, 3600), (60, -39), (108, 3)] {
            let traces = parse(&format!("clock {clock}\n"), (time(100), time(105))).unwrap();
            assert_eq!(traces.clock_offset.as_secs(), offset, "{clock}");
        }
        assert_eq!(parse("", (time(0), time(1))), None);
    }

    #[test]
    fn what_is_there_is_told_apart() {
        const PODS: &str =
            "manifests/etcd.yaml\nmanifests/kube-apiserver.yaml\nmanifests/kube-controller-manager.yaml\n";
        for (files, any, joined, is_complete) in [
            (String::new(), false, false, false),
            ("pki/ca.crt\n".to_owned(), true, false, false),
            ("bootstrap-kubelet.conf\npki/ca.crt\n".to_owned(), true, false, false),
            ("kubelet.conf\npki/ca.crt\n".to_owned(), true, true, false),
            (format!("admin.conf\nkubelet.conf\n{PODS}"), true, true, false),
            (format!("admin.conf\nkubelet.conf\n{PODS}manifests/kube-scheduler.yaml\n"), true, true, true),
        ] {
            let traces = parse(&format!("clock 1\n{files}"), (time(0), time(1))).unwrap();
            assert_eq!((traces.any, traces.joined, traces.is_complete()), (any, joined, is_complete), "{files:?}");
        }
    }

    #[test]
    fn a_node_that_never_had_kubernetes_has_no_traces() {
        let output = std::process::Command::new("/bin/sh").args(["-c", SCRIPT]).output().unwrap();
        let now = Timestamp::now();
        let traces = parse(&String::from_utf8_lossy(&output.stdout), (now, now)).unwrap();
        assert!(output.status.success() && !traces.any, "{traces:?}");
    }
}
