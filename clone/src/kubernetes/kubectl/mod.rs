//! `kubectl` on this host, with the kubeconfig of a lab. The host is as fast as it is; the same command in an emulated
//! guest takes seconds.
//!
//! A kubectl is made for API servers of its own version and those next to it (Kubernetes, "Version Skew Policy"). What is
//! used here (objects as JSON, raw paths, apply, delete, drain) has not changed since 1.12 on the wire, so any kubectl will
//! do that is not older than 1.20 (`drain --delete-emptydir-data`).

pub mod objects;
pub mod passing;

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tool::{Error, Invocation, Program};
use objects::{Lease, List, Node, Pod};
use serde::de::DeserializeOwned;

/// The program.
const KUBECTL: Program = Program::new("kubectl", "kubernetes-client");
/// How long one answer of the API may take. Whoever needs an answer asks again.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);
/// How much longer than its requests the program may run: several are made for one command, and discovery before it.
const REQUESTS: u32 = 4;
/// Where the leases of nodes are.
const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
/// What `kubectl` says where there is no such object (apimachinery, `StatusReasonNotFound`).
const NOT_FOUND: &str = "(NotFound)";

/// `kubectl` with one kubeconfig.
#[derive(Debug, Clone)]
pub struct Kubectl {
    kubeconfig: Utf8PathBuf,
    log: Option<Utf8PathBuf>,
    limit: Duration,
}

impl Kubectl {
    /// Uses the kubeconfig in this file.
    pub fn new(kubeconfig: &Utf8Path) -> Self {
        Self { kubeconfig: kubeconfig.to_owned(), log: None, limit: REQUEST_LIMIT }
    }

    /// Appends every command, and all it says, to this file.
    #[must_use]
    pub fn logged(mut self, log: &Utf8Path) -> Self {
        self.log = Some(log.to_owned());
        self
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

    /// Whether the API server says at `path` ([`crate::kubernetes::Version::readiness_path`]) that it is ready. One that
    /// does not answer, or says no, is not.
    ///
    /// # Errors
    /// Where `kubectl` is not installed or cannot be run.
    pub async fn is_ready(&self, path: &str) -> Result<bool, Error> {
        let outcome = self.invoke("asking the API server whether it is ready")?.args(["get", "--raw", path]).outcome();
        match outcome.await {
            Ok(outcome) => Ok(outcome.code == 0 && outcome.stdout == b"ok"),
            Err(Error::Failed(failure)) if matches!(failure.ending, kiln_tool::Ending::TimedOut(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The nodes of the cluster.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn nodes(&self) -> Result<Vec<Node>, Error> {
        self.list("listing the nodes of the cluster", "/api/v1/nodes").await
    }

    /// The leases that the nodes renew while they live, from 1.14 on.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn leases(&self) -> Result<Vec<Lease>, Error> {
        self.list("listing the leases of the nodes", LEASES).await
    }

    /// The pods of all namespaces.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn pods(&self) -> Result<Vec<Pod>, Error> {
        self.list("listing the pods of the cluster", "/api/v1/pods").await
    }

    /// The pods of one namespace.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn pods_in(&self, namespace: &str) -> Result<Vec<Pod>, Error> {
        self.list("listing pods of the cluster", &format!("/api/v1/namespaces/{namespace}/pods")).await
    }

    /// The object at a path of the API; nothing where there is none.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn find(&self, step: impl Into<String>, path: &str) -> Result<Option<serde_json::Value>, Error> {
        match self.invoke(step)?.args(["get", "--raw", path]).json().await {
            Ok(object) => Ok(Some(object)),
            Err(Error::Failed(failure)) if failure.said.contains(NOT_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is at a path of the API, as text.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn text(&self, step: impl Into<String>, path: &str) -> Result<String, Error> {
        let text = self.invoke(step)?.args(["get", "--raw", path]).output().await?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Puts `object` in the place of the one at a path of the API, unless somebody has changed that since it was read.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn replace(&self, step: impl Into<String>, path: &str, object: &serde_json::Value) -> Result<(), Error> {
        self.invoke(step)?.args(["replace", "--raw", path, "--filename", "-"]).stdin(object.to_string()).run().await
    }

    /// Makes the cluster have the objects of a manifest, YAML or JSON.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn apply(&self, step: impl Into<String>, manifest: impl Into<Vec<u8>>) -> Result<(), Error> {
        self.apply_in(step, manifest, None).await
    }

    /// Makes the cluster have the objects of a manifest; those that do not say where they go are put into `namespace`, if
    /// one is named, and those that name another are refused then.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn apply_in(
        &self,
        step: impl Into<String>,
        manifest: impl Into<Vec<u8>>,
        namespace: Option<&str>,
    ) -> Result<(), Error> {
        let place = namespace.into_iter().flat_map(|namespace| ["--namespace", namespace]);
        // Validation by the client would need the schema of the whole API, which takes an emulated server seconds.
        let apply = self.invoke(step)?.args(["apply", "--validate=false", "--filename", "-"]).args(place);
        apply.stdin(manifest).run().await
    }

    /// The objects of a list at a path of the API, as they are.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn items(&self, path: &str) -> Result<Vec<serde_json::Value>, Error> {
        self.list(&format!("listing {path}"), path).await
    }

    /// An object of any kind; nothing where there is none.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn get(
        &self,
        kind: &str,
        name: &str,
        namespace: Option<&str>,
    ) -> Result<Option<serde_json::Value>, Error> {
        let place = namespace.into_iter().flat_map(|namespace| ["--namespace", namespace]);
        let words = ["get", "--ignore-not-found", "--output", "json"];
        let get = self.invoke(format!("looking for {kind} {name}"))?.args(words).args(place).args(["--", kind, name]);
        get.parse(|said| if said.is_empty() { Ok(None) } else { serde_json::from_slice(said).map(Some) }).await
    }

    /// Takes labels from a namespace.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn unlabel(&self, namespace: &str, labels: impl Iterator<Item = &String>) -> Result<(), Error> {
        let step = format!("taking labels from the namespace {namespace}");
        let labels = labels.map(|label| format!("{label}-"));
        self.invoke(step)?.args(["label", "namespace", "--", namespace]).args(labels).run().await
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

    /// Removes the objects of a manifest, or does nothing where they are not there; does not wait for them to be gone.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn delete(&self, step: impl Into<String>, manifest: impl Into<Vec<u8>>) -> Result<(), Error> {
        self.delete_in(step, manifest, None).await
    }

    /// As [`Self::delete`]; objects that do not say where they are are looked for in `namespace`, if one is named.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn delete_in(
        &self,
        step: impl Into<String>,
        manifest: impl Into<Vec<u8>>,
        namespace: Option<&str>,
    ) -> Result<(), Error> {
        let place = namespace.into_iter().flat_map(|namespace| ["--namespace", namespace]);
        let words = ["delete", "--ignore-not-found", "--wait=false", "--filename", "-"];
        self.invoke(step)?.args(words).args(place).stdin(manifest).run().await
    }

    /// Writes an annotation on a node, over the one that has this name.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn annotate_node(&self, name: &str, key: &str, value: &str) -> Result<(), Error> {
        let annotate = self.invoke(format!("noting {key} on {name}"))?.args(["annotate", "node", "--overwrite", "--"]);
        annotate.args([name, &format!("{key}={value}")]).run().await
    }

    /// Removes a node from the API, or does nothing where it is not there.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn delete_node(&self, name: &str) -> Result<(), Error> {
        let step = format!("removing {name} from the cluster");
        self.invoke(step)?.args(["delete", "node", "--ignore-not-found", "--", name]).run().await
    }

    /// Moves the pods of a node elsewhere, and keeps new ones away from it.
    ///
    /// # Errors
    /// [`Error`]; after `limit`, which the pods' own time to end should fit in.
    pub async fn drain(&self, name: &str, limit: Duration) -> Result<(), Error> {
        let words = [
            "drain",
            "--ignore-daemonsets",
            "--delete-emptydir-data",
            "--force",
            &format!("--timeout={}s", limit.as_secs()),
            "--",
            name,
        ];
        let step = format!("moving the pods of {name} to other nodes");
        self.invoke(step)?.args(words).time_limit(limit.saturating_add(self.limit)).run().await
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

    /// Waits until objects (`pod/a`, `deployment --all`) have a condition (`condition=Ready`, `delete`).
    ///
    /// # Errors
    /// [`Error`], also when they do not have it within `limit`.
    pub async fn wait(
        &self,
        step: impl Into<String>,
        namespace: &str,
        condition: &str,
        objects: &[&str],
        limit: Duration,
    ) -> Result<(), Error> {
        // Each answer is a stream that lasts until something changes: it has no time limit of its own.
        let limits = [format!("--for={condition}"), format!("--timeout={}s", limit.as_secs())];
        let wait = self.bare(step)?.args(["--namespace", namespace, "wait"]).args(limits).args(objects);
        wait.time_limit(limit.saturating_add(self.limit)).run().await
    }

    /// The objects of a list. A raw path needs no discovery of what the API has, for which an emulated server takes
    /// seconds.
    async fn list<T: DeserializeOwned>(&self, step: &str, path: &str) -> Result<Vec<T>, Error> {
        let list: List<T> = self.invoke(step)?.args(["get", "--raw", path]).json().await?;
        Ok(list.items)
    }

    fn invoke(&self, step: impl Into<String>) -> Result<Invocation, Error> {
        let limit = format!("--request-timeout={}s", self.limit.as_secs().max(1));
        let kubectl = self.bare(step)?.arg(limit).time_limit(self.limit.saturating_mul(REQUESTS));
        Ok(match &self.log {
            Some(log) => kubectl.log(log),
            None => kubectl,
        })
    }

    /// The kubeconfig is named by an option, which is stronger than the variable KUBECONFIG.
    fn bare(&self, step: impl Into<String>) -> Result<Invocation, Error> {
        Ok(KUBECTL.find()?.invoke(step).args(["--kubeconfig", self.kubeconfig.as_str()]))
    }
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::{assert_explains, assert_understands_no_nonsense};

    use super::*;

    const PROGRAM: (&str, &str) = ("kubectl", "kubernetes-client");

    #[tokio::test]
    async fn what_is_asked_of_the_api_and_fails_is_explained() {
        let kubectl = Kubectl::new(Utf8Path::new("/lab/kubeconfig"));
        let doing = ["listing the nodes of the cluster", "--kubeconfig /lab/kubeconfig"];
        assert_explains(PROGRAM, &doing, async || kubectl.nodes().await).await;
        assert_understands_no_nonsense(PROGRAM.0, &doing, async || kubectl.nodes().await).await;
        let doing = ["looking for the token", "/api/v1/a"];
        let find = async || kubectl.find("looking for the token", "/api/v1/a").await;
        assert_explains(PROGRAM, &doing, find).await;
        assert_understands_no_nonsense(PROGRAM.0, &doing, find).await;
        let doing = ["looking for deployment web", "--namespace shop"];
        let get = async || kubectl.get("deployment", "web", Some("shop")).await;
        assert_explains(PROGRAM, &doing, get).await;
        assert_understands_no_nonsense(PROGRAM.0, &doing, get).await;
        let text = async || kubectl.text("reading the metrics", "/metrics").await;
        assert_explains(PROGRAM, &["reading the metrics", "/metrics"], text).await;
    }

    #[tokio::test]
    async fn what_is_changed_and_fails_is_explained() {
        let kubectl = Kubectl::new(Utf8Path::new("/lab/kubeconfig"));
        let limit = Duration::from_secs(5);
        let apply = async || kubectl.apply_in("bringing in the mesh", "kind: A", Some("shop")).await;
        assert_explains(PROGRAM, &["bringing in the mesh", "apply", "--namespace shop"], apply).await;
        let delete = async || kubectl.delete("removing the mesh", "kind: A").await;
        assert_explains(PROGRAM, &["removing the mesh", "delete"], delete).await;
        let replace = async || kubectl.replace("changing a", "/api/v1/a", &serde_json::Value::Null).await;
        assert_explains(PROGRAM, &["changing a", "replace --raw /api/v1/a"], replace).await;
        let unlabel = async || kubectl.unlabel("shop", ["team".to_owned()].iter()).await;
        assert_explains(PROGRAM, &["taking labels from the namespace shop", "team-"], unlabel).await;
        let annotate = async || kubectl.annotate_node("node1", "kiln/a", "b").await;
        assert_explains(PROGRAM, &["noting kiln/a on node1"], annotate).await;
        let drain = async || kubectl.drain("node1", limit).await;
        assert_explains(PROGRAM, &["moving the pods of node1 to other nodes"], drain).await;
        let remove = async || kubectl.delete_node("node1").await;
        assert_explains(PROGRAM, &["removing node1 from the cluster"], remove).await;
        let wait = async || kubectl.wait("waiting for a", "shop", "condition=Ready", &["pod/a"], limit).await;
        assert_explains(PROGRAM, &["waiting for a", "pod/a"], wait).await;
        let forward = async || kubectl.forward("shop", "web", (None, 80))?.stream(|_| ()).await;
        assert_explains(PROGRAM, &["leading a port to web", "service/web"], forward).await;
    }

    #[test]
    fn a_command_names_the_kubeconfig_and_how_long_an_answer_may_take() {
        let kubectl = Kubectl::new(Utf8Path::new("/lab/kubeconfig")).with_limit(Duration::from_secs(7));
        let line = kubectl.invoke("testing").unwrap().args(["get", "nodes"]).command_line();
        assert!(line.ends_with("--kubeconfig /lab/kubeconfig '--request-timeout=7s' get nodes"), "{line}");
        let line = kubectl.command(&["get".to_owned(), "a b".to_owned()]).unwrap().command_line();
        assert!(line.ends_with("--kubeconfig /lab/kubeconfig get 'a b'"), "{line}");
    }

    #[tokio::test]
    async fn an_api_server_that_is_not_there_is_not_ready() {
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = Utf8Path::from_path(folder.path()).unwrap().join("kubeconfig");
        // Nothing listens on the port of a socket that was closed again.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = format!(
            "apiVersion: v1\nkind: Config\nclusters: [{{name: a, cluster: {{server: 'https://127.0.0.1:{port}'}}}}]\n\
             contexts: [{{name: a, context: {{cluster: a, user: a}}}}]\nusers: [{{name: a, user: {{token: x}}}}]\ncurrent-context: a\n"
        );
        std::fs::write(&kubeconfig, text).unwrap();
        let kubectl = Kubectl::new(&kubeconfig).with_limit(Duration::from_secs(5));
        assert!(!kubectl.is_ready("/readyz").await.unwrap());
        let error = kubectl.nodes().await.unwrap_err().to_string();
        assert!(error.contains("listing the nodes of the cluster") && error.contains("refused"), "{error}");
    }
}
