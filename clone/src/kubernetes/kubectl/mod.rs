//! `kubectl` on this host, with the kubeconfig of a lab. The host is as fast as it is; the same command in an emulated
//! guest takes seconds.
//!
//! A kubectl is made for API servers of its own version and those next to it (Kubernetes, "Version Skew Policy"). What is
//! used here (objects as JSON, raw paths, apply, delete, drain) has not changed since 1.12 on the wire, so any kubectl will
//! do that is not older than 1.20 (`drain --delete-emptydir-data`).

mod ask;
mod change;
pub mod objects;
pub mod passing;

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tool::{Error, Invocation, Program};

/// The program.
pub const KUBECTL: Program = Program::new("kubectl", "kubernetes-client");
/// How long one answer of the API may take. Whoever needs an answer asks again.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);
/// How much longer than its requests the program may run: several are made for one command, and discovery before it.
const REQUESTS: u32 = 4;

/// `kubectl` with one kubeconfig.
#[derive(Debug, Clone)]
pub struct Kubectl {
    kubeconfig: Utf8PathBuf,
    limit: Duration,
}

impl Kubectl {
    /// Uses the kubeconfig in this file.
    pub fn new(kubeconfig: &Utf8Path) -> Self {
        Self { kubeconfig: kubeconfig.to_owned(), limit: REQUEST_LIMIT }
    }

    /// Waits this long for each answer of the API.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Any command on the user's terminal, with his own arguments.
    ///
    /// # Errors
    /// Where `kubectl` is not installed.
    pub fn command(&self, words: &[String]) -> Result<Invocation, Error> {
        Ok(self.bare("running kubectl")?.args(words))
    }

    /// Leads a port of 127.0.0.1, which the system chooses unless one is named, to a service for as long as it runs.
    ///
    /// # Errors
    /// Where `kubectl` is not installed.
    pub fn forward(&self, namespace: &str, service: &str, ports: (Option<u16>, u16)) -> Result<Invocation, Error> {
        let (local, remote) = (ports.0.map(|port| port.to_string()).unwrap_or_default(), ports.1);
        let forward = self.bare(format!("leading a port to {service}"))?;
        let words = ["port-forward", "--address", "127.0.0.1", "--namespace", namespace];
        let forward = forward.args(words).args([format!("service/{service}"), format!("{local}:{remote}")]);
        Ok(forward.time_limit(Duration::MAX))
    }

    /// Runs a command in a pod and returns what it writes to standard output, and its exit code.
    ///
    /// # Errors
    /// [`Error`] where it could not be run.
    pub async fn exec(
        &self,
        step: impl Into<String>,
        namespace: &str,
        pod: &str,
        words: &[&str],
    ) -> Result<kiln_tool::Outcome, Error> {
        // A time limit of requests would cut the stream.
        let exec = self.bare(step)?.args(["--namespace", namespace, "exec", pod, "--"]).args(words);
        exec.time_limit(self.limit).outcome().await
    }

    fn invoke(&self, step: impl Into<String>) -> Result<Invocation, Error> {
        let limit = format!("--request-timeout={}s", self.limit.as_secs().max(1));
        Ok(self.bare(step)?.arg(limit).time_limit(self.limit.saturating_mul(REQUESTS)))
    }

    /// The kubeconfig is named by an option, which is stronger than the variable KUBECONFIG.
    fn bare(&self, step: impl Into<String>) -> Result<Invocation, Error> {
        Ok(KUBECTL.find()?.invoke(step).args(["--kubeconfig", self.kubeconfig.as_str()]))
    }
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::assert_explains;

    use super::*;

    /// The program, and the package that has it.
    pub(super) const PROGRAM: (&str, &str) = ("kubectl", "kubernetes-client");

    #[tokio::test]
    async fn what_is_led_or_run_and_fails_is_explained() {
        let kubectl = Kubectl::new(Utf8Path::new("/lab/kubeconfig"));
        let forward = async || kubectl.forward("shop", "web", (None, 80))?.stream(|_| ()).await;
        assert_explains(PROGRAM, &["leading a port to web", "service/web"], forward).await;
        let command = async || kubectl.command(&["top".to_owned()])?.run().await;
        assert_explains(PROGRAM, &["running kubectl", "--kubeconfig /lab/kubeconfig top"], command).await;
    }

    #[test]
    fn a_command_names_the_kubeconfig_and_how_long_an_answer_may_take() {
        let kubectl = Kubectl::new(Utf8Path::new("/lab/kubeconfig")).with_limit(Duration::from_secs(7));
        let line = kubectl.invoke("testing").unwrap().args(["get", "nodes"]).command_line();
        assert!(line.ends_with("--kubeconfig /lab/kubeconfig '--request-timeout=7s' get nodes"), "{line}");
        let line = kubectl.command(&["get".to_owned(), "a b".to_owned()]).unwrap().command_line();
        assert!(line.ends_with("--kubeconfig /lab/kubeconfig get 'a b'"), "{line}");
    }
}
