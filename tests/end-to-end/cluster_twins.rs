//! Two clusters with the same addresses at the same time, and a cluster that is made anew from the golden image.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::time::Instant;

use kiln_tests::{Cluster, TestHome, clone, kubernetes, until};

/// A cluster of one node.
fn lab(home: &TestHome, name: &str, memory: &str) -> String {
    let text = format!(
        "name: {name}
image: debian-12-k8s-1.20
network: 192.168.206.0/24
defaults: {{cpus: 2, memory: {memory}, disk: 20GiB}}
kubernetes: {{network: routes, skip-phases: [addon/coredns], ignore-preflight: [ImagePull]}}
nodes: [{{name: node1, ip: 192.168.206.196}}]
"
    );
    home.file(&format!("{name}.yaml"), &text)
}

/// What tells one cluster from another: the namespace that comes with it.
fn identity(home: &TestHome, lab: &str) -> String {
    let asked = ["kubectl", "--lab", lab, "--", "get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"];
    let uid = clone(home, asked).ok();
    assert_eq!(uid.trim().len(), 36, "{uid}");
    uid
}

/// What the API does not say in a moment is not shown, and with two clusters on one host it is busy.
fn until_ready(home: &TestHome, lab: &str) {
    until("status shows a node that is ready", Cluster::PATIENCE, || {
        home.status(lab)[0]["cluster"]["condition"] == "Ready"
    });
}

#[test]
fn clusters_with_the_same_addresses_do_not_meet_and_one_is_made_anew() {
    let home = TestHome::with_kubernetes().cut_off();
    let begun = Instant::now();
    let chapter = |what: &str| eprintln!("{what} ({} s)", begun.elapsed().as_secs());
    let ups = ["left", "right"].map(|name| clone(&home, ["up", &lab(&home, name, "2GiB")]).start());
    ups.into_iter().for_each(|up| drop(up.finish().ok()));
    chapter("both are up");
    let (left, right) = (identity(&home, "left"), identity(&home, "right"));
    assert_ne!(left, right);
    for name in ["left", "right"] {
        until_ready(&home, name);
        assert_eq!(home.status(name)[0]["ip"], "192.168.206.196");
    }

    clone(&home, ["reset", "--lab", "left", "--to", "golden"]).ok();
    chapter("one was reset");
    until_ready(&home, "left");
    assert_ne!(identity(&home, "left"), left, "it is the cluster that was there before");
    assert_eq!(identity(&home, "right"), right, "the other one was changed");
    let said = clone(&home, ["up", "left"]).finish().stderr();
    assert!(said.contains("nothing was changed"), "{said}");
    kubernetes().assert_untouched();
}

#[test]
fn a_node_with_too_little_memory_is_named_with_kubeadms_own_words() {
    let home = TestHome::with_kubernetes().cut_off();
    // The exit code that `clone --help` documents for what fails inside of a node.
    let said = clone(&home, ["up", &lab(&home, "small", "1GiB")]).finish().fails(8);
    assert!(said.contains("node1: phase `control-plane` failed") && said.contains("[ERROR Mem]"), "{said}");
    assert!(said.contains("1700"), "how much it needs is not said: {said}");
}
