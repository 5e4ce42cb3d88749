//! The phase `first-boot`: cloud-init has ended, and what the lab asked it to do went well.

use std::time::Duration;

use kiln_console::Task;
use serde::Deserialize;

use super::{Node, Phase, Problem, Work};
use crate::guest::{self, Script};

/// Waits in the node, so that nothing is polled from outside; then prints what cloud-init thinks of itself.
///
/// It waits for the very file it prints. `boot-finished` is older by what comes after the module `final_message`, and may
/// be there from an earlier boot; `cloud-init status --wait` is there only from 17.2 on.
///
/// Where somebody has disabled cloud-init since, which its generator says in another file, the last outcome stands.
const SCRIPT: &str = "\
until [ -e \"$1\" ]; do
    [ ! -e \"$2\" ] || exec cat \"$3\"
    sleep 0.2
done
cat \"$1\"";

/// What cloud-init writes when it has ended, in 0.7.9 and today (cloudinit/cmd/main.py, `status_wrapper`). It is in
/// memory, so it is never of another boot; and it is a link that is made once the file is whole.
const OUTCOME: &str = "/run/cloud-init/result.json";
/// What is there where cloud-init does nothing at this boot (cloud-init's systemd/cloud-init-generator, since 0.7.8).
const DISABLED: &str = "/run/cloud-init/disabled";
/// What [`OUTCOME`] leads to, which is on the disk.
const LAST_OUTCOME: &str = "/var/lib/cloud/data/result.json";

/// Prints the end of what the commands said (cloud-init's default `output:` sends it there).
const LAST_WORDS: &str = "tail -n 20 /var/log/cloud-init-output.log";

/// See the module.
#[derive(Debug)]
pub struct FirstBoot {
    /// Whether the lab gives cloud-init something to do.
    pub has_work: bool,
}

/// What is read of [`OUTCOME`].
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
            let wait = self.script(
                "waiting for cloud-init",
                SCRIPT,
                [OUTCOME, DISABLED, LAST_OUTCOME].map(str::to_owned).into(),
            );
            let outcome = guest::wait_over_ssh(node, &wait).await?;
            let errors = parse(&outcome)
                .map_err(|error| Problem::Wrong(format!("the outcome of cloud-init is not understood: {error}")))?;
            if errors.is_empty() {
                return Ok(());
            }
            let ask = self.script("asking cloud-init what happened", LAST_WORDS, Vec::new());
            let said = guest::run(node, &ask).await?;
            let said = String::from_utf8_lossy(&said).trim().replace('\n', "\n    ");
            Err(Problem::Wrong(format!(
                "what `cloud-init` of the lab asks for failed: {}\n  it said:\n    {said}",
                errors.join("; ")
            )))
        })
    }
}

impl FirstBoot {
    fn script(&self, step: &'static str, text: &'static str, arguments: Vec<String>) -> Script {
        Script { step, phase: self.name(), text, arguments, stdin: Vec::new() }
    }
}

fn parse(outcome: &[u8]) -> Result<Vec<String>, serde_json::Error> {
    serde_json::from_slice(outcome).map(|Outcome { v1 }| v1.errors)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::{Command, Output, Stdio};

    use super::*;

    /// As on a second boot: the first has left its mark, and cloud-init is not done yet.
    #[test]
    fn the_outcome_is_waited_for_and_not_a_mark_of_an_earlier_boot() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("boot-finished"), "").unwrap();
        let [file, link, disabled] = ["data.json", "result.json", "disabled"].map(|name| folder.path().join(name));
        let wait = || {
            let mut shell = Command::new("sh");
            shell.args(["-c", SCRIPT, "sh"]).args([&link, &disabled, &file]);
            shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let mut waits = wait();
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(waits.try_wait().unwrap(), None, "it did not wait");
        fs::write(&file, r#"{"v1": {"errors": []}}"#).unwrap();
        symlink("data.json", &link).unwrap();
        let is_fine = |ended: Output| {
            assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
            assert_eq!(parse(&ended.stdout).unwrap(), Vec::<String>::new());
        };
        is_fine(waits.wait_with_output().unwrap());
        fs::remove_file(&link).unwrap();
        fs::write(&disabled, "").unwrap();
        is_fine(wait().wait_with_output().unwrap());
    }

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
