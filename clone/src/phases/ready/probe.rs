//! Pods that try the network of a cluster: one on each node, which serves a page, and fetches that of all others and of
//! a service that stands for them.

use std::net::IpAddr;
use std::time::Duration;

use kiln_cloud_init::NodeName;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tokio::time::sleep;

use crate::cluster::snapshot::is_on;
use crate::cluster::{Assembly, Snapshot};
use crate::kubernetes::kubectl::Kubectl;
use crate::kubernetes::kubectl::objects::Pod;
use crate::phases::{Node, Problem};

const NAMESPACE: &str = "kiln-probe";
const NAME: &str = "kiln-probe";
const SPACE: &str = "/api/v1/namespaces/kiln-probe";
/// Between two looks at a namespace that is being removed.
const PAUSE: Duration = Duration::from_millis(500);
/// The port of the pods and of the service; above 1023, so that no rights are needed.
const PORT: u16 = 8080;
/// How many looks at a page are waited for: kube-proxy writes the rules of a service a moment after its pods are there.
const TRIES: &str = "30";

/// What a pod does: BusyBox's httpd serves one page, in the foreground. It ends with the pod, at once.
const SERVE: &str = "mkdir -p /tmp/www && echo kiln > /tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www";

/// Fetches the page from all addresses at once, and prints those that it cannot be had from. The limit is not `wget -T`:
/// with that, Debian's statically linked BusyBox 1.35 crashes.
const FETCH: &str = "\
tries=$1; shift
for to; do {
  n=0
  until [ \"$(timeout 5 wget -q -O - \"http://$to:8080/\" 2>/dev/null)\" = kiln ]; do
    n=$((n + 1)); [ $n -ge $tries ] && { echo \"$to\"; break; }
    sleep 1
  done
} & done
wait";

/// The pods that try the network.
#[derive(Debug)]
pub struct Probe<'a> {
    assembly: &'a Assembly<'a>,
    /// The nodes that are tried: one that does not run has no pod.
    nodes: Vec<&'a NodeName>,
    image: &'a str,
    /// Whether the pods are being made.
    begun: OnceCell<()>,
}

/// Where the pods are.
struct Places {
    /// The pod on the node that asks.
    own: String,
    /// The others, with the nodes they are on.
    others: Vec<(String, IpAddr)>,
}

impl<'a> Probe<'a> {
    /// Pods on these nodes, of this image: it needs `sh`, `httpd` and `wget`, as BusyBox has them.
    pub fn new(assembly: &'a Assembly<'a>, nodes: Vec<&'a NodeName>, image: &'a str) -> Self {
        Self { assembly, nodes, image, begun: OnceCell::new() }
    }

    /// Has the pods made, once. They start while the rest of the cluster does.
    ///
    /// # Errors
    /// [`Problem`] where the API does not take them.
    pub async fn begin(&self) -> Result<(), Problem> {
        let make = async || {
            let kubectl = self.assembly.view.kubectl();
            while let Some(namespace) = kubectl.find("looking for the pods that try the network", SPACE).await? {
                if namespace["status"]["phase"] != "Terminating" {
                    break;
                }
                // Nothing can be made in it until it has gone.
                sleep(PAUSE).await;
            }
            // A lab that was saved when it was ready has them still, and then nothing changes.
            kubectl.apply("making the pods that try the network", manifest(self.image).to_string()).await
        };
        Ok(self.begun.get_or_try_init(make).await.map(drop)?)
    }

    /// Lets the pod on `node` reach all others, and the service, as soon as all are there.
    ///
    /// # Errors
    /// [`Problem::Wrong`] with what it does not reach.
    pub async fn try_network(&self, node: &Node<'_>, so_far: impl Fn(String)) -> Result<(), Problem> {
        let places = self.assembly.view.until(|snapshot| places(snapshot, node.name, &self.nodes), so_far).await;
        let service = self.service_address().await?;
        let addresses = places.others.iter().map(|(_, ip)| ip.to_string()).chain([service.clone()]);
        let words: Vec<_> = ["sh", "-c", FETCH, "sh", TRIES].map(str::to_owned).into_iter().chain(addresses).collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let step = format!("trying the network between the pods from {}", node.name);
        let outcome = self.assembly.view.kubectl().exec(step, NAMESPACE, &places.own, &words).await?;
        if outcome.code != 0 {
            let said = outcome.stderr.trim().replace('\n', "\n    ");
            return Err(Problem::Wrong(format!("the pod {} that tries the network failed\n    {said}", places.own)));
        }
        match unreached(&String::from_utf8_lossy(&outcome.stdout), &places.others, &service) {
            None => Ok(()),
            Some(what) => Err(Problem::Wrong(format!("the pods on it do not reach {what}"))),
        }
    }

    async fn service_address(&self) -> Result<String, Problem> {
        let path = format!("/api/v1/namespaces/{NAMESPACE}/services/{NAME}");
        let kubectl = self.assembly.view.kubectl();
        let service = kubectl.find("looking for the address of a service", &path).await?.unwrap_or_default();
        let address = service["spec"]["clusterIP"].as_str().map(str::to_owned);
        address.ok_or_else(|| Problem::Wrong("the service that tries the network has no address".to_owned()))
    }
}

/// Removes the pods of any probe, if there are some. They go while nobody waits for them.
///
/// # Errors
/// Where the API does not do it.
pub async fn remove(kubectl: &Kubectl) -> Result<(), kiln_tool::Error> {
    let step = "removing the pods that tried the network";
    if kubectl.find(step, SPACE).await?.is_none() {
        return Ok(());
    }
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
    kubectl.delete(step, namespace.to_string()).await
}

/// Where the pods are, once there is one on each of `members`, and all run.
fn places(snapshot: &Snapshot, own: &NodeName, members: &[&NodeName]) -> Result<Places, String> {
    let mut places = Places { own: String::new(), others: Vec::new() };
    for member in members {
        let ends = |pod: &Pod| pod.metadata.deletion_timestamp.is_some();
        let here = |pod: &&Pod| pod.metadata.namespace == NAMESPACE && is_on(pod, member) && !ends(pod);
        let Some(pod) = snapshot.pods.iter().find(here) else {
            return Err(format!("there is no pod on {member} yet that tries the network"));
        };
        let (true, Some(ip)) = (pod.is_well(), pod.status.pod_ip) else {
            return Err(format!("the pod on {member} that tries the network is {}", pod.state()));
        };
        match *member == own {
            true => places.own.clone_from(&pod.metadata.name),
            false => places.others.push((member.to_string(), ip)),
        }
    }
    Ok(places)
}

/// What an answer with addresses in it says, in words.
fn unreached(answer: &str, others: &[(String, IpAddr)], service: &str) -> Option<String> {
    let name = |address: &str| match others.iter().find(|(_, ip)| ip.to_string() == address) {
        Some((node, ip)) => format!("those on {node} ({ip})"),
        None if address == service => format!("the service at {service}: does kube-proxy work?"),
        None => address.to_owned(),
    };
    let what: Vec<_> = answer.lines().map(|line| name(line.trim())).collect();
    if what.is_empty() { None } else { Some(what.join(", ")) }
}

/// The objects: on every node, whatever keeps other pods away from it.
fn manifest(image: &str) -> Value {
    let labels = json!({"app": NAME});
    let container = json!({
        "name": "probe",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", SERVE],
    });
    let pod = json!({
        "tolerations": [{"operator": "Exists"}],
        "terminationGracePeriodSeconds": 0,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "containers": [container],
    });
    let metadata = json!({"name": NAME, "namespace": NAMESPACE});
    let template = json!({"metadata": {"labels": labels}, "spec": pod});
    json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata,
         "spec": {"selector": {"matchLabels": labels}, "template": template}},
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata,
         "spec": {"selector": labels, "ports": [{"port": PORT}]}},
    ]})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(node: &str, ip: Option<&str>, phase: &str) -> Pod {
        let ready = if phase == "Running" { "True" } else { "False" };
        let status = json!({"phase": phase, "podIP": ip, "conditions": [{"type": "Ready", "status": ready}]});
        let metadata = json!({"name": format!("kiln-probe-{node}"), "namespace": NAMESPACE});
        let pod = json!({"metadata": metadata, "spec": {"nodeName": node}, "status": status});
        serde_json::from_value(pod).unwrap()
    }

    #[test]
    fn all_pods_have_to_run_before_one_looks_for_the_others() {
        let names = ["node1", "node2"].map(|name| name.parse::<NodeName>().unwrap());
        let members: Vec<_> = names.iter().collect();
        let all = [pod("node1", Some("10.244.0.1"), "Running"), pod("node2", Some("10.244.0.2"), "Running")];
        let snapshot = |pods: &[Pod]| Snapshot { pods: pods.to_vec(), ..Snapshot::default() };
        let found = places(&snapshot(&all), &names[0], &members).unwrap();
        assert_eq!(found.own, "kiln-probe-node1");
        assert_eq!(found.others, [("node2".to_owned(), "10.244.0.2".parse().unwrap())]);
        for (second, reason) in [
            (pod("node2", None, "Pending"), "the pod on node2 that tries the network is Pending"),
            (pod("node3", Some("10.244.0.3"), "Running"), "there is no pod on node2 yet that tries the network"),
        ] {
            let pods = [all[0].clone(), second];
            assert_eq!(places(&snapshot(&pods), &names[0], &members).err().as_deref(), Some(reason));
        }
    }

    #[test]
    fn what_is_not_reached_is_named() {
        let others = [("node2".to_owned(), "10.244.1.2".parse().unwrap())];
        assert_eq!(unreached("", &others, "10.96.0.9"), None);
        assert_eq!(
            unreached("10.244.1.2\n10.96.0.9\n", &others, "10.96.0.9").unwrap(),
            "those on node2 (10.244.1.2), the service at 10.96.0.9: does kube-proxy work?"
        );
    }

    #[test]
    fn the_scripts_are_ones_for_a_plain_shell() {
        for script in [SERVE, FETCH] {
            let output = std::process::Command::new("/bin/sh").args(["-n", "-c", script]).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
