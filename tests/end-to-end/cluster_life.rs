//! A real Kubernetes cluster from the golden image, on a host without any network: what its user does with it, and the way
//! back to it. It is one test with chapters, because the cluster takes minutes to come up.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use kiln_tests::{Cluster, Process, clone, processes, until};
use serde_json::Value;

/// The exit code that `clone --help` documents for a lab that is wrong.
const FILE: i32 = 3;

/// Three nodes have booted within this time, half of it usually, where what a control plane does all the time leaves the
/// processors time for anything else. On a host on which they take longer it does not come up within an hour, and
/// continuous integration has one and a half. `make drills DRILLS=cluster_life` runs it wherever it is.
const BEGINNING: Duration = Duration::from_secs(200);

#[test]
fn a_cluster_comes_up_without_a_network_and_back_as_it_was() {
    let cluster = Cluster::new();
    let limit = if cfg!(feature = "drills") { Cluster::PATIENCE } else { BEGINNING };
    if !cluster.up_if_begun_within(limit) {
        return cluster.end();
    }
    the_host_uses_it(&cluster);
    its_user_adds_it_to_the_clusters_that_he_has(&cluster);
    docker_forwards_what_pods_send(&cluster);
    what_was_saved_is_known(&cluster);
    let (boots, restarts) = (Cluster::NODES.map(|node| cluster.boot_id(node)), cluster.restarts());
    pods_reach_each_other(&cluster);
    up_again_changes_nothing(&cluster);
    it_comes_back_as_it_was(&cluster, &boots, &restarts);
    it_comes_back_a_day_after_the_power_failed(&cluster, &boots);
    it_does_not_come_back_when_nobody_would_trust_it(&cluster, &boots);
    cluster.end();
}

fn the_host_uses_it(cluster: &Cluster) {
    let kubeconfig = cluster.home.root().join("labs").join(Cluster::LAB).join("kubeconfig");
    assert_eq!(fs::metadata(&kubeconfig).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&kubeconfig).unwrap();
    assert!(text.contains("https://127.0.0.1:") && text.contains("certificate-authority-data"), "no proof in it");
    assert!(!text.contains("insecure-skip-tls-verify"));
    assert_eq!(clone(&cluster.home, ["kubeconfig", Cluster::LAB]).ok().trim(), kubeconfig.as_str());

    let listed = cluster.kubectl(&["get", "nodes", "-o", "json"]).json_document();
    let nodes = listed["items"].as_array().unwrap();
    let addresses: Vec<_> =
        nodes.iter().map(|node| node["status"]["addresses"][0]["address"].as_str().unwrap()).collect();
    assert_eq!(addresses, ["192.168.206.196", "192.168.206.197", "192.168.206.198"]);
    assert_ne!(cluster.kubectl(&["get", "nodes", "nobody"]).code(), Some(0));
}

fn its_user_adds_it_to_the_clusters_that_he_has(cluster: &Cluster) {
    let theirs = "users: [{name: me, user: {token: mine}}]\n";
    let file = cluster.home.file("kubeconfig", theirs);
    let merged =
        clone(&cluster.home, ["kubeconfig", Cluster::LAB, "--merge", "-o", "json"]).env("KUBECONFIG", &file).json();
    assert_eq!(fs::read_to_string(merged["backup"].as_str().unwrap()).unwrap(), theirs);
    assert!(fs::read_to_string(&file).unwrap().contains("token: mine"));
    let words = ["--kubeconfig", &file, "--context", Cluster::LAB, "get", "nodes", "-o", "name"];
    assert_eq!(cluster.kubectl(&words).ok(), "node/node1\nnode/node2\nnode/node3\n");
}

/// It drops what it forwards if it was docker that let the kernel forward: the seed document's `iptables -P FORWARD ACCEPT`
/// at each boot.
fn docker_forwards_what_pods_send(cluster: &Cluster) {
    for node in Cluster::NODES {
        let rules = clone(&cluster.home, ["exec", node, "--", "sudo", "iptables", "-S", "FORWARD"]).ok();
        assert!(rules.starts_with("-P FORWARD ACCEPT\n"), "{node}: {rules}");
    }
}

/// `up` has saved it when it was ready.
fn what_was_saved_is_known(cluster: &Cluster) {
    let shown = clone(&cluster.home, ["checkpoint", "show", "ready", "-o", "json"]).json();
    assert_eq!(shown["cluster"]["version"], "1.20.2", "{shown}");
    let nodes = shown["lab"]["nodes"].as_object().unwrap();
    assert_eq!(nodes.keys().collect::<Vec<_>>(), Cluster::NODES);
    for (name, node) in nodes {
        assert!(node["board"].as_str().is_some_and(|board| board.starts_with("pc-q35-")), "{name}: {node}");
        assert!(node["cpu"].as_str().is_some_and(|cpu| !cpu.is_empty()), "{name}: {node}");
    }
    let seconds = |moment: &Value| {
        let output = Command::new("date").args(["+%s", "--date", moment.as_str().unwrap()]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().parse::<u64>().unwrap()
    };
    let days = (seconds(&shown["cluster"]["expires"]) - seconds(&shown["created"])) / (24 * 60 * 60);
    assert!((360..=365).contains(&days), "its certificates are said to be good for {days} days");
    cluster.chapter("what was saved is known");
}

/// Two pods on two nodes, of an image that every node had from the beginning.
fn pods_reach_each_other(cluster: &Cluster) {
    let pod = |node: &str, command: &str| {
        serde_json::json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("on-{node}"), "namespace": "default"},
            "spec": {
                "nodeName": node, "terminationGracePeriodSeconds": 0,
                "containers": [{
                    "name": "main", "image": "kiln.local/probe:1", "imagePullPolicy": "Never",
                    "command": ["sh", "-c", command],
                }],
            },
        })
    };
    let serve = "echo from $(hostname) > /tmp/index.html; exec httpd -f -p 8080 -h /tmp";
    let list = serde_json::json!({
        "apiVersion": "v1", "kind": "List", "items": [pod("node2", serve), pod("node3", "exec sleep 100000")],
    });
    let file = cluster.home.file("pods.json", &list.to_string());
    cluster.kubectl(&["apply", "-f", &file]).ok();
    cluster.kubectl(&["wait", "--for=condition=Ready", "pod/on-node2", "pod/on-node3", "--timeout=300s"]).ok();
    let found = cluster.kubectl(&["get", "pod", "on-node2", "-o", "json"]).json_document();
    let url = format!("http://{}:8080/", found["status"]["podIP"].as_str().unwrap());
    assert!(url.starts_with("http://10.244."), "{url}");
    let said = cluster.kubectl(&["exec", "on-node3", "--", "wget", "-q", "-O", "-", &url]).ok();
    assert_eq!(said.trim(), "from on-node2");
    cluster.chapter("a pod on node3 has reached one on node2");
}

fn up_again_changes_nothing(cluster: &Cluster) {
    let started = Instant::now();
    let up = clone(&cluster.home, ["up", Cluster::LAB]).finish();
    assert!(up.code() == Some(0) && up.stderr().contains("nothing was changed"), "{}", up.stderr());
    cluster.chapter(&format!("up again took {:.1} s", started.elapsed().as_secs_f32()));
}

/// `up` has saved the cluster when it was ready. What came later is gone, and nobody has noticed that any time went by.
fn it_comes_back_as_it_was(cluster: &Cluster, boots: &[String; 3], before: &BTreeMap<String, u64>) {
    clone(&cluster.home, ["reset", "--to", "ready"]).ok();
    cluster.chapter("it is back at `ready`");
    cluster.until_ready();
    assert_eq!(Cluster::NODES.map(|node| cluster.boot_id(node)), *boots, "a node was started again");
    assert_eq!(cluster.restarts(), *before, "there are other pods than at first, or a container was started again");
    pods_reach_each_other(cluster);
}

/// Everything has ended without a word, and what a lease or a clock says is a day old.
fn it_comes_back_a_day_after_the_power_failed(cluster: &Cluster, boots: &[String; 3]) {
    processes(&cluster.home).iter().for_each(Process::kill);
    until("everything has ended", Cluster::PATIENCE, || processes(&cluster.home).is_empty());
    clone(&cluster.home, ["reset", "--to", "ready"]).days_later(1).ok();
    cluster.chapter("it is back at `ready`, a day later");
    for (node, boot) in Cluster::NODES.iter().zip(boots) {
        let clock = clone(&cluster.home, ["exec", node, "--", "date", "+%s"]).ok();
        let tomorrow = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() + 24 * 60 * 60;
        assert!(tomorrow.abs_diff(clock.trim().parse().unwrap()) < 60, "the clock of {node} is wrong: {clock}");
        assert_eq!(cluster.boot_id(node), *boot, "{node} was started again");
    }
}

/// The certificates of a cluster are good for a year. The lab that runs is left alone.
fn it_does_not_come_back_when_nobody_would_trust_it(cluster: &Cluster, boots: &[String; 3]) {
    let said = clone(&cluster.home, ["reset", "--to", "ready"]).days_later(400).fails(FILE);
    assert!(said.contains("the certificates of the cluster in checkpoint `ready` ended at"), "{said}");
    assert!(said.contains("clone reset --to golden"), "it is not said what to do: {said}");
    assert_eq!(Cluster::NODES.map(|node| cluster.boot_id(node)), *boots, "a lab was touched");
}
