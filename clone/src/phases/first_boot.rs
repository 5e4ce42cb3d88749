//! The phase `first-boot`: cloud-init has ended, and what the lab asked it to do went well.

use std::time::Duration;

use kiln_console::Task;
use serde::Deserialize;

use super::{Node, Phase, Problem, Work};
use crate::guest::{self, Script};

/// Waits in the node, so that nothing is polled from outside; then prints what cloud-init thinks of itself.
/// `boot-finished` is there in 0.7.9 and today; `cloud-init status --wait` only from 17.2 on.
const SCRIPT: &str = "\
until [ -e /var/lib/cloud/instance/boot-finished ]; do sleep 0.2; done
cat /run/cloud-init/result.json 2>/dev/null || cat /var/lib/cloud/data/result.json";

/// Prints the end of what the commands said (cloud-init's default `output:` sends it there).
const LAST_WORDS: &str = "tail -n 20 /var/log/cloud-init-output.log";

/// See the module.
#[derive(Debug)]
pub struct FirstBoot {
    /// Whether the lab gives cloud-init something to do.
    pub has_work: bool,
}

/// What cloud-init writes when it has ended (`/run/cloud-init/result.json`; cloudinit/cmd/main.py, `status_wrapper`).
#[derive(Debug, Deserialize)]
struct Outcome {
    v1: OutcomeV1,
}

#[derive(Debug, Deserialize)]
struct OutcomeV1 {
    errors: Vec<String>,
}

impl Phase for FirstBoot {
    fn name(&self) -> &'static str {
        "first-boot"
    }

    fn limit(&self) -> Duration {
        // Packages may have to come from far away.
        Duration::from_secs(300)
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        Box::pin(async { Ok((!self.has_work).then_some("the lab adds nothing to it")) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, _: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            // Over SSH in any case: the agent's commands are waited for by polling, and this may take minutes.
            let outcome = guest::wait_over_ssh(node, &self.script("waiting for cloud-init", SCRIPT)).await?;
            let errors = parse(&outcome)
                .map_err(|error| Problem::Wrong(format!("the outcome of cloud-init is not understood: {error}")))?;
            if errors.is_empty() {
                return Ok(());
            }
            let said = guest::run(node, &self.script("asking cloud-init what happened", LAST_WORDS)).await?;
            let said = String::from_utf8_lossy(&said).trim().replace('\n', "\n    ");
            Err(Problem::Wrong(format!(
                "what `cloud-init` of the lab asks for failed: {}\n  it said:\n    {said}",
                errors.join("; ")
            )))
        })
    }
}

impl FirstBoot {
    fn script(&self, step: &'static str, text: &'static str) -> Script {
        Script { step, phase: self.name(), text, arguments: Vec::new(), stdin: Vec::new() }
    }
}

fn parse(outcome: &[u8]) -> Result<Vec<String>, serde_json::Error> {
    serde_json::from_slice(outcome).map(|Outcome { v1 }| v1.errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_of_old_and_new_versions_are_read() {
        for (outcome, errors) in [
            (r#"{"v1": {"datasource": "DataSourceNoCloud [seed=/dev/sr0][dsmode=net]", "errors": []}}"#, 0),
            (r#"{"v1": {"datasource": "x", "errors": ["('scripts_user', RuntimeError('Runparts: 1 failures'))"]}}"#, 1),
            (r#"{"v1": {"errors": []}, "recoverable_errors": {}}"#, 0),
        ] {
            assert_eq!(parse(outcome.as_bytes()).unwrap().len(), errors, "{outcome}");
        }
        assert!(parse(b"").is_err());
    }
}
