//! A real cluster that is taken back again and again, and what it is good for afterwards: a lab that was restored is as good
//! as the one that was saved, and has nodes added, rebuilt, removed and saved.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::time::Instant;

use kiln_tests::{Cluster, clone, until};

const RESTORES: usize = 20;
/// The exit code that `clone --help` documents for what fails inside of a node.
const GUEST: i32 = 8;

#[test]
fn a_cluster_is_taken_back_twenty_times_and_goes_on_from_there() {
    let cluster = Cluster::new();
    cluster.up();
    it_is_taken_back_again_and_again(&cluster);
    a_network_that_does_not_work_is_named(&cluster);
    a_node_is_added_and_saved_with_the_others(&cluster);
    a_node_is_rebuilt(&cluster);
    it_comes_back_with_the_node_that_was_added(&cluster);
    the_node_is_removed(&cluster);
    it_goes_on_when_its_disks_stand_on_fewer_files(&cluster);
    it_has_a_twin_that_goes_its_own_way(&cluster);
    it_goes_on_elsewhere(cluster);
}

/// Each ends when every lease is renewed, the system's pods run, and pods on all nodes have reached each other.
fn it_is_taken_back_again_and_again(cluster: &Cluster) {
    let (boots, restarts) = (Cluster::NODES.map(|node| cluster.boot_id(node)), cluster.restarts());
    let mut took = Vec::new();
    for time in 1..=RESTORES {
        let begun = Instant::now();
        clone(&cluster.home, ["reset", "--to", "ready"]).ok();
        took.push(begun.elapsed().as_secs_f32());
        cluster.until_ready();
        assert_eq!(cluster.restarts(), restarts, "a container was started again after restore {time}");
    }
    assert_eq!(Cluster::NODES.map(|node| cluster.boot_id(node)), boots, "a node was started again");
    took.sort_by(f32::total_cmp);
    let (least, median, most) = (took[0], took[RESTORES / 2], took[RESTORES - 1]);
    cluster.chapter(&format!("{RESTORES} restores took {median:.1} s in the middle, {least:.1} to {most:.1} s"));
}

/// Nothing that a pod on node2 sends or should get is let through. The API shows a cluster that is well.
fn a_network_that_does_not_work_is_named(cluster: &Cluster) {
    clone(&cluster.home, ["exec", "node2", "--", "sudo", "iptables", "-I", "FORWARD", "-j", "DROP"]).ok();
    clone(&cluster.home, ["checkpoint", "save", "broken"]).ok();
    let said = clone(&cluster.home, ["reset", "--to", "broken", "--timeout", "90s"]).fails(GUEST);
    let from_node2 = said.contains("node2: phase `probe` failed") && said.contains("does not reach the pod on it");
    let to_node2 = said.contains("phase `probe` failed") && said.contains("do not reach those on node2 (10.244.");
    assert!(from_node2 || to_node2, "{said}");
    cluster.chapter("it is said that the pods on node2 are not reached");
    clone(&cluster.home, ["reset", "--to", "ready"]).ok();
    clone(&cluster.home, ["checkpoint", "rm", "broken", "--yes"]).ok();
}

fn a_node_is_added_and_saved_with_the_others(cluster: &Cluster) {
    // `ready` is saved anew when a node was added.
    clone(&cluster.home, ["checkpoint", "save", "three"]).ok();
    clone(&cluster.home, ["node", "add", "node4"]).ok();
    assert_eq!(ready(cluster), ["node1", "node2", "node3", "node4"]);
    cluster.chapter("node4 is there");
    clone(&cluster.home, ["checkpoint", "save", "four"]).ok();
    cluster.chapter("saved");
}

fn a_node_is_rebuilt(cluster: &Cluster) {
    let (before, others) = (cluster.boot_id("node3"), cluster.boot_id("node4"));
    clone(&cluster.home, ["node", "rebuild", "node3"]).ok();
    assert_ne!(cluster.boot_id("node3"), before);
    assert_eq!(cluster.boot_id("node4"), others, "another node was touched");
    assert_eq!(ready(cluster), ["node1", "node2", "node3", "node4"]);
    cluster.chapter("node3 is rebuilt");
}

fn it_comes_back_with_the_node_that_was_added(cluster: &Cluster) {
    clone(&cluster.home, ["reset", "--to", "three"]).ok();
    assert_eq!(cluster.home.states(Cluster::LAB).len(), 3, "it has the nodes that it had");
    assert_eq!(ready(cluster), ["node1", "node2", "node3"]);
    clone(&cluster.home, ["reset", "--to", "four"]).ok();
    assert_eq!(ready(cluster), ["node1", "node2", "node3", "node4"]);
    cluster.chapter("it was back at three nodes, and at four");
}

/// What runs on it is moved to the others first.
fn the_node_is_removed(cluster: &Cluster) {
    let pod = serde_json::json!({
        "metadata": {"labels": {"app": "guest"}},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{
                "weight": 100,
                "preference": {"matchExpressions": [
                    {"key": "kubernetes.io/hostname", "operator": "In", "values": ["node4"]},
                ]},
            }]}},
            "containers": [{
                "name": "main", "image": "kiln.local/probe:1", "imagePullPolicy": "Never",
                "command": ["sh", "-c", "exec sleep 100000"],
            }],
        },
    });
    let deployment = serde_json::json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "guest", "namespace": "default"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "guest"}}, "template": pod},
    });
    let file = cluster.home.file("guest.json", &deployment.to_string());
    let place = || {
        let words = ["get", "pods", "--selector=app=guest", "--field-selector=status.phase=Running"];
        let path = ["-o", "jsonpath={.items[*].spec.nodeName}"];
        cluster.kubectl(&[&words[..], &path].concat()).ok()
    };
    cluster.kubectl(&["apply", "-f", &file]).ok();
    until("the pod runs on node4", Cluster::PATIENCE, || place() == "node4");
    let removed = clone(&cluster.home, ["node", "remove", "node4", "--yes"]).finish();
    assert_eq!(removed.code(), Some(0), "{}", removed.stderr());
    assert!(!removed.stderr().contains("could not be moved"), "{}", removed.stderr());
    until("the pod runs elsewhere", Cluster::PATIENCE, || ["node1", "node2", "node3"].contains(&place().as_str()));
    cluster.kubectl(&["delete", "deployment", "guest"]).ok();
    assert_eq!(cluster.home.states(Cluster::LAB).len(), 3);
    assert_eq!(ready(cluster), ["node1", "node2", "node3"], "the cluster still knows it");
    cluster.chapter("node4 is gone");
}

fn it_goes_on_when_its_disks_stand_on_fewer_files(cluster: &Cluster) {
    clone(&cluster.home, ["checkpoint", "rm", "four", "--yes"]).ok();
    let flattened = clone(&cluster.home, ["checkpoint", "flatten", "-o", "json"]).json();
    assert_eq!(flattened.as_array().unwrap().len(), 3, "{flattened}");
    let restarts = cluster.restarts();
    clone(&cluster.home, ["checkpoint", "save", "flat"]).ok();
    clone(&cluster.home, ["reset", "--to", "flat"]).ok();
    cluster.until_ready();
    assert_eq!(cluster.restarts(), restarts);
    cluster.chapter("its disks stand on fewer files");
}

/// While it runs, with the same addresses.
fn it_has_a_twin_that_goes_its_own_way(cluster: &Cluster) {
    const TWIN: &str = "twin";
    let restarts = cluster.restarts();
    clone(&cluster.home, ["fork", TWIN, "--from", &format!("{}@flat", Cluster::LAB)]).ok();
    cluster.until_ready_of(TWIN);
    assert_eq!(cluster.restarts_of(TWIN), restarts);
    cluster.chapter("a twin of it is ready");
    let server = |lab| {
        let path = clone(&cluster.home, ["kubeconfig", lab]).ok();
        let text = fs::read_to_string(path.trim()).unwrap();
        text.lines().find(|line| line.trim_start().starts_with("server:")).unwrap().to_owned()
    };
    assert_ne!(server(TWIN), server(Cluster::LAB), "both are reached by one port");
    let labs = [Cluster::LAB, TWIN];
    for lab in labs {
        let name = format!("of-{lab}");
        cluster.kubectl_of(lab, &["create", "configmap", &name]).ok();
        for other in labs {
            let found = cluster.kubectl_of(other, &["get", "configmap", &name]).code() == Some(0);
            assert_eq!(found, other == lab, "{name} in {other}");
        }
    }
    cluster.until_ready();
    assert_eq!(cluster.restarts(), restarts, "the one that it was made from was touched");
    clone(&cluster.home, ["destroy", TWIN, "--yes"]).ok();
    cluster.chapter("each has been itself");
}

/// Where not even its golden image is.
fn it_goes_on_elsewhere(cluster: Cluster) {
    let other = cluster.elsewhere();
    let file = other.home.work().join("flat.kiln");
    clone(&cluster.home, ["checkpoint", "export", "flat", "--to", file.as_str()]).ok();
    let restarts = cluster.restarts();
    cluster.end();
    clone(&other.home, ["checkpoint", "import", file.as_str()]).ok();
    clone(&other.home, ["resume", Cluster::LAB]).ok();
    assert_eq!(ready(&other), Cluster::NODES);
    assert_eq!(other.restarts(), restarts);
    other.chapter("it goes on elsewhere");
    other.end();
}

/// The nodes of the cluster, all of which must be ready.
#[track_caller]
fn ready(cluster: &Cluster) -> Vec<String> {
    cluster.until_ready();
    let names = || {
        let listed = cluster.kubectl(&["get", "nodes", "-o", "json"]).json_document();
        let name = |node: &serde_json::Value| node["metadata"]["name"].as_str().unwrap().to_owned();
        listed["items"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    until("the lab and the cluster have as many nodes", Cluster::PATIENCE, || {
        names().len() == cluster.home.states(Cluster::LAB).len()
    });
    names()
}
