//! Pods that try the network of a cluster: one on each node, which serves a page, and fetches that of all others and of
//! a service that stands for them. They stay: a lab that comes back from a checkpoint has them then, and is tried at once.

use std::net::IpAddr;
use std::time::Duration;

use kiln_cloud_init::NodeName;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tokio::time::sleep;

use crate::cluster::question::insist;
use crate::cluster::snapshot::is_on;
use crate::cluster::{Assembly, Question};
use crate::kubernetes::kubectl::objects::Pod;
use crate::phases::{Node, Problem};

const NAMESPACE: &str = "kiln-probe";
const NAME: &str = "kiln-probe";
const SPACE: &str = "/api/v1/namespaces/kiln-probe";
const DAEMON_SET: &str = "/apis/apps/v1/namespaces/kiln-probe/daemonsets/kiln-probe";
const SERVICE: &str = "/api/v1/namespaces/kiln-probe/services/kiln-probe";
/// What tells pods of this kind from those of another version of Kiln.
const VERSION: (&str, &str) = ("kiln-probe-version", "1");
/// Between two looks at what is not as it should be yet.
const PAUSE: Duration = Duration::from_millis(500);
/// The port of the pods and of the service; above 1023, so that no rights are needed.
const PORT: u16 = 8080;
/// What a pod does: BusyBox's httpd serves a page and a program, `$1`, in the foreground. It ends with the pod, at once.
const SERVE: &str = "\
mkdir -p /tmp/www/cgi-bin && echo kiln > /tmp/www/index.html && printf %s \"$1\" > /tmp/www/cgi-bin/reach &&
chmod +x /tmp/www/cgi-bin/reach && exec httpd -f -p 8080 -h /tmp/www";

/// The program (CGI, RFC 3875): fetches the page from all addresses in its path at once, and names those that it cannot
/// be had from. A program that is run in the pod from outside would take an emulated node ten times as long. The limit is
/// not `wget -T`: with that, Debian's statically linked BusyBox 1.35 crashes. A page is looked for five times: kube-proxy
/// writes the rules of a service a moment after its pods are there.
const REACH: &str = r#"#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
IFS=,
for to in ${PATH_INFO#/}; do {
  n=0
  until [ "$(timeout 5 wget -q -O - "http://$to:8080/" 2>/dev/null)" = kiln ]; do
    n=$((n + 1)); [ $n -ge 5 ] && { echo "$to"; break; }
    sleep 1
  done
} & done
wait
echo done
"#;

/// The last line of what the program says.
const DONE: &str = "done";

/// The pods that try the network.
#[derive(Debug)]
pub struct Probe<'a> {
    assembly: &'a Assembly<'a>,
    /// The nodes that are tried: one that does not run has no pod.
    nodes: Vec<&'a NodeName>,
    image: &'a str,
    /// Whether the pods are being made.
    begun: OnceCell<()>,
    /// What the API says of them.
    pods: Question<Vec<Pod>>,
    /// The address of the service that stands for them.
    service: OnceCell<String>,
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
        Self { assembly, nodes, image, begun: OnceCell::new(), pods: Question::default(), service: OnceCell::new() }
    }

    /// Has the pods made, once, if they are not there. They start while the rest of the cluster does. What the API does not
    /// take is given to it again; the phase has the time limit.
    ///
    /// # Errors
    /// [`Problem`] where the API cannot be asked.
    pub async fn begin(&self, so_far: impl Fn(String)) -> Result<(), Problem> {
        let make = async || {
            let kubectl = self.assembly.view.kubectl();
            let step = "looking for the pods that try the network";
            let (mut space, pods, service) = tokio::try_join!(
                kubectl.find(step, SPACE),
                kubectl.find(step, DAEMON_SET),
                kubectl.find(step, SERVICE)
            )?;
            let are_ours = service.is_some() && pods.is_some_and(|pods| are_of(&pods, self.image));
            if are_ours && !space.as_ref().is_some_and(is_leaving) {
                return Ok(());
            }
            // Nothing can be made in it until it has gone.
            while space.as_ref().is_some_and(is_leaving) {
                sleep(PAUSE).await;
                space = kubectl.find(step, SPACE).await?;
            }
            kubectl.apply("making the pods that try the network", manifest(self.image).to_string()).await
        };
        Ok(self.begun.get_or_try_init(|| insist(make, so_far)).await.map(drop)?)
    }

    /// Lets the pod on `node` reach all others, and the service, as soon as all are there. What is not reached is tried
    /// again, wherever it is then: of a node that is made anew, the API goes on telling the pod that was there before. The
    /// phase has the time limit.
    ///
    /// # Errors
    /// [`Problem`] where the API cannot be asked.
    pub async fn try_network(&self, node: &Node<'_>, so_far: impl Fn(String)) -> Result<(), Problem> {
        while let Some(why) = self.attempt(node, &so_far).await? {
            so_far(why);
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Has the API server ask the pod on `node` once. Says what is not as it should be.
    async fn attempt(&self, node: &Node<'_>, so_far: impl Fn(String)) -> Result<Option<String>, Problem> {
        let kubectl = self.assembly.view.kubectl();
        let found = |pods: &Vec<Pod>| places(pods, node.name, &self.nodes);
        let places = self.pods.until(async || kubectl.pods_in(NAMESPACE).await, found, &so_far);
        let (places, service) = tokio::join!(places, self.service.get_or_try_init(|| self.service_address(&so_far)));
        let service = service?;
        let addresses: Vec<_> = places.others.iter().map(|(_, ip)| ip.to_string()).chain([service.clone()]).collect();
        let pod = format!("/api/v1/namespaces/{NAMESPACE}/pods/{}:{PORT}/proxy", places.own);
        let path = format!("{pod}/cgi-bin/reach/{}", addresses.join(","));
        let answer = match kubectl.text(format!("trying the network between the pods from {}", node.name), &path).await
        {
            Err(kiln_tool::Error::Failed(failure)) => {
                return Ok(Some(format!("the API server does not reach the pod on it: {}", failure.said.trim())));
            }
            answer => answer?,
        };
        Ok(match answer.trim_end().strip_suffix(DONE) {
            Some(answer) => {
                unreached(answer, &places.others, service).map(|what| format!("the pods on it do not reach {what}"))
            }
            None => Some(format!("the pod on it that tries the network says {answer:?}")),
        })
    }

    async fn service_address(&self, so_far: impl Fn(String)) -> Result<String, Problem> {
        let kubectl = self.assembly.view.kubectl();
        let find = async || kubectl.find("looking for the address of a service", SERVICE).await;
        let service = insist(find, so_far).await?.unwrap_or_default();
        let address = service["spec"]["clusterIP"].as_str().map(str::to_owned);
        address.ok_or_else(|| Problem::Wrong("the service that tries the network has no address".to_owned()))
    }
}

/// Whether a daemon set is that of this version of Kiln, and of this image.
fn are_of(pods: &Value, image: &str) -> bool {
    let container = &pods["spec"]["template"]["spec"]["containers"][0];
    pods["metadata"]["labels"][VERSION.0] == VERSION.1 && container["image"] == image
}

/// Whether a namespace is being removed.
fn is_leaving(space: &Value) -> bool {
    space["status"]["phase"] == "Terminating"
}

/// Where the pods are, once there is one on each of `members`, and all run.
fn places(pods: &[Pod], own: &NodeName, members: &[&NodeName]) -> Result<Places, String> {
    let mut places = Places { own: String::new(), others: Vec::new() };
    for member in members {
        let ends = |pod: &Pod| pod.metadata.deletion_timestamp.is_some();
        let here = |pod: &&Pod| is_on(pod, member) && !ends(pod);
        let Some(pod) = pods.iter().find(here) else {
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
        "command": ["sh", "-c", SERVE, "sh", REACH],
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
    // The pods come last: where they are, all is.
    json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata,
         "spec": {"selector": labels, "ports": [{"port": PORT}]}},
        {"apiVersion": "apps/v1", "kind": "DaemonSet",
         "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": {VERSION.0: VERSION.1}},
         "spec": {"selector": {"matchLabels": labels}, "template": template}},
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
        let found = places(&all, &names[0], &members).unwrap();
        assert_eq!(found.own, "kiln-probe-node1");
        assert_eq!(found.others, [("node2".to_owned(), "10.244.0.2".parse().unwrap())]);
        for (second, reason) in [
            (pod("node2", None, "Pending"), "the pod on node2 that tries the network is Pending"),
            (pod("node3", Some("10.244.0.3"), "Running"), "there is no pod on node2 yet that tries the network"),
        ] {
            let pods = [all[0].clone(), second];
            assert_eq!(places(&pods, &names[0], &members).err().as_deref(), Some(reason));
        }
    }

    #[test]
    fn pods_of_another_image_or_version_are_made_anew() {
        let mut pods = manifest("probe:1")["items"][2].clone();
        assert!(are_of(&pods, "probe:1") && !are_of(&pods, "probe:2"));
        pods["metadata"]["labels"][VERSION.0] = json!("0");
        assert!(!are_of(&pods, "probe:1"));
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
        for script in [SERVE, REACH] {
            let output = std::process::Command::new("/bin/sh").args(["-n", "-c", script]).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
