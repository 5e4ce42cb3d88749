//! A real Kubernetes cluster, from a way up on which everything goes wrong to a node that is rebuilt, on a host without
//! any network. It is one test with chapters, because the cluster takes minutes to come up.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use kiln_tests::{Finished, TestHome, clone, kubernetes, processes, until};
use serde_json::Value;

const LAB: &str = "debian-k8s";
const NODES: [&str; 3] = ["node1", "node2", "node3"];
/// The exit code that `clone --help` documents for what fails inside of a node.
const GUEST: i32 = 8;
/// What a phase may take under emulation on a busy host.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

struct Cluster {
    home: TestHome,
    begun: Instant,
}

impl Cluster {
    fn chapter(&self, what: &str) {
        eprintln!("{what} ({} s)", self.begun.elapsed().as_secs());
    }

    fn said_in_log(&self, log: &str, what: &str) -> bool {
        let path = self.home.root().join("labs").join(LAB).join("logs").join(log);
        fs::read(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(what))
    }

    fn kubectl(&self, words: &[&str]) -> Finished {
        clone(&self.home, ["kubectl", "--"].iter().chain(words)).finish()
    }

    /// Kills QEMU of a node.
    fn kill_machine(&self, node: &str) {
        let status = self.home.status(LAB);
        let pid = status.iter().find(|row| row["node"] == node).unwrap()["pid"].as_i64().unwrap();
        let machines = processes(&self.home).into_iter().filter(|process| process.is_machine());
        machines.filter(|machine| i64::from(machine.pid) == pid).for_each(|machine| machine.kill());
    }

    fn boot_id(&self, node: &str) -> String {
        clone(&self.home, ["exec", node, "--", "cat", "/proc/sys/kernel/random/boot_id"]).ok()
    }
}

#[test]
fn a_cluster_comes_up_whatever_happens_on_the_way_and_its_nodes_can_be_rebuilt() {
    let cluster = Cluster { home: TestHome::with_kubernetes().cut_off(), begun: Instant::now() };
    the_control_plane_dies_while_it_is_made(&cluster);
    a_worker_dies_while_it_joins(&cluster);
    it_comes_up(&cluster);
    the_host_uses_it(&cluster);
    pods_reach_each_other(&cluster);
    up_again_changes_nothing(&cluster);
    a_worker_is_rebuilt(&cluster);
    clone(&cluster.home, ["destroy", LAB, "--yes"]).ok();
    until("everything has ended", PATIENCE, || processes(&cluster.home).is_empty());
    cluster.home.assert_no_labs();
    kubernetes().assert_untouched();
}

fn the_control_plane_dies_while_it_is_made(cluster: &Cluster) {
    let up = clone(&cluster.home, ["up", LAB]).start();
    until("kubeadm init has begun", PATIENCE, || cluster.said_in_log("control-plane-node1.log", "[kubelet-start]"));
    cluster.kill_machine("node1");
    let said = up.finish().fails(GUEST);
    assert!(said.contains("node1: phase `control-plane` failed") && said.contains("its machine has ended"), "{said}");
    // A worker's clock goes wrong, so far that its certificates would not count.
    clone(&cluster.home, ["exec", "node2", "--", "sudo", "date", "--set", "+1 hour"]).ok();
    cluster.chapter("node1 was killed while kubeadm init ran");
}

fn a_worker_dies_while_it_joins(cluster: &Cluster) {
    let up = clone(&cluster.home, ["up", LAB]).start();
    until("node3 joins", PATIENCE, || cluster.said_in_log("join-node3.log", "[preflight]"));
    cluster.kill_machine("node3");
    let said = up.finish().fails(GUEST);
    assert!(said.contains("node3: phase `join` failed") && said.contains("its machine has ended"), "{said}");
    cluster.chapter("node3 was killed while it joined");
}

fn it_comes_up(cluster: &Cluster) {
    let said = clone(&cluster.home, ["up", LAB, "-o", "json"]).ok();
    let events: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for node in NODES {
        let ready = |event: &Value| event["subject"] == node && event["phase"] == "ready" && event["state"] == "done";
        assert!(events.iter().any(ready), "{node} is not said to be ready:\n{said}");
    }
    cluster.chapter("the cluster is up");
    // What the API does not say in a moment is not shown, and it has just been busy.
    until("status shows a cluster that is ready", PATIENCE, || {
        let rows = cluster.home.status(LAB);
        rows.iter().all(|row| row["cluster"]["condition"] == "Ready" && row["cluster"]["version"] == "v1.20.2")
    });
    let clock = clone(&cluster.home, ["exec", "node2", "--", "date", "+%s"]).ok();
    let host = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(host.abs_diff(clock.trim().parse().unwrap()) < 60, "the clock of node2 is still wrong: {clock}");
}

fn the_host_uses_it(cluster: &Cluster) {
    let kubeconfig = cluster.home.root().join("labs").join(LAB).join("kubeconfig");
    assert_eq!(fs::metadata(&kubeconfig).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&kubeconfig).unwrap();
    assert!(text.contains("https://127.0.0.1:") && text.contains("certificate-authority-data"), "no proof in it");
    assert!(!text.contains("insecure-skip-tls-verify"));
    assert_eq!(clone(&cluster.home, ["kubeconfig", LAB]).ok().trim(), kubeconfig.as_str());

    let listed = cluster.kubectl(&["get", "nodes", "-o", "json"]).json_document();
    let nodes = listed["items"].as_array().unwrap();
    let addresses: Vec<_> =
        nodes.iter().map(|node| node["status"]["addresses"][0]["address"].as_str().unwrap()).collect();
    assert_eq!(addresses, ["192.168.206.196", "192.168.206.197", "192.168.206.198"]);
    assert_ne!(cluster.kubectl(&["get", "nodes", "nobody"]).code(), Some(0));
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
    let up = clone(&cluster.home, ["up", LAB]).finish();
    assert!(up.code() == Some(0) && up.stderr().contains("nothing was changed"), "{}", up.stderr());
    cluster.chapter(&format!("up again took {:.1} s", started.elapsed().as_secs_f32()));
}

/// Its disk is beyond repair, and the token that it joined with is gone.
fn a_worker_is_rebuilt(cluster: &Cluster) {
    let others = [cluster.boot_id("node1"), cluster.boot_id("node3")];
    let wipe = "rm -rf /usr/bin/kubelet /etc/kubernetes /var/lib/kubelet/pki; sync";
    clone(&cluster.home, ["exec", "node2", "--", "sudo", "sh", "-c", wipe]).ok();
    let tokens = "--field-selector=type=bootstrap.kubernetes.io/token";
    let deleted = cluster.kubectl(&["-n", "kube-system", "delete", "secrets", tokens]).ok();
    assert!(deleted.contains("bootstrap-token-"), "{deleted}");

    clone(&cluster.home, ["node", "rebuild", "node2", "--lab", LAB]).ok();
    cluster.chapter("node2 is rebuilt");
    assert_eq!(others, [cluster.boot_id("node1"), cluster.boot_id("node3")], "another node was started again");
    until("status shows that all are ready", PATIENCE, || {
        cluster.home.status(LAB).iter().all(|row| row["cluster"]["condition"] == "Ready")
    });
    for row in cluster.home.status(LAB) {
        assert_eq!(row["generation"], u32::from(row["node"] == "node2"), "{row:#}");
    }
    clone(&cluster.home, ["exec", "node2", "--", "test", "-x", "/usr/bin/kubelet"]).ok();
}
