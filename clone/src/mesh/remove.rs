//! Taking a mesh off a cluster.

use kiln_tool::Error;

use super::Bundle;
use super::bundle::Parcel;
use super::record::Record;
use crate::kubernetes::kubectl::Kubectl;
use crate::kubernetes::kubectl::passing::{is_unknown_kind, is_without_namespace};
use crate::lab::mesh::Mesh;

/// Removes what the groups have made, the last first, and takes their labels from namespaces; before them, what is left of
/// groups that the lab file has no more. The namespaces themselves stay unless a manifest has made them: what is in them may
/// be somebody else's. What is removed goes while nobody waits.
///
/// # Errors
/// Where the API does not do it. What was removed until then is.
pub async fn remove(kubectl: &Kubectl, mesh: Option<&Mesh>, bundle: &Bundle) -> Result<(), Error> {
    Record::forget(kubectl).await?;
    for parcel in bundle.leftovers(mesh).rev() {
        remove_parcel(kubectl, parcel).await?;
    }
    for group in mesh.into_iter().flat_map(Mesh::all_groups).rev() {
        // Where its objects went is in the lab file, whichever version has gathered its manifests.
        let manifests = bundle.parcel(group).map(|parcel| parcel.manifests.clone()).unwrap_or_default();
        remove_parcel(kubectl, &Parcel::of(group, manifests)).await?;
    }
    Ok(())
}

async fn remove_parcel(kubectl: &Kubectl, parcel: &Parcel) -> Result<(), Error> {
    for manifest in parcel.manifests.iter().rev() {
        let step = format!("removing {} of the group {}", manifest.source, parcel.group);
        let place = parcel.namespace.as_ref().map(|namespace| namespace.as_str());
        match kubectl.delete_in(step, manifest.text.as_str(), place).await {
            // It has removed the others, and its definition was among them, or is gone since.
            Err(error) if is_unknown_kind(&error) => {}
            result => result?,
        }
    }
    for namespace in parcel.namespaces.iter().filter(|namespace| !namespace.labels.is_empty()) {
        match kubectl.unlabel(namespace.name.as_str(), namespace.labels.keys()).await {
            // A manifest has made it, and it went with that; or somebody else has removed it.
            Err(error) if is_without_namespace(&error) => {}
            result => result?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::Fake;

    use super::*;
    use crate::lab::mesh::Namespace;

    #[tokio::test]
    async fn a_namespace_that_is_gone_needs_no_labels_taken() {
        let kubectl = Kubectl::new("/lab/kubeconfig".into());
        let parcel = || {
            let namespace = serde_json::json!({"name": "shop", "labels": {"istio-injection": "enabled"}});
            let namespaces: Vec<Namespace> = vec![serde_json::from_value(namespace).unwrap()];
            Parcel { group: "shop".to_owned(), namespace: None, namespaces, manifests: Vec::new() }
        };
        for (said, is_fine) in [
            ("Error from server (NotFound): namespaces \"shop\" not found", true),
            ("Error from server (Forbidden): namespaces \"shop\" is forbidden", false),
        ] {
            let _fake = Fake::new("kubectl", &format!("echo '{said}' >&2; exit 1"));
            assert_eq!(remove_parcel(&kubectl, &parcel()).await.is_ok(), is_fine, "{said}");
        }
    }
}
