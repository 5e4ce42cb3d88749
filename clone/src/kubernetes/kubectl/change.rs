//! What the cluster is told to change.

use std::collections::BTreeMap;
use std::time::Duration;

use kiln_tool::Error;

use super::Kubectl;

impl Kubectl {
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

    /// Makes a namespace, or does nothing where there is one that stays.
    ///
    /// # Errors
    /// [`Error`]; one that passes where the namespace is about to go.
    pub async fn ensure_namespace(&self, name: &str) -> Result<(), Error> {
        let path = format!("/api/v1/namespaces/{name}");
        let found = self.find(format!("looking for the namespace {name}"), &path).await?;
        if found.is_some_and(|namespace| namespace["metadata"]["deletionTimestamp"].is_null()) {
            return Ok(());
        }
        self.invoke(format!("making the namespace {name}"))?.args(["create", "namespace", "--", name]).run().await
    }

    /// Gives a namespace labels, over those that have the same names. Others that it has stay.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn label(&self, namespace: &str, labels: &BTreeMap<String, String>) -> Result<(), Error> {
        let step = format!("labelling the namespace {namespace}");
        let labels = labels.iter().map(|(key, value)| format!("{key}={value}"));
        self.invoke(step)?.args(["label", "namespace", "--overwrite", "--", namespace]).args(labels).run().await
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

    /// Writes an annotation on a node, over the one that has this name.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn annotate_node(&self, name: &str, key: &str, value: &str) -> Result<(), Error> {
        let annotate = self.invoke(format!("noting {key} on {name}"))?.args(["annotate", "node", "--overwrite", "--"]);
        annotate.args([name, &format!("{key}={value}")]).run().await
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
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use kiln_tool::testing::assert_explains;

    use super::super::tests::PROGRAM;
    use super::*;

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
        let ensure = async || kubectl.ensure_namespace("shop").await;
        assert_explains(PROGRAM, &["looking for the namespace shop", "/api/v1/namespaces/shop"], ensure).await;
        let label = async || kubectl.label("shop", &[("team".to_owned(), "a".to_owned())].into()).await;
        assert_explains(PROGRAM, &["labelling the namespace shop", "--overwrite", "team=a"], label).await;
        let unlabel = async || kubectl.unlabel("shop", ["team".to_owned()].iter()).await;
        assert_explains(PROGRAM, &["taking labels from the namespace shop", "team-"], unlabel).await;
        let annotate = async || kubectl.annotate_node("node1", "kiln/a", "b").await;
        assert_explains(PROGRAM, &["noting kiln/a on node1"], annotate).await;
        let drain = async || kubectl.drain("node1", limit).await;
        assert_explains(PROGRAM, &["moving the pods of node1 to other nodes"], drain).await;
        let remove = async || kubectl.delete_node("node1").await;
        assert_explains(PROGRAM, &["removing node1 from the cluster"], remove).await;
    }
}
