//! What kubeadm says while it is at work, and what of it tells why it failed.

use std::fmt;

use crate::kubernetes::kubectl::passing::is_said;

/// How many lines are quoted where kubeadm does not mark what is wrong.
const QUOTED_LINES: usize = 8;

/// What kubeadm has said so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The phase it said to be in last: `[certs] …`.
    step: String,
    /// The phase that it says has failed.
    failed: Option<String>,
    /// What it found wrong, marked as such.
    errors: Vec<String>,
    /// The last lines.
    last: Vec<String>,
}

/// Why kubeadm failed, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// `init` or `join`.
    pub command: &'static str,
    /// The phase of kubeadm that failed.
    pub step: String,
    /// The lines that say why.
    pub lines: Vec<String>,
    /// What can be done about it, where that is known.
    pub advice: Option<String>,
}

impl Transcript {
    /// Takes a line, and returns it where it says what kubeadm is doing.
    pub fn take(&mut self, line: &str) -> Option<String> {
        let line = line.trim();
        if line.is_empty() {
            return None;
        }
        self.last.push(line.to_owned());
        if self.last.len() > QUOTED_LINES {
            self.last.remove(0);
        }
        // kubeadm, app/cmd/phases/workflow/runner.go: "error execution phase %s: %w".
        if let Some((step, why)) = line.strip_prefix("error execution phase ").and_then(|rest| rest.split_once(": ")) {
            self.failed = Some(step.to_owned());
            if !why.ends_with("Some fatal errors occurred:") {
                self.errors.push(why.to_owned());
            }
        }
        if line.starts_with("[ERROR ") {
            self.errors.push(line.to_owned());
        }
        let (step, text) = line.strip_prefix('[')?.split_once("] ")?;
        let is_step = step.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        if !is_step {
            return None;
        }
        step.clone_into(&mut self.step);
        Some(format!("{step}: {text}"))
    }

    /// Why the command `command` failed.
    pub fn failed(self, command: &'static str) -> Failed {
        let step = self.failed.unwrap_or(self.step);
        let lines = if self.errors.is_empty() { self.last } else { self.errors };
        let advice = advice(&lines);
        Failed { command, step, lines, advice }
    }
}

impl Failed {
    /// Whether an API server was too slow, or away for a moment: the same may go well the next time.
    pub fn passes(&self) -> bool {
        self.lines.iter().any(|line| is_said(line))
    }

    /// Whether the token that was shown is not, or no longer, one of the cluster's (kubeadm, app/discovery/token; the
    /// API server answers an expired one with 401).
    pub fn is_about_the_token(&self) -> bool {
        const WORDS: [&str; 3] = ["JWS signature", "is invalid for this cluster or it has expired", "Unauthorized"];
        self.lines.iter().any(|line| WORDS.iter().any(|words| line.contains(words)))
    }

    /// Whether all has been done on the node, and only its object in the API could not be completed (kubeadm,
    /// app/cmd/phases/join/kubelet.go).
    pub fn is_about_the_node_object(&self) -> bool {
        const WORDS: [&str; 2] = ["error uploading crisocket", "error writing CRISocket for this node"];
        self.lines.iter().any(|line| WORDS.iter().any(|words| line.contains(words)))
    }
}

/// What can be done about the checks that failed.
fn advice(lines: &[String]) -> Option<String> {
    let checks: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("[ERROR ")?.split(']').next()).collect();
    match checks.as_slice() {
        [] => None,
        checks if checks.contains(&"Mem") => Some("give the node more `memory` in the lab file".to_owned()),
        checks if checks.contains(&"NumCPU") => Some("give the node `cpus: 2` or more in the lab file".to_owned()),
        checks => Some(format!(
            "if that is meant, say so in the lab file: `kubernetes: {{ignore-preflight: [{}]}}`",
            checks.join(", ")
        )),
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kubeadm {} failed in its phase `{}`", self.command, self.step)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n    {line}"))?;
        self.advice.iter().try_for_each(|advice| write!(f, "\n  {advice}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(text: &str) -> Failed {
        let mut transcript = Transcript::default();
        text.lines().for_each(|line| drop(transcript.take(line)));
        transcript.failed("init")
    }

    #[test]
    fn lines_that_say_what_is_done_are_passed_on() {
        let mut transcript = Transcript::default();
        for (line, note) in [
            ("[init] Using Kubernetes version: v1.20.2", Some("init: Using Kubernetes version: v1.20.2")),
            ("[certs] Using certificateDir folder \"/etc\"", Some("certs: Using certificateDir folder \"/etc\"")),
            ("\t[WARNING SystemVerification]: docker", None),
            ("", None),
            ("Your Kubernetes control-plane has initialized successfully!", None),
        ] {
            assert_eq!(transcript.take(line).as_deref(), note, "{line}");
        }
    }

    #[test]
    fn failed_checks_are_named_with_what_to_do() {
        let failed = failed(
            "[init] Using Kubernetes version: v1.20.2\n[preflight] Running pre-flight checks\n\
             \t[WARNING Hostname]: hostname\n\
             error execution phase preflight: [preflight] Some fatal errors occurred:\n\
             \t[ERROR Mem]: the system RAM (990 MB) is less than the minimum 1700 MB\n\
             \t[ERROR Port-6443]: Port 6443 is in use\n\
             [preflight] If you know what you are doing, you can make a check non-fatal with \
             `--ignore-preflight-errors=...`\nTo see the stack trace of this error execute with --v=5 or higher\n",
        );
        insta::assert_snapshot!(failed.to_string(), @r"
        kubeadm init failed in its phase `preflight`
            [ERROR Mem]: the system RAM (990 MB) is less than the minimum 1700 MB
            [ERROR Port-6443]: Port 6443 is in use
          give the node more `memory` in the lab file
        ");
    }

    #[test]
    fn a_phase_that_failed_is_named_and_so_is_one_that_was_cut_off() {
        let timed_out =
            failed("[wait-control-plane] Waiting\nerror execution phase wait-control-plane: couldn't initialize\n");
        assert_eq!((timed_out.step.as_str(), timed_out.lines.len()), ("wait-control-plane", 1));
        let cut_off = failed("[certs] Using folder\n[kubelet-start] Starting the kubelet\n");
        assert_eq!((cut_off.step.as_str(), cut_off.lines.len()), ("kubelet-start", 2));
        assert_eq!(cut_off.advice, None);
    }

    #[test]
    fn a_wrong_token_is_recognised() {
        let wrong = "error execution phase preflight: couldn't validate the identity of the API Server: could not find a \
                     JWS signature in the cluster-info ConfigMap for token ID \"abcdef\"";
        assert!(failed(wrong).is_about_the_token());
        assert!(!failed("error execution phase preflight: connection refused").is_about_the_token());
    }

    #[test]
    fn a_check_can_be_ignored_by_its_name() {
        let failed = failed("[ERROR Swap]: running with swap on\n[ERROR Port-10250]: in use\n");
        assert!(failed.advice.unwrap().ends_with("ignore-preflight: [Swap, Port-10250]}`"));
    }
}
