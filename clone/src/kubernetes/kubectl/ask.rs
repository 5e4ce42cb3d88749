//! What the API is asked.

use kiln_tool::Error;
use serde::de::DeserializeOwned;

use super::Kubectl;
use super::objects::{Lease, List, Node, Pod};

/// Where the leases of nodes are.
const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
/// What `kubectl` says where there is no such object (apimachinery, `StatusReasonNotFound`).
const NOT_FOUND: &str = "(NotFound)";

impl Kubectl {
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

    /// The objects of a list at a path of the API, as they are.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn items(&self, path: &str) -> Result<Vec<serde_json::Value>, Error> {
        self.list(&format!("listing {path}"), path).await
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

    /// What is at a path of the API, as text.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn text(&self, step: impl Into<String>, path: &str) -> Result<String, Error> {
        let text = self.invoke(step)?.args(["get", "--raw", path]).output().await?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The objects of a list. A raw path needs no discovery of what the API has, for which an emulated server takes
    /// seconds.
    async fn list<T: DeserializeOwned>(&self, step: &str, path: &str) -> Result<Vec<T>, Error> {
        let list: List<T> = self.invoke(step)?.args(["get", "--raw", path]).json().await?;
        Ok(list.items)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use camino::Utf8Path;
    use kiln_tool::testing::{assert_explains, assert_understands_no_nonsense};

    use super::super::tests::PROGRAM;
    use super::*;

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
