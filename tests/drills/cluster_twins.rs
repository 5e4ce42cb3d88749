//! Two clusters with the same addresses at the same time, one of which has the pod network of a manifest, and a cluster that
//! is made anew from the golden image.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::time::Instant;

use kiln_tests::{Cluster, TestHome, clone, kubernetes, until};

/// A pod network as those of the world are: a pod on every node, in the network of the node, that says how pods are wired.
const NETWORK: &str = r#"
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: wires, namespace: kube-system}
spec:
  selector: {matchLabels: {app: wires}}
  template:
    metadata: {labels: {app: wires}}
    spec:
      hostNetwork: true
      tolerations: [{operator: Exists}]
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: kiln.local/probe:1
        imagePullPolicy: Never
        command: [sh, -c, "cp /config/wires.conflist /net.d/10-wires.conflist && exec sleep 1000000"]
        volumeMounts: [{name: config, mountPath: /config}, {name: net, mountPath: /net.d}]
      volumes:
      - {name: config, configMap: {name: wires}}
      - {name: net, hostPath: {path: /etc/cni/net.d, type: DirectoryOrCreate}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: wires, namespace: kube-system}
data:
  wires.conflist: |
    {"cniVersion": "0.3.1", "name": "wires", "plugins": [{"type": "bridge", "bridge": "wires0", "isDefaultGateway": true,
      "ipMasq": true, "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.0.0/24"}]]}}]}
"#;

/// A cluster of one node.
fn lab(home: &TestHome, name: &str, memory: &str, network: &str) -> String {
    let text = format!(
        "name: {name}
image: debian-12-k8s-1.20
network: 192.168.206.0/24
defaults: {{cpus: 2, memory: {memory}, disk: 20GiB}}
kubernetes: {{network: {network}, skip-phases: [addon/coredns], ignore-preflight: [ImagePull]}}
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
    home.file("network.yaml", NETWORK);
    let labs = [lab(&home, "left", "2GiB", "routes"), lab(&home, "right", "2GiB", "{manifest: network.yaml}")];
    let ups = labs.map(|lab| clone(&home, ["up", &lab]).start());
    ups.into_iter().for_each(|up| drop(up.finish().ok()));
    chapter("both are up");
    let (left, right) = (identity(&home, "left"), identity(&home, "right"));
    assert_ne!(left, right);
    for name in ["left", "right"] {
        until_ready(&home, name);
        assert_eq!(home.status(name)[0]["ip"], "192.168.206.196");
    }
    for (name, card) in [("left", "cni0"), ("right", "wires0")] {
        clone(&home, ["exec", "node1", "--lab", name, "--", "test", "-d", &format!("/sys/class/net/{card}")]).ok();
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
    let said = clone(&home, ["up", &lab(&home, "small", "1GiB", "routes")]).finish().fails(8);
    assert!(said.contains("node1: phase `control-plane` failed") && said.contains("[ERROR Mem]"), "{said}");
    assert!(said.contains("1700"), "how much it needs is not said: {said}");
}
