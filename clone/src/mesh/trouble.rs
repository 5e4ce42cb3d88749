//! Pods that will not run however long they are waited for, and what the cluster tells of those that do not.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kiln_images::reference::full_name;
use serde_json::Value;
use tokio::time::Instant;

use super::goal::Goal;
use super::view::Seen;
use crate::kubernetes::Version;
use crate::kubernetes::kubectl::Kubectl;
use crate::kubernetes::kubectl::objects::{Pod, Truth};

/// How long on a quick host what may pass is watched before it is believed: a pod that ends makes room for another one, and
/// a registry that was away for a moment answers.
const PATIENCE: Duration = Duration::from_secs(30);
/// Reasons for which the kubelet does not start a container, and never will (kubelet, `images/types.go`).
const FOR_EVER: [&str; 2] = ["ErrImageNeverPull", "InvalidImageName"];
/// Those for which it tries again and again.
const AGAIN: [&str; 4] = ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError"];
/// How many pods and events are told of: the first ones say why the rest is missing.
const TOLD: usize = 6;

/// What keeps a pod from running.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Complaint {
    /// What is missing: an image, or a node.
    subject: String,
    /// In words.
    text: String,
    /// It does not get better.
    is_final: bool,
}

/// Watches pods, and gives up on those that have complained of the same for long enough.
#[derive(Debug)]
pub struct Patience<'a> {
    limit: Duration,
    /// The container images that the nodes have from the beginning.
    preloaded: &'a [String],
    since: RefCell<BTreeMap<(String, String), Instant>>,
    /// What was doubted last, and since when.
    doubt: RefCell<Option<(String, Instant)>>,
}

impl<'a> Patience<'a> {
    /// Patience that ends after what `scale` makes of the time it has on a quick host.
    pub fn new(scale: impl Fn(Duration) -> Duration, preloaded: &'a [String]) -> Self {
        Self { limit: scale(PATIENCE), preloaded, since: RefCell::default(), doubt: RefCell::default() }
    }

    /// What is wrong with one of these pods that waiting will not mend.
    pub fn ended<'b>(&self, pods: impl Iterator<Item = &'b Pod>) -> Option<String> {
        let now = Instant::now();
        let mut since = self.since.borrow_mut();
        let mut still = BTreeMap::new();
        let mut ended = None;
        for pod in pods {
            let Some(complaint) = self.complaint(pod) else { continue };
            let key = (pod.metadata.name.clone(), complaint.subject);
            let begin = since.get(&key).copied().unwrap_or(now);
            if complaint.is_final || now.duration_since(begin) >= self.limit {
                ended.get_or_insert(complaint.text);
            }
            still.insert(key, begin);
        }
        *since = still;
        ended
    }

    /// Whether the same reason to doubt that anything comes was given for long enough.
    pub fn is_over(&self, reason: &str) -> bool {
        let now = Instant::now();
        let mut doubt = self.doubt.borrow_mut();
        let since = doubt.as_ref().filter(|(known, _)| known == reason).map_or(now, |(_, since)| *since);
        *doubt = Some((reason.to_owned(), since));
        now.duration_since(since) >= self.limit
    }

    fn complaint(&self, pod: &Pod) -> Option<Complaint> {
        let name = format!("pod {} in {}", pod.metadata.name, pod.metadata.namespace);
        let placed = pod.status.conditions.iter().find(|condition| condition.kind == "PodScheduled");
        if let Some(condition) = placed.filter(|it| it.status == Truth::False && it.reason == "Unschedulable") {
            let hint = match condition.message.contains("Insufficient memory") {
                true => "\n  give a node more `memory` in the lab file, or add one",
                false => "",
            };
            let text = format!("no node takes {name}: {}{hint}", condition.message);
            return Some(Complaint { subject: "a node".to_owned(), text, is_final: false });
        }
        let statuses = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
        statuses.into_iter().find_map(|container| {
            let waiting = container.state.waiting.as_ref()?;
            let is_final = FOR_EVER.contains(&waiting.reason.as_str());
            if !is_final && !AGAIN.contains(&waiting.reason.as_str()) {
                return None;
            }
            let image = &container.image;
            let text = format!(
                "{name} does not get its image {image}: {}: {}{}",
                waiting.reason,
                waiting.message,
                self.hint(image)
            );
            Some(Complaint { subject: image.clone(), text, is_final })
        })
    }

    /// The image that is missing was to be in the golden image, or has to come from the network.
    fn hint(&self, image: &str) -> &'static str {
        let image = full_name(image);
        match self.preloaded.iter().any(|held| full_name(held) == image) {
            true => {
                "\n  the golden image holds it: was it removed from the node? make the node anew: clone node rebuild"
            }
            false => {
                "\n  the golden image does not hold it: add it to the step `container-images` of the recipe and bake it, \
                 or let the nodes reach its registry"
            }
        }
    }
}

/// What the cluster tells of these definitions that are not established, and of the pods of these namespaces that are not
/// well: their states, and its warnings. Nothing where all is well, or it does not answer.
pub async fn story(
    kubectl: &Kubectl,
    version: Version,
    namespaces: &BTreeSet<String>,
    definitions: &[Goal],
) -> Option<String> {
    let mut text = String::new();
    let mut missing = String::new();
    match Seen::look(kubectl, version, definitions).await {
        Ok(seen) => {
            let unmet = definitions.iter().filter_map(|goal| goal.check(&seen, version).err());
            unmet.take(TOLD).for_each(|unmet| missing.push_str(&format!("\n  {}", unmet.reason)));
            let here = seen.pods.iter().filter(|pod| namespaces.contains(&pod.metadata.namespace) && !pod.is_well());
            for pod in here.take(TOLD) {
                let (ready, total) = pod.ready_containers();
                let node = pod.spec.node_name.as_deref().unwrap_or("no node");
                let (namespace, name) = (&pod.metadata.namespace, &pod.metadata.name);
                text.push_str(&format!("\n    {namespace}/{name} on {node}: {} ({ready}/{total})", pod.state()));
                if let Some(message) = pod.message() {
                    text.push_str(&format!(": {message}"));
                }
            }
        }
        Err(error) => tracing::debug!(%error, "the pods are not known"),
    }
    if !text.is_empty() {
        text.insert_str(0, "\n  pods that are not well:");
    }
    text.insert_str(0, &missing);
    let mut warnings = Vec::new();
    for namespace in namespaces {
        match kubectl.items(&format!("/api/v1/namespaces/{namespace}/events")).await {
            Ok(events) => warnings.extend(events.iter().filter_map(warning)),
            Err(error) => tracing::debug!(%error, "the events are not known"),
        }
    }
    warnings.sort();
    let mut told = BTreeSet::new();
    for (_, line) in warnings.iter().rev().filter(|(_, line)| told.insert(line)).take(TOLD) {
        text.push_str(if text.contains("its warnings") { "" } else { "\n  its warnings, the last first:" });
        text.push_str("\n    ");
        text.push_str(line);
    }
    (!text.is_empty()).then_some(text)
}

/// A warning, with the time by which it is sorted.
fn warning(event: &Value) -> Option<(String, String)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if event["type"] != "Warning" {
        return None;
    }
    let time = ["lastTimestamp", "eventTime"].iter().find_map(|key| text(&event[key])).unwrap_or_default();
    let about = &event["involvedObject"];
    let name = format!("{} {}", text(&about["kind"])?, text(&about["name"])?);
    let message = text(&event["message"]).unwrap_or_default().trim().replace('\n', " ");
    Some((time, format!("{name}: {}: {message}", text(&event["reason"]).unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(status: Value) -> Pod {
        let metadata = json!({"name": "pilot-1", "namespace": "istio-system"});
        serde_json::from_value(json!({"metadata": metadata, "spec": {}, "status": status})).unwrap()
    }

    fn without_room() -> Pod {
        let message = "0/3 nodes are available: 3 Insufficient memory.";
        let condition =
            json!({"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message});
        pod(json!({"phase": "Pending", "conditions": [condition]}))
    }

    fn without_image(reason: &str, list: &str) -> Pod {
        let waiting = json!({"reason": reason, "message": "Back-off pulling image"});
        let container =
            json!({"name": "a", "image": "b:1", "ready": false, "restartCount": 0, "state": {"waiting": waiting}});
        pod(json!({"phase": "Pending", list: [container]}))
    }

    fn ended(limit: Duration, preloaded: &[String], pod: &Pod) -> Option<String> {
        Patience::new(|_| limit, preloaded).ended([pod].into_iter())
    }

    #[test]
    fn what_waiting_does_not_help_against_ends_it() {
        let always = Duration::from_secs(60);
        for (pod, limit, expected) in [
            (without_room(), always, None),
            (without_room(), Duration::ZERO, Some("3 Insufficient memory.\n  give a node more `memory`")),
            (without_image("ImagePullBackOff", "containerStatuses"), always, None),
            (without_image("ImagePullBackOff", "containerStatuses"), Duration::ZERO, Some("does not hold it")),
            (
                without_image("ErrImagePull", "initContainerStatuses"),
                Duration::ZERO,
                Some("its image b:1: ErrImagePull"),
            ),
            (without_image("ErrImageNeverPull", "containerStatuses"), always, Some("ErrImageNeverPull")),
            (without_image("CrashLoopBackOff", "containerStatuses"), Duration::ZERO, None),
            (without_image("ContainerCreating", "containerStatuses"), Duration::ZERO, None),
        ] {
            let text = ended(limit, &[], &pod);
            match expected {
                Some(part) => assert!(text.as_ref().is_some_and(|text| text.contains(part)), "{part}: {text:?}"),
                None => assert_eq!(text, None),
            }
        }
        // What the recipe calls `docker.io/library/b:1` may be `b:1` in a manifest.
        for held in ["b:1", "docker.io/library/b:1"] {
            let pod = without_image("ErrImagePull", "containerStatuses");
            let text = ended(Duration::ZERO, &[held.to_owned()], &pod).unwrap();
            assert!(text.contains("the golden image holds it"), "{text}");
        }
    }

    #[test]
    fn patience_begins_anew_when_the_complaint_was_gone() {
        let patience = Patience::new(|_| Duration::from_secs(60), &[]);
        let pod = without_room();
        assert_eq!(patience.ended([&pod].into_iter()), None);
        assert_eq!(patience.since.borrow().len(), 1);
        assert_eq!(patience.ended([].into_iter()), None);
        assert_eq!(patience.since.borrow().len(), 0);
    }

    #[test]
    fn only_warnings_are_told() {
        let event = |kind: &str| {
            json!({"type": kind, "reason": "FailedScheduling", "message": "a\nb", "lastTimestamp": "t",
                   "involvedObject": {"kind": "Pod", "name": "p"}})
        };
        assert_eq!(warning(&event("Normal")), None);
        assert_eq!(warning(&event("Warning")), Some(("t".to_owned(), "Pod p: FailedScheduling: a b".to_owned())));
    }
}
