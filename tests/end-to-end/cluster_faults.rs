//! The way up of a real Kubernetes cluster on which everything goes wrong, and a node that is rebuilt, on a host without any
//! network. It is one test with chapters, because the cluster takes minutes to come up.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use kiln_tests::{Cluster, clone, processes};

/// The exit code that `clone --help` documents for what fails inside of a node.
const GUEST: i32 = 8;

#[test]
fn a_cluster_comes_up_whatever_happens_on_the_way_and_its_nodes_can_be_rebuilt() {
    let cluster = Cluster::new();
    the_control_plane_dies_while_it_is_made(&cluster);
    a_worker_dies_while_it_joins(&cluster);
    cluster.up();
    the_clock_is_right(&cluster);
    a_worker_is_rebuilt(&cluster);
    cluster.end();
}

fn the_control_plane_dies_while_it_is_made(cluster: &Cluster) {
    let mut up = clone(&cluster.home, ["up", Cluster::LAB]).start();
    up.until("kubeadm init has begun", Cluster::PATIENCE, || {
        cluster.said_in_log("control-plane-node1.log", "[kubelet-start]")
    });
    kill_machine(cluster, "node1");
    let said = up.finish().fails(GUEST);
    assert!(said.contains("node1: phase `control-plane` failed") && said.contains("its machine has ended"), "{said}");
    // A worker's clock goes wrong, so far that its certificates would not count.
    clone(&cluster.home, ["exec", "node2", "--", "sudo", "date", "--set", "+1 hour"]).ok();
    cluster.chapter("node1 was killed while kubeadm init ran");
}

fn a_worker_dies_while_it_joins(cluster: &Cluster) {
    let mut up = clone(&cluster.home, ["up", Cluster::LAB]).start();
    up.until("node3 joins", Cluster::PATIENCE, || cluster.said_in_log("join-node3.log", "[preflight]"));
    kill_machine(cluster, "node3");
    let said = up.finish().fails(GUEST);
    assert!(said.contains("node3: phase `join` failed") && said.contains("its machine has ended"), "{said}");
    cluster.chapter("node3 was killed while it joined");
}

fn the_clock_is_right(cluster: &Cluster) {
    let clock = clone(&cluster.home, ["exec", "node2", "--", "date", "+%s"]).ok();
    let host = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(host.abs_diff(clock.trim().parse().unwrap()) < 60, "the clock of node2 is still wrong: {clock}");
}

/// Its disk is beyond repair, and the token that it joined with is gone.
fn a_worker_is_rebuilt(cluster: &Cluster) {
    let others = [cluster.boot_id("node1"), cluster.boot_id("node3")];
    let wipe = "rm -rf /usr/bin/kubelet /etc/kubernetes /var/lib/kubelet/pki; sync";
    clone(&cluster.home, ["exec", "node2", "--", "sudo", "sh", "-c", wipe]).ok();
    let tokens = "--field-selector=type=bootstrap.kubernetes.io/token";
    let deleted = cluster.kubectl(&["-n", "kube-system", "delete", "secrets", tokens]).ok();
    assert!(deleted.contains("bootstrap-token-"), "{deleted}");

    clone(&cluster.home, ["node", "rebuild", "node2", "--lab", Cluster::LAB]).ok();
    cluster.chapter("node2 is rebuilt");
    assert_eq!(others, [cluster.boot_id("node1"), cluster.boot_id("node3")], "another node was started again");
    cluster.until_ready();
    for row in cluster.home.status(Cluster::LAB) {
        assert_eq!(row["generation"], u32::from(row["node"] == "node2"), "{row:#}");
    }
    clone(&cluster.home, ["exec", "node2", "--", "test", "-x", "/usr/bin/kubelet"]).ok();
}

/// Kills QEMU of a node.
fn kill_machine(cluster: &Cluster, node: &str) {
    let status = cluster.home.status(Cluster::LAB);
    let pid = status.iter().find(|row| row["node"] == node).unwrap()["pid"].as_i64().unwrap();
    let machines = processes(&cluster.home).into_iter().filter(|process| process.is_machine());
    machines.filter(|machine| i64::from(machine.pid) == pid).for_each(|machine| machine.kill());
}
