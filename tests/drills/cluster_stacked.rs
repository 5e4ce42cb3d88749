//! A cluster whose control plane is on two nodes: one of them is made anew, and then taken away, and both times etcd is told.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::time::Instant;

use kiln_tests::{TestHome, clone, kubernetes};
use serde_json::Value;

const LAB: &str = "name: stacked
image: debian-12-k8s-1.20
network: 192.168.206.0/24
defaults: {cpus: 2, memory: 2GiB, disk: 20GiB}
kubernetes: {network: routes, skip-phases: [addon/coredns], ignore-preflight: [ImagePull]}
nodes:
- {name: node1, ip: 192.168.206.196, role: control-plane}
- {name: node2, ip: 192.168.206.197, role: control-plane}
";

/// The members that the etcd of node1 knows, and the number of each: it is another one for a member that joined again.
fn members(home: &TestHome) -> Vec<(String, u64)> {
    let certificates = "/etc/kubernetes/pki/etcd";
    let ask = [
        "kubectl",
        "--",
        "--namespace=kube-system",
        "exec",
        "etcd-node1",
        "--",
        "etcdctl",
        "--endpoints=https://127.0.0.1:2379",
        &format!("--cacert={certificates}/ca.crt"),
        &format!("--cert={certificates}/server.crt"),
        &format!("--key={certificates}/server.key"),
        "member",
        "list",
        "--write-out=json",
    ];
    let said: Value = serde_json::from_str(&clone(home, ask).ok()).unwrap();
    let members = said["members"].as_array().unwrap().iter();
    let mut members: Vec<_> =
        members.map(|member| (member["name"].as_str().unwrap().to_owned(), member["ID"].as_u64().unwrap())).collect();
    members.sort();
    members
}

fn nodes(home: &TestHome) -> Vec<String> {
    let said = clone(home, ["kubectl", "--", "get", "nodes", "-o", "json"]).finish().json_document();
    let nodes = said["items"].as_array().unwrap().iter();
    nodes.map(|node| node["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_control_plane_of_two_nodes_loses_one_gets_it_back_and_does_without_it() {
    let home = TestHome::with_kubernetes().cut_off();
    let begun = Instant::now();
    let chapter = |what: &str| eprintln!("{what} ({} s)", begun.elapsed().as_secs());
    clone(&home, ["up", &home.file("stacked.yaml", LAB)]).ok();
    chapter("both are up");
    let first = members(&home);
    assert_eq!(first.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["node1", "node2"]);

    clone(&home, ["node", "rebuild", "node2"]).ok();
    chapter("node2 is rebuilt");
    let second = members(&home);
    assert_eq!(second[0], first[0], "node1 is another member");
    assert!(second.len() == 2 && second[1].0 == "node2" && second[1] != first[1], "{second:?} after {first:?}");
    assert_eq!(nodes(&home), ["node1", "node2"]);

    clone(&home, ["node", "remove", "node2", "--yes"]).ok();
    chapter("node2 is gone");
    assert_eq!(members(&home), first[..1]);
    assert_eq!(nodes(&home), ["node1"]);
    clone(&home, ["destroy", "stacked", "--yes"]).ok();
    kubernetes().assert_untouched();
}
