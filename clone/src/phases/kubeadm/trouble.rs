//! What a node knows of why Kubernetes does not come up on it: the kubelet's last errors, and its containers.

use std::fmt;

use crate::guest::{self, Script};
use crate::phases::Node;

/// How much is quoted of each.
const QUOTED_LINES: usize = 8;
const LINE_LENGTH: usize = 240;

/// Prints the kubelet's lines of the last half hour that are errors (klog begins them with E and the date), and all
/// containers of pods with their state. The pods' sandboxes say nothing.
const SCRIPT: &str = "\
journalctl -u kubelet --since -30min -o cat --no-pager 2>/dev/null | grep '^E[0-9]' | tail -n 40 | sed 's/^/kubelet /'
if command -v docker >/dev/null 2>&1; then
  docker ps -a --filter name=^k8s_ --format '{{.Names}} {{.Status}}' | grep -v '^k8s_POD_' | sed 's/^/docker /'
elif command -v crictl >/dev/null 2>&1; then
  crictl --runtime-endpoint unix:///run/containerd/containerd.sock ps -a 2>/dev/null | sed 's/^/crictl /'
fi
:";

/// What a node knows of its trouble.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trouble {
    /// The kubelet's last errors, each once.
    kubelet: Vec<String>,
    /// Its containers and what they do.
    containers: Vec<String>,
}

impl Trouble {
    /// Asks the node, with one command. A node that does not answer has nothing to add to its failure.
    pub async fn of(node: &Node<'_>, phase: &'static str) -> Option<Self> {
        let step = "asking what is wrong";
        let script = Script { step, phase, text: SCRIPT, arguments: Vec::new(), stdin: Vec::new() };
        match guest::run(node, &script).await {
            Ok(answer) => {
                Some(Self::parse(&String::from_utf8_lossy(&answer))).filter(|trouble| *trouble != Self::default())
            }
            Err(problem) => {
                tracing::debug!(node = %node.name, %problem, "it cannot be asked what is wrong");
                None
            }
        }
    }

    fn parse(text: &str) -> Self {
        let mut trouble = Self::default();
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("kubelet", line)) => push_once(&mut trouble.kubelet, message(line)),
                Some(("docker", line)) => trouble.containers.extend(docker_container(line)),
                Some(("crictl", line)) => trouble.containers.push(line.trim().to_owned()),
                _ => {}
            }
        }
        let surplus = trouble.kubelet.len().saturating_sub(QUOTED_LINES);
        trouble.kubelet.drain(..surplus);
        trouble
    }
}

/// The same error again says nothing new; its last place is the one that counts.
fn push_once(lines: &mut Vec<String>, line: String) {
    lines.retain(|known| *known != line);
    lines.push(line);
}

/// A line of klog without what comes before its message: `E0131 12:00:00.000000    1234 kubelet.go:2240] …`.
fn message(line: &str) -> String {
    let message = line.split_once("] ").map_or(line, |(_, message)| message);
    message.chars().take(LINE_LENGTH).collect()
}

/// The container and its state; dockershim names containers `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`.
fn docker_container(line: &str) -> Option<String> {
    let (name, status) = line.split_once(' ')?;
    let mut parts = name.split('_').skip(1);
    let (container, pod) = (parts.next()?, parts.next()?);
    let attempt = name.rsplit('_').next().filter(|attempt| *attempt != "0");
    let attempt = attempt.map(|attempt| format!(", restart {attempt}")).unwrap_or_default();
    Some(format!("{container} of {pod}: {status}{attempt}"))
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, lines) in [("the kubelet's last errors", &self.kubelet), ("its containers", &self.containers)] {
            if !lines.is_empty() {
                write!(f, "\n  {what}:")?;
                lines.iter().try_for_each(|line| write!(f, "\n    {line}"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_once_and_containers_by_their_names() {
        let text = "\
kubelet E0131 12:00:00.000000    1234 kubelet.go:2240] node \"node1\" not found
kubelet E0131 12:00:01.000000    1234 pod_workers.go:191] Error syncing pod
kubelet E0131 12:00:02.000000    1234 kubelet.go:2240] node \"node1\" not found
docker k8s_kube-apiserver_kube-apiserver-node1_kube-system_abc_2 Exited (1) 3 seconds ago
docker k8s_etcd_etcd-node1_kube-system_def_0 Up 2 minutes
nonsense
";
        insta::assert_snapshot!(Trouble::parse(text).to_string().trim_start_matches('\n'), @r#"
          the kubelet's last errors:
            Error syncing pod
            node "node1" not found
          its containers:
            kube-apiserver of kube-apiserver-node1: Exited (1) 3 seconds ago, restart 2
            etcd of etcd-node1: Up 2 minutes
        "#);
    }

    #[test]
    fn nothing_is_said_where_nothing_is_known() {
        assert_eq!(Trouble::parse("\n"), Trouble::default());
        assert_eq!(Trouble::default().to_string(), "");
    }

    #[test]
    fn the_script_is_one_for_a_plain_shell() {
        let output = std::process::Command::new("/bin/sh").args(["-n", "-c", SCRIPT]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
